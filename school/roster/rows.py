"""Tables -> typed rows of students and staff, with every problem found on the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from db.kinds import GuardianRelation, Role
from errors import InputError
from school.roster import cells
from school.roster.columns import MOST_GUARDIANS, Kind, Layout
from school.roster.tables import Problem, Row, Table, Value, is_blank, letter_of
from school.students.national_ids import NationalId

T = TypeVar("T")
ClassName = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row was written, for problems that are found later; field -> (column's letter, heading)."""

    table: str
    row: int
    columns: Mapping[str, tuple[str, str]] = field(repr=False, compare=False)

    def problem(self, column: str, sentence: str, **values: object) -> Problem:
        """A problem with one of the row's fields."""
        letter, heading = self.columns.get(column, ("", ""))
        return Problem(self.table, self.row, letter, heading, sentence, tuple(values.items()))


@dataclass(frozen=True, slots=True)
class GuardianRow:
    """A guardian as a student's row names them; `prefix` leads to their columns."""

    prefix: str
    relation: GuardianRelation
    first_name: str
    last_name: str
    phone: str | None
    email: str | None

    def may_be(self, other: "GuardianRow") -> bool:
        """Whether both may be one person: of one name, and no two different numbers tell them apart."""
        alike = (self.first_name.casefold(), self.last_name.casefold()) == (
            other.first_name.casefold(),
            other.last_name.casefold(),
        )
        return alike and (self.phone == other.phone or not (self.phone and other.phone))


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A student; None: the file does not say."""

    place: Place
    class_name: ClassName
    number: int | None
    first_name: str
    middle_name: str | None
    last_name: str
    national_id: NationalId
    birth_date: date
    special_needs: bool | None
    guardians: tuple[GuardianRow, ...]


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One row of a staff member; one person has as many rows as subjects."""

    place: Place
    first_name: str
    last_name: str
    email: str
    roles: frozenset[Role]
    leads_class: ClassName | None
    subject: str | None
    classes: tuple[ClassName, ...]
    is_profiled: bool | None


@dataclass(frozen=True, slots=True)
class Person:
    """What must not come twice in a file, of every row of a student, also a wrong one."""

    place: Place
    class_name: ClassName | None
    number: int | None
    national_id: NationalId | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A class, subject or e-mail address that a row names: checked against the school even where the row is wrong."""

    place: Place
    column: str
    what: ClassName | str


@dataclass(frozen=True, slots=True)
class Roster:
    """All a file says. With problems it is not to be carried out."""

    students: tuple[StudentRow, ...] = ()
    staff: tuple[StaffRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    classes: tuple[Mention, ...] = ()
    subjects: tuple[Mention, ...] = ()
    emails: tuple[Mention, ...] = ()
    people: tuple[Person, ...] = ()
    ignored: tuple[str, ...] = ()
    """Headings and parts of the file that were not read."""

    def joined(self, other: "Roster") -> "Roster":
        """Both together."""
        return Roster(
            self.students + other.students,
            self.staff + other.staff,
            self.problems + other.problems,
            self.classes + other.classes,
            self.subjects + other.subjects,
            self.emails + other.emails,
            self.people + other.people,
            self.ignored + other.ignored,
        )


class RowReader:
    """Reads the fields of one row and collects what is wrong with them."""

    def __init__(self, place: Place, values: Mapping[str, Value]) -> None:
        self.place = place
        self.problems: list[Problem] = []
        self._values = values

    def wrong(self, column: str, sentence: str, **values: object) -> None:
        """Note a problem."""
        self.problems.append(self.place.problem(column, sentence, **values))

    def has(self, column: str) -> bool:
        """Whether the cell holds something."""
        return not is_blank(self._values.get(column))

    def optional(self, column: str, read: Callable[[Value], T]) -> T | None:
        """The cell's value; None when it is blank or wrong."""
        if not self.has(column):
            return None
        try:
            return read(self._values[column])
        except InputError as error:
            self.wrong(column, error.sentence, **error.values)
            return None

    def needed(self, column: str, read: Callable[[Value], T]) -> T | None:
        """The same, where a blank cell is wrong too."""
        if column in self.place.columns and not self.has(column):
            self.wrong(column, "An empty cell: fill it in.")
        return self.optional(column, read)


def read_table(table: Table, layout: Layout, today: date) -> Roster:
    """The rows below the headings."""
    columns = {name: (letter_of(index), heading) for name, (index, heading) in layout.places.items()}
    read = read_student if layout.kind is Kind.STUDENTS else read_staff
    roster = Roster(problems=layout.problems, ignored=layout.unknown)
    parts: list[Roster] = []
    for row in table.rows:
        if row.number > layout.header_row:
            values = {name: row.cells[index] for name, (index, _) in layout.places.items() if index < len(row.cells)}
            if all(is_blank(value) for value in values.values()):
                continue
            reader = RowReader(Place(table.name, row.number, columns), values)
            if table.is_csv:
                _check_width(reader, row, layout.width)
            parts.append(read(reader, today))
    return join(roster, parts)


def join(first: Roster, parts: list[Roster]) -> Roster:
    """All of them as one: `Roster.joined` for many."""
    whole = [first, *parts]
    return Roster(
        tuple(row for part in whole for row in part.students),
        tuple(row for part in whole for row in part.staff),
        tuple(row for part in whole for row in part.problems),
        tuple(row for part in whole for row in part.classes),
        tuple(row for part in whole for row in part.subjects),
        tuple(row for part in whole for row in part.emails),
        tuple(row for part in whole for row in part.people),
        tuple(row for part in whole for row in part.ignored),
    )


