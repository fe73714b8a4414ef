"""Corrections and deletions: what waits is changed or dropped, and a correction is sent for what was told already.

Whom nobody told of the event hears nothing of its correction either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.orm import Session, aliased

from db.events import EventRef
from db.kinds import Channel, EventChange, EventKind, Language, MessagePurpose, MessageState, NotificationState
from db.models import Message, Notification, Subscriber
from school.outbox.event_details import EventDetails, load
from school.outbox.fan_out import Words, notifications, store, who_follows
from school.outbox.followers import Follower
from school.outbox.states import is_in, is_pending

_NEVER_OUT = (MessageState.CANCELLED, MessageState.EXPIRED)
_QUIETLY = {"synchronize_session": False}


@dataclass(slots=True)
class _Known:
    """What a subscription was told, or is about to be told, of an event on one channel."""

    language: Language
    was_told: bool = False
    pending_id: int | None = None
    pending_change: EventChange = EventChange.RECORDED


def corrected(session: Session, refs: Sequence[EventRef], now: datetime) -> None:
    """Tell the new wording of events that were just corrected, and flushed, in this transaction."""
    _amend(session, refs, EventChange.CORRECTED, now)


def deleted(session: Session, refs: Sequence[EventRef], now: datetime) -> None:
    """Take back events that are about to be deleted in this transaction: call it while they still stand."""
    _amend(session, refs, EventChange.DELETED, now)


def stop_telling(session: Session, subscription_ids: Collection[int], now: datetime) -> None:
    """The subscriptions ended: nothing that was not sent yet is told of them. Other children's news stay.

    What a sender has in hand at this moment cannot be stopped, but it is not tried again.
    """
    of_them = Notification.subscription_id.in_(subscription_ids)
    waiting = session.scalars(
        select(Notification.message_id)
        .join(Message, Message.id == Notification.message_id)
        .where(of_them, is_in(MessageState.READY))
    ).all()
    take_apart(session, _locked(session, waiting), now)
    session.execute(
        update(Message)
        .where(Message.id.in_(select(Notification.message_id).where(of_them)), is_in(MessageState.CLAIMED))
        .values(expires_at=now)
        .execution_options(**_QUIETLY)
    )
    session.execute(
        update(Notification)
        .where(of_them, is_pending())
        .values(state=NotificationState.CANCELLED)
        .execution_options(**_QUIETLY)
    )


def drop_unasked(session: Session, subscriber_ids: Collection[int], campaigns: Collection[int], now: datetime) -> None:
    """Cancel what waits for these subscribers and is no bundle: answers, summaries, and these messages of campaigns.

    To be called when somebody else ended a subscription of theirs. Messages about subscriptions stay.
    """
    bundled = select(Notification.id).where(Notification.message_id == Message.id).exists()
    purposes = (MessagePurpose.NOTIFICATION, MessagePurpose.ANSWER)
    theirs = Message.subscriber_id.in_(subscriber_ids) & Message.purpose.in_(purposes) & ~bundled
    of_them = theirs | Message.id.in_(campaigns)
    for state, values in (
        (MessageState.READY, {"state": MessageState.CANCELLED, "ended_at": now, "pin_encrypted": None}),
        (MessageState.CLAIMED, {"expires_at": now}),
    ):
        session.execute(update(Message).where(of_them, is_in(state)).values(**values).execution_options(**_QUIETLY))


def take_apart(session: Session, message_ids: Collection[int], now: datetime) -> None:
    """Cancel messages that are ready, and locked by the caller: what they were to tell is pending again."""
    if not message_ids:
        return
    session.execute(
        update(Message)
        .where(Message.id.in_(message_ids))
        .values(state=MessageState.CANCELLED, ended_at=now, pin_encrypted=None)
        .execution_options(**_QUIETLY)
    )
    _leave_to_corrections(session, message_ids)
    session.execute(
        update(Notification)
        .where(Notification.message_id.in_(message_ids))
        .values(state=NotificationState.PENDING, message_id=None)
        .execution_options(**_QUIETLY)
    )


def _leave_to_corrections(session: Session, message_ids: Collection[int]) -> None:
    """Where a correction is pending already it alone is told; where a deletion is, nothing."""
    later = aliased(Notification)
    rows = session.execute(
        select(Notification.id, later.id, later.change)
        .join(
            later,
            (later.subscription_id == Notification.subscription_id)
            & (later.channel == Notification.channel)
            & (later.kind == Notification.kind)
            & (later.event_id == Notification.event_id),
        )
        .where(Notification.message_id.in_(message_ids), later.state == NotificationState.PENDING)
    ).all()
    superseded = [earlier for earlier, _, _ in rows]
    withdrawn = [pending for _, pending, change in rows if change is EventChange.DELETED]
    _set(session, superseded + withdrawn, state=NotificationState.CANCELLED, message_id=None)


def _amend(session: Session, refs: Sequence[EventRef], change: EventChange, now: datetime) -> None:
    """The statements are as many for one event as for a class's."""
    followed = who_follows(session, load(session, refs), None)  # whoever was told is told that it was wrong
    known = _known(session, [happened for happened, _ in followed], now)
    _change_pending(session, [(happened, known[happened.ref]) for happened, _ in followed], change)
    told: list[dict[str, Any]] = []
    for happened, whom in followed:
        of_it = known[happened.ref]
        called = {follower.subscription_id for follower in whom if follower.channel is Channel.CALL}
        to_tell = [
            follower
            for follower in whom
            if (one := _known_by(of_it, follower, called)) and one.was_told and one.pending_id is None
        ]
        told += notifications(happened, to_tell, change, now)
    store(session, told)


