"""A parent's notice that a student is absent: it counts by itself, within the limits and in time.

Ordinance on inclusive education, art. 62 (1) 3: a parent's application excuses so many school days a year and at once
(`school.classbook.excuse_limits`), when it is given before the absence or on its first day. It is notice, and asks for
no permission. What does not count by itself waits for the class teacher (`school.attendance.decisions`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, AbsenceReason, Channel, ExcuseKind, NoticeState, Obstacle, SubscriptionStatus
from db.models import Absence, AbsenceNotice, SchoolClass, Student, Subscription
from errors import InputError
from school import audit
from school.attendance import telling
from school.attendance.given import Given, Outcome, Wish
from school.attendance.states import DECIDABLE
from school.classbook import excuses
from school.classbook.excuse_limits import ParentsLimits, parents_limits
from school.classbook.excuses import Paper
from school.classbook.writing import Family
from school.security.crypto import vault
from school.years import calendar

REASON = "absence notice"
LONGEST_REASON = 300
"""Characters of a parent's words that are kept."""
LONGEST = timedelta(days=120)
"""What reaches further is a slip of the finger."""


def give(session: Session, subscription_id: int, channel: Channel, wish: Wish, now: datetime) -> Given:
    """Take a notice by who follows the student; the same again changes nothing.

    Needs a writing session. Raises InputError when the subscription is not active.
    """
    by = _subscription(session, subscription_id)
    excuses.lock(session, by.student_id)
    try:
        year_id = _year(session, by.school_id, wish)
    except InputError:
        return Given(Outcome.OUTSIDE, wish.starts_on, wish.ends_on)
    days = excuses.school_days(session, by.school_id, year_id, by.level, wish.starts_on, wish.ends_on)
    if not days:
        return Given(Outcome.NO_SCHOOL, wish.starts_on, wish.ends_on)
    limits = parents_limits(days[0])
    left = limits.days_a_year - excuses.days_used(session, by.school_id, by.student_id, year_id)
    covered = excuses.covered_days(session, by.school_id, by.student_id, days[0], days[-1])
    fresh = [day for day in days if day not in covered]
    if not fresh:
        return Given(Outcome.EXCUSED_ALREADY, days[0], days[-1], days_left=left, limits=limits)
    earlier = _waiting(session, by, days)
    told_on = calendar.today(min([now, *(one.given_at for one in earlier)]))
    found = obstacles(len(days), len(fresh), left, limits, fresh[0], told_on, wish.ground)
    if found and any(one.ground is not None or wish.ground is None for one in earlier):
        return Given(Outcome.WAITS, days[0], days[-1], found, left, limits)
    note_id, absences = None, 0
    if not found:
        assert wish.ground is not None
        paper = Paper(by.student_id, year_id, ExcuseKind.PARENT, wish.ground, fresh[0], fresh[-1], len(fresh))
        done = excuses.record(session, Family(by.school_id, by.subscriber_id), paper, now)
        note_id, absences, left = done.note_id, done.absences, left - len(fresh)
    notice_id = _write(session, by, year_id, channel, wish, days, now, note_id)
    _replace(session, by, earlier, notice_id, now)
    outcome = Outcome.WAITS if found else Outcome.COUNTED
    given = Given(outcome, days[0], days[-1], found, left, limits, absences)
    if not found:
        telling.others_of_notice(session, by.school_id, by.student_id, by.subscriber_id, days[0], days[-1], now)
    return given


REPLIED_WITHIN = timedelta(days=7)
"""How old an absence is at most that a notice without a day answers when there is no school today."""


def default_day(session: Session, subscription_id: int, now: datetime) -> date:
    """The day of a notice that names none: today, or on a day without school the last unexcused absence.

    Raises InputError when the subscription is not active.
    """
    by, today = _subscription(session, subscription_id), calendar.today(now)
    try:
        year_id = calendar.locate(session, by.school_id, today).school_year_id
    except InputError:
        return today
    if excuses.school_days(session, by.school_id, year_id, by.level, today, today):
        return today
    last = session.scalar(
        select(func.max(Absence.on_date)).where(
            Absence.school_id == by.school_id,
            Absence.student_id == by.student_id,
            Absence.kind == AbsenceKind.UNEXCUSED,
            Absence.on_date.between(today - REPLIED_WITHIN, today),
        )
    )
    return last or today


@dataclass(frozen=True, slots=True)
class Earlier:
    """How a notice that a follower gave stands."""

    starts_on: date
    ends_on: date
    state: NoticeState
    refused_for: Obstacle | None


TOLD_FOR = timedelta(days=30)
"""How long a follower who calls is told how a notice stands."""
MOST_TOLD = 3


