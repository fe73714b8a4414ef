"""Classes of a school year, and their class teachers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from db.models import Enrolment, SchoolClass, SchoolYear, Staff
from db.references import is_used
from errors import InputError, MissingError
from school import audit, enrolments
from school.roster import cells
from school.staff.leaders import check_leads

LETTERS = "абвгдежзийклмнопрст"


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class with its class teacher and how many students it has."""

    id: int
    level: int
    letter: str
    class_teacher_id: int | None
    students: int

    @property
    def name(self) -> str:
        """„8а“."""
        return f"{self.level}{self.letter}"


def classes(session: Session, school_id: int, year_id: int) -> tuple[ClassRow, ...]:
    """The classes of a year in their order, each with its present students, or those it had when the year ended."""
    rows = session.execute(
        select(
            SchoolClass.id,
            SchoolClass.level,
            SchoolClass.letter,
            SchoolClass.class_teacher_id,
            func.count(Enrolment.id),
        )
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .outerjoin(
            Enrolment,
            (Enrolment.school_id == school_id)
            & (Enrolment.class_id == SchoolClass.id)
            & enrolments.to_the_end(SchoolYear.ends_on),
        )
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id)
        .group_by(SchoolClass.id)
        .order_by(SchoolClass.level, SchoolClass.letter)
    )
    return tuple(ClassRow(*row) for row in rows)


def names_for(how_many: Mapping[int, int]) -> tuple[str, ...]:
    """Level -> number of classes, as names: {8: 2} -> („8а“, „8б“)."""
    return tuple(f"{level}{LETTERS[index]}" for level in sorted(how_many) for index in range(how_many[level]))


def add_classes(
    session: Session, school_id: int, year_id: int, names: Sequence[str], *, by: int, now: datetime
) -> tuple[int, ...]:
    """Make classes by their names, those that are there already left as they are; gives the ids of new ones.

    Raises InputError when a name is none or the school has no such year.
    """
    check_leads(session, school_id, by)
    year = select(SchoolYear.id).where(SchoolYear.school_id == school_id, SchoolYear.id == year_id)
    if session.scalar(year.with_for_update()) is None:
        raise MissingError("The school has no such school year.")
    wanted = dict.fromkeys(cells.class_name(name) for name in names)
    there = {(row.level, row.letter.casefold()) for row in classes(session, school_id, year_id)}
    new = [one for one in wanted if one not in there]
    if not new:
        return ()
    rows = [
        {"school_id": school_id, "school_year_id": year_id, "level": level, "letter": letter, "class_teacher_id": None}
        for level, letter in new
    ]
    ids = session.execute(insert(SchoolClass).returning(SchoolClass.id, sort_by_parameter_order=True), rows)
    made = tuple(ids.scalars())
    notes = [
        audit.row("class.created", "school_class", id_, now, school_id=school_id, by=by, name=f"{level}{letter}")
        for id_, (level, letter) in zip(made, new, strict=True)
    ]
    audit.write_many(session, notes)
    return made


def remove_class(session: Session, school_id: int, class_id: int, *, by: int, now: datetime) -> None:
    """Take back a class made by mistake. Raises InputError when anybody or anything is in it."""
    check_leads(session, school_id, by)
    name = _name(session, school_id, class_id)
    used = session.scalar(
        select(is_used(SchoolClass)).where(SchoolClass.school_id == school_id, SchoolClass.id == class_id)
    )
    if used:
        raise InputError("{name} has students, teachers or events: it cannot be removed.", name=name)
    session.execute(delete(SchoolClass).where(SchoolClass.school_id == school_id, SchoolClass.id == class_id))
    audit.write(session, "class.removed", "school_class", class_id, now, school_id=school_id, by=by, name=name)


def set_class_teacher(
    session: Session, school_id: int, class_id: int, staff_id: int | None, *, by: int, now: datetime
) -> None:
    """Say who leads a class; None: nobody yet. Raises InputError for a class or a person of another school."""
    check_leads(session, school_id, by)
    _name(session, school_id, class_id)
    if staff_id is not None:
        person = select(Staff.id).where(Staff.school_id == school_id, Staff.id == staff_id, Staff.is_active)
        if session.scalar(person) is None:
            raise MissingError("There is no such teacher in this school.")
    before = session.scalar(
        select(SchoolClass.class_teacher_id)
        .where(SchoolClass.school_id == school_id, SchoolClass.id == class_id)
        .with_for_update()
    )
    if before == staff_id:
        return
    session.execute(
        update(SchoolClass)
        .where(SchoolClass.school_id == school_id, SchoolClass.id == class_id)
        .values(class_teacher_id=staff_id, teacher_to_confirm=False)
    )
    audit.write(
        session, "class.teacher_changed", "school_class", class_id, now,
        school_id=school_id, by=by, staff=[before, staff_id],
    )  # fmt: skip


def _name(session: Session, school_id: int, class_id: int) -> str:
    found = session.execute(
        select(SchoolClass.level, SchoolClass.letter).where(
            SchoolClass.school_id == school_id, SchoolClass.id == class_id
        )
    ).one_or_none()
    if found is None:
        raise MissingError("There is no such class in this school.")
    return f"{found.level}{found.letter}"
