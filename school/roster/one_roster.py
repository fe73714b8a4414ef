"""The zip of CSV files of OneRoster 1.1 or 1.2 (1EdTech) -> the same rows as our template.

In 1.1 a user's role stands in users.csv, in 1.2 in roles.csv. What both leave open is settled so: a student's national
id is the `userIds` entry of type ЕГН, ЛНЧ, EGN or LNCH, else `identifier`; a паралелка is a class of type `homeroom`;
whom a `scheduled` class teaches, the homerooms of its students tell; a parent's sex by `demographics`, else by the
family name. Of several enrollments in homerooms the one that runs today counts, else the last; its dates go into the
plan.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zipfile import BadZipFile, ZipFile

from errors import InputError
from school.roster.answers import Answers, at
from school.roster.columns import MOST_GUARDIANS
from school.roster.csv_reading import read_csv
from school.roster.row_reading import read_staff, read_student
from school.roster.rows import NO_DATES, Notice, Place, Roster, RowReader, Stay, join
from school.roster.tables import Value, letter_of
from school.roster.xlsx_reading import INCOMPLETE

MOST_LINES = 100_000
"""Rows of one file: enrollments are as many as students times subjects."""
VERSIONS: Mapping[str, str] = {"1.1": "1.1", "1.1.0": "1.1", "1.2": "1.2", "1.2.0": "1.2", "1.2.1": "1.2"}
NEEDED = {
    "1.1": ("users.csv", "classes.csv", "enrollments.csv"),
    "1.2": ("users.csv", "roles.csv", "classes.csv", "enrollments.csv"),
}
READ = ("users.csv", "roles.csv", "classes.csv", "enrollments.csv", "courses.csv", "demographics.csv")
STAFF_ROLES = {
    "teacher": "учител",
    "principal": "директор",
    "siteadministrator": "администратор",
    "administrator": "администратор",
}
"""1.1 knows „administrator“ alone, 1.2 tells a principal from others."""
AGENT_ROLES = {"parent", "guardian", "relative"}
NATIONAL_ID_TYPES = {"егн", "лнч", "egn", "lnch", "nationalid"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file by its headings."""

    number: int
    fields: Mapping[str, str]
    letters: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name.lower(), "")

    def column(self, name: str, shown: str = "") -> tuple[str, str]:
        """Letter and heading of a column, for problems."""
        return self.letters.get(name.lower(), ""), shown or name


def is_one_roster(archive: ZipFile) -> bool:
    """Whether the zip says of itself that it is OneRoster."""
    return any(name.rpartition("/")[2].lower() == "manifest.csv" for name in archive.namelist())


OneRosterFiles = Mapping[str, list[Line]]
"""File -> its rows."""


def open_one_roster(archive: ZipFile) -> OneRosterFiles:
    """The files of the zip. Raises InputError when one is missing, damaged, of another version."""
    files = _members(archive)
    version = _check_manifest(_lines(archive, files, "manifest.csv"))
    missing = [name for name in NEEDED[version] if name not in files]
    if missing:
        raise InputError(
            "The OneRoster archive lacks {names}: export it again with all files.", names=", ".join(missing)
        )
    return {name: _lines(archive, files, name) for name in READ}


def read_one_roster(files: OneRosterFiles, today: date, answers: Answers) -> Roster:
    """All students and staff of the files. Raises InputError when there is nobody."""
    school = _School(files, today, answers)
    parts = [
        *(read_student(reader, today, stay) for reader, stay in school.students()),
        *(read_staff(reader, today) for reader in school.staff()),
    ]
    if not parts:
        raise InputError("The OneRoster archive has neither students nor teachers.")
    return join(Roster(notices=tuple(school.notices)), parts)


def _members(archive: ZipFile) -> dict[str, str]:
    """File -> its name in the zip. Raises InputError for names that want to lead elsewhere."""
    files: dict[str, str] = {}
    folders = set()
    for name in archive.namelist():
        parts = re.split(r"[/\\]", name)
        if ".." in parts or name.startswith(("/", "\\")) or ":" in name or "\x00" in name:
            raise InputError("The archive has files with names that are not allowed: export it again.")
        if name.endswith("/") or parts[0] == "__MACOSX":
            continue
        if parts[-1].lower() in ("manifest.csv", *READ):
            folders.add(tuple(parts[:-1]))
            if parts[-1].lower() in files:
                raise InputError("The archive has {name} twice: export it again.", name=parts[-1])
            files[parts[-1].lower()] = name
    if len(folders) > 1 or any(len(folder) > 1 for folder in folders):
        raise InputError("The files of OneRoster must be together at the top of the archive.")
    return files


