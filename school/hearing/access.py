"""Who may hear what about whom.

A caller is allowed to hear about a child either because the number they call from follows it, or because they type the
student code and the PIN of a subscription to it. A caller's number can be forged, so a school may ask for the PIN
always.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select, update
from sqlalchemy.orm import Session

from db.kinds import Door, SubscriptionStatus
from db.models import School, SchoolClass, Student, StudentCode, Subscriber, Subscription
from errors import InputError
from school import audit
from school.following import notices
from school.following import wording as notice_words
from school.monitoring import wrong_codes
from school.security import doors, lockouts, pins
from school.security.crypto import vault


@dataclass(frozen=True, slots=True)
class Child:
    """A student as one subscriber follows it: what a dialogue needs to address and to ask for records."""

    subscription_id: int
    subscriber_id: int
    student_id: int
    school_id: int
    given_name: str
    class_name: str  # "8а"
    needs_pin: bool  # the school asks for the PIN from recognised numbers too
    sms_enabled: bool
    following_since: datetime  # aware, UTC
    greeting: str | None = None  # of the school
    text_only: bool = False  # the subscriber is never rung unasked
    slow_speech: bool = False  # the subscriber is spoken to slowly


@dataclass(frozen=True, slots=True)
class Admitted:
    """The caller may hear about this child."""

    child: Child


@dataclass(frozen=True, slots=True)
class Refused:
    """Code or PIN is wrong (which one is never told), or too many tries: locked until then (aware, UTC)."""

    locked_until: datetime | None


_CHILDREN: Select[*tuple[Any, ...]] = (
    select(
        Subscription.id,
        Subscription.subscriber_id,
        Subscription.student_id,
        Subscription.school_id,
        Student.first_name,
        SchoolClass.level,
        SchoolClass.letter,
        School.pin_always,
        Subscription.sms_enabled,
        Subscription.following_since,
        School.greeting,
        Subscription.pin_hash,
        Subscriber.phone,
        Subscriber.text_only,
        Subscriber.slow_speech,
    )
    .join_from(Subscription, Subscriber, Subscriber.id == Subscription.subscriber_id)
    .join(Student, Student.id == Subscription.student_id)
    .join(SchoolClass, SchoolClass.id == Student.class_id)
    .join(School, School.id == Subscription.school_id)
    .where(Subscription.status == SubscriptionStatus.ACTIVE)
    .order_by(Student.birth_date, Student.first_name, Subscription.id)
)
_BY_PHONE = _CHILDREN.where(Subscriber.phone == bindparam("phone"))
_BY_CODE = _CHILDREN.join(StudentCode, StudentCode.student_id == Student.id).where(
    StudentCode.code == bindparam("code"), StudentCode.revoked_at.is_(None)
)
_BY_SUBSCRIPTION = (
    _CHILDREN.add_columns(StudentCode.code)
    .outerjoin(StudentCode, and_(StudentCode.student_id == Student.id, StudentCode.revoked_at.is_(None)))
    .where(Subscription.id == bindparam("subscription"), Subscriber.phone == bindparam("phone"))
)


def recognise(session: Session, phone: str | None) -> tuple[Child, ...]:
    """The children that this number (E.164) follows, eldest first; none for a hidden number."""
    if not phone:
        return ()
    return tuple(map(_child, session.connection().execute(_BY_PHONE, {"phone": phone})))


def admit(session: Session, caller: str | None, student_code: str, pin: str, now: datetime) -> Admitted | Refused:
    """Whether this code and PIN open a child's records. `caller` is E.164, None when hidden.

    Needs a writing session that is committed whatever the answer is: the try is counted. A wrong code takes as long
    as a wrong PIN.
    """
    followers_of = partial(_followers_by_code, session, student_code)
    return _decide(session, caller, student_code, pin, followers_of, now)


def admit_child(
    session: Session, caller: str | None, subscription_id: int, pin: str, now: datetime
) -> Admitted | Refused:
    """The same for a recognised number whose school always asks for the PIN; failures count as those of `admit` do."""
    parameters = {"subscription": subscription_id, "phone": caller}
    followers = session.connection().execute(_BY_SUBSCRIPTION, parameters).all()
    code = followers[0].code if followers else None
    return _decide(session, caller, code or f"subscription {subscription_id}", pin, lambda: followers, now)


def locked_until(session: Session, caller: str | None, student_code: str | None, now: datetime) -> datetime | None:
    """Until when this caller, or this code as this caller types it, is locked out (aware, UTC); None: it is not."""
    buckets = [doors.caller(vault(session), caller)]
    if student_code:
        buckets.append(doors.code_of_caller(vault(session), student_code, caller))
    return lockouts.locked_until(session, tuple(buckets), now)


def change_pin(session: Session, subscription_id: int, new_pin: str, now: datetime) -> None:
    """Give the subscription a new PIN. Raises InputError for one that may not be chosen (`pins.check_choice`)."""
    row = session.execute(
        select(Subscription.student_id, StudentCode.code, Subscriber.phone)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(StudentCode, (StudentCode.student_id == Subscription.student_id) & StudentCode.revoked_at.is_(None))
        .where(Subscription.id == subscription_id)
    ).one_or_none()
    if row is None:
        raise InputError("There is no such subscription.")
    pins.check_choice(new_pin, [known for known in (row.code, row.phone) if known])
    hashed = pins.hash_pin(vault(session), row.student_id, new_pin)
    _change(session, subscription_id, "pin.changed", now, {}, pin_hash=hashed)


def change_pin_by_call(session: Session, subscription_id: int, new_pin: str, now: datetime) -> None:
    """The same in the telephone menu: the subscriber is told, for it may be somebody else who calls."""
    change_pin(session, subscription_id, new_pin, now)
    notices.of_subscription(session, subscription_id, notice_words.pin_changed, now)


def set_sms(session: Session, subscription_id: int, enabled: bool, now: datetime) -> None:
    """Switch the subscription's SMS on or off, in the telephone menu; that they are off is told to the subscriber."""
    _change(session, subscription_id, "sms.switched", now, {"enabled": enabled}, sms_enabled=enabled)
    if not enabled:
        notices.of_subscription(session, subscription_id, notice_words.sms_off, now)


