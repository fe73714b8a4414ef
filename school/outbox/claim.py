"""Claiming messages: one transaction makes messages of what is due, and claims up to a limit under a lease.

Two senders never get the same message: PostgreSQL skips the rows another one has locked, SQLite has one writer at a
time. Every statement begins at a partial index over what still waits, so that it does not matter how much is done.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, CompoundSelect, Row, case, func, literal, or_, select, true, union_all, update
from sqlalchemy.orm import Session

import logs
from db.kinds import Channel, MessagePurpose, MessageState
from db.models import Message, MessagePart, Notification
from school.lines import Holds, holds, parts_of, tomorrow
from school.outbox import bundle, hours, wake
from school.outbox.bundle import Made
from school.outbox.enqueue import PIN_PLACE, PIN_PURPOSE
from school.outbox.owners import is_gone
from school.outbox.states import is_in, is_pending
from school.security import destinations
from school.security.crypto import vault
from school.security.destinations import Destinations

log = logs.get(__name__)

LEASE = timedelta(seconds=90)
"""How long a claimed message is its owner's, unless renewed."""
RENEW_SECONDS = LEASE.total_seconds() / 6
"""How often its owner renews it."""
SENDABLE_SECONDS = LEASE.total_seconds() - 25
"""How long it may be sent, from just before it was claimed or renewed: a little later it may be somebody else's."""
RECLAIM_SECONDS = 30.0
"""How often a sender looks for what others held that are gone (`reclaim_orphaned`)."""
ROUNDS = 10
"""How often one claim looks for more when all that it found was out of hours or too old."""
AT_ONCE = 200
"""Rows it looks at in such a round at the least."""


STOPPED_PAUSE = timedelta(minutes=5)
"""How long a message of a stopped campaign rests before it is looked at again, unless a person decides sooner."""
_OF_SCHOOLS = (MessagePurpose.NOTIFICATION, MessagePurpose.CAMPAIGN)
"""What a school's budget holds back. Somebody waits for an answer, and warnings and PINs are not put off."""


class Outgoing(NamedTuple):
    """A claimed message, ready to be sent."""

    message_id: int
    address: str
    operator: str | None
    text: str
    """As the subscriber will read it: the PIN is in it."""
    latin: bool
    charged: bool
    urgent: bool
    """Somebody waits for it."""
    attempt: int
    """1 for the first."""
    expires_at: datetime
    parts_taken: frozenset[int]
    """Numbers of the parts (from 1) that an operator took on an earlier attempt: they are not sent again."""
    school_id: int | None = None
    """In whose day it counts."""

    def __repr__(self) -> str:
        """Without the text and the address."""
        return f"Outgoing(message_id={self.message_id}, attempt={self.attempt})"


class _Row(NamedTuple):
    """A message that is about to be claimed; `attempts` are those before."""

    id: int
    school_id: int | None
    purpose: MessagePurpose
    address: str
    operator: str | None
    text: str
    pin_encrypted: bytes | None
    latin: bool
    charged: bool
    urgent: bool
    attempts: int
    expires_at: datetime
    from_hour: int
    until_hour: int


_COLUMNS = [getattr(Message, name) for name in _Row._fields]
_ONCE = or_(Message.charged, Message.channel == Channel.CALL).label("once")
"""Whether it must not go out twice: the subscriber pays for it, or the telephone may have rung."""


def claim(
    session: Session,
    channel: Channel,
    *,
    owner: str,
    limit: int,
    now: datetime,
    lease: timedelta = LEASE,
    most_charged: int | None = None,
    reclaim: bool = True,
) -> tuple[Outgoing, ...]:
    """Claim up to `limit` messages that are due, urgent ones first, then the longest due.

    What is due outside its hours moves to their next opening, what is too old expires, what is for a number that our
    lines do not reach fails. What a school's budget does not allow today waits until tomorrow, and what belongs to a
    campaign that the brake stopped until a person decides (`school.lines`); answers and what is about a subscription
    never wait. Due notifications of one subscriber become one message. `owner` names the sender, see `new_owner`.
    `most_charged`: how many of them may be charged (None: all); of these nobody will know, should the sender die,
    whether they went out. `reclaim`: whether leases that ran out are ended first (`school.outbox.patience`).
    """
    if reclaim:
        reclaim_expired(session, now)
    reached = destinations.current()
    held = _held_of(session, channel, now)
    rows: list[_Row] = []
    for urgent in (True, False):
        rows += _ready(session, channel, urgent, limit - len(rows), now, reached, held)
    if most_charged is not None:
        charged = [row.id for row in rows if row.charged]
        later = frozenset(charged[most_charged:])
        rows = [row for row in rows if row.id not in later]
    hold = {"state": MessageState.CLAIMED, "lease_owner": owner, "lease_until": now + lease}
    _set(session, [row.id for row in rows], **hold, attempts=Message.attempts + 1, ended_at=None)
    claimed = _outgoing(session, rows, now)
    if len(rows) < limit:
        made = bundle.make_messages(session, channel, limit - len(rows), now, {**hold, "attempts": 1}, reached, held)
        claimed += [_first_attempt(message, now) for message in made]
    return tuple(claimed)


