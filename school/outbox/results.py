"""Results of claimed messages, many at a time: a few statements, however many there are."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from db.kinds import Channel, MessagePurpose, MessageState, PartState
from db.lists import among
from db.models import EarlyReceipt, Message
from school.lines import Use, count
from school.outbox import delivery, hours
from school.outbox.attempts import Ending, Result, TakenPart, complete, store_parts
from school.outbox.states import before

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=15)
"""The pause before the next attempt doubles from the first to the longest."""
MOST_ATTEMPTS = 30
"""Attempts of what was refused for now: some five hours of them."""
MOST_UNANSWERED = 4
"""Attempts after which what never got an answer is given up: each may have reached the subscriber."""
LONGEST_ERROR = 200


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


_MESSAGE = Message.metadata.tables["message"]
"""Statements on the table, not its class, take half the time."""
_COLUMNS = [_MESSAGE.c[name] for name in _Row._fields]
_NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_until": None}


def record(
    session: Session, owner: str, results: Sequence[Result], now: datetime, reports: Sequence[delivery.Report] = ()
) -> None:
    """Record how `owner`'s attempts ended.

    SENT: done, and its PIN is forgotten. REFUSED: failed. RETRY and UNKNOWN: ready again after a growing pause until it
    expires or the attempts are used up, then failed; UNKNOWN of what is charged, or of a call: unknown, never again.
    A result whose lease ran out meanwhile counts only as far as it says that the message went out. `reports`: receipts
    that have come by now, of these messages and of others; a message that is delivered by one is written once.
    """
    used: dict[int, Use] = {}
    delivered = _delivered_already(results, reports) if reports else {}
    sent_at_once, any_early = _as_usual(session, owner, results, delivered.keys(), now, used)
    usual = [result for result in results if result.message_id in sent_at_once]
    store_parts(session, usual, now, delivered.keys() & sent_at_once.keys())
    others = [result for result in results if result.message_id not in sent_at_once]
    if others:
        _record_others(session, owner, others, now, used)
    if others or any_early:
        delivery.apply_early(session, [part for result in results for part in result.parts], now)
    delivery.settle(session, [i for i, attempts in sent_at_once.items() if attempts > 1], now)
    written = {report for message_id, report in delivered.items() if message_id in sent_at_once}
    if len(written) < len(reports):
        delivery.record_reports(session, [report for report in reports if report not in written], now)
    count(session, used, now)


def _delivered_already(results: Sequence[Result], reports: Sequence[delivery.Report]) -> dict[int, delivery.Report]:
    """Message -> the report that all of it was delivered; only of what went out whole, in one part."""
    told = {(report.operator, report.smsc_id): report for report in reversed(reports)}  # the first of a name stands
    found: dict[int, delivery.Report] = {}
    for result in results:
        if result.ending is Ending.SENT and len(result.parts) == 1:
            part = result.parts[0]
            report = told.get((part.operator, part.smsc_id or ""))
            if report and report.state is PartState.DELIVERED and part.total == 1:
                found[result.message_id] = report
    return found


def _as_usual(
    session: Session,
    owner: str,
    results: Sequence[Result],
    delivered: Collection[int],
    now: datetime,
    used: dict[int, Use],
) -> tuple[dict[int, int], bool]:
    """Record what was sent under a lease that still runs: nearly everything, in one statement, and in another what has
    been delivered since. Gives id -> attempts, and whether any receipt waits for its part to become known."""
    alike: dict[tuple[str | None, bool], list[int]] = {}
    parts = {result.message_id: len(result.parts) for result in results}
    for result in results:
        if result.ending is Ending.SENT:
            alike.setdefault((_operator(result), result.message_id in delivered), []).append(result.message_id)
    done: dict[int, int] = {}
    any_early = False
    for (operator, is_delivered), ids in alike.items():
        values = {"messages": ids, "owner": owner, "by": operator, "now": now}
        statement = _DELIVERED_AS_USUAL if is_delivered else _SENT_AS_USUAL
        for row in session.connection().execute(statement, values):
            done[row.id] = row.attempts
            any_early = row.any_early
            if row.school_id is not None:
                _count_in(used, row.school_id, row.purpose, parts[row.id], sent=True)
    return done, any_early


def _count_in(used: dict[int, Use], school_id: int | None, purpose: MessagePurpose, parts: int, *, sent: bool) -> None:
    """What an operator took counts in the day of the message's school."""
    if school_id is None or not parts:
        return
    use = used.setdefault(school_id, Use())
    use.sms_parts += parts
    use.campaign_texts += sent and purpose is MessagePurpose.CAMPAIGN


_ANY_EARLY = exists().select_from(EarlyReceipt.__table__)


def _ended_as_usual(state: MessageState) -> ReturningUpdate[Any]:
    return (
        update(_MESSAGE)
        .where(
            among(_MESSAGE.c.id, "messages"),
            _MESSAGE.c.state == MessageState.CLAIMED,
            _MESSAGE.c.lease_owner == bindparam("owner"),
        )
        .values(
            state=state,
            operator=func.coalesce(bindparam("by", type_=_MESSAGE.c.operator.type), _MESSAGE.c.operator),
            sent_at=bindparam("now"),
            ended_at=bindparam("now"),
            pin_encrypted=None,
            error=None,
            **_NO_LEASE,
        )
        .returning(
            _MESSAGE.c.id, _MESSAGE.c.attempts, _MESSAGE.c.school_id, _MESSAGE.c.purpose, _ANY_EARLY.label("any_early")
        )
    )


_SENT_AS_USUAL = _ended_as_usual(MessageState.SENT)
_DELIVERED_AS_USUAL = _ended_as_usual(MessageState.DELIVERED).where(_MESSAGE.c.attempts == 1)
"""Built once: these are what is nearly always done. A part of an earlier attempt may be there under another name: then
the report is brought to its part as any other."""


def _operator(result: Result) -> str | None:
    """Who took it; None: the one it was meant for, or a channel without operators."""
    return result.parts[-1].operator if result.parts else None


def _record_others(
    session: Session, owner: str, results: Sequence[Result], now: datetime, used: dict[int, Use]
) -> None:
    rows = _locked(session, [result.message_id for result in results])
    known = [result for result in results if result.message_id in rows]
    store_parts(session, known, now)
    whole = complete(session, [r.message_id for r in known if r.parts and r.ending is not Ending.SENT])
    sent: dict[str | None, list[int]] = {}
    others: list[dict[str, Any]] = []
    for result in known:
        row = rows[result.message_id]
        _count_in(used, row.school_id, row.purpose, len(result.parts), sent=result.ending is Ending.SENT)
        if result.ending is Ending.SENT or result.message_id in whole:
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
    store_parts(session, [late], now)
    row = rows[message_id]
    if row.state in (MessageState.READY, MessageState.UNKNOWN) and complete(session, [message_id]):
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
        state = MessageState.READY
    waits = state is MessageState.READY
    return {
        "of_message": row.id,
        "to_state": state,
        "next_at": next_at if waits else None,
        "ended": None if waits else now,
        "why": error,
        "refused_as": result.refusal,
    }


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts (1..)."""
    doubled: int = 2 ** min(attempts - 1, 20)
    return min(LONGEST_DELAY, FIRST_DELAY * doubled)
