"""What a subscriber wants to be told on each channel, and when: at once, or once a day."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.kinds import Channel, EventKind, SubscriptionStatus
from db.models import ChannelTiming, NotificationSwitch, Subscription
from db.upsert import insert as insert_or
from errors import InputError
from school import audit


@dataclass(frozen=True, slots=True)
class Wishes:
    """One channel's. `daily_hour`: 0..23, Sofia time; None: at once.

    `timed`: whether the subscriber ever said when; calls come only to who did.
    """

    channel: Channel
    unwanted: frozenset[EventKind]
    timed: bool
    daily_hour: int | None


def wishes(session: Session, subscriber_id: int) -> tuple[Wishes, ...]:
    """Of every channel."""
    unwanted: dict[Channel, set[EventKind]] = {channel: set() for channel in Channel}
    for channel, kind in session.execute(
        select(NotificationSwitch.channel, NotificationSwitch.kind).where(
            NotificationSwitch.subscriber_id == subscriber_id
        )
    ):
        unwanted[channel].add(kind)
    timed = session.execute(
        select(ChannelTiming.channel, ChannelTiming.daily_hour).where(ChannelTiming.subscriber_id == subscriber_id)
    )
    hours = {row.channel: row.daily_hour for row in timed}
    return tuple(
        Wishes(channel, frozenset(unwanted[channel]), channel in hours, hours.get(channel)) for channel in Channel
    )


def want_only(session: Session, subscriber_id: int, channel: Channel, unwanted: Collection[EventKind]) -> None:
    """Be told on the channel of every kind but these, of what is recorded from now on."""
    session.execute(
        delete(NotificationSwitch)
        .where(NotificationSwitch.subscriber_id == subscriber_id, NotificationSwitch.channel == channel)
        .execution_options(synchronize_session=False)
    )
    if unwanted:
        session.execute(
            insert(NotificationSwitch),
            [{"subscriber_id": subscriber_id, "channel": channel, "kind": kind} for kind in set(unwanted)],
        )


def tell_at(session: Session, subscriber_id: int, channel: Channel, daily_hour: int | None) -> None:
    """Be told on the channel once a day at this hour (0..23, Sofia time), or at once (None). Raises InputError."""
    if daily_hour is not None and not 0 <= daily_hour <= 23:
        raise InputError("{hour} is no hour of the day: give 0 to 23.", hour=daily_hour)
    statement = insert_or(session.get_bind().dialect.name, ChannelTiming)
    session.execute(
        statement.values(subscriber_id=subscriber_id, channel=channel, daily_hour=daily_hour).on_conflict_do_update(
            index_elements=[ChannelTiming.subscriber_id, ChannelTiming.channel], set_={"daily_hour": daily_hour}
        )
    )


def forget_when(session: Session, subscriber_id: int, channel: Channel) -> None:
    """Be told when the channel usually tells: by SMS and e-mail at once, by telephone never."""
    session.execute(
        delete(ChannelTiming)
        .where(ChannelTiming.subscriber_id == subscriber_id, ChannelTiming.channel == channel)
        .execution_options(synchronize_session=False)
    )


def change(
    session: Session,
    subscriber_id: int,
    channels: Collection[Channel],
    to: Callable[[Wishes], Wishes],
    now: datetime,
) -> bool:
    """Let the subscriber have other wishes on these channels: `to` makes them of those of one; whether any differs.

    What differs is audited. Telling the subscriber is the caller's part. Raises InputError for an hour that is none.
    """
    changed: list[Channel] = []
    for before in wishes(session, subscriber_id):
        after = to(before) if before.channel in channels else before
        if after == before:
            continue
        changed.append(before.channel)
        if after.unwanted != before.unwanted:
            want_only(session, subscriber_id, before.channel, after.unwanted)
        if after.timed:
            tell_at(session, subscriber_id, before.channel, after.daily_hour)
        elif before.timed:
            forget_when(session, subscriber_id, before.channel)
    if changed:
        audited(session, subscriber_id, changed, now)
    return bool(changed)


def audited(
    session: Session, subscriber_id: int, channels: Collection[Channel], now: datetime, **details: bool
) -> None:
    """Write into the audit trail that a subscriber's wishes of these channels changed."""
    audit.write(
        session,
        "wishes.changed",
        "subscriber",
        subscriber_id,
        now,
        school_id=None,
        subscriber_id=subscriber_id,
        channels=[str(channel) for channel in channels],
        **details,
    )


def gets_sms(session: Session, subscriber_id: int) -> bool:
    """Whether SMS are on for any student whom the subscriber follows; the telephone menu switches them off."""
    return is_on(session, subscriber_id, Subscription.sms_enabled)


def is_on(session: Session, subscriber_id: int, channel_enabled: InstrumentedAttribute[bool]) -> bool:
    """Whether a channel (`Subscription.sms_enabled` and its like) is on for any student who is followed."""
    found = session.scalar(
        select(Subscription.id)
        .where(
            Subscription.subscriber_id == subscriber_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
            channel_enabled,
        )
        .limit(1)
    )
    return found is not None
