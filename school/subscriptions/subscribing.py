"""Following a student by a text: who may, and what follows.

A student code lets its holder follow at once. A national id must not open personal data by itself (data-protection
commission, 2018): it does at once only for a number that the school recorded as a guardian's of that student; any other
waits for the class teacher, and gets the same answer whether there is such a student or not.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, SubscriptionStatus
from db.models import Guardian, Student, StudentCode, StudentGuardian, Subscription
from errors import InputError
from school import audit
from school.security import lockouts, pins
from school.security.crypto import vault
from school.students import national_ids
from school.subscriptions import followers
from school.subscriptions.subscribers import Followed, Person, find_or_add, one
from school.years import calendar


class FollowOutcome(StrEnum):
    """What a wish to follow led to."""

    FOLLOWS = "follows"  # from now on; the PIN is set
    FOLLOWED = "followed"  # did already, nothing changed
    ASKED = "asked"  # by national id: it is up to the class teacher, if there is such a student
    WRONG = "wrong"  # no student has this code
    LOCKED = "locked"  # too many wrong ones, nothing was looked up


@dataclass(frozen=True, slots=True)
class FollowResult:
    """`children` are those the number follows by it (FOLLOWS, FOLLOWED); `lock` is the delay that runs now."""

    outcome: FollowOutcome
    children: tuple[Followed, ...] = ()
    lock: lockouts.Lock | None = None


def by_code(
    session: Session, *, phone: str, operator: str | None, student_code: str, pin: str, now: datetime
) -> FollowResult:
    """Follow the student with this code, with this PIN. Needs a session that is committed: the try is counted."""
    buckets = _buckets(session, phone, student_code)
    if not lockouts.count_try(session, buckets, now).counted:
        return FollowResult(FollowOutcome.LOCKED, lock=lockouts.running_lock(session, buckets, now))
    row = session.execute(
        select(Student.id, Student.school_id)
        .join(StudentCode, StudentCode.student_id == Student.id)
        .where(StudentCode.code == student_code, StudentCode.revoked_at.is_(None), Student.class_id.is_not(None))
    ).one_or_none()
    if row is None:
        return FollowResult(FollowOutcome.WRONG, lock=lockouts.running_lock(session, buckets, now))
    _was_right(session, buckets)
    person = find_or_add(session, phone, operator, now)
    outcome, followed = follow(session, person.subscriber_id, row.school_id, row.id, pin, now, via="student code")
    return FollowResult(outcome, (followed,))


def by_national_id(
    session: Session, *, phone: str, operator: str | None, digits: str, pin: str, now: datetime
) -> FollowResult:
    """Follow the student with this ЕГН or ЛНЧ (10 digits), if the number is a guardian's; else ask the class teacher.

    Asking stays counted as a try, so that nobody asks about everybody. Needs a session that is committed.
    """
    buckets = _buckets(session, phone, digits)
    if not lockouts.count_try(session, buckets, now).counted:
        return FollowResult(FollowOutcome.LOCKED, lock=lockouts.running_lock(session, buckets, now))
    try:
        national_id = national_ids.parse(digits, calendar.today(now))
    except InputError:  # nobody can have it: saying so gives nobody away
        return FollowResult(FollowOutcome.WRONG, lock=lockouts.running_lock(session, buckets, now))
    students = session.execute(
        select(Student.id, Student.school_id).where(
            Student.national_id_hash == national_id.fingerprint(vault(session)), Student.class_id.is_not(None)
        )
    ).all()
    if not students:
        return FollowResult(FollowOutcome.ASKED, lock=lockouts.running_lock(session, buckets, now))
    person = find_or_add(session, phone, operator, now)
    entitled = [student for student in students if _is_entitled(session, person, student.school_id, student.id)]
    for student in students:
        if student not in entitled:
            _ask(session, person, student.school_id, student.id, now)
    if not entitled:
        return FollowResult(FollowOutcome.ASKED, lock=lockouts.running_lock(session, buckets, now))
    _was_right(session, buckets)
    ends = [
        follow(session, person.subscriber_id, student.school_id, student.id, pin, now, via="national id")
        for student in entitled
    ]
    new = tuple(followed for outcome, followed in ends if outcome is FollowOutcome.FOLLOWS)
    return (
        FollowResult(FollowOutcome.FOLLOWS, new)
        if new
        else FollowResult(FollowOutcome.FOLLOWED, tuple(followed for _, followed in ends))
    )


def start(
    session: Session,
    subscription_id: int,
    pin: str,
    now: datetime,
    *,
    via: str,
    staff_id: int | None = None,
) -> Followed:
    """Let a subscription that is not active begin, with this PIN; the student's other followers are told.

    `via` is what opened it, for the audit; `staff_id` who approved it.
    """
    before = one(session, subscription_id)
    session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(
            status=SubscriptionStatus.ACTIVE,
            pin_hash=pins.hash_pin(vault(session), before.student_id, pin),
            following_since=now,
            stopped_at=None,
            sms_enabled=True,
            email_enabled=True,
        )
    )
    subscriber_id = session.scalars(select(Subscription.subscriber_id).where(Subscription.id == subscription_id)).one()
    _audit(session, "subscription.started", before, subscriber_id, now, staff_id=staff_id, via=via)
    followers.tell_of_new(session, before, now)
    return one(session, subscription_id)


def follow(
    session: Session,
    subscriber_id: int,
    school_id: int,
    student_id: int,
    pin: str,
    now: datetime,
    *,
    via: str,
    asked_by: Channel = Channel.SMS,
) -> tuple[FollowOutcome, Followed]:
    """Let a subscriber follow a student whose code they proved to have; `via`: how, for the audit."""
    found = _own(session, subscriber_id, school_id, student_id)
    if found is not None and found.status is SubscriptionStatus.ACTIVE:
        # Whoever asks by SMS wants SMS, also after having switched them off by telephone; by e-mail likewise.
        wanted = {"email_enabled": True} if asked_by is Channel.EMAIL else {"sms_enabled": True}
        session.execute(update(Subscription).where(Subscription.id == found.id).values(wanted))
        return FollowOutcome.FOLLOWED, one(session, found.id)
    subscription_id = found.id if found else _add(session, subscriber_id, school_id, student_id, now)
    return FollowOutcome.FOLLOWS, start(session, subscription_id, pin, now, via=via)


def _ask(session: Session, person: Person, school_id: int, student_id: int, now: datetime) -> None:
    """Have the class teacher decide."""
    found = _own(session, person.subscriber_id, school_id, student_id)
    if found is not None and found.status is SubscriptionStatus.WAITING:
        return
    subscription_id = found.id if found else _add(session, person.subscriber_id, school_id, student_id, now)
    session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(status=SubscriptionStatus.WAITING, stopped_at=None, created_at=now)
    )
    _audit(session, "subscription.requested", one(session, subscription_id), person.subscriber_id, now)


def _own(session: Session, subscriber_id: int, school_id: int, student_id: int) -> Row[int, SubscriptionStatus] | None:
    return session.execute(
        select(Subscription.id, Subscription.status)
        .where(
            Subscription.school_id == school_id,
            Subscription.student_id == student_id,
            Subscription.subscriber_id == subscriber_id,
        )
        .with_for_update()
    ).one_or_none()


def _add(session: Session, subscriber_id: int, school_id: int, student_id: int, now: datetime) -> int:
    return session.scalars(
        insert(Subscription)
        .values(
            school_id=school_id,
            student_id=student_id,
            subscriber_id=subscriber_id,
            status=SubscriptionStatus.WAITING,
            created_at=now,
        )
        .returning(Subscription.id)
    ).one()


def _is_entitled(session: Session, person: Person, school_id: int, student_id: int) -> bool:
    """The number is a guardian's of the student, or follows the student already."""
    guardian = (
        select(Guardian.id)
        .join(StudentGuardian, StudentGuardian.guardian_id == Guardian.id)
        .where(
            Guardian.school_id == school_id,
            Guardian.phone == person.phone,
            StudentGuardian.student_id == student_id,
        )
        .limit(1)
    )
    if session.scalar(guardian) is not None:
        return True
    found = _own(session, person.subscriber_id, school_id, student_id)
    return found is not None and found.status is SubscriptionStatus.ACTIVE


def _buckets(session: Session, phone: str, typed: str) -> tuple[lockouts.Bucket, lockouts.Bucket]:
    return lockouts.caller_bucket(vault(session), phone), lockouts.student_bucket(vault(session), typed)


def _was_right(session: Session, buckets: tuple[lockouts.Bucket, ...]) -> None:
    """Take the try back and forgive no earlier one: who has one right code could else guess others without end."""
    for bucket in buckets:
        lockouts.forgive(session, bucket)


def _audit(
    session: Session,
    action: str,
    followed: Followed,
    subscriber_id: int,
    now: datetime,
    *,
    staff_id: int | None = None,
    **details: Any,
) -> None:
    audit.write(
        session,
        action,
        "subscription",
        followed.subscription_id,
        now,
        school_id=followed.school_id,
        by=staff_id,
        subscriber_id=None if staff_id else subscriber_id,
        student_id=followed.student_id,
        **details,
    )
