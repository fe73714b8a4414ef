"""Telling a subscriber what was changed in their name: whoever held the telephone or a letter for a moment may have.

It goes by SMS to the telephone; to who has none, and beside the SMS where it was the telephone that changed it, by
e-mail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Channel, Language, MessagePurpose, SubscriptionStatus
from db.models import School, SchoolClass, Student, Subscriber, Subscription
from school.following import wording
from school.outbox import enqueue
from school.wording.translation import in_latin

KEEP_NOTICE = timedelta(days=7)
ALWAYS = (0, 24)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A subscriber as a message needs one; `hours` and `latin` are their school's.

    `subscriber_id` None: a telephone that follows nobody.
    """

    subscriber_id: int | None
    phone: str | None
    email: str | None
    language: Language
    operator: str | None
    latin: bool
    hours: tuple[int, int]


def send(session: Session, to: Recipient, text: str, now: datetime) -> None:
    """One message about the subscription: by SMS within the school's hours, or by e-mail to who has no telephone."""
    if to.phone is None:
        write(session, to, text, now)
        return
    enqueue(
        session,
        channel=Channel.SMS,
        address=to.phone,
        text=text,
        purpose=MessagePurpose.SERVICE,
        now=now,
        subscriber_id=to.subscriber_id,
        operator=to.operator,
        latin=to.latin or in_latin(to.language),
        hours=to.hours,
        keep_for=KEEP_NOTICE,
    )


def write(session: Session, to: Recipient, text: str, now: datetime, email: str | None = None) -> None:
    """The same by e-mail, to the subscriber's address or to another that was theirs; none: nothing."""
    address = email or to.email
    if address is None:
        return
    enqueue(
        session,
        channel=Channel.EMAIL,
        address=address,
        text=wording.letter(to.language, text),
        purpose=MessagePurpose.SERVICE,
        now=now,
        # The letter below which there are links is the subscriber's own.
        subscriber_id=to.subscriber_id if email is None else None,
        keep_for=KEEP_NOTICE,
    )


def recipient(session: Session, subscriber_id: int) -> Recipient:
    """A subscriber, with the ways of the school of their eldest active subscription, if there is one."""
    row = session.execute(
        select(Subscriber, School.latin_sms, School.from_hour, School.until_hour)
        .outerjoin(
            Subscription,
            (Subscription.subscriber_id == Subscriber.id) & (Subscription.status == SubscriptionStatus.ACTIVE),
        )
        .outerjoin(School, School.id == Subscription.school_id)
        .where(Subscriber.id == subscriber_id)
        .order_by(Subscription.id)
        .limit(1)
    ).one()
    one: Subscriber = row.Subscriber
    hours = ALWAYS if row.from_hour is None else (row.from_hour, row.until_hour)
    return Recipient(one.id, one.phone, one.email, one.language, one.operator, bool(row.latin_sms), hours)


def of_subscription(
    session: Session, subscription_id: int, words: Callable[[Language, str], str], now: datetime
) -> None:
    """Tell that the telephone menu changed a subscription; `words` makes the text of language and „Мария от 8а“."""
    row = session.execute(
        select(Subscription.subscriber_id, Student.first_name, SchoolClass.level, SchoolClass.letter)
        .join(Student, Student.id == Subscription.student_id)
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Subscription.id == subscription_id)
    ).one()
    to = recipient(session, row.subscriber_id)
    class_name = None if row.level is None else f"{row.level}{row.letter}"
    text = words(to.language, wording.child(to.language, row.first_name, class_name))
    send(session, to, text, now)
    if to.phone is not None:
        write(session, to, text, now)
