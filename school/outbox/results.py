"""Results of claimed messages, many at a time: a few statements, however many there are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Executable, bindparam, func, select, true, update
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose, MessageState, PartState
from db.lists import Rows, among
from db.models import Message, MessagePart
from db.upsert import insert
from school.lines import Use, count
from school.outbox import delivery, hours
from school.outbox.states import before

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=15)
"""The pause before the next attempt doubles from the first to the longest."""
MOST_ATTEMPTS = 30
"""Attempts of what was refused for now: some five hours of them."""
MOST_UNANSWERED = 4
"""Attempts after which what never got an answer is given up: each may have reached the subscriber."""
LONGEST_ERROR = 200


class Ending(StrEnum):
    """How an attempt ended."""

    SENT = "sent"  # every part was taken
    REFUSED = "refused"  # for good: another attempt would end the same way
    RETRY = "retry"  # refused for now, or never sent
    UNKNOWN = "unknown"  # it went out and no answer came
    OVERDUE = "overdue"  # the same, but whom it went to lives and is only slow: it is not sent again, charged or not


class TakenPart(NamedTuple):
    """A part that an operator took; `number` from 1, `smsc_id` normalised, None when the SMSC gave none.

    `state`: DELIVERED where the operator reports other parts of the message only.
    """

    number: int
    total: int
    operator: str
    smsc_id: str | None
    state: PartState = PartState.SENT


class Result(NamedTuple):
    """How an attempt at one message ended, with the parts that were taken on it."""

    message_id: int
    ending: Ending
    parts: tuple[TakenPart, ...] = ()
    error: str | None = None
    """Why it failed, for people, without personal data."""
    again: timedelta | None = None
    """The pause before another attempt; None: the outbox's own, which grows."""
    refusal: str | None = None
    """What the operator's refusal of a charge means, for `school.billing`."""


class _Row(NamedTuple):
    id: int
    school_id: int | None
    purpose: MessagePurpose
    channel: Channel
    state: MessageState
    lease_owner: str | None
    charged: bool
    attempts: int
    expires_at: datetime
    from_hour: int
    until_hour: int


_MESSAGE, _PART = Message.metadata.tables["message"], MessagePart.metadata.tables["message_part"]
"""Statements on the table, not its class, take half the time."""
_COLUMNS = [_MESSAGE.c[name] for name in _Row._fields]
_NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_until": None}


def record(session: Session, owner: str, results: Sequence[Result], now: datetime) -> None:
    """Record how `owner`'s attempts ended.

    SENT: done, and its PIN is forgotten. REFUSED: failed. RETRY and UNKNOWN: ready again after a growing pause until it
    expires or the attempts are used up, then failed; UNKNOWN of what is charged, or of a call: unknown, never again.
    A result whose lease ran out meanwhile counts only as far as it says that the message went out.
    """
    used: dict[int, Use] = {}
    sent_at_once = _as_usual(session, owner, results, now, used)
    _store_parts(session, [result for result in results if result.message_id in sent_at_once], now)
    others = [result for result in results if result.message_id not in sent_at_once]
    if others:
        _record_others(session, owner, others, now, used)
    delivery.apply_early(session, [part for result in results for part in result.parts], now)
    delivery.settle(session, [i for i, attempts in sent_at_once.items() if attempts > 1], now)
    count(session, used, now)


def _as_usual(
    session: Session, owner: str, results: Sequence[Result], now: datetime, used: dict[int, Use]
) -> dict[int, int]:
    """Record what was sent under a lease that still runs: nearly everything, in one statement. Gives id -> attempts."""
    by_operator: dict[str | None, list[int]] = {}
    parts = {result.message_id: len(result.parts) for result in results}
    for result in results:
        if result.ending is Ending.SENT:
            by_operator.setdefault(_operator(result), []).append(result.message_id)
    done: dict[int, int] = {}
    for operator, ids in by_operator.items():
        values = {"messages": ids, "owner": owner, "by": operator, "now": now}
        for row in session.connection().execute(_SENT_AS_USUAL, values):
            done[row.id] = row.attempts
            if row.school_id is not None:
                _count_in(used, row.school_id, row.purpose, parts[row.id], sent=True)
    return done