def _check_width(reader: RowReader, row: Row, width: int) -> None:
    if any(not is_blank(cell) for cell in row.cells[width:]):
        reader.wrong("", "The row has more cells than the headings: some cell probably has a separator without quotes.")


def read_student(reader: RowReader, today: date) -> Roster:
    """One row of a student, whatever file its values come from."""
    class_name = reader.needed("class", cells.class_name)
    number = reader.optional("number", cells.number)
    first = reader.needed("first", cells.name)
    middle = reader.optional("middle", cells.name)
    last = reader.needed("last", cells.name)
    national_id = reader.needed("national_id", lambda value: cells.national_id(value, today))
    birth = _birth_date(reader, national_id, today)
    special = reader.optional("special", cells.yes_no)
    guardians = tuple(found for number_ in range(1, MOST_GUARDIANS + 1) if (found := _guardian(reader, number_)))
    for index, one in enumerate(guardians):
        if any(map(one.may_be, guardians[:index])):
            reader.wrong(f"{one.prefix}_first", "This parent is written twice on the row: keep one.")
    mentions = (Mention(reader.place, "class", class_name),) if class_name else ()
    people = (Person(reader.place, class_name, number, national_id),)
    if reader.problems or not (class_name and first and last and national_id and birth):
        return Roster(problems=tuple(reader.problems), classes=mentions, people=people)
    row = StudentRow(reader.place, class_name, number, first, middle, last, national_id, birth, special, guardians)
    return Roster(students=(row,), classes=mentions, people=people)


def _birth_date(reader: RowReader, national_id: NationalId | None, today: date) -> date | None:
    """As the row says or as the ЕГН does; they must not differ."""
    said = reader.optional("birth", lambda value: cells.birth_date(value, today))
    if national_id is None:
        return said
    known = national_id.birth_date
    if known is None and not reader.has("birth"):
        reader.wrong("birth" if "birth" in reader.place.columns else "national_id",
                     "An LNCh needs the birth date too: fill it in.")  # fmt: skip
    if known and said and known != said:
        reader.wrong("birth", "The date is not that of the EGN: check both.")
    if known and not reader.has("birth") and known.year > today.year - 3:
        reader.wrong("national_id", "This EGN belongs to a child under 3: check the number.")
    return said or known


def _guardian(reader: RowReader, number: int) -> GuardianRow | None:
    prefix = f"guardian{number}"
    if not any(reader.has(f"{prefix}_{one}") for one in ("first", "last", "phone", "email")):
        return None
    first = reader.needed(f"{prefix}_first", cells.name)
    last = reader.needed(f"{prefix}_last", cells.name)
    relation = reader.needed(f"{prefix}_relation", cells.relation)
    phone = reader.optional(f"{prefix}_phone", cells.phone)
    email = reader.optional(f"{prefix}_email", cells.email)
    if not (first and last and relation):
        missing = [one for one in ("first", "last", "relation") if f"{prefix}_{one}" not in reader.place.columns]
        if missing:
            reader.wrong(
                "",
                "Parent {number} lacks a column: needed are who they are, first and last name.",
                number=number,
            )
        return None
    return GuardianRow(prefix, relation, first, last, phone, email)


def read_staff(reader: RowReader, _today: date) -> Roster:
    """One row of a staff member, whatever file its values come from."""
    first = reader.needed("first", cells.name)
    last = reader.needed("last", cells.name)
    email = reader.needed("email", cells.email)
    roles = reader.optional("role", cells.roles) or frozenset()
    leads = reader.optional("leads_class", cells.class_name)
    subject = reader.optional("subject", _subject)
    classes = reader.optional("classes", cells.class_names) or ()
    profiled = reader.optional("profiled", cells.yes_no)
    if subject and not reader.has("classes"):
        reader.wrong(
            "classes",
            "The classes that this subject is taught to are missing: write them like {example}.",
            example=cells.CLASSES,
        )
    if classes and not reader.has("subject"):
        reader.wrong("subject", "The subject that is taught to these classes is missing: write it.")
    if profiled and any(level < 11 for level, _ in classes):
        reader.wrong("profiled", "Profiled subjects are taught at levels 11 and 12 only: check the classes.")
    if leads or subject:
        roles |= {Role.TEACHER}
    mentioned = Roster(
        classes=tuple(
            [Mention(reader.place, "classes", one) for one in classes]
            + ([Mention(reader.place, "leads_class", leads)] if leads else [])
        ),
        subjects=(Mention(reader.place, "subject", subject),) if subject else (),
        emails=(Mention(reader.place, "email", email),) if email else (),
        problems=tuple(reader.problems),
    )
    if reader.problems or not (first and last and email):
        return mentioned
    row = StaffRow(reader.place, first, last, email, roles, leads, subject, classes, profiled)
    return join(mentioned, [Roster(staff=(row,))])


def _subject(value: Value) -> str:
    text = cells.text_of(value)
    if len(text) > cells.LONGEST_NAME:
        raise InputError("The subject is longer than {most} characters: shorten it.", most=cells.LONGEST_NAME)
    return text