def _lines(archive: ZipFile, files: Mapping[str, str], name: str) -> list[Line]:
    """The rows of a file that are not to be deleted; none when there is no such file."""
    if name not in files:
        return []
    try:
        data = archive.read(files[name])
    except (BadZipFile, NotImplementedError, EOFError, OSError):
        raise InputError(INCOMPLETE) from None
    except Exception as error:  # zlib.error and its like of other compressions
        raise InputError(INCOMPLETE) from error
    table = read_csv(data, name, lambda cells: len([cell for cell in cells if cell]), MOST_LINES)
    if not table.rows:
        raise InputError("{name} in the archive is empty: export it again.", name=name)
    names = [str(cell).strip().lower() for cell in table.rows[0].cells]
    letters = {heading: letter_of(index) for index, heading in enumerate(names)}
    found = []
    for row in table.rows[1:]:
        fields = {heading: str(cell or "").strip() for heading, cell in zip(names, row.cells, strict=False)}
        if fields.get("status", "").lower() != "tobedeleted":
            found.append(Line(row.number, fields, letters))
    return found


def _check_manifest(lines: list[Line]) -> str:
    """The version. Raises InputError for one that is not read, and for a file of changes."""
    properties = {line["propertyName"].lower(): line["value"].lower() for line in lines}
    told = properties.get("oneroster.version", "")
    version = VERSIONS.get(told)
    if version is None:
        raise InputError(
            "The archive is OneRoster {version}, only 1.1 and 1.2 are read: export it as one of them.",
            version=told or "?",
        )
    if "delta" in (properties.get(f"file.{name.removesuffix('.csv')}") for name in NEEDED[version]):
        raise InputError("The archive holds only the changes (delta): export the whole list (bulk).")
    return version


