"""Whom to call now. What may have changed since somebody became due is checked here once more.

Choosing and the attempts' rows are one transaction: whoever is chosen is dialled, or is known to have been about to be.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.kinds import Channel
from db.models import CallAttempt
from school import lines, outbox
from school.calling.policy import IsSpoken, everything_is_spoken
from school.campaigns import due_families
from school.dialling import messages
from school.lines import Use


@dataclass(frozen=True, slots=True)
class Dial:
    """A telephone to ring at once: its attempt is stored. `phone` is E.164, `channel_id` the channel's name to be."""

    channel_id: str
    phone: str
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls may begin now, and of them how many for the outbox before campaigns get their turn.

    `scale`: times the hour and the day within which one telephone is called so often, as of all pauses. `is_spoken`:
    what the voice of the dialer's host can say; a call that would lack words waits.
    """

    calls: int
    messages_first: int
    scale: float = 1.0
    is_spoken: IsSpoken = everything_is_spoken


def choose(session: Session, dialer: str, limits: Limits, now: datetime) -> list[Dial]:
    """Choose whom to ring now and store the attempts; the caller dials as soon as this transaction is committed."""
    busy = frozenset(session.scalars(select(CallAttempt.phone).where(CallAttempt.result.is_(None))))
    claimed = messages.claim(session, dialer, limits.messages_first, now, busy, limits.is_spoken)
    taken = busy | {message.address for message in claimed}
    held = lines.holds(session, now)
    for message in claimed:
        held.take(message.school_id, Channel.CALL, campaign=False)
    room = limits.calls - len(claimed)
    families = due_families.choose(session, room, now, taken, held, limits.scale, limits.is_spoken)
    if not families and len(claimed) == limits.messages_first < limits.calls:
        claimed += messages.claim(session, dialer, limits.calls - len(claimed), now, taken, limits.is_spoken)
    rows: list[dict[str, Any]] = [
        _attempt(dialer, message.address, now, school_id=message.school_id, message_id=message.message_id)
        for message in claimed
    ]
    rows += [
        _attempt(dialer, one.phone, now, school_id=one.school_id, family_id=one.family_id, position=one.position)
        for one in families
    ]
    if not rows:
        return []
    session.connection().execute(insert(CallAttempt), rows)
    lines.count(session, _used(rows), now)
    return [Dial(row["channel_id"], row["phone"], row["message_id"]) for row in rows]


def _used(rows: Sequence[Mapping[str, Any]]) -> dict[int, Use]:
    used: dict[int, Use] = {}
    for row in rows:
        if row["school_id"] is not None:
            of_school = used.setdefault(row["school_id"], Use())
            of_school.calls += 1
            of_school.campaign_calls += row["family_id"] is not None
    return used


def next_at(session: Session, now: datetime) -> datetime | None:
    """When somebody is to be rung next (past: now); None: nobody waits."""
    moments = (due_families.next_at(session, now), outbox.next_due(session, Channel.CALL, now))
    return min((moment for moment in moments if moment is not None), default=None)


def _attempt(
    dialer: str,
    phone: str,
    now: datetime,
    *,
    school_id: int | None,
    family_id: int | None = None,
    message_id: int | None = None,
    position: int = 1,
) -> dict[str, Any]:
    return {
        "channel_id": f"eschool-{secrets.token_hex(12)}",
        "family_id": family_id,
        "message_id": message_id,
        "school_id": school_id,
        "position": position,
        "phone": phone,
        "dialer": dialer,
        "dialled_at": now,
    }
