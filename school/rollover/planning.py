"""From a school's classes and a person's wishes to the plan of going over to the next school year."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from db.models import Enrolment, Rollover, SchoolClass, Staff, Student, TeachingAssignment
from errors import InputError
from school import enrolments
from school.rollover.plans import DO_NOT_REPEAT, ClassStep, Fate, RolloverPlan, StudentStep, Wishes
from school.roster import cells
from school.wording.translation import Words
from school.years import years
from school.years.plans import CalendarPlan, check_plan, standard_plan
from school.years.years import YearRow

TOP = 12
Name = tuple[int, str]
"""Level and letter."""


@dataclass(frozen=True, slots=True)
class _OldClass:
    id: int
    level: int
    letter: str
    class_teacher_id: int | None
    """None too where the account is switched off."""
    assignments: int

    @property
    def name(self) -> str:
        return f"{self.level}{self.letter}"


def plan(session: Session, school_id: int, wishes: Wishes, calendar: CalendarPlan | None = None) -> RolloverPlan:
    """What going over to the year that begins in `wishes.start` would do. A handful of statements; nothing is written.

    `calendar` is what the new year is made by where the school has not got it; None: the standard plan of that year.
    Raises InputError when there is no year before it, when the school has gone over already, or when a wish is about
    nobody in a class of the year that ends or names no class.
    """
    new, from_year, calendar = _years(session, school_id, wishes.start, calendar)
    starts_on = new.starts_on if new is not None else _start(calendar)
    farewell_on = wishes.farewell_on or from_year.ends_on
    if farewell_on < from_year.starts_on:
        raise InputError("Who leaves cannot have left before the school year began: check the date of the farewell.")
    old = _old_classes(session, school_id, from_year.id)
    there = _there(session, school_id, new.id if new is not None else None)
    members = _members(session, school_id, from_year.id)
    _check(wishes, {row.id for row in members})
    students = tuple(_step(row, old[row.class_id], wishes) for row in members)
    classes = _classes(old, there, students, wishes.finishing)
    return RolloverPlan(
        from_year,
        starts_on,
        new.id if new is not None else None,
        None if new is not None else calendar,
        classes,
        students,
        farewell_on,
        _warnings(students, members, classes),
    )


def _start(calendar: CalendarPlan | None) -> date:
    assert calendar is not None
    return calendar.starts_on


def _years(
    session: Session, school_id: int, start: int, calendar: CalendarPlan | None
) -> tuple[YearRow | None, YearRow, CalendarPlan | None]:
    """The new year, where the school has it, the year before it, and the plan by which a missing one is made."""
    known = years.years(session, school_id)
    new = next((one for one in known if one.starts_on.year == start), None)
    if new is None:
        calendar = calendar or standard_plan(start)
        check_plan(calendar)
        if calendar.starts_on.year != start:
            raise InputError("The calendar is of another school year: check its dates.")
    before = next((one for one in known if one.starts_on.year == start - 1), None)
    if before is None:
        raise InputError("The school has no school year {year}/{next} to go over from.", year=start - 1, next=start)
    if new is not None and session.scalar(
        select(Rollover.id).where(Rollover.school_id == school_id, Rollover.school_year_id == new.id)
    ):
        raise InputError("The school has gone over to {year}/{next} already.", year=start, next=start + 1)
    return new, before, calendar


def _old_classes(session: Session, school_id: int, year_id: int) -> dict[int, _OldClass]:
    assignments = (
        select(func.count())
        .select_from(TeachingAssignment)
        .join(Staff, Staff.id == TeachingAssignment.staff_id)
        .where(
            TeachingAssignment.school_id == school_id, TeachingAssignment.class_id == SchoolClass.id, Staff.is_active
        )
        .correlate(SchoolClass)
        .scalar_subquery()
    )
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter, Staff.id, assignments)
        .outerjoin(Staff, (Staff.id == SchoolClass.class_teacher_id) & Staff.is_active)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id)
        .order_by(SchoolClass.level, SchoolClass.letter)
    )
    return {row[0]: _OldClass(*row) for row in rows}


def _there(session: Session, school_id: int, year_id: int | None) -> dict[Name, tuple[bool, bool]]:
    """The classes that the new year has already: whether each has a class teacher, and any teaching."""
    if year_id is None:
        return {}
    taught = (
        select(TeachingAssignment.id)
        .where(TeachingAssignment.school_id == school_id, TeachingAssignment.class_id == SchoolClass.id)
        .exists()
    )
    rows = session.execute(
        select(SchoolClass.level, SchoolClass.letter, SchoolClass.class_teacher_id, taught.label("taught")).where(
            SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id
        )
    )
    return {(row.level, row.letter): (row.class_teacher_id is not None, bool(row.taught)) for row in rows}


def _members(session: Session, school_id: int, year_id: int) -> list[Row[*tuple[Any, ...]]]:
    """The students whose present class is one of the year that ends."""
    return list(
        session.execute(
            select(
                *(Student.id, Student.first_name, Student.last_name, Student.has_special_needs),
                *(Enrolment.class_id, Enrolment.number_in_class, SchoolClass.level),
            )
            .join_from(Enrolment, Student, Student.id == Enrolment.student_id)
            .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
            .where(Enrolment.school_id == school_id, enrolments.open_now(), SchoolClass.school_year_id == year_id)
            .order_by(SchoolClass.level, SchoolClass.letter, Enrolment.number_in_class, Student.id)
        )
    )


def _check(wishes: Wishes, members: set[int]) -> None:
    for students in (wishes.repeaters, wishes.leavers, wishes.placed.keys()):
        if not set(students) <= members:
            raise InputError(
                "A student who is to repeat, to leave or to be placed is in no class of the year that ends."
            )
    if wishes.leavers & (wishes.repeaters | wishes.placed.keys()):
        raise InputError("A student cannot leave and be in a class of the new year: choose one.")


def _step(row: Row[*tuple[Any, ...]], of: _OldClass, wishes: Wishes) -> StudentStep:
    to: str | None
    if row.id in wishes.leavers:
        fate, to = Fate.LEAVES, None
    elif row.id in wishes.repeaters:
        fate, to = Fate.REPEATS, of.name
    elif row.id not in wishes.placed and (of.level in wishes.finishing or of.level == TOP):
        fate, to = Fate.GRADUATES, None
    else:
        fate, to = Fate.PROMOTED, f"{of.level + 1}{of.letter}"
    if row.id in wishes.placed:
        level, letter = cells.class_name(wishes.placed[row.id])
        to = f"{level}{letter}"
        fate = Fate.REPEATS if level <= of.level else Fate.PROMOTED
    return StudentStep(row.id, f"{row.first_name} {row.last_name}", of.name, row.number_in_class, fate, to)


def _classes(
    old: dict[int, _OldClass],
    there: dict[Name, tuple[bool, bool]],
    students: tuple[StudentStep, ...],
    finishing: frozenset[int],
) -> tuple[ClassStep, ...]:
    """The classes that the students need, each after the class of the level below with its letter."""
    sizes = Counter(one.to_class for one in students if one.to_class is not None)
    sources = {(one.level + 1, one.letter): one for one in old.values() if one.level not in finishing}
    steps = []
    for level, letter in sorted(cells.class_name(name) for name in sizes):
        # The class that moves up, unless nobody of it does.
        source = sources.get((level, letter))
        moves_up = source is not None and any(
            one.from_class == source.name and one.to_class == f"{level}{letter}" for one in students
        )
        has_teacher, is_taught = there.get((level, letter), (False, False))
        copied = source if moves_up else None
        steps.append(
            ClassStep(
                name=f"{level}{letter}",
                level=level,
                letter=letter,
                from_class=copied.name if copied else None,
                from_class_id=copied.id if copied else None,
                made=(level, letter) not in there,
                students=sizes[f"{level}{letter}"],
                class_teacher_id=copied.class_teacher_id if copied and not has_teacher else None,
                assignments=copied.assignments if copied and not is_taught else 0,
            )
        )
    return tuple(steps)


def _warnings(
    students: tuple[StudentStep, ...], members: list[Row[*tuple[Any, ...]]], classes: tuple[ClassStep, ...]
) -> tuple[Words, ...]:
    of = {row.id: row for row in members}
    found = []
    unlawful = [
        one
        for one in students
        if one.fate is Fate.REPEATS
        and (of[one.student_id].level in DO_NOT_REPEAT or of[one.student_id].has_special_needs)
    ]
    if unlawful:
        found.append(
            Words(
                "Ученик от I до IV клас или със специални образователни потребности не повтаря класа: {count}.",
                count=len(unlawful),
            )
        )
    without_teacher = [one.name for one in classes if one.from_class is not None and one.class_teacher_id is None]
    if without_teacher:
        found.append(Words("Без класен ръководител остават: {classes}.", classes=", ".join(without_teacher)))
    if not students:
        found.append(Words("В класовете на изтичащата година няма ученици."))
    return tuple(found)
