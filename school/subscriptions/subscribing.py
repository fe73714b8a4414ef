"""Following a student by a text: who may, and what follows.

A student code lets its holder follow at once, unless the school wants to be asked about numbers that it does not know,
somebody ended this follower, or a court limited who may be told. A national id must not open personal data by itself
(data-protection commission, 2018): it does at once only for a number that the school recorded as a guardian's of that
student; any other waits for the class teacher, and gets the same answer whether there is such a student or not.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import Door, EndReason, FollowWay, SubscriptionStatus
from db.models import School, Student, StudentCode, Subscriber, Subscription
from errors import InputError
from school import audit, entitlement
from school.billing import payers
from school.following import known
from school.following.ending import must_wait
from school.monitoring import wrong_codes
from school.security import doors, lockouts, pins
from school.security.crypto import vault
from school.students import national_ids
from school.subscriptions import followers
from school.subscriptions.subscribers import Followed, Person, find_or_add, one
from school.years import calendar

_VIA = {
    FollowWay.CODE: "student code",
    FollowWay.EMAIL: "e-mail",
    FollowWay.NATIONAL_ID: "national id",
    FollowWay.APPROVAL: "approval",
}
"""What the audit calls each."""


class FollowOutcome(StrEnum):
    """What a wish to follow led to."""

    FOLLOWS = "follows"  # from now on; the PIN is set
    FOLLOWED = "followed"  # did already, nothing changed
    ASKED = "asked"  # by national id: it is up to the class teacher, if there is such a student
    WAITS = "waits"  # by the code: it is up to the class teacher
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
    buckets = (*_buckets(session, phone, student_code), doors.code_at(vault(session), student_code, Door.SMS))
    if not lockouts.count_try(session, buckets, now).counted:
        return FollowResult(FollowOutcome.LOCKED, lock=lockouts.running_lock(session, buckets, now))
    row = session.execute(
        select(Student.id, Student.school_id)
        .join(StudentCode, StudentCode.student_id == Student.id)
        .where(StudentCode.code == student_code, StudentCode.revoked_at.is_(None), Student.class_id.is_not(None))
    ).one_or_none()
    if row is None:
        wrong_codes.note(session, Door.SMS, now)
        return FollowResult(FollowOutcome.WRONG, lock=lockouts.running_lock(session, buckets, now))
    _was_right(session, buckets)
    person = find_or_add(session, phone, operator, now)
    outcome, followed = follow(session, person.subscriber_id, row.school_id, row.id, pin, now, way=FollowWay.CODE)
    return FollowResult(outcome, () if outcome is FollowOutcome.WAITS else (followed,))


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
    person = find_or_add(session, phone, operator, now) if students else None
    entitled = [
        student for student in students if person and _is_entitled(session, person, student.school_id, student.id)
    ]
    if not entitled:  # strangers may ask so often together; a guardian's number is not held up by them
        of_strangers = doors.code_at(vault(session), digits, Door.SMS)
        buckets = (*buckets, of_strangers)
        if lockouts.charge(session, of_strangers, now) is None:
            lockouts.forgive(session, *buckets[:-1])
            return FollowResult(FollowOutcome.LOCKED, lock=lockouts.running_lock(session, buckets, now))
    if person is None:
        return FollowResult(FollowOutcome.ASKED, lock=lockouts.running_lock(session, buckets, now))
    for student in students:
        if student not in entitled:
            _ask(session, person.subscriber_id, student.school_id, student.id, FollowWay.NATIONAL_ID, now)
    if not entitled:
        return FollowResult(FollowOutcome.ASKED, lock=lockouts.running_lock(session, buckets, now))
    _was_right(session, buckets)
    ends = [
        follow(session, person.subscriber_id, student.school_id, student.id, pin, now, way=FollowWay.NATIONAL_ID)
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
    way: FollowWay,
    staff_id: int | None = None,
) -> Followed:
    """Let a subscription that is not active begin, with this PIN; the student's other followers are told.

    `way` is what opened it; `staff_id` who approved it.
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
            came_by=way,
            ended_why=None,
        )
    )
    subscriber_id = session.scalars(select(Subscription.subscriber_id).where(Subscription.id == subscription_id)).one()
    _audit(session, "subscription.started", before, subscriber_id, now, staff_id=staff_id, via=_VIA[way])
    if entitlement.is_on():
        payers.follows(session, subscriber_id, before.school_id, before.student_id, now)
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
    way: FollowWay,
) -> tuple[FollowOutcome, Followed]:
    """Let a subscriber follow a student whose code they proved to have, or have the class teacher decide (WAITS)."""
    found = _own(session, subscriber_id, school_id, student_id)
    if found is not None and found.status is SubscriptionStatus.ACTIVE:
        # Whoever asks by SMS wants SMS, also after having switched them off by telephone; by e-mail likewise.
        wanted = {"email_enabled": True} if way is FollowWay.EMAIL else {"sms_enabled": True}
        session.execute(update(Subscription).where(Subscription.id == found.id).values(wanted))
        return FollowOutcome.FOLLOWED, one(session, found.id)
    if _waits(session, subscriber_id, school_id, student_id, way, found.ended_why if found else None):
        return FollowOutcome.WAITS, _ask(session, subscriber_id, school_id, student_id, way, now)
    subscription_id = found.id if found else _add(session, subscriber_id, school_id, student_id, now)
    return FollowOutcome.FOLLOWS, start(session, subscription_id, pin, now, way=way)


