"""Carrying out a plan: the year, the classes, who leads and teaches them, and the students, all or nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import EnrolmentReason
from db.models import Rollover, School, SchoolClass, Staff, TeachingAssignment
from errors import InputError
from school import audit, enrolments
from school.rollover.planning import TOP, plan
from school.rollover.plans import Fate, RolloverPlan, Wishes
from school.staff.leaders import check_leads
from school.years.plans import CalendarPlan
from school.years.years import add_year

REASONS = {Fate.PROMOTED: EnrolmentReason.PROMOTED, Fate.REPEATS: EnrolmentReason.REPEATS}


def carry_out(
    session: Session,
    school_id: int,
    wishes: Wishes,
    *,
    by: int,
    now: datetime,
    calendar: CalendarPlan | None = None,
    seen: str | None = None,
) -> RolloverPlan:
    """Go over to the new year in the caller's transaction; gives what was done.

    `seen` is the fingerprint of the plan that the person looked at. Who leaves or graduates stays in their class until
    the plan's `farewell_on`; `school.digests.farewell` takes leave of them after it. Raises InputError as `plan` does,
    and when the school has changed since the plan was looked at; ForbiddenError unless `by` leads the school.
    """
    check_leads(session, school_id, by)
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True))
    step = plan(session, school_id, wishes, calendar)
    if seen is not None and seen != step.fingerprint:
        raise InputError("The school has changed since you looked at the plan: look at it again.")
    if not step.students:
        raise InputError("There is nobody in the classes of the year that ends: upload the lists of the new year.")
    year_id = step.year_id
    if year_id is None:
        assert step.calendar is not None
        year_id = add_year(session, school_id, step.calendar, by=by, now=now)
    made = _make_classes(session, school_id, year_id, step, by, now)
    classes = {
        f"{row.level}{row.letter}": row.id
        for row in session.execute(
            select(SchoolClass.id, SchoolClass.level, SchoolClass.letter).where(
                SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id
            )
        )
    }
    _copy_teachers(session, school_id, step, classes, by, now)
    _promote(session, school_id, step, classes, by, now)
    rollover_id = session.scalars(
        insert(Rollover)
        .values(
            school_id=school_id,
            school_year_id=year_id,
            from_year_id=step.from_year.id,
            staff_id=by,
            carried_out_at=now,
            made_classes=made,
            finishing=sorted(wishes.finishing | {TOP}),
            farewell_on=step.farewell_on,
        )
        .returning(Rollover.id)
    ).one()
    counts = {str(fate): count for fate, count in step.numbers.items()}
    audit.write(
        session, "year.rolled_over", "rollover", rollover_id, now,
        school_id=school_id, by=by, year=year_id, farewell_on=str(step.farewell_on), **counts,
    )  # fmt: skip
    return step


def _make_classes(
    session: Session, school_id: int, year_id: int, step: RolloverPlan, by: int, now: datetime
) -> list[int]:
    new = [one for one in step.classes if one.made]
    if not new:
        return []
    rows = [
        {"school_id": school_id, "school_year_id": year_id, "level": one.level, "letter": one.letter} for one in new
    ]
    ids = session.scalars(insert(SchoolClass).returning(SchoolClass.id, sort_by_parameter_order=True), rows).all()
    audit.write_many(
        session,
        [
            audit.row("class.created", "school_class", id_, now, school_id=school_id, by=by, name=one.name)
            for id_, one in zip(ids, new, strict=True)
        ],
    )
    return list(ids)


def _copy_teachers(
    session: Session, school_id: int, step: RolloverPlan, classes: Mapping[str, int], by: int, now: datetime
) -> None:
    """Who leads and who teaches a class, from the class that it was; each holds, and is to be confirmed."""
    notes: list[dict[str, Any]] = []
    leading = {classes[one.name]: one.class_teacher_id for one in step.classes if one.class_teacher_id is not None}
    if leading:
        session.connection().execute(
            update(SchoolClass)
            .where(SchoolClass.school_id == school_id, SchoolClass.id == bindparam("row_id"))
            .values(class_teacher_id=bindparam("teacher"), teacher_to_confirm=True),
            [{"row_id": class_id, "teacher": teacher} for class_id, teacher in leading.items()],
        )
    notes += [
        audit.row(
            "class.teacher_changed", "school_class", class_id, now, school_id=school_id, by=by, staff=[None, teacher]
        )
        for class_id, teacher in leading.items()
    ]
    to_class = {
        one.from_class_id: classes[one.name]
        for one in step.classes
        if one.assignments and one.from_class_id is not None
    }
    if to_class:
        taught = session.execute(
            select(
                *(TeachingAssignment.class_id, TeachingAssignment.subject_id, TeachingAssignment.staff_id),
                TeachingAssignment.is_profiled,
            )
            .join(Staff, Staff.id == TeachingAssignment.staff_id)
            .where(
                TeachingAssignment.school_id == school_id,
                TeachingAssignment.class_id.in_(to_class),
                Staff.is_active,
            )
            .order_by(TeachingAssignment.id)
        )
        rows = [
            {
                "school_id": school_id,
                "class_id": to_class[row.class_id],
                "subject_id": row.subject_id,
                "staff_id": row.staff_id,
                "is_profiled": row.is_profiled,
                "to_confirm": True,
            }
            for row in taught
        ]
        ids = session.scalars(
            insert(TeachingAssignment).returning(TeachingAssignment.id, sort_by_parameter_order=True), rows
        ).all()
        notes += [
            audit.row(
                "teaching.assigned", "teaching_assignment", id_, now, school_id=school_id, by=by,
                **{"class": row["class_id"]}, subject=row["subject_id"], staff=row["staff_id"],
            )
            for id_, row in zip(ids, rows, strict=True)
        ]  # fmt: skip
    audit.write_many(session, notes)


def _promote(
    session: Session, school_id: int, step: RolloverPlan, classes: Mapping[str, int], by: int, now: datetime
) -> None:
    staying = [one for one in step.students if one.to_class is not None]
    before = {
        f"{row.level}{row.letter}": row.id
        for row in session.execute(
            select(SchoolClass.id, SchoolClass.level, SchoolClass.letter).where(
                SchoolClass.school_id == school_id, SchoolClass.school_year_id == step.from_year.id
            )
        )
    }
    enrolments.place(
        session,
        school_id,
        [
            enrolments.Placement(
                one.student_id,
                classes[one.to_class or ""],
                one.number if one.fate is Fate.PROMOTED else None,
                step.starts_on,
                REASONS[one.fate],
            )
            for one in staying
        ],
    )
    audit.write_many(
        session,
        [
            audit.row(
                "student.changed", "student", one.student_id, now, school_id=school_id, by=by,
                class_id=[before[one.from_class], classes[one.to_class or ""]],
            )
            for one in staying
        ],
    )  # fmt: skip