def _first_attempt(made: Made, now: datetime) -> Outgoing:
    return Outgoing(
        made.id,
        made.address,
        made.operator,
        made.text,
        made.latin,
        charged=False,
        urgent=False,
        attempt=1,
        expires_at=now + bundle.KEEP_NEWS,
        parts_taken=frozenset(),
        school_id=made.school_id,
    )


def reclaim_expired(session: Session, now: datetime) -> int:
    """End the leases that ran out: the sender died. What is charged, or a call, may have gone out and stays unknown.

    Gives how many messages it was (1000 at the most).
    """
    expired = session.execute(
        select(Message.id, _ONCE)
        .where(is_in(MessageState.CLAIMED), Message.lease_until <= now)
        .order_by(Message.lease_until)
        .limit(1000)
        .with_for_update(skip_locked=True)
    ).all()
    _end(session, expired, now)
    return len(expired)


def reclaim_orphaned(session: Session, channel: Channel, now: datetime) -> int:
    """End the leases of senders that were on this host and are gone from it; gives how many messages they held.

    To be called by each sender at its start and from time to time: after a crash nothing waits for a lease to run out.
    """
    owners = session.scalars(
        select(Message.lease_owner).where(is_in(MessageState.CLAIMED), Message.channel == channel).distinct()
    ).all()
    gone = [owner for owner in owners if owner is not None and is_gone(owner)]
    if not gone:
        return 0
    held = session.execute(
        select(Message.id, _ONCE)
        .where(is_in(MessageState.CLAIMED), Message.channel == channel, Message.lease_owner.in_(gone))
        .with_for_update(skip_locked=True)
    ).all()
    _end(session, held, now)
    if held:
        wake.notify(session, channel)
    return len(held)


def _end(session: Session, held: Sequence[Row[int, bool]], now: datetime) -> None:
    """End the leases of these (id, whether it goes out once at most), locked by the caller."""
    if not held:
        return
    log.warning("outbox.leases_ended", count=len(held))
    for once, values in (
        (True, {"state": MessageState.UNKNOWN, "ended_at": now, "error": "The sender stopped in the middle of it."}),
        (False, {"state": MessageState.READY, "due_at": now}),
    ):
        _set(session, [row.id for row in held if bool(row.once) is once], lease_owner=None, lease_until=None, **values)


def release(
    session: Session,
    owner: str,
    message_ids: Collection[int],
    now: datetime,
    pause: timedelta = timedelta(0),
    keep_for: timedelta | None = None,
) -> None:
    """Give back what was claimed and not touched: it is ready again, as if never claimed, or so after a pause.

    `keep_for`: how long after the pause it is still of use, where it would have been too old sooner.
    """
    later: dict[str, Any] = {"due_at": now + pause} if pause else {}
    if keep_for is not None:
        until = literal(now + pause + keep_for, Message.expires_at.type)
        later["expires_at"] = case((Message.expires_at < until, until), else_=Message.expires_at)
    channels = session.scalars(
        update(Message)
        .where(_held(owner, message_ids))
        .values(state=MessageState.READY, attempts=Message.attempts - 1, lease_owner=None, lease_until=None, **later)
        .returning(Message.channel)
        .execution_options(synchronize_session=False)
    ).all()
    for channel in set(channels):
        wake.notify(session, channel)


def renew(session: Session, owner: str, message_ids: Collection[int], now: datetime, lease: timedelta = LEASE) -> None:
    """Keep what is still in hand for another lease from now."""
    session.execute(
        update(Message)
        .where(_held(owner, message_ids))
        .values(lease_until=now + lease)
        .execution_options(synchronize_session=False)
    )


def next_due(session: Session, channel: Channel, now: datetime) -> datetime | None:
    """When there is work next: something comes due or a lease runs out. None: nothing waits; past: at once."""
    moments = session.connection().execute(_next_due_on(channel)).scalars()
    return min((moment for moment in moments if moment is not None), default=None)


@cache
def _next_due_on(channel: Channel) -> CompoundSelect[*tuple[Any, ...]]:
    """Built once a channel: every look at the outbox begins with it."""
    ready = [
        select(func.min(Message.due_at)).where(
            is_in(MessageState.READY), Message.channel == channel, Message.urgent.is_(urgent)
        )
        for urgent in (True, False)
    ]
    leased = select(func.min(Message.lease_until)).where(is_in(MessageState.CLAIMED))
    pending = select(func.min(Notification.due_at)).where(is_pending(), Notification.channel == channel)
    return union_all(*ready, leased, pending)


def _held_of(session: Session, channel: Channel, now: datetime) -> Holds:
    """What is held; of a school near its limits what is in senders' hands is taken from the rest of its day."""
    if channel is Channel.EMAIL:
        return Holds()
    held = holds(session, now)
    if held.counts and channel is Channel.SMS:
        for row in session.execute(
            select(Message.school_id, Message.text, Message.latin).where(
                is_in(MessageState.CLAIMED), Message.channel == channel, Message.school_id.is_not(None)
            )
        ):
            held.in_hand(row.school_id, parts_of(row.text, latin=row.latin))
    return held


