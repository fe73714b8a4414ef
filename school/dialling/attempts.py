"""The life of an attempt: stored before it is dialled, answered, recognised as a person's, ended.

Two processes tell of it. The dialer sees the telephone: answered or not, and when it was hung up. The voice server
knows what was told. What nobody answered is settled by the dialer, what was answered by the voice server at the
dialogue's end; if that never comes, by the dialer a little later. Each attempt is settled once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from db.kinds import CallResult
from db.models import CallAttempt, Message
from school.calling.policy import Pauses
from school.campaigns import outcomes
from school.dialling import messages
from school.lines import Use, count

DIALOGUE_ENDS_WITHIN = timedelta(seconds=20)
"""After the hang-up; a voice server that has not told by then is not going to."""
NO_CALL_IS_LONGER = timedelta(minutes=40)
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Open:
    """An attempt that nobody has seen the end of."""

    channel_id: str
    message_id: int | None
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A telephone was hung up. `result` None: it had been answered, what was told is known elsewhere."""

    channel_id: str
    result: CallResult | None
    cause: int | None


def answered(session: Session, channel_ids: Collection[str], now: datetime) -> None:
    """Somebody, or something, took these calls."""
    session.execute(
        update(CallAttempt)
        .where(CallAttempt.channel_id.in_(channel_ids), CallAttempt.answered_at.is_(None))
        .values(answered_at=now)
        .execution_options(synchronize_session=False)
    )


def sounds_like_machine(session: Session, channel_ids: Collection[str]) -> None:
    """Whoever took these calls talks on and on."""
    session.execute(
        update(CallAttempt)
        .where(CallAttempt.channel_id.in_(channel_ids))
        .values(sounds_like_machine=True)
        .execution_options(synchronize_session=False)
    )


def talks_on(session: Session, channel_id: str) -> bool:
    """Whether the dialer heard so."""
    hint = session.scalar(select(CallAttempt.sounds_like_machine).where(CallAttempt.channel_id == channel_id))
    return bool(hint)


def proved(session: Session, channel_id: str, now: datetime) -> None:
    """A key was pressed: it is a person."""
    session.execute(
        update(CallAttempt)
        .where(CallAttempt.channel_id == channel_id, CallAttempt.person_at.is_(None))
        .values(person_at=now)
        .execution_options(synchronize_session=False)
    )


def told(session: Session, channel_id: str, result: CallResult, now: datetime, pauses: Pauses) -> None:
    """The dialogue of an answered call is over."""
    for row in _locked(session, CallAttempt.channel_id == channel_id):
        _settle(session, row, result, now, pauses)


def ended(session: Session, ends: Sequence[Ended], now: datetime, pauses: Pauses) -> None:
    """These telephones were hung up, each attempt a dialer's own."""
    by_channel = {end.channel_id: end for end in ends}
    session.connection().execute(
        _HUNG_UP, [{"channel": end.channel_id, "at": now, "with_cause": end.cause} for end in ends]
    )
    for row in _locked(session, CallAttempt.channel_id.in_(by_channel)):
        result = by_channel[row.channel_id].result
        if result is not None:
            _settle(session, row, result, now, pauses)
    count(session, _seconds_used(session, list(by_channel)), now)


def _seconds_used(session: Session, channel_ids: Collection[str]) -> dict[int, Use]:
    """How long the calls that were just hung up took of their schools' days."""
    used: dict[int, Use] = {}
    for row in session.execute(
        select(CallAttempt.school_id, CallAttempt.answered_at, CallAttempt.ended_at).where(
            CallAttempt.channel_id.in_(channel_ids),
            CallAttempt.school_id.is_not(None),
            CallAttempt.answered_at.is_not(None),
        )
    ):
        seconds = ceil((row.ended_at - row.answered_at).total_seconds())
        used.setdefault(row.school_id, Use()).call_seconds += max(0, seconds)
    return used