class _School:
    """Users with their roles, classes and relatives."""

    def __init__(self, read: OneRosterFiles, today: date, answers: Answers) -> None:
        self.notices: list[Notice] = []
        self._answers = answers
        self._users = {line["sourcedId"]: line for line in read["users.csv"]}
        whose = {line["userSourcedId"] or line["sourcedId"]: line for line in read["demographics.csv"]}
        self._sex = {user: line["sex"].lower() for user, line in whose.items()}
        self._births = {user: line["birthDate"] for user, line in whose.items()}
        self._courses = {line["sourcedId"]: line["title"] for line in read["courses.csv"]}
        self._classes = {line["sourcedId"]: line for line in read["classes.csv"]}
        self._roles: dict[str, list[str]] = {}
        for line in read["roles.csv"]:
            self._roles.setdefault(line["userSourcedId"], []).append(line["role"].lower())
        for user, line in self._users.items():  # as 1.1 has it
            if line["role"] and user not in self._roles:
                self._roles[user] = [line["role"].lower()]
        self._homeroom: dict[str, str] = {}
        self._stays: dict[str, Stay] = {}
        self._members: dict[str, list[str]] = {}
        self._teachers: dict[str, list[str]] = {}
        for line in read["enrollments.csv"]:
            user, of = line["userSourcedId"], line["classSourcedId"]
            if line["role"].lower() == "teacher":
                self._teachers.setdefault(user, []).append(of)
            elif line["role"].lower() == "student":
                self._members.setdefault(of, []).append(user)
                if self._is_homeroom(of):
                    self._enrol(user, of, Stay(_day(line["beginDate"]), _day(line["endDate"])), today)

    def _enrol(self, user: str, of: str, stay: Stay, today: date) -> None:
        """Of several homerooms the one that runs today counts, else the one that begins last."""
        known = self._stays.get(user)
        if known is None or _runs(stay, today) >= _runs(known, today):
            self._homeroom[user], self._stays[user] = of, stay

    def _is_homeroom(self, class_id: str) -> bool:
        return class_id in self._classes and self._classes[class_id]["classType"].lower() == "homeroom"

    def _class_name(self, class_id: str) -> str:
        line = self._classes[class_id]
        return line["title"] or line["classCode"]

    def students(self) -> Iterable[tuple[RowReader, Stay]]:
        """A reader for each user who is a student, and from when until when they are in their class."""
        for id_, line in self._users.items():
            if "student" in self._roles.get(id_, ()) and not self._is_left_out(line):
                yield self._student(id_, line), self._stays.get(id_, NO_DATES)

    def _is_left_out(self, line: Line) -> bool:
        return at("users.csv", line.number) in self._answers.left_out

    def _reader(self, line: Line, columns: dict[str, tuple[str, str]], values: Mapping[str, Value]) -> RowReader:
        meant = self._answers.corrected("users.csv", line.number, values)
        return RowReader(Place("users.csv", line.number, columns), meant, self._answers)

    def _notice(self, sentence: str, **values: object) -> None:
        self.notices.append(Notice(sentence, tuple(values.items())))

    def _student(self, id_: str, line: Line) -> RowReader:
        own = re.findall(r"\{\s*([^:{}]+?)\s*:\s*([^{}]+?)\s*\}", line["userIds"])
        typed = [number for kind, number in own if kind.casefold() in NATIONAL_ID_TYPES]
        values: dict[str, Value] = {
            "class": self._class_name(self._homeroom[id_]) if id_ in self._homeroom else "",
            "first": line["givenName"],
            "middle": line["middleName"],
            "last": line["familyName"],
            "national_id": typed[0] if typed else line["identifier"],
            "birth": self._births.get(id_, ""),
        }
        columns = {
            "class": ("", "паралелка (enrollments към клас homeroom)"),
            "first": line.column("givenName"),
            "middle": line.column("middleName"),
            "last": line.column("familyName"),
            "national_id": line.column("userIds" if typed else "identifier"),
            "birth": ("", "demographics: birthDate"),
        }
        agents = [one.strip() for one in line["agentSourcedIds"].split(",") if one.strip() in self._users]
        if len(agents) > MOST_GUARDIANS:
            self._notice(
                "users.csv, row {row}: {count} parents, of whom the first {most} are read.",
                row=line.number,
                count=len(agents),
                most=MOST_GUARDIANS,
            )
        for number, agent in enumerate(agents[:MOST_GUARDIANS], 1):
            told, headings = self._guardian(agent, line)
            values |= {f"guardian{number}_{name}": value for name, value in told.items()}
            columns |= {f"guardian{number}_{name}": place for name, place in headings.items()}
        return self._reader(line, columns, values)

    def _guardian(self, agent: str, line: Line) -> tuple[dict[str, Value], dict[str, tuple[str, str]]]:
        user = self._users[agent]
        shown = f"ред {user.number}: "
        names = {
            "first": "givenName",
            "last": "familyName",
            "phone": "sms" if user["sms"] else "phone",
            "phone2": "phone" if user["sms"] else "sms",
            "email": "email",
        }
        values: dict[str, Value] = {field: user[name] for field, name in names.items()}
        values["relation"] = self._relation(agent, user)
        columns = {field: line.column("agentSourcedIds", shown + name) for field, name in names.items()}
        columns["relation"] = line.column("agentSourcedIds", shown + "role")
        return values, columns

    def _relation(self, agent: str, user: Line) -> str:
        roles = self._roles.get(agent, [])
        if "parent" not in roles:
            return "настойник"
        sex = self._sex.get(agent, "")
        if sex not in ("male", "female"):
            sex = "female" if user["familyName"].lower().endswith(("а", "я")) else "male"
        return "майка" if sex == "female" else "баща"

    def staff(self) -> Iterable[RowReader]:
        """A reader for each subject of each teacher, and one for others of the staff."""
        for id_, line in self._users.items():
            roles = [STAFF_ROLES[role] for role in self._roles.get(id_, ()) if role in STAFF_ROLES]
            others = {*self._roles.get(id_, ())} - {"student", *AGENT_ROLES, *STAFF_ROLES}
            for role in sorted(others):
                self._notice("users.csv, row {row}: the role “{role}” is not read.", row=line.number, role=role[:40])
            if not roles or line["enabledUser"].lower() == "false" or self._is_left_out(line):
                continue
            values: dict[str, Value] = {
                "first": line["givenName"],
                "last": line["familyName"],
                "email": line["email"],
                "role": ", ".join(roles),
            }
            columns = {
                "first": line.column("givenName"),
                "last": line.column("familyName"),
                "email": line.column("email"),
                "role": ("", "roles: role"),
                "leads_class": ("", "classes: title"),
                "subject": ("", "courses: title"),
                "classes": ("", "classes: title"),
            }
            homerooms = [one for one in self._teachers.get(id_, ()) if self._is_homeroom(one)]
            if homerooms:
                values["leads_class"] = self._class_name(homerooms[0])
            taught = self._taught(id_)
            for subject, classes in taught.items():
                yield self._reader(line, columns, values | {"subject": subject, "classes": "; ".join(classes)})
            if not taught:
                yield self._reader(line, columns, values)

    def _taught(self, teacher: str) -> dict[str, list[str]]:
        """Subject -> names of the homerooms whose students the teacher's classes have."""
        taught: dict[str, list[str]] = {}
        for class_id in self._teachers.get(teacher, ()):
            line = self._classes.get(class_id)
            if line is None or self._is_homeroom(class_id):
                continue
            homerooms = {self._homeroom[one] for one in self._members.get(class_id, ()) if one in self._homeroom}
            subject = self._courses.get(line["courseSourcedId"]) or line["subjects"].split(",")[0] or line["title"]
            if not homerooms:
                self._notice("classes.csv, row {row}: the class has no students and is not read.", row=line.number)
                continue
            names = taught.setdefault(subject, [])
            names += [name for one in sorted(homerooms) if (name := self._class_name(one)) not in names]
        return taught


def _day(text: str) -> date | None:
    """A date of OneRoster (ISO 8601, possibly with a time); None: there is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _runs(stay: Stay, today: date) -> tuple[bool, date]:
    """What decides between two stays: whether it runs today, then which begins later."""
    begun = stay.begins_on is None or stay.begins_on <= today
    return begun and (stay.ends_on is None or today <= stay.ends_on), stay.begins_on or date.min