def _count_in(used: dict[int, Use], school_id: int | None, purpose: MessagePurpose, parts: int, *, sent: bool) -> None:
    """What an operator took counts in the day of the message's school."""
    if school_id is None or not parts:
        return
    use = used.setdefault(school_id, Use())
    use.sms_parts += parts
    use.campaign_texts += sent and purpose is MessagePurpose.CAMPAIGN


_SENT_AS_USUAL = (
    update(_MESSAGE)
    .where(
        among(_MESSAGE.c.id, "messages"),
        _MESSAGE.c.state == MessageState.CLAIMED,
        _MESSAGE.c.lease_owner == bindparam("owner"),
    )
    .values(
        state=MessageState.SENT,
        operator=func.coalesce(bindparam("by", type_=_MESSAGE.c.operator.type), _MESSAGE.c.operator),
        sent_at=bindparam("now"),
        ended_at=bindparam("now"),
        pin_encrypted=None,
        error=None,
        **_NO_LEASE,
    )
    .returning(_MESSAGE.c.id, _MESSAGE.c.attempts, _MESSAGE.c.school_id, _MESSAGE.c.purpose)
)
"""Built once: it is what is nearly always done."""


def _operator(result: Result) -> str | None:
    """Who took it; None: the one it was meant for, or a channel without operators."""
    return result.parts[-1].operator if result.parts else None


def _record_others(
    session: Session, owner: str, results: Sequence[Result], now: datetime, used: dict[int, Use]
) -> None:
    rows = _locked(session, [result.message_id for result in results])
    known = [result for result in results if result.message_id in rows]
    _store_parts(session, known, now)
    complete = _complete(session, [r.message_id for r in known if r.parts and r.ending is not Ending.SENT])
    sent: dict[str | None, list[int]] = {}
    others: list[dict[str, Any]] = []
    for result in known:
        row = rows[result.message_id]
        _count_in(used, row.school_id, row.purpose, len(result.parts), sent=result.ending is Ending.SENT)
        if result.ending is Ending.SENT or result.message_id in complete:
            if row.state in before(MessageState.SENT) and (
                row.state is not MessageState.CLAIMED or row.lease_owner == owner
            ):
                sent.setdefault(_operator(result), []).append(row.id)
        elif row.state is MessageState.CLAIMED and row.lease_owner == owner:
            others.append(_after_failure(row, result, now))
    for operator, ids in sent.items():
        _set_sent(session, ids, operator, now)
    if others:
        session.connection().execute(_FAILED_ATTEMPT, others)
    delivery.settle(session, [i for ids in sent.values() for i in ids if rows[i].attempts > 1], now)


def settle_late(session: Session, message_id: int, part: TakenPart, now: datetime) -> None:
    """Store a submit_sm_resp that came after the attempt was recorded as UNKNOWN.

    The part is not sent again, and when it was the last one missing the message counts as sent.
    """
    rows = _locked(session, [message_id])
    if not rows:
        return
    late = Result(message_id, Ending.UNKNOWN, (part,))
    _store_parts(session, [late], now)
    row = rows[message_id]
    if row.state in (MessageState.READY, MessageState.UNKNOWN) and _complete(session, [message_id]):
        _set_sent(session, [message_id], part.operator, now)
    delivery.apply_early(session, [part], now)
    delivery.settle(session, [message_id], now)
    used: dict[int, Use] = {}
    _count_in(used, row.school_id, row.purpose, 1, sent=row.state is not MessageState.SENT)
    count(session, used, now)


def _locked(session: Session, message_ids: Sequence[int]) -> dict[int, _Row]:
    """The messages, locked in the order of their ids: whoever locks several does so in this order."""
    return {
        row.id: _Row(*row)
        for row in session.connection().execute(
            select(*_COLUMNS).where(_MESSAGE.c.id.in_(message_ids)).order_by(_MESSAGE.c.id).with_for_update()
        )
    }


