"""The cells of one row -> a student with guardians, or a member of staff, with all that is wrong with them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from db.kinds import Role
from school.roster import cells, class_names, teaching_cells
from school.roster.guardian_cells import read_guardians
from school.roster.rows import NO_DATES, Mention, Person, Roster, RowReader, StaffRow, Stay, StudentRow, join
from school.roster.teaching_cells import Taught
from school.students.national_ids import NationalId


def read_student(reader: RowReader, today: date, stay: Stay = NO_DATES) -> Roster:
    """One row of a student, whatever file its values come from."""
    class_name = reader.needed("class", cells.class_name)
    number = reader.optional("number", cells.number)
    first = reader.needed("first", cells.name)
    middle = reader.optional("middle", cells.name)
    last = reader.needed("last", cells.name)
    national_id = reader.needed("national_id", lambda value: cells.national_id(value, today))
    birth = _birth_date(reader, national_id, today)
    special = reader.optional("special", cells.yes_no)
    guardians = read_guardians(reader)
    for index, one in enumerate(guardians):
        if any(map(one.may_be, guardians[:index])):
            reader.wrong(f"{one.prefix}_first", "This parent is written twice on the row: keep one.")
    mentions = (Mention(reader.place, "class", class_name, reader.text("class")),) if class_name else ()
    people = (Person(reader.place, class_name, number, national_id),)
    written = class_names.raw_parts(reader.text("class"))
    latin = (written,) if written else ()
    if reader.problems or not (class_name and first and last and national_id and birth):
        return Roster(problems=tuple(reader.problems), classes=mentions, people=people, latin=latin)
    row = StudentRow(
        reader.place, class_name, number, first, middle, last, national_id, birth, special, guardians, stay
    )
    return Roster(students=(row,), classes=mentions, people=people, latin=latin)


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


def read_staff(reader: RowReader, _today: date) -> Roster:
    """One row of a staff member, whatever file its values come from: a row for each subject that it names."""
    first = reader.needed("first", cells.name)
    last = reader.needed("last", cells.name)
    email = reader.needed("email", cells.email)
    roles = reader.optional("role", cells.roles) or frozenset()
    leads = reader.optional("leads_class", cells.class_name)
    classes, ranges = reader.optional("classes", cells.classes) or ((), ())
    taught = reader.optional("subject", lambda value: teaching_cells.taught(value, classes, ranges)) or ()
    profiled = reader.optional("profiled", cells.yes_no)
    meant = [replace(one, subject=said) for one in taught if (said := reader.meant("subject", one.subject))]
    _check_teaching(reader, meant, profiled)
    if leads or meant:
        roles |= {Role.TEACHER}
    mentioned = Roster(
        classes=tuple(
            [Mention(reader.place, "classes", one, reader.text("classes"))
             for item in meant for one in item.all_classes]
            + ([Mention(reader.place, "leads_class", leads, reader.text("leads_class"))] if leads else [])
        ),
        subjects=tuple(Mention(reader.place, "subject", one.subject, one.written) for one in meant),
        emails=(Mention(reader.place, "email", email, email),) if email else (),
        problems=tuple(reader.problems),
    )  # fmt: skip
    if reader.problems or not (first and last and email):
        return mentioned
    place = reader.place
    rows = [
        StaffRow(place, first, last, email, roles, leads, one.subject, one.classes, one.ranges, profiled)
        for one in meant
    ] or [StaffRow(place, first, last, email, roles, leads, None, (), (), profiled)]
    return join(mentioned, [Roster(staff=tuple(rows))])


def _check_teaching(reader: RowReader, taught: Sequence[Taught], profiled: bool | None) -> None:
    if taught and not all(one.classes or one.ranges for one in taught) and not _is_wrong(reader, "classes"):
        reader.wrong(
            "classes" if "classes" in reader.place.columns else "subject",
            "The classes that this subject is taught to are missing: write them like {example}.",
            example=class_names.CLASSES,
        )
    if reader.has("classes") and not taught and not reader.has("subject"):
        reader.wrong("subject", "The subject that is taught to these classes is missing: write it.")
    if profiled and any(level < 11 for one in taught for level, _ in one.classes):
        reader.wrong("profiled", "Profiled subjects are taught at levels 11 and 12 only: check the classes.")


def _is_wrong(reader: RowReader, column: str) -> bool:
    return any(one.field == column for one in reader.problems)