def latest_of(session: Session, subscriber_id: int, student_id: int, now: datetime) -> tuple[Earlier, ...]:
    """The notices that a follower gave lately, the newest first."""
    rows = session.execute(
        select(AbsenceNotice.starts_on, AbsenceNotice.ends_on, AbsenceNotice.state, AbsenceNotice.refused_for)
        .where(
            AbsenceNotice.subscriber_id == subscriber_id,
            AbsenceNotice.student_id == student_id,
            AbsenceNotice.state != NoticeState.REPLACED,
            AbsenceNotice.given_at >= now - TOLD_FOR,
        )
        .order_by(AbsenceNotice.id.desc())
        .limit(MOST_TOLD)
    )
    return tuple(Earlier(*row) for row in rows)


def obstacles(
    days: int,
    fresh: int,
    left: int,
    limits: ParentsLimits,
    first: date,
    told_on: date,
    ground: AbsenceReason | None,
) -> tuple[Obstacle, ...]:
    """Why a notice does not count by itself: the one place that says so. None: it does.

    Of `days` school days `fresh` are not excused yet, the `first` of them being told of on `told_on`; the year has
    `left` days.
    """
    found = {
        Obstacle.AT_ONCE: days > limits.days_at_once,
        Obstacle.A_YEAR: fresh > left,
        Obstacle.LATE: first < told_on,
        Obstacle.NO_REASON: ground is None,
    }
    return tuple(obstacle for obstacle, holds in found.items() if holds)


def _subscription(session: Session, subscription_id: int) -> Row[int, int, int, int]:
    found = session.execute(
        select(Subscription.school_id, Subscription.student_id, Subscription.subscriber_id, SchoolClass.level)
        .join(Student, Student.id == Subscription.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(
            Subscription.id == subscription_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
        )
    ).one_or_none()
    if found is None:
        raise InputError("There is no such subscription.")
    return found


def _year(session: Session, school_id: int, wish: Wish) -> int:
    if not timedelta() <= wish.ends_on - wish.starts_on <= LONGEST:
        raise InputError("A note ends on its first day or later, within a year: check the dates.")
    first, last = (calendar.locate(session, school_id, on) for on in (wish.starts_on, wish.ends_on))
    if first.school_year_id != last.school_year_id:
        raise InputError("A note ends on its first day or later, within a year: check the dates.")
    return first.school_year_id


def _waiting(session: Session, by: Row[int, int, int, int], days: Sequence[date]) -> Sequence[AbsenceNotice]:
    """Notices of the same person for the same days that wait: given again it is not another one."""
    return session.scalars(
        select(AbsenceNotice).where(
            AbsenceNotice.school_id == by.school_id,
            AbsenceNotice.student_id == by.student_id,
            AbsenceNotice.subscriber_id == by.subscriber_id,
            AbsenceNotice.state.in_(DECIDABLE),
            AbsenceNotice.starts_on == days[0],
            AbsenceNotice.ends_on == days[-1],
        )
    ).all()


def _write(
    session: Session,
    by: Row[int, int, int, int],
    year_id: int,
    channel: Channel,
    wish: Wish,
    days: Sequence[date],
    now: datetime,
    note_id: int | None,
) -> int:
    state = NoticeState.WAITING if note_id is None else NoticeState.COUNTED
    reason = " ".join(wish.reason.split())[:LONGEST_REASON]
    notice_id = session.scalars(
        insert(AbsenceNotice)
        .values(
            school_id=by.school_id,
            student_id=by.student_id,
            school_year_id=year_id,
            subscriber_id=by.subscriber_id,
            channel=channel,
            starts_on=days[0],
            ends_on=days[-1],
            school_days=len(days),
            ground=wish.ground,
            reason_encrypted=vault(session).encrypt(REASON, reason) if reason else None,
            state=state,
            given_at=now,
            excuse_note_id=note_id,
        )
        .returning(AbsenceNotice.id)
    ).one()
    audit.write(
        session,
        "notice.given",
        "absence_notice",
        notice_id,
        now,
        school_id=by.school_id,
        subscriber_id=by.subscriber_id,
        student_id=by.student_id,
        state=state,
        first=str(days[0]),
        last=str(days[-1]),
    )
    return notice_id


def _replace(
    session: Session, by: Row[int, int, int, int], earlier: Sequence[AbsenceNotice], notice_id: int, now: datetime
) -> None:
    """The earlier ones say less than this one, which was told of when the first of them was."""
    if not earlier:
        return
    session.execute(
        update(AbsenceNotice)
        .where(AbsenceNotice.id.in_([one.id for one in earlier]), AbsenceNotice.state.in_(DECIDABLE))
        .values(state=NoticeState.REPLACED)
        .execution_options(synchronize_session=False)
    )
    first = min(one.given_at for one in earlier)
    session.execute(update(AbsenceNotice).where(AbsenceNotice.id == notice_id).values(given_at=first))
    audit.write(
        session,
        "notice.replaced",
        "absence_notice",
        notice_id,
        now,
        school_id=by.school_id,
        subscriber_id=by.subscriber_id,
        student_id=by.student_id,
        earlier=[one.id for one in earlier],
    )
