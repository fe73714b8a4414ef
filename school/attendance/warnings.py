"""Warning a family before unexcused hours cost it the child benefit: once for each stage and month.

A warning is told with the news of the absence that led to it: on the channels on which the family is told of absences,
when and how each follower wants it, and taken back with it while it waits (`school.outbox`). Also families that do not
pay are warned: it is the law's benefit that they lose.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import AbsenceKind, Channel, EventChange, EventKind, NotificationState
from db.models import Absence, BenefitWarning, HeardEvent, Notification, Student
from db.session import Database
from runtime.localtime import month_of
from school.attendance import wording
from school.classbook import benefit
from school.classbook.absence_weights import unexcused_half_hours
from school.classbook.benefit import WARN_AT, Standing
from school.outbox import fan_out
from school.outbox.event_details import load
from school.wording.lines import LONGEST_LINE
from school.wording.service import Numbers
from school.years import calendar


@dataclass(frozen=True, slots=True)
class Near:
    """A student near the loss of the benefit, or beyond it, in a month."""

    student_id: int
    half_hours: int
    absence_id: int
    """The latest of the absences that count."""

    @property
    def standing(self) -> Standing:
        """In hours."""
        return benefit.standing(self.half_hours)


def warn(database: Database, now: datetime, numbers: Numbers, *, counts_lateness: bool) -> str:
    """Warn the families of every school; each school in a transaction of its own. Tells of how many students."""
    today = calendar.today(now)
    with database.reading() as session:
        schools = session.scalars(
            select(Absence.school_id)
            .where(Absence.on_date.between(month_of(today), today))
            .group_by(Absence.school_id)
            .order_by(Absence.school_id)
        ).all()
    count = 0
    for school_id in schools:
        with database.session() as session:
            count += of_school(session, school_id, now, numbers, counts_lateness=counts_lateness)
    return f"Warned the families of {count} students."


def of_school(session: Session, school_id: int, now: datetime, numbers: Numbers, *, counts_lateness: bool) -> int:
    """Warn the families of one school; gives of how many students."""
    today = calendar.today(now)
    found = near(session, school_id, today, counts_lateness=counts_lateness)
    if not found:
        return 0
    done: dict[int, set[int]] = defaultdict(set)
    for student_id, stage in session.execute(
        select(BenefitWarning.student_id, BenefitWarning.stage).where(
            BenefitWarning.school_id == school_id, BenefitWarning.month == month_of(today)
        )
    ):
        done[student_id].add(stage)
    due = {one.student_id: set(benefit.stages(one.standing, today)) - done[one.student_id] for one in found}
    told = [one for one in found if due[one.student_id]]
    if not told:
        return 0
    session.connection().execute(
        insert(BenefitWarning),
        [
            {
                "school_id": school_id,
                "student_id": one.student_id,
                "month": month_of(today),
                "stage": stage,
                "half_hours": one.half_hours,
                "absence_id": one.absence_id,
                "warned_at": now,
            }
            for one in told
            for stage in sorted(due[one.student_id])
        ],
    )
    _tell(session, school_id, told, {one.student_id for one in told if due[one.student_id] == {benefit.CLOSING}}, now,
          numbers)  # fmt: skip
    return len(told)


def near(session: Session, school_id: int, on: date, *, counts_lateness: bool) -> list[Near]:
    """The students of a school who are near the loss of the benefit in the month of this day, or beyond it."""
    half_hours = unexcused_half_hours(Absence.kind, with_lateness=counts_lateness)
    counted = [AbsenceKind.UNEXCUSED, *([AbsenceKind.LATE] if counts_lateness else [])]
    in_month = (
        Absence.school_id == school_id,
        Absence.on_date.between(month_of(on), on),
        Absence.kind.in_(counted),
    )
    rows = session.execute(
        select(Absence.student_id, half_hours.label("half_hours"))
        .join(Student, Student.id == Absence.student_id)
        .where(*in_month, Student.class_id.is_not(None))
        .group_by(Absence.student_id)
        .having(half_hours >= AbsenceKind.UNEXCUSED.half_hours * WARN_AT[0])
    ).all()
    if not rows:
        return []
    latest: dict[int, int] = {}
    for student_id, absence_id in session.execute(
        select(Absence.student_id, Absence.id)
        .where(*in_month, Absence.student_id.in_([row.student_id for row in rows]))
        .order_by(Absence.on_date, Absence.lesson)
    ):
        latest[student_id] = absence_id
    return [Near(row.student_id, int(row.half_hours), latest[row.student_id]) for row in rows]


def standing_of(session: Session, school_id: int, student_id: int, on: date, *, counts_lateness: bool) -> Standing:
    """Of one student in the month of this day."""
    half_hours = session.scalar(
        select(unexcused_half_hours(Absence.kind, with_lateness=counts_lateness)).where(
            Absence.school_id == school_id, Absence.student_id == student_id, Absence.on_date.between(month_of(on), on)
        )
    )
    return benefit.standing(int(half_hours or 0))


def _tell(
    session: Session,
    school_id: int,
    told: Sequence[Near],
    closing: Collection[int],
    now: datetime,
    numbers: Numbers,
) -> None:
    of = {one.student_id: one.standing for one in told}
    refs = [EventRef(EventKind.ABSENCE, one.absence_id) for one in told]
    waiting = _waiting(session, school_id, refs)
    rows: list[dict[str, Any]] = []
    longer: list[dict[str, Any]] = []
    for happened, whom in fan_out.who_follows(session, load(session, refs), None):  # also families that do not pay
        assert happened.student_id is not None
        words = wording.closing if happened.student_id in closing else wording.benefit
        standing = of[happened.student_id]
        for follower in whom:
            line = words(follower.language, standing, numbers)
            key = follower.subscription_id, follower.channel, happened.ref.id
            if key in waiting:
                notification_id, before = waiting[key]
                if line not in before:
                    longer.append({"notification": notification_id, "new_line": f"{before}. {line}"[:LONGEST_LINE]})
                continue
            rows += [
                row | {"line": line} for row in fan_out.notifications(happened, [follower], EventChange.RECORDED, now)
            ]
    if longer:
        session.connection().execute(
            update(Notification).where(Notification.id == bindparam("notification")).values(line=bindparam("new_line")),
            longer,
        )
    _hear_again(session, school_id, rows)
    fan_out.store(session, rows)


def _waiting(
    session: Session, school_id: int, refs: Sequence[EventRef]
) -> Mapping[tuple[int, Channel, int], tuple[int, str]]:
    """Notifications of these absences that wait, locked: the warning goes with them."""
    rows = session.execute(
        select(
            Notification.subscription_id,
            Notification.channel,
            Notification.event_id,
            Notification.id,
            Notification.line,
        )
        .where(
            Notification.school_id == school_id,
            Notification.kind == EventKind.ABSENCE,
            Notification.event_id.in_([ref.id for ref in refs]),
            Notification.state == NotificationState.PENDING,
        )
        .order_by(Notification.id)
        .with_for_update()
    )
    return {(row.subscription_id, row.channel, row.event_id): (row.id, row.line) for row in rows}


def _hear_again(session: Session, school_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Who is to be rung hears the absence again, with the warning: a call about what was heard is not made."""
    rung: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        if row["channel"] is Channel.CALL:
            rung[row["event_id"]].add(row["subscriber_id"])
    for event_id, subscribers in rung.items():
        session.execute(
            delete(HeardEvent).where(
                HeardEvent.school_id == school_id,
                HeardEvent.kind == EventKind.ABSENCE,
                HeardEvent.event_id == event_id,
                HeardEvent.subscriber_id.in_(subscribers),
            )
        )
