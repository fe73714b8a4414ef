"""Who is to be told of an event and on which channels: one query, however many follow."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    bindparam,
    case,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from db.kinds import Channel, EventKind, Language, SubscriptionStatus
from db.models import ChannelTiming, NotificationSwitch, School, SchoolClass, Student, Subscriber, Subscription
from runtime.localtime import today
from school import entitlement
from school.outbox import hours
from school.outbox.event_details import EventDetails


class Follower(NamedTuple):
    """A subscription on one channel that is to be told, and when its school tells."""

    subscription_id: int
    subscriber_id: int
    student_id: int
    channel: Channel
    language: Language
    daily_hour: int | None
    notify_delay_minutes: int
    from_hour: int
    until_hour: int

    @property
    def hours(self) -> tuple[int, int]:
        """When the channel may be used: an e-mail disturbs nobody."""
        return hours.ALWAYS if self.channel is Channel.EMAIL else (self.from_hour, self.until_hour)

    def due_at(self, now: datetime) -> datetime:
        """When to tell what happened `now`: after the school's delay, at the subscriber's hour, within the hours."""
        at = now + timedelta(minutes=self.notify_delay_minutes)
        if self.daily_hour is not None:
            at = hours.next_hour(at, self.daily_hour)
        return hours.allowed_from(at, *self.hours)


@dataclass(frozen=True, slots=True)
class _Way:
    """What a channel needs to be used."""

    channel: Channel
    wanted: ColumnElement[bool]


_WAYS = (
    _Way(Channel.SMS, Subscription.sms_enabled & Subscriber.phone.is_not(None)),
    _Way(Channel.EMAIL, Subscription.email_enabled & Subscriber.email.is_not(None)),
    # We ring only who asked for it by saying when; by SMS to who wants no calls, what SMS do not tell anyway.
    _Way(
        Channel.CALL,
        Subscription.calls_enabled & Subscriber.phone.is_not(None) & ChannelTiming.subscriber_id.is_not(None),
    ),
)


def of_students(
    session: Session, school_id: int, kind: EventKind, student_ids: Collection[int], now: datetime | None
) -> list[Follower]:
    """Who is to be told of events of a kind about these students of a school; `now` None: also of whom nobody paid."""
    asked = {"kind": kind, "school": school_id, "students": list(student_ids)}
    if now is None or not entitlement.is_on():
        return [Follower(*row) for row in session.execute(_OF_STUDENTS, asked)]
    return [Follower(*row) for row in session.execute(_OF_ENTITLED, asked | {"day": today(now)})]


def of_school_event(session: Session, happened: EventDetails, now: datetime | None) -> list[Follower]:
    """The same of what the students of a class, of a level or of the whole school are invited to."""
    students = select(Student.id).where(Student.school_id == happened.school_id, Student.class_id.is_not(None))
    if happened.class_id is not None:
        students = students.where(Student.class_id == happened.class_id)
    elif happened.level is not None:
        students = students.join(SchoolClass, SchoolClass.id == Student.class_id).where(
            SchoolClass.level == happened.level
        )
    of = (Subscription.school_id == happened.school_id) & Subscription.student_id.in_(students)
    if now is not None:
        of &= entitlement.is_told(now)
    return [Follower(*row) for row in session.execute(_in_every_way(of), {"kind": happened.ref.kind})]


def _in_every_way(of: ColumnElement[bool]) -> CompoundSelect[*tuple[Any, ...]]:
    """A row for each follower and channel; the parameter `kind` is the event's."""
    return union_all(*(_by_way(way, of) for way in _WAYS))


def _by_way(way: _Way, of: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    wanted = way.wanted & ~_switched_off(way.channel)
    channel: ColumnElement[Channel] = literal(way.channel, ChannelTiming.channel.type)
    if way.channel is Channel.CALL:
        channel = case((Subscriber.text_only, literal(Channel.SMS, ChannelTiming.channel.type)), else_=channel)
        told_by_sms = Subscription.sms_enabled & ~_switched_off(Channel.SMS)
        wanted &= or_(~Subscriber.text_only, ~told_by_sms)
    return (
        select(
            Subscription.id,
            Subscription.subscriber_id,
            Subscription.student_id,
            channel.label("channel"),
            Subscriber.language,
            ChannelTiming.daily_hour,
            School.notify_delay_minutes,
            School.from_hour,
            School.until_hour,
        )
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(School, School.id == Subscription.school_id)
        .join(
            ChannelTiming,
            (ChannelTiming.subscriber_id == Subscriber.id) & (ChannelTiming.channel == way.channel),
            isouter=True,
        )
        .where(of, Subscription.status == SubscriptionStatus.ACTIVE, wanted)
    )


def _switched_off(channel: Channel) -> ColumnElement[bool]:
    return (
        select(null())
        .where(
            NotificationSwitch.subscriber_id == Subscriber.id,
            NotificationSwitch.channel == channel,
            NotificationSwitch.kind == bindparam("kind", type_=NotificationSwitch.kind.type),
        )
        .exists()
    )


_OF_THEM = (Subscription.school_id == bindparam("school", type_=Integer())) & Subscription.student_id.in_(
    bindparam("students", expanding=True, type_=Integer())
)
_OF_STUDENTS = _in_every_way(_OF_THEM)
"""Built once: every event asks it. It begins at the school, as the index of subscriptions does."""
_OF_ENTITLED = _in_every_way(_OF_THEM & entitlement.is_entitled(bindparam("day", type_=Date())))
"""The same where parents pay."""