def _store_parts(session: Session, results: Sequence[Result], now: datetime) -> None:
    # The same message may be here twice: its lease ran out and it was claimed anew. The first name of a part stands.
    taken: dict[tuple[int, int], TakenPart] = {}
    for result in results:
        for part in result.parts:
            known = taken.setdefault((result.message_id, part.number), part)
            if known.smsc_id is None:
                taken[result.message_id, part.number] = part
    if taken:
        rows, statement = _add_parts(session.get_bind().dialect.name)
        values = [(message_id, *part) for (message_id, _), part in taken.items()]
        session.connection().execute(statement, rows.parameters(values) | {"now": now})


@cache
def _add_parts(dialect: str) -> tuple[Rows, Executable]:
    varying = ("message_id", *TakenPart._fields)
    rows = Rows(dialect, {name: _PART.c[name].type for name in varying})
    alike = {"sent_at": bindparam("now", type_=_PART.c.sent_at.type)}
    statement = insert(dialect, MessagePart).from_select(
        [*varying, *alike], select(*(rows.table.c[name] for name in varying), *alike.values()).where(true())
    )
    return rows, statement.on_conflict_do_update(
        index_elements=[_PART.c.message_id, _PART.c.number],
        set_={"smsc_id": func.coalesce(_PART.c.smsc_id, statement.excluded.smsc_id)},
    )


def _complete(session: Session, message_ids: Sequence[int]) -> frozenset[int]:
    """Those of the messages all of whose parts were taken."""
    if not message_ids:
        return frozenset()
    return frozenset(
        session.scalars(
            select(MessagePart.message_id)
            .where(MessagePart.message_id.in_(message_ids))
            .group_by(MessagePart.message_id)
            .having(func.count() >= func.max(MessagePart.total))
        )
    )


def _set_sent(session: Session, message_ids: Sequence[int], operator: str | None, now: datetime) -> None:
    """They went out, by this operator or (None) by the one they were meant for."""
    session.connection().execute(
        update(_MESSAGE)
        .where(_MESSAGE.c.id.in_(message_ids))
        .values(
            state=MessageState.SENT,
            operator=_MESSAGE.c.operator if operator is None else operator,
            sent_at=now,
            ended_at=now,
            pin_encrypted=None,
            error=None,
            **_NO_LEASE,
        )
    )


_FAILED_ATTEMPT = (
    update(Message)
    .where(Message.id == bindparam("of_message"))
    .values(
        state=bindparam("to_state"),
        due_at=func.coalesce(bindparam("next_at", type_=Message.due_at.type), Message.due_at),
        ended_at=bindparam("ended"),
        error=bindparam("why"),
        refusal=bindparam("refused_as"),
        **_NO_LEASE,
    )
)


def _after_failure(row: _Row, result: Result, now: datetime) -> dict[str, Any]:
    error = (result.error or "")[:LONGEST_ERROR] or None
    as_what = {"refused_as": result.refusal}
    unanswered = result.ending is Ending.UNKNOWN
    pause = pause_after(row.attempts) if result.again is None else result.again
    next_at = hours.allowed_from(now + pause, row.from_hour, row.until_hour)
    if result.ending is Ending.OVERDUE or (unanswered and (row.charged or row.channel is Channel.CALL)):
        state = MessageState.UNKNOWN
    elif (
        result.ending is Ending.REFUSED
        or row.attempts >= (MOST_UNANSWERED if unanswered else MOST_ATTEMPTS)
        or next_at >= row.expires_at
    ):
        state = MessageState.FAILED
    else:
        return {
            "of_message": row.id,
            "to_state": MessageState.READY,
            "next_at": next_at,
            "ended": None,
            "why": error,
        } | as_what
    return {"of_message": row.id, "to_state": state, "next_at": None, "ended": now, "why": error} | as_what


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts (1..)."""
    doubled: int = 2 ** min(attempts - 1, 20)
    return min(LONGEST_DELAY, FIRST_DELAY * doubled)
