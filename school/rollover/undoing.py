"""Taking the turn of the year back, as long as nothing was entered in the new year."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from db.models import (
    Absence,
    Enrolment,
    ExcuseNote,
    Grade,
    HealthNote,
    Remark,
    Rollover,
    Sanction,
    SchoolClass,
    SchoolYear,
    TeachingAssignment,
)
from db.references import is_used
from errors import InputError, MissingError
from school import audit, enrolments
from school.staff.leaders import check_leads

DAY = timedelta(days=1)
ENTRIES = (Grade, Absence, Remark, HealthNote, Sanction, ExcuseNote)


def undo(session: Session, school_id: int, *, by: int, now: datetime) -> int:
    """Take the latest turn of the year back in the caller's transaction; gives how many students are where they were.

    Classes that it made go, unless somebody was put into them since, or they have lessons, groups or events; so does
    teaching that it copied and nobody confirmed. Who has been taken leave of does not come back by this, and the new
    year's calendar stays. Raises MissingError when there is nothing to take back, InputError once something was
    entered.
    """
    check_leads(session, school_id, by)
    found = session.execute(
        select(Rollover, SchoolYear.starts_on)
        .join(SchoolYear, SchoolYear.id == Rollover.school_year_id)
        .where(Rollover.school_id == school_id)
        .order_by(SchoolYear.starts_on.desc())
        .limit(1)
        .with_for_update(of=Rollover)
    ).one_or_none()
    if found is None:
        raise MissingError("The school has not gone over to a new year: there is nothing to undo.")
    rollover: Rollover = found.Rollover
    if has_entries(session, school_id, rollover.school_year_id):
        raise InputError("Something was entered in the new school year already: going over to it cannot be undone.")
    back = _to_put_back(session, school_id, rollover, found.starts_on)
    enrolments.place(
        session,
        school_id,
        [
            enrolments.Placement(row.student_id, row.class_id, row.number_in_class, row.starts_on, row.reason)
            for row in back
        ],
    )
    audit.write_many(
        session,
        [
            audit.row(
                "student.changed", "student", row.student_id, now, school_id=school_id, by=by,
                class_id=[row.present, row.class_id],
            )
            for row in back
        ],
    )  # fmt: skip
    _remove_copies(session, school_id, rollover)
    audit.write(
        session, "year.rollover_undone", "rollover", rollover.id, now,
        school_id=school_id, by=by, year=rollover.school_year_id, students=len(back),
    )  # fmt: skip
    session.delete(rollover)
    session.flush()
    return len(back)


def has_entries(session: Session, school_id: int, year_id: int) -> bool:
    """Whether anything stands in the class book of a year."""
    some = (exists().where(table.school_id == school_id, table.school_year_id == year_id) for table in ENTRIES)
    return bool(session.scalar(select(or_(*some))))


def _to_put_back(session: Session, school_id: int, rollover: Rollover, starts_on: date) -> list[Row[*tuple[Any, ...]]]:
    """Students now in the new year who were in the old one until the day before: their enrolment there."""
    before, of_before = aliased(Enrolment), aliased(SchoolClass)
    return list(
        session.execute(
            select(
                *(before.student_id, before.class_id, before.number_in_class, before.starts_on, before.reason),
                Enrolment.class_id.label("present"),
            )
            .join_from(Enrolment, SchoolClass, SchoolClass.id == Enrolment.class_id)
            .join(before, (before.student_id == Enrolment.student_id) & (before.ends_on == starts_on - DAY))
            .join(of_before, of_before.id == before.class_id)
            .where(
                Enrolment.school_id == school_id,
                before.school_id == school_id,
                enrolments.open_now(),
                SchoolClass.school_year_id == rollover.school_year_id,
                of_before.school_year_id == rollover.from_year_id,
            )
        )
    )


def _remove_copies(session: Session, school_id: int, rollover: Rollover) -> None:
    of_year = select(SchoolClass.id).where(
        SchoolClass.school_id == school_id, SchoolClass.school_year_id == rollover.school_year_id
    )
    going = session.scalars(
        select(SchoolClass.id).where(
            SchoolClass.school_id == school_id,
            SchoolClass.id.in_(rollover.made_classes),
            ~is_used(SchoolClass, but=(TeachingAssignment,)),
        )
    ).all()
    session.execute(
        delete(TeachingAssignment).where(
            TeachingAssignment.school_id == school_id,
            TeachingAssignment.class_id.in_(of_year),
            TeachingAssignment.to_confirm | TeachingAssignment.class_id.in_(going),
        )
    )
    session.execute(delete(SchoolClass).where(SchoolClass.school_id == school_id, SchoolClass.id.in_(going)))
    session.execute(
        update(SchoolClass)
        .where(SchoolClass.id.in_(of_year), SchoolClass.school_id == school_id, SchoolClass.teacher_to_confirm)
        .values(class_teacher_id=None, teacher_to_confirm=False)
    )
