"""Delivery receipts: of every part, in any order, even before the part is known.

A message is delivered when all its parts are, and failed when one is; a final state never goes back.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import bindparam, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from db.kinds import MessageState, PartState
from db.lists import among
from db.models import EarlyReceipt, Message, MessagePart
from db.upsert import insert

KEPT_EARLY = timedelta(days=1)
"""How long a receipt waits for its part to become known."""
AT_ONCE = 500


class Report(NamedTuple):
    """What an SMSC reports of one part; `smsc_id` normalised as that of the part. SENT: on its way, no news."""

    operator: str
    smsc_id: str
    state: PartState
    error: str | None = None


class Named(Protocol):
    """What has the name an SMSC gave a part."""

    @property
    def operator(self) -> str: ...
    @property
    def smsc_id(self) -> str | None: ...


def record_reports(session: Session, reports: Sequence[Report], now: datetime) -> None:
    """Record receipts; one for a part that is not known yet waits a day for it to be."""
    latest: dict[tuple[str, str], Report] = {}
    for report in reports:
        if report.state is not PartState.SENT:
            latest.setdefault((report.operator, report.smsc_id), report)  # the first final one stands
    unknown = _apply(session, latest, now)
    if unknown:
        session.connection().execute(
            insert(session.get_bind().dialect.name, EarlyReceipt).on_conflict_do_nothing(),
            [
                {
                    "operator": report.operator,
                    "smsc_id": report.smsc_id,
                    "state": report.state,
                    "error": report.error,
                    "received_at": now,
                }
                for report in unknown
            ],
        )


def match_early(session: Session, now: datetime) -> int:
    """Apply waiting receipts whose parts another process stored at the same time, forget those that waited too long.

    To be called every few seconds by whoever receives receipts; gives how many found their part.
    """
    session.execute(delete(EarlyReceipt).where(EarlyReceipt.received_at < now - KEPT_EARLY))
    known = session.execute(
        select(EarlyReceipt.operator, EarlyReceipt.smsc_id)
        .join(
            MessagePart,
            (MessagePart.operator == EarlyReceipt.operator) & (MessagePart.smsc_id == EarlyReceipt.smsc_id),
        )
        .where(MessagePart.state == PartState.SENT)
        .limit(AT_ONCE)
    ).all()
    return _apply_early(session, {(row.operator, row.smsc_id) for row in known}, now)


def fitting_nothing(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """Operator -> how many of its receipts that came after `since` and up to `until` have found no part yet."""
    counted = session.execute(
        select(EarlyReceipt.operator, func.count())
        .where(EarlyReceipt.received_at > since, EarlyReceipt.received_at <= until)
        .group_by(EarlyReceipt.operator)
    )
    return {row[0]: row[1] for row in counted}


def apply_early(session: Session, parts: Iterable[Named], now: datetime) -> None:
    """Apply the receipts that came before these parts were known."""
    named = {(part.operator, part.smsc_id) for part in parts if part.smsc_id is not None}
    if named and session.connection().execute(_ANY_EARLY).first() is not None:
        _apply_early(session, named, now)


def settle(session: Session, message_ids: Collection[int], now: datetime) -> None:
    """Bring sent messages to the state that their parts are in; the messages are locked by the caller."""
    if not message_ids:
        return
    ends: dict[MessageState, list[int]] = {MessageState.DELIVERED: [], MessageState.FAILED: []}
    for row in session.execute(
        select(
            MessagePart.message_id,
            func.max(MessagePart.total).label("total"),
            func.count().filter(MessagePart.state == PartState.DELIVERED).label("delivered"),
            func.count().filter(MessagePart.state == PartState.FAILED).label("failed"),
        )
        .where(MessagePart.message_id.in_(message_ids))
        .group_by(MessagePart.message_id)
    ):
        if row.failed:
            ends[MessageState.FAILED].append(row.message_id)
        elif row.delivered >= row.total:
            ends[MessageState.DELIVERED].append(row.message_id)
    for state, ids in ends.items():
        if ids:
            session.execute(
                update(Message)
                .where(Message.id.in_(ids), Message.state == MessageState.SENT)
                .values(state=state, ended_at=now, error=_error(state))
                .execution_options(synchronize_session=False)
            )


def _error(state: MessageState) -> Any:
    if state is MessageState.DELIVERED:
        return None
    return (
        select(func.max(MessagePart.error))
        .where(MessagePart.message_id == Message.id, MessagePart.state == PartState.FAILED)
        .scalar_subquery()
    )


class _Row(NamedTuple):
    message_id: int
    number: int
    total: int
    operator: str
    smsc_id: str
    state: PartState


_PART, _MESSAGE = MessagePart.metadata.tables["message_part"], Message.metadata.tables["message"]
"""Statements on tables, not classes, and built once: receipts come most often, and these take half the time."""


_NAMED = select(*(_PART.c[name] for name in _Row._fields)).where(
    _PART.c.operator == bindparam("of_operator"), among(_PART.c.smsc_id, "names")
)
_END_PARTS = (
    update(_PART)
    .where(
        among(_PART.c.message_id, "messages"),
        _PART.c.operator == bindparam("of_operator"),
        among(_PART.c.smsc_id, "names"),
        _PART.c.state == PartState.SENT,
    )
    .values(state=bindparam("to_state"), ended_at=bindparam("now"), error=bindparam("why"))
)
_END_ONLY_PARTS = (
    update(_PART)
    .where(among(_PART.c.message_id, "messages"), _PART.c.state == PartState.SENT)
    .values(state=bindparam("to_state"), ended_at=bindparam("now"), error=bindparam("why"))
)
_END_WHOLE = (
    update(_MESSAGE)
    .where(among(_MESSAGE.c.id, "messages"), _MESSAGE.c.state == MessageState.SENT)
    .values(state=bindparam("to_state"), ended_at=bindparam("now"), error=bindparam("why"))
)


_ANY_EARLY = select(EarlyReceipt.metadata.tables["early_receipt"].c.operator).limit(1)


def _apply(session: Session, reports: dict[tuple[str, str], Report], now: datetime) -> list[Report]:
    """Apply final reports by name; gives those whose part is not known."""
    if not reports:
        return []
    rows: list[_Row] = []
    for operator in {operator for operator, _ in reports}:
        rows += [
            _Row(*row)
            for row in session.connection().execute(
                _NAMED, {"of_operator": operator, "names": [name for of, name in reports if of == operator]}
            )
        ]
    named: dict[tuple[str, str], _Row] = {}
    for row in sorted(rows):
        named[row.operator, row.smsc_id] = row  # an SMSC gives a name again after a while: the newest part is meant
    _end([(reports[name], row) for name, row in named.items() if row.state is PartState.SENT], session, now)
    return [report for name, report in reports.items() if name not in named]


def _end(ended: Sequence[tuple[Report, _Row]], session: Session, now: datetime) -> None:
    """End parts and their messages. One statement for all that ended alike: nearly all are delivered and whole."""
    alike: dict[tuple[str, PartState, str | None], list[_Row]] = {}
    for report, row in ended:
        alike.setdefault((report.operator, report.state, (report.error or "")[:200] or None), []).append(row)
    long = sorted({row.message_id for _, row in ended if row.total > 1})
    if long:  # receipts of their parts may be recorded at two places at once
        session.execute(select(Message.id).where(Message.id.in_(long)).order_by(Message.id).with_for_update())
    for (operator, state, error), rows in alike.items():
        values = {"now": now, "why": error}
        if whole := sorted(row.message_id for row in rows if row.total == 1):
            session.connection().execute(_END_ONLY_PARTS, values | {"messages": whole, "to_state": state})
            session.connection().execute(_END_WHOLE, values | {"messages": whole, "to_state": _STATES[state]})
        if of_long := [row for row in rows if row.total > 1]:
            named = {"messages": sorted({row.message_id for row in of_long}), "names": [row.smsc_id for row in of_long]}
            session.connection().execute(_END_PARTS, values | named | {"of_operator": operator, "to_state": state})
    settle(session, long, now)


_STATES = {PartState.DELIVERED: MessageState.DELIVERED, PartState.FAILED: MessageState.FAILED}


def _apply_early(session: Session, names: Collection[tuple[str, str]], now: datetime) -> int:
    found = session.execute(
        delete(EarlyReceipt)
        .where(tuple_(EarlyReceipt.operator, EarlyReceipt.smsc_id).in_(list(names)))
        .returning(EarlyReceipt.operator, EarlyReceipt.smsc_id, EarlyReceipt.state, EarlyReceipt.error)
        .execution_options(synchronize_session=False)
    ).all()
    reports = {(row.operator, row.smsc_id): Report(row.operator, row.smsc_id, row.state, row.error) for row in found}
    unknown = _apply(session, reports, now)
    return len(reports) - len(unknown)