def _ready(
    session: Session,
    channel: Channel,
    urgent: bool,
    limit: int,
    now: datetime,
    reached: Destinations,
    held: Holds,
) -> list[_Row]:
    """Due messages that may go out now, locked; those that may not are put where they belong."""
    found: list[_Row] = []
    for _ in range(ROUNDS):
        wanted = limit - len(found)
        if wanted <= 0:
            break
        looked_at = wanted if not found else max(wanted, AT_ONCE)
        rows = [
            _Row(*row)
            for row in session.execute(
                select(*_COLUMNS)
                .where(
                    is_in(MessageState.READY),
                    Message.channel == channel,
                    Message.urgent.is_(urgent),
                    Message.due_at <= now,
                    Message.id.not_in([row.id for row in found]) if found else true(),
                )
                .order_by(Message.due_at)
                .limit(looked_at)
                .with_for_update(skip_locked=True)
            )
        ]
        useful = _sorted_out(session, rows, now, channel, reached, held)
        found += useful[:wanted]
        if len(rows) < looked_at or len(useful) == len(rows):
            break
    return found


def _sorted_out(
    session: Session, rows: list[_Row], now: datetime, channel: Channel, reached: Destinations, held: Holds
) -> list[_Row]:
    """Those that may go out now; the others fail, expire or move to when they may."""
    useful: list[_Row] = []
    old: list[int] = []
    early: dict[tuple[int, int], list[int]] = {}
    refused: list[int] = []
    stopped: list[int] = []
    for_later: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        campaign = row.purpose is MessagePurpose.CAMPAIGN
        if channel is not Channel.EMAIL and not reached.reaches(row.address, channel):
            refused.append(row.id)
        elif row.expires_at <= now:
            old.append(row.id)
        elif not hours.is_allowed(now, row.from_hour, row.until_hour):
            early.setdefault((row.from_hour, row.until_hour), []).append(row.id)
        elif campaign and held.is_stopped(row.school_id):
            stopped.append(row.id)
        elif row.purpose in _OF_SCHOOLS and not held.take(
            row.school_id,
            channel,
            campaign=campaign,
            number=parts_of(row.text, latin=row.latin) if channel is Channel.SMS else 1,
        ):
            for_later.setdefault((row.from_hour, row.until_hour), []).append(row.id)
        else:
            useful.append(row)
    _set(session, refused, state=MessageState.FAILED, ended_at=now, error=destinations.ERROR, pin_encrypted=None)
    _set(session, stopped, due_at=now + STOPPED_PAUSE)
    for opening, ids in for_later.items():
        _set(session, ids, due_at=hours.allowed_from(tomorrow(now), *opening))
    _set(session, old, state=MessageState.EXPIRED, ended_at=now, pin_encrypted=None)
    for opening, ids in early.items():
        _set(session, ids, due_at=hours.allowed_from(now, *opening))
    return useful


def _outgoing(session: Session, rows: list[_Row], now: datetime) -> list[Outgoing]:
    taken = _parts_taken(session, [row.id for row in rows if row.attempts])
    outgoing: list[Outgoing] = []
    unreadable: list[int] = []
    for row in rows:
        text = row.text
        if row.pin_encrypted is not None:
            try:
                text = text.replace(PIN_PLACE, vault(session).decrypt(PIN_PURPOSE, row.pin_encrypted))
            except InvalidTag:
                unreadable.append(row.id)
                continue
        outgoing.append(
            Outgoing(
                message_id=row.id,
                address=row.address,
                operator=row.operator,
                text=text,
                latin=row.latin,
                charged=row.charged,
                urgent=row.urgent,
                attempt=row.attempts + 1,
                expires_at=row.expires_at,
                parts_taken=taken.get(row.id, frozenset()),
                school_id=row.school_id,
            )
        )
    error = "Its PIN cannot be read: it was written under another secret key."
    _set(
        session,
        unreadable,
        state=MessageState.FAILED,
        ended_at=now,
        error=error,
        lease_owner=None,
        lease_until=None,
    )
    return outgoing


def _parts_taken(session: Session, message_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    if not message_ids:
        return {}
    taken: dict[int, set[int]] = {}
    for message_id, number in session.execute(
        select(MessagePart.message_id, MessagePart.number).where(MessagePart.message_id.in_(message_ids))
    ):
        taken.setdefault(message_id, set()).add(number)
    return {message_id: frozenset(numbers) for message_id, numbers in taken.items()}


def _held(owner: str, message_ids: Collection[int]) -> ColumnElement[bool]:
    return is_in(MessageState.CLAIMED) & (Message.lease_owner == owner) & Message.id.in_(list(message_ids))


def _set(session: Session, message_ids: Sequence[int], **values: Any) -> None:
    if message_ids:
        session.execute(
            update(Message)
            .where(Message.id.in_(message_ids))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