def _waits(
    session: Session,
    subscriber_id: int,
    school_id: int,
    student_id: int,
    way: FollowWay,
    ended_why: EndReason | None,
) -> bool:
    """Whether the class teacher is to decide on a follower who has the right code, or is a guardian by the number."""
    row = session.execute(
        select(
            Subscriber.phone,
            Subscriber.email,
            Student.only_named_followers,
            School.new_email_waits,
            School.new_sms_waits,
        )
        .select_from(Subscriber)
        .join(Student, Student.id == student_id)
        .join(School, School.id == Student.school_id)
        .where(Subscriber.id == subscriber_id, School.id == school_id)
    ).one()
    family = known.of_student(session, school_id, student_id)
    by_email = way is FollowWay.EMAIL
    # A telephone can have an address added by whoever holds it: only the one that asks now counts as known.
    is_known = family.knows(None, row.email) if by_email else family.knows(row.phone, None)
    is_known = is_known and not family.bars(row.phone, row.email)
    if row.only_named_followers or family.bars(row.phone, row.email) or must_wait(ended_why, is_known):
        return True
    return not is_known and (row.new_email_waits if by_email else row.new_sms_waits)


def _ask(
    session: Session, subscriber_id: int, school_id: int, student_id: int, way: FollowWay, now: datetime
) -> Followed:
    """Have the class teacher decide. Of who has the code the family hears; an ЕГН, which many know, tells nobody."""
    found = _own(session, subscriber_id, school_id, student_id)
    if found is not None and found.status is SubscriptionStatus.WAITING:
        return one(session, found.id)
    subscription_id = found.id if found else _add(session, subscriber_id, school_id, student_id, now)
    session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(status=SubscriptionStatus.WAITING, stopped_at=None, created_at=now, came_by=way)
    )
    asked = one(session, subscription_id)
    _audit(session, "subscription.requested", asked, subscriber_id, now)
    news = found is None or now - found.created_at >= followers.TOLD_AGAIN_AFTER
    if way is not FollowWay.NATIONAL_ID and news:
        followers.tell_of_waiting(session, asked, now)
    return asked


def _own(session: Session, subscriber_id: int, school_id: int, student_id: int) -> Row[*tuple[Any, ...]] | None:
    return session.execute(
        select(Subscription.id, Subscription.status, Subscription.ended_why, Subscription.created_at)
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
    """The number is a guardian's of the student who may be told, or follows the student already."""
    found = _own(session, person.subscriber_id, school_id, student_id)
    if found is not None and found.status is SubscriptionStatus.ACTIVE:
        return True
    if not known.of_student(session, school_id, student_id).knows(person.phone, None):
        return False
    ended_why = found.ended_why if found else None
    return not _waits(session, person.subscriber_id, school_id, student_id, FollowWay.NATIONAL_ID, ended_why)


def _buckets(session: Session, phone: str, typed: str) -> tuple[lockouts.Bucket, ...]:
    return doors.caller(vault(session), phone), doors.code_of_caller(vault(session), typed, phone)


def _was_right(session: Session, buckets: tuple[lockouts.Bucket, ...]) -> None:
    """Take the try back and forgive no earlier one: who has one right code could else guess others without end."""
    lockouts.forgive(session, *buckets)


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
