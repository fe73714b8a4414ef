"""Calls for messages of the outbox: which claimed messages may be called now, and what becomes of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import CallResult, Channel, EventKind, SubscriptionStatus
from db.models import (
    CallAttempt,
    HeardEvent,
    Message,
    Notification,
    Remark,
    School,
    SchoolEvent,
    Subscriber,
    Subscription,
)
from prompts.entered import entered
from school import outbox
from school.calling.hours import CallingHours
from school.calling.policy import (
    CLIPS_TAKE,
    LINE_BUSY,
    MOST_UNCOUNTED,
    POLICIES,
    IsSpoken,
    Pauses,
    everything_is_spoken,
)
from school.dialling import call_backs
from school.outbox import Ending, Outgoing, Result
from school.outbox.bundle import KEEP_NEWS
from school.security import destinations

MOST_ATTEMPTS = 3
"""Calls for one message: tomorrow's tells what this one could not."""

_ERRORS: dict[CallResult, str] = {
    CallResult.MACHINE: "An answering machine took the call.",
    CallResult.CUT_SHORT: "It was answered and hung up.",
    CallResult.BUSY: "Busy.",
    CallResult.NO_ANSWER: "Nobody answered.",
    CallResult.REJECTED: "The call was rejected.",
    CallResult.BAD_NUMBER: "The number does not exist.",
    CallResult.TRUNK: "The trunk did not take the call.",
    CallResult.FAILED: "The voice server failed.",
    CallResult.UNKNOWN: "Nobody saw how the call ended.",
    CallResult.NOT_ALLOWED: destinations.ERROR,
}


@dataclass(frozen=True, slots=True)
class _Standing:
    """What counts right before the call: whether it is still wanted, unheard, and on which days of the week.

    `text_only`: the subscriber wants no calls, but to be told all the same.
    """

    wanted: bool
    unheard: bool
    weekdays: str
    text_only: bool


def claim(
    session: Session,
    owner: str,
    limit: int,
    now: datetime,
    busy: frozenset[str],
    is_spoken: IsSpoken = everything_is_spoken,
) -> list[Outgoing]:
    """Claim messages that may be rung now. `busy`: telephones we are talking to; `is_spoken`: what can be said already.

    Given back or ended at once: what nobody wants to be rung for any more, what was heard in another call
    meanwhile, what SMS tell now to who wants no calls, what has words without a clip, and what its school's days of the
    week do not allow today. The last is told on the next day that is allowed: it does not become too old on days on
    which nobody may be rung.
    """
    claimed = outbox.claim(session, Channel.CALL, owner=owner, limit=limit, now=now) if limit > 0 else []
    if not claimed:
        return []
    standings = _standings(session, [message.message_id for message in claimed])
    calls_back = call_backs.among(session, [one.message_id for one in claimed if one.message_id not in standings])
    words = _words(session, [message.message_id for message in claimed])
    useful: list[Outgoing] = []
    taken = set(busy)
    for message in claimed:
        standing = standings.get(message.message_id)
        if message.message_id in calls_back:
            if message.address in taken:
                outbox.release(session, owner, [message.message_id], now, LINE_BUSY)
            else:
                taken.add(message.address)
                useful.append(message)
        elif standing is None or not standing.wanted:
            error = "The subscriber wants no calls any more."
            outbox.record(session, owner, [Result(message.message_id, Ending.REFUSED, error=error)], now)
        elif not standing.unheard:
            outbox.record(session, owner, [Result(message.message_id, Ending.SENT)], now)
        elif standing.text_only:
            outbox.tell_by_sms(session, [message.message_id], now)
            error = "The subscriber wants texts and no calls: an SMS tells it."
            outbox.record(session, owner, [Result(message.message_id, Ending.REFUSED, error=error)], now)
        elif message.address in taken:
            outbox.release(session, owner, [message.message_id], now, LINE_BUSY)
        elif not is_spoken(words.get(message.message_id, ())):
            outbox.release(session, owner, [message.message_id], now, CLIPS_TAKE)
        elif wait := _until_allowed(standing, now):
            outbox.release(session, owner, [message.message_id], now, wait, keep_for=KEEP_NEWS)
        else:
            taken.add(message.address)
            useful.append(message)
    return useful