def _followers_by_code(session: Session, student_code: str) -> Sequence[Row[Any]]:
    return session.connection().execute(_BY_CODE, {"code": student_code}).all()


def _decide(
    session: Session,
    caller: str | None,
    code: str,
    pin: str,
    followers_of: Callable[[], Sequence[Row[Any]]],
    now: datetime,
) -> Admitted | Refused:
    """Count the try, then compare the PIN, hashed once whether or not there is anyone to compare with.

    A number that follows the student is not asked about the count that strangers fill.
    """
    own_count = doors.caller(vault(session), caller)
    counts: tuple[lockouts.Bucket, ...] = (own_count, doors.code_of_caller(vault(session), code, caller))
    attempt = lockouts.count_try(session, counts, now)
    if not attempt.counted:
        return Refused(attempt.locked_until)
    followers = followers_of()
    ends = [attempt.locked_until]
    if not any(caller and row.phone == caller for row in followers):
        of_strangers = doors.code_at(vault(session), code, Door.CALL)
        common = lockouts.charge(session, of_strangers, now)
        if common is None:
            lockouts.forgive(session, *counts)
            return Refused(lockouts.locked_until(session, (of_strangers,), now))
        counts += (of_strangers,)
        ends.append(common.locked_until)
    student_id = followers[0].student_id if followers else pins.NOBODY
    hashed = pins.hash_pin(vault(session), student_id, pin)
    matching = [row for row in followers if pins.same(hashed, row.pin_hash)]
    if not matching:
        wrong_codes.note(session, Door.CALL, now)
        return Refused(max((end for end in ends if end is not None), default=None))
    lockouts.forgive(session, *counts)
    if caller:  # one right PIN says nothing of the other hidden callers
        lockouts.forget(session, own_count)
    own = [row for row in matching if caller and row.phone == caller]
    return Admitted(_child((own or matching)[0]))


def _change(
    session: Session, subscription_id: int, action: str, now: datetime, details: dict[str, Any], **values: Any
) -> None:
    changed = session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(**values)
        .returning(Subscription.school_id, Subscription.subscriber_id)
    ).one_or_none()
    if changed is None:
        raise InputError("There is no such subscription.")
    audit.write(
        session,
        action,
        "subscription",
        subscription_id,
        now,
        school_id=changed.school_id,
        subscriber_id=changed.subscriber_id,
        **details,
    )


def _child(row: Row[Any]) -> Child:
    return Child(
        subscription_id=row.id,
        subscriber_id=row.subscriber_id,
        student_id=row.student_id,
        school_id=row.school_id,
        given_name=row.first_name,
        class_name=f"{row.level}{row.letter}",
        needs_pin=row.pin_always,
        sms_enabled=row.sms_enabled,
        following_since=row.following_since,
        greeting=row.greeting,
        text_only=row.text_only,
        slow_speech=row.slow_speech,
    )
