"""Who gives a lesson whose teacher is away: a specialist, somebody else, a lecturer from outside, or nobody.

The right that a substitute gets by it stands in `school.staff.authority`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session, aliased

from db.kinds import SubstitutionKind
from db.models import ClassGroup, School, SchoolClass, Staff, Subject, Substitution
from errors import InputError, MissingError
from school import audit
from school.staff.leaders import check_leads
from school.timetable.conflicts import hours_meet
from school.timetable.day import PlannedLesson, planned_on
from school.wording.one_line import on_one_line

CIVIC_EDUCATION = "Гражданско образование (зам.)"
"""What a lesson becomes that is given by somebody who does not teach its subject."""
LONGEST_REASON = 200
LONGEST_ORDER = 40


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to become of one lesson. `knowingly`: the substitute gives another one at that time too."""

    class_id: int
    lesson: int
    kind: SubstitutionKind
    substitute_id: int | None = None
    knowingly: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Why the teacher is away, and the principal's order, when it is there already."""

    reason: str
    number: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class SubstitutionRow:
    """A substitution with its names; an empty hour has no substitute."""

    id: int
    on: date
    lesson: int
    class_id: int
    class_name: str
    group: str
    subject: str
    absent_id: int
    absent: str
    kind: SubstitutionKind
    substitute_id: int | None
    substitute: str
    reason: str
    order_number: str
    ordered_on: date | None


def of_date(session: Session, school_id: int, on: date) -> tuple[SubstitutionRow, ...]:
    """All of a date, by lesson and class."""
    absent, substitute = aliased(Staff), aliased(Staff)
    rows = session.execute(
        select(
            *(Substitution.id, Substitution.on_date, Substitution.lesson, Substitution.class_id),
            *(SchoolClass.level, SchoolClass.letter, ClassGroup.name.label("group_name"), Subject.name),
            *(Substitution.absent_id, absent.first_name, absent.last_name, Substitution.kind),
            *(Substitution.substitute_id, substitute.first_name.label("first"), substitute.last_name.label("last")),
            *(Substitution.reason, Substitution.order_number, Substitution.ordered_on),
        )
        .join(SchoolClass, SchoolClass.id == Substitution.class_id)
        .join(Subject, Subject.id == Substitution.subject_id)
        .join(absent, absent.id == Substitution.absent_id)
        .outerjoin(substitute, substitute.id == Substitution.substitute_id)
        .outerjoin(ClassGroup, ClassGroup.id == Substitution.group_id)
        .where(Substitution.school_id == school_id, Substitution.on_date == on)
        .order_by(Substitution.lesson, SchoolClass.level, SchoolClass.letter, Substitution.id)
    )
    return tuple(
        SubstitutionRow(
            row.id, row.on_date, row.lesson, row.class_id, f"{row.level}{row.letter}", row.group_name or "", row.name,
            row.absent_id, f"{row.first_name} {row.last_name}", row.kind, row.substitute_id,
            f"{row.first} {row.last}" if row.substitute_id else "", row.reason, row.order_number, row.ordered_on,
        )
        for row in rows
    )  # fmt: skip


def record(
    session: Session,
    school_id: int,
    on: date,
    absent_id: int,
    choices: Sequence[Choice],
    order: Order,
    *,
    by: int,
    now: datetime,
) -> int:
    """Say who gives a teacher's lessons of a date, in place of what was said before; gives how many.

    Raises InputError, and then nothing is recorded.
    """
    check_leads(session, school_id, by)
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True))
    texts = _texts(order)
    if not choices:
        raise InputError("Choose what becomes of at least one lesson.")
    day = planned_on(session, school_id, on)
    planned = {(one.class_id, one.lesson): one for one in day if one.staff_id == absent_id}
    if any((one.class_id, one.lesson) not in planned for one in choices):
        raise InputError("The timetable has no such lesson of this teacher on that day: look at it again.")
    people = _people(session, school_id, {one.substitute_id for one in choices if one.substitute_id is not None})
    standing = of_date(session, school_id, on)
    has_civic = any(one.kind is SubstitutionKind.NON_SPECIALIST for one in choices)
    civic = civic_education(session, school_id) if has_civic else None
    rows: list[dict[str, Any]] = []
    for choice in choices:
        lesson = planned[choice.class_id, choice.lesson]
        _check_substitute(choice, absent_id, people)
        _check_free(choice, lesson, day, standing, choices, planned, people)
        is_civic = choice.kind is SubstitutionKind.NON_SPECIALIST
        rows.append(
            {
                "school_id": school_id,
                "on_date": on,
                "lesson": choice.lesson,
                "class_id": choice.class_id,
                "group_id": lesson.group_id,
                "subject_id": civic if is_civic else lesson.subject_id,
                "absent_id": absent_id,
                "kind": choice.kind,
                "substitute_id": choice.substitute_id,
                "recorded_at": now,
                **texts,
            }
        )
    before = {(one.class_id, one.lesson): one for one in standing if one.absent_id == absent_id}
    replaced = [before[place].id for one in choices if (place := (one.class_id, one.lesson)) in before]
    session.execute(delete(Substitution).where(Substitution.school_id == school_id, Substitution.id.in_(replaced)))
    ids = session.execute(insert(Substitution).returning(Substitution.id, sort_by_parameter_order=True), rows)
    audit.write_many(
        session,
        [
            audit.row(
                "substitution.recorded", "substitution", id_, now, school_id=school_id, by=by,
                on=str(on), lesson=row["lesson"], **{"class": row["class_id"]}, subject=row["subject_id"],
                absent=absent_id, substitute=row["substitute_id"], kind=row["kind"], order=row["order_number"],
            )
            for id_, row in zip(ids.scalars(), rows, strict=True)
        ],
    )  # fmt: skip
    return len(rows)


