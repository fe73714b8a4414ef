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
from db.kinds import AbsenceKind, Channel, EventChange, EventKind, MessageState, NotificationState
from db.models import Absence, BenefitWarning, HeardEvent, Message, Notification, Student, Subscriber
from db.session import Database
from school.attendance import wording
from school.classbook import benefit
from school.classbook.absence_weights import unexcused_half_hours
from school.classbook.benefit import WARN_AT, Standing
from school.following.ending import shown
from school.outbox import fan_out
from school.outbox.event_details import load
from school.staff import authority
from school.staff.authority import Author
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
            .where(Absence.on_date.between(_month(today), today))
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
            BenefitWarning.school_id == school_id, BenefitWarning.month == _month(today)
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
                "month": _month(today),
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
        Absence.on_date.between(_month(on), on),
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
            Absence.school_id == school_id, Absence.student_id == student_id, Absence.on_date.between(_month(on), on)
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


@dataclass(frozen=True, slots=True)
class Told:
    """One follower who was told on one channel: masked, and how far the message has come (None: it waits)."""

    follower: str
    channel: Channel
    state: MessageState | None


@dataclass(frozen=True, slots=True)
class Warned:
    """A student near the loss of the benefit this month, and who was told of it. `warned_at` None: nobody yet."""

    student_id: int
    student: str
    standing: Standing
    warned_at: datetime | None
    told: tuple[Told, ...]


def of_class(
    session: Session, by: int | Author, class_id: int, now: datetime, *, counts_lateness: bool
) -> tuple[Warned, ...]:
    """The students of a class who are near the loss of the benefit this month, the nearest first.

    For its class teacher and the school's leaders. Raises InputError for anybody else. Three statements.
    """
    reader = authority.author(session, by)
    authority.check_class_teacher(reader, authority.class_of_school(session, reader, class_id))
    today = calendar.today(now)
    half_hours = unexcused_half_hours(Absence.kind, with_lateness=counts_lateness)
    students = session.execute(
        select(Student.id, Student.first_name, Student.last_name, half_hours.label("half_hours"))
        .join(Absence, Absence.student_id == Student.id)
        .where(
            Student.school_id == reader.school_id,
            Student.class_id == class_id,
            Absence.school_id == reader.school_id,
            Absence.on_date.between(_month(today), today),
        )
        .group_by(Student.id, Student.first_name, Student.last_name)
        .having(half_hours >= AbsenceKind.UNEXCUSED.half_hours * WARN_AT[0])
        .order_by(half_hours.desc(), Student.first_name, Student.last_name)
    ).all()
    if not students:
        return ()
    warned: dict[int, datetime] = {}
    told: dict[int, dict[tuple[str, Channel], Told]] = defaultdict(dict)
    for row in _told_rows(session, reader.school_id, [row.id for row in students], _month(today)):
        warned[row.student_id] = max(row.warned_at, warned.get(row.student_id, row.warned_at))
        if row.channel is None:
            continue
        follower = shown(row.phone, row.email)
        told[row.student_id][follower, row.channel] = Told(follower, row.channel, row.state)
    return tuple(
        Warned(
            row.id,
            f"{row.first_name} {row.last_name}",
            benefit.standing(int(row.half_hours)),
            warned.get(row.id),
            tuple(told[row.id].values()),
        )
        for row in students
    )


def _told_rows(session: Session, school_id: int, students: Sequence[int], month: date) -> Sequence[Any]:
    """The warnings of these students in a month, each with the notifications that told it."""
    return session.execute(
        select(
            BenefitWarning.student_id,
            BenefitWarning.warned_at,
            Notification.channel,
            Subscriber.phone,
            Subscriber.email,
            Message.state,
        )
        .outerjoin(
            Notification,
            (Notification.school_id == BenefitWarning.school_id)
            & (Notification.kind == EventKind.ABSENCE)
            & (Notification.event_id == BenefitWarning.absence_id)
            & (Notification.state != NotificationState.CANCELLED),
        )
        .outerjoin(Subscriber, Subscriber.id == Notification.subscriber_id)
        .outerjoin(Message, Message.id == Notification.message_id)
        .where(
            BenefitWarning.school_id == school_id,
            BenefitWarning.month == month,
            BenefitWarning.student_id.in_(students),
        )
        .order_by(BenefitWarning.warned_at, Notification.id)
    ).all()


def _month(on: date) -> date:
    return on.replace(day=1)