_KnownBy = dict[tuple[int, Channel], _Known]
"""By subscription and channel."""


def _known_by(of_it: _KnownBy, follower: Follower, called: Collection[int]) -> _Known | None:
    """What a follower knows by its channel; by SMS also what was told by a call, to who is `called` no more."""
    one = of_it.get((follower.subscription_id, follower.channel))
    if one is None and follower.channel is Channel.SMS and follower.subscription_id not in called:
        return of_it.get((follower.subscription_id, Channel.CALL))
    return one


def _known(session: Session, events: Sequence[EventDetails], now: datetime) -> dict[EventRef, _KnownBy]:
    """What everybody knows of the events, their notifications locked; messages never sent are taken apart first."""
    known: dict[EventRef, _KnownBy] = {happened.ref: {} for happened in events}
    if not events:
        return known
    of_events = _notifications_of(events)
    lock = select(Notification.message_id).where(of_events).order_by(Notification.id).with_for_update()
    message_ids = {message_id for message_id in session.scalars(lock) if message_id is not None}
    never_sent = _locked(session, message_ids, Message.attempts == 0)
    take_apart(session, never_sent, now)
    states = _states(session, message_ids - never_sent)
    for row in session.execute(
        select(
            Notification.id,
            Notification.kind,
            Notification.event_id,
            Notification.subscription_id,
            Notification.channel,
            Notification.change,
            Notification.state,
            Notification.message_id,
            Subscriber.language,
        )
        .join(Subscriber, Subscriber.id == Notification.subscriber_id)
        .where(of_events, Notification.state != NotificationState.CANCELLED)
        .order_by(Notification.id)
    ):
        of_it = known[EventRef(row.kind, row.event_id)]
        one = of_it.setdefault((row.subscription_id, row.channel), _Known(row.language))
        if row.state is NotificationState.PENDING:
            one.pending_id, one.pending_change = row.id, row.change
        elif states[row.message_id] not in _NEVER_OUT:
            one.was_told = row.change is not EventChange.DELETED
    return known


def _notifications_of(events: Sequence[EventDetails]) -> ColumnElement[bool]:
    ids: dict[tuple[int, EventKind], list[int]] = {}
    for happened in events:
        ids.setdefault((happened.school_id, happened.ref.kind), []).append(happened.ref.id)
    return or_(
        *(
            (Notification.school_id == school_id) & (Notification.kind == kind) & Notification.event_id.in_(of_kind)
            for (school_id, kind), of_kind in ids.items()
        )
    )


def _change_pending(session: Session, events: Sequence[tuple[EventDetails, _KnownBy]], change: EventChange) -> None:
    changed: list[dict[str, Any]] = []
    unneeded: list[int] = []
    for happened, known in events:
        words = Words(happened)
        for (_, channel), one in known.items():
            if one.pending_id is None:
                continue
            if change is EventChange.DELETED and not one.was_told:
                unneeded.append(one.pending_id)
                continue
            # What is still to be told for the first time is no correction to who hears it.
            shown = change if one.was_told else one.pending_change
            line = words.of(one.language, channel, shown)
            changed.append({"notification": one.pending_id, "new_line": line, "shown": shown})
    if changed:
        session.connection().execute(
            update(Notification)
            .where(Notification.id == bindparam("notification"))
            .values(line=bindparam("new_line"), change=bindparam("shown")),
            changed,
        )
    _set(session, unneeded, state=NotificationState.CANCELLED)


def _locked(session: Session, message_ids: Collection[int | None], *conditions: ColumnElement[bool]) -> frozenset[int]:
    """Those of the messages that are ready (and fulfil the conditions), locked: no sender takes them meanwhile."""
    if not message_ids:
        return frozenset()
    return frozenset(
        session.scalars(
            select(Message.id)
            .where(Message.id.in_(message_ids), Message.state == MessageState.READY, *conditions)
            .order_by(Message.id)
            .with_for_update()
        )
    )


def _states(session: Session, message_ids: Collection[int]) -> dict[int, MessageState]:
    if not message_ids:
        return {}
    rows = session.execute(select(Message.id, Message.state).where(Message.id.in_(message_ids)))
    return {row.id: row.state for row in rows}


def _set(session: Session, notification_ids: Sequence[int], **values: Any) -> None:
    if notification_ids:
        session.execute(
            update(Notification)
            .where(Notification.id.in_(notification_ids))
            .values(**values)
            .execution_options(**_QUIETLY)
        )