def remove(session: Session, school_id: int, substitution_id: int, *, by: int, now: datetime) -> date:
    """The teacher gives the lesson after all; gives its date. What was recorded stays. Raises MissingError."""
    check_leads(session, school_id, by)
    gone = session.execute(
        delete(Substitution)
        .where(Substitution.school_id == school_id, Substitution.id == substitution_id)
        .returning(*_NAMED)
    ).one_or_none()
    if gone is None:
        raise MissingError("There is no such substitution in this school.")
    audit.write_many(session, [_removed(gone, school_id, by, now)])
    on: date = gone.on_date
    return on


def remove_of(session: Session, school_id: int, staff_id: int, after: date, *, by: int, now: datetime) -> None:
    """Take back those after a day in which a person is absent or the substitute; possibly none."""
    gone = session.execute(
        delete(Substitution)
        .where(
            Substitution.school_id == school_id,
            Substitution.on_date > after,
            or_(Substitution.absent_id == staff_id, Substitution.substitute_id == staff_id),
        )
        .returning(*_NAMED)
    ).all()
    audit.write_many(session, [_removed(row, school_id, by, now) for row in gone])


_NAMED = (
    *(Substitution.id, Substitution.on_date, Substitution.lesson, Substitution.class_id),
    Substitution.substitute_id,
)


def _removed(gone: Any, school_id: int, by: int, now: datetime) -> dict[str, Any]:
    return audit.row(
        "substitution.removed", "substitution", gone.id, now, school_id=school_id, by=by,
        on=str(gone.on_date), lesson=gone.lesson, **{"class": gone.class_id}, substitute=gone.substitute_id,
    )  # fmt: skip


def civic_education(session: Session, school_id: int) -> int:
    """The subject that a lesson becomes without a specialist; made when the school has none."""
    of = select(Subject.id).where(Subject.school_id == school_id, Subject.name == CIVIC_EDUCATION)
    found = session.scalar(of)
    if found is not None:
        return found
    return session.execute(
        insert(Subject).values(school_id=school_id, name=CIVIC_EDUCATION).returning(Subject.id)
    ).scalar_one()


def _texts(order: Order) -> dict[str, object]:
    reason, number = on_one_line(order.reason), on_one_line(order.number)
    if not reason or len(reason) > LONGEST_REASON:
        raise InputError("Write why the teacher is away, in up to {most} characters.", most=LONGEST_REASON)
    if len(number) > LONGEST_ORDER:
        raise InputError("The order's number is longer than {most} characters: shorten it.", most=LONGEST_ORDER)
    if bool(number) != (order.on is not None):
        raise InputError("An order has a number and a date: write both, or neither.")
    return {"reason": reason, "order_number": number, "ordered_on": order.on}


def _people(session: Session, school_id: int, ids: set[int]) -> dict[int, str]:
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name).where(
            Staff.school_id == school_id, Staff.is_active, Staff.id.in_(ids)
        )
    )
    return {row.id: f"{row.first_name} {row.last_name}" for row in rows}


def _check_substitute(choice: Choice, absent_id: int, people: dict[int, str]) -> None:
    if (choice.kind is SubstitutionKind.EMPTY) != (choice.substitute_id is None):
        raise InputError("Choose who substitutes in each lesson that is not an empty hour, and nobody in one that is.")
    if choice.substitute_id is not None and choice.substitute_id not in people:
        raise MissingError("There is no such teacher in this school.")
    if choice.substitute_id == absent_id:
        raise InputError("Whoever is away does not substitute: choose somebody else.")


def _check_free(
    choice: Choice,
    lesson: PlannedLesson,
    day: Sequence[PlannedLesson],
    standing: Sequence[SubstitutionRow],
    choices: Sequence[Choice],
    planned: dict[tuple[int, int], PlannedLesson],
    people: dict[int, str],
) -> None:
    """Raises InputError when the substitute has another lesson at that time, and that was not said to be known."""
    if choice.substitute_id is None or choice.knowingly:
        return
    gone = {(one.absent_id, one.class_id, one.lesson) for one in standing}
    by_place = {(one.class_id, one.lesson, one.staff_id): one for one in day}
    own = [
        one
        for one in day
        if one.staff_id == choice.substitute_id and (one.staff_id, one.class_id, one.lesson) not in gone
    ]
    said = {(one.class_id, one.lesson) for one in choices}
    own += [
        by_place[place]
        for one in standing
        if one.substitute_id == choice.substitute_id
        and not (one.absent_id == lesson.staff_id and (one.class_id, one.lesson) in said)
        and (place := (one.class_id, one.lesson, one.absent_id)) in by_place
    ]
    own += [
        planned[one.class_id, one.lesson]
        for one in choices
        if one is not choice and one.substitute_id == choice.substitute_id and not one.knowingly
    ]
    for other in own:
        if _at_one_time(lesson, other):
            raise InputError(
                "{name} is with {other} in lesson {lesson}: choose somebody else, or say that the classes are merged.",
                name=people[choice.substitute_id],
                other=other.class_name,
                lesson=other.lesson,
            )


def _at_one_time(one: PlannedLesson, other: PlannedLesson) -> bool:
    return hours_meet((one.lesson, one.starts_at, one.ends_at), (other.lesson, other.starts_at, other.ends_at))