def overdue(session: Session, now: datetime, pauses: Pauses) -> int:
    """Settle answered calls whose dialogue never told its end: without a key, nothing of use was heard.

    Gives how many. Also those of dialers that are gone for good, whose end nobody saw.
    """
    silent = CallAttempt.ended_at < now - DIALOGUE_ENDS_WITHIN
    ancient = CallAttempt.dialled_at < now - NO_CALL_IS_LONGER
    rows = _locked(session, silent | ancient, limit=AT_ONCE)
    for row in rows:
        if row.ended_at is None:
            _settle(session, row, CallResult.UNKNOWN, now, pauses)
        else:
            _settle(session, row, CallResult.REACHED if row.person_at else CallResult.CUT_SHORT, now, pauses)
    return len(rows)


def open_attempts(session: Session, host: str) -> list[Open]:
    """The attempts of this host's dialers, the present one and those before, whose telephones may still be in use."""
    rows = session.execute(
        select(CallAttempt.channel_id, CallAttempt.message_id, CallAttempt.answered_at).where(
            _is_open(), CallAttempt.ended_at.is_(None), CallAttempt.dialer.startswith(f"{host}:", autoescape=True)
        )
    )
    return [Open(row.channel_id, row.message_id, row.answered_at is not None) for row in rows]


def adopt(session: Session, dialer: str, channel_ids: Collection[str], now: datetime, lease: timedelta) -> None:
    """This dialer watches these calls from now on, and holds the messages they tell."""
    if not channel_ids:
        return
    of_these = CallAttempt.channel_id.in_(channel_ids)
    session.execute(
        update(CallAttempt).where(of_these).values(dialer=dialer).execution_options(synchronize_session=False)
    )
    told_in_them = select(CallAttempt.message_id).where(of_these, CallAttempt.message_id.is_not(None))
    session.execute(
        update(Message)
        .where(Message.id.in_(told_in_them), Message.lease_owner.is_not(None))
        .values(lease_owner=dialer, lease_until=now + lease)
        .execution_options(synchronize_session=False)
    )


def lost(session: Session, channel_ids: Collection[str], now: datetime, pauses: Pauses) -> None:
    """These calls are over and nobody saw how: what nobody answered, as far as we know, is unknown from now on.

    Of an answered one the voice server knows how it ended; it counts as hung up now.
    """
    if not channel_ids:
        return
    for row in _locked(session, CallAttempt.channel_id.in_(channel_ids)):
        if row.answered_at is None:
            _settle(session, row, CallResult.UNKNOWN, now, pauses)
    session.execute(
        update(CallAttempt)
        .where(CallAttempt.channel_id.in_(channel_ids), CallAttempt.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


_HUNG_UP = (
    update(CallAttempt)
    .where(CallAttempt.channel_id == bindparam("channel"))
    .values(
        ended_at=func.coalesce(CallAttempt.ended_at, bindparam("at", type_=CallAttempt.ended_at.type)),
        cause=bindparam("with_cause"),
    )
)

_COLUMNS = (
    CallAttempt.id,
    CallAttempt.channel_id,
    CallAttempt.family_id,
    CallAttempt.message_id,
    CallAttempt.position,
    CallAttempt.phone,
    CallAttempt.dialer,
    CallAttempt.answered_at,
    CallAttempt.person_at,
    CallAttempt.ended_at,
)


def _is_open() -> ColumnElement[bool]:
    return CallAttempt.result.is_(None)


def _locked(session: Session, of: ColumnElement[bool], limit: int | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Unsettled attempts, locked in the order of their ids."""
    wanted = select(*_COLUMNS).where(_is_open(), of).order_by(CallAttempt.id).with_for_update()
    return session.execute(wanted.limit(limit) if limit else wanted).all()


def _settle(session: Session, row: Row[*tuple[Any, ...]], result: CallResult, now: datetime, pauses: Pauses) -> None:
    session.execute(
        update(CallAttempt)
        .where(CallAttempt.id == row.id)
        .values(result=result)
        .execution_options(synchronize_session=False)
    )
    if row.family_id is not None:
        outcomes.settle(session, row.family_id, row.position, result, now, pauses)
    else:
        messages.settle(session, row.message_id, row.dialer, result, now, pauses)