def settle(session: Session, message_id: int, owner: str, result: CallResult, now: datetime, pauses: Pauses) -> None:
    """Record how a message's call ended."""
    if result is CallResult.REACHED:
        outbox.record(session, owner, [Result(message_id, Ending.SENT)], now)
        return
    if result is CallResult.UNKNOWN:
        outbox.record(session, owner, [Result(message_id, Ending.UNKNOWN, error=_ERRORS[result])], now)
        return
    policy = POLICIES[result]
    failures = session.scalar(
        select(func.count()).where(CallAttempt.message_id == message_id, CallAttempt.result == result)
    )
    again = pauses.after(result, failures or 1)
    if not policy.counts and again and (failures or 1) < MOST_UNCOUNTED:
        outbox.release(session, owner, [message_id], now, again)
        return
    attempts = session.scalar(select(Message.attempts).where(Message.id == message_id)) or 0
    ending = Ending.REFUSED if again is None or attempts >= min(policy.most, MOST_ATTEMPTS) else Ending.RETRY
    outbox.record(session, owner, [Result(message_id, ending, error=_ERRORS[result], again=again)], now)


def _until_allowed(standing: _Standing, now: datetime) -> timedelta:
    """How long until a day on which calls are allowed, however far ahead: nothing on such a day."""
    day = CallingHours(0, 24, standing.weekdays)  # the outbox keeps the hours; the days of the week are for calls alone
    return day.first_from(now) - now


def _words(session: Session, message_ids: Sequence[int]) -> dict[int, set[str]]:
    """The pieces of speech that were entered for what these messages tell; names and subjects were there before."""
    told = Notification.message_id, Remark.text, SchoolEvent.title, SchoolEvent.place, SchoolEvent.text
    remark = (Notification.kind == EventKind.REMARK) & (Remark.id == Notification.event_id)
    event = Notification.kind.in_((EventKind.MEETING, EventKind.EVENT)) & (SchoolEvent.id == Notification.event_id)
    rows = session.execute(
        select(*told)
        .outerjoin(Remark, remark)
        .outerjoin(SchoolEvent, event)
        .where(
            Notification.message_id.in_(message_ids),
            Notification.kind.in_((EventKind.REMARK, EventKind.MEETING, EventKind.EVENT)),
        )
    )
    found: dict[int, set[str]] = defaultdict(set)
    for message_id, *texts in rows:
        if message_id is not None:
            found[message_id].update(piece for text in texts if text for piece in entered(text))
    return found


def _standings(session: Session, message_ids: Sequence[int]) -> dict[int, _Standing]:
    heard = (
        select(HeardEvent.subscriber_id)
        .where(
            HeardEvent.subscriber_id == Notification.subscriber_id,
            HeardEvent.kind == Notification.kind,
            HeardEvent.event_id == Notification.event_id,
        )
        .exists()
    )
    rows = session.execute(
        select(
            Notification.message_id,
            Subscription.calls_enabled,
            Subscription.status,
            Subscriber.text_only,
            School.call_weekdays,
            heard.label("heard"),
        )
        .join(Subscription, Subscription.id == Notification.subscription_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(School, School.id == Subscription.school_id)
        .where(Notification.message_id.in_(message_ids))
    )
    found: dict[int, _Standing] = {}
    for row in rows:
        if row.message_id is None:
            continue
        before = found.get(row.message_id, _Standing(False, False, "1234567", row.text_only))
        wanted = row.calls_enabled and row.status is SubscriptionStatus.ACTIVE
        days = "".join(day for day in before.weekdays if day in row.call_weekdays) if wanted else before.weekdays
        found[row.message_id] = _Standing(
            before.wanted or wanted,
            before.unheard or (wanted and not row.heard),
            days or row.call_weekdays,
            row.text_only,
        )
    return found
