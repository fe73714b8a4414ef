"""What became of charges: their SMS's end is looked up, and what follows (`charge_ends`) is done in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

import settings
from db import bulk
from db.kinds import ChargeOutcome, ChargeState, MessageState
from db.models import Charge, Message, MessagePart
from school.billing import operators
from school.billing.charge_ends import Ended, settle
from school.billing.money import Money
from school.billing.operators import ChargedOn, OperatorBilling

AT_ONCE = 2000
_ENDED = (MessageState.DELIVERED, MessageState.FAILED)


def collect(session: Session, now: datetime, limit: int = AT_ONCE) -> int:
    """Settle up to so many charges whose SMS has ended, or waited for its report too long; gives how many."""
    rows = _rows(session, now, limit)
    by_name, silent = operators.of_platform(), timedelta(days=settings.current().billing_report_days)
    found = [one for row in rows if (one := _ended(row, by_name, silent, now))]
    over = {one.charge_id for one in found}
    _note_sent(session, [row for row in rows if row.message_state is MessageState.SENT and row.id not in over], now)
    settle(session, found, now)
    return len(rows)


def _rows(session: Session, now: datetime, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Charges that wait and whose SMS is further than they know; those that are unknown only for a late report."""
    silent = now - timedelta(days=settings.current().billing_report_days)
    accepted = [name for name, one in operators.of_platform().items() if one.charged_on is ChargedOn.ACCEPTED]
    sent = Message.state == MessageState.SENT
    waiting = or_(
        and_(Charge.state == ChargeState.PLANNED, Message.state.not_in((MessageState.READY, MessageState.CLAIMED))),
        and_(
            Charge.state == ChargeState.SENT,
            or_(Message.state != MessageState.SENT, Charge.sent_at <= silent, Charge.operator.in_(accepted)),
        ),
        and_(Charge.state.in_((ChargeState.PLANNED, ChargeState.SENT)), Charge.message_id.is_(None)),
        and_(
            Charge.state == ChargeState.UNKNOWN,
            Message.ended_at > Charge.ended_at,
            or_(Message.state.in_(_ENDED), and_(sent, Charge.operator.in_(accepted))),
        ),
    )
    # The first part's, by its key: the least of all would be looked for in the order of all messages' ids.
    smsc_id = (
        select(MessagePart.smsc_id)
        .where(MessagePart.message_id == Message.id, MessagePart.smsc_id.is_not(None))
        .order_by(MessagePart.number)
        .limit(1)
        .scalar_subquery()
    )
    return session.execute(
        select(
            Charge.id,
            Charge.payer_id,
            Charge.month,
            Charge.operator,
            Charge.cents,
            Charge.currency,
            Charge.state,
            Charge.sent_at,
            Message.state.label("message_state"),
            Message.refusal,
            Message.error,
            Message.sent_at.label("taken_at"),
            Message.ended_at,
            smsc_id.label("smsc_id"),
        )
        .outerjoin(Message, Message.id == Charge.message_id)
        .where(Charge.state.in_((ChargeState.PLANNED, ChargeState.SENT, ChargeState.UNKNOWN)), waiting)
        .order_by(Charge.id)
        .limit(limit)
        .with_for_update(of=Charge, skip_locked=True)
    ).all()


def _note_sent(session: Session, rows: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> None:
    planned = [row for row in rows if row.state is ChargeState.PLANNED]
    if planned:
        bulk.update_rows(
            session,
            Charge.metadata.tables["charge"],
            [
                {"id": row.id, "state": ChargeState.SENT, "sent_at": row.taken_at or now, "smsc_id": row.smsc_id}
                for row in planned
            ],
        )


def _ended(
    row: Row[*tuple[Any, ...]], by_name: Mapping[str, OperatorBilling], silent: timedelta, now: datetime
) -> Ended | None:
    """What the SMS's state means for its charge; None: not known yet."""
    how = by_name.get(row.operator) or operators.NONE

    def one(state: ChargeState, outcome: ChargeOutcome | None) -> Ended:
        amount = Money(row.cents, row.currency)
        at = row.ended_at or now
        return Ended(
            row.id,
            row.payer_id,
            row.month,
            row.operator,
            amount,
            state,
            outcome,
            at,
            row.error,
            row.taken_at,
            row.smsc_id,
        )

    match row.message_state:
        case None | MessageState.UNKNOWN:  # also an SMS that was erased: nobody knows whether it had gone
            return one(ChargeState.UNKNOWN, ChargeOutcome.NO_REPORT)
        case MessageState.DELIVERED:
            return one(ChargeState.CHARGED, ChargeOutcome.CHARGED)
        case MessageState.SENT:
            if how.charged_on is ChargedOn.ACCEPTED:
                return one(ChargeState.CHARGED, ChargeOutcome.CHARGED)
            if row.state is ChargeState.SENT and row.sent_at and row.sent_at + silent <= now:
                return one(ChargeState.UNKNOWN, ChargeOutcome.NO_REPORT)
            return None
        case MessageState.FAILED:
            return one(*_failed(row, how))
        case MessageState.EXPIRED:
            return one(ChargeState.FAILED, ChargeOutcome.TEMPORARY)
        case MessageState.CANCELLED:
            return one(ChargeState.CANCELLED, None)
        case _:
            return None


def _failed(row: Row[*tuple[Any, ...]], how: operators.OperatorBilling) -> tuple[ChargeState, ChargeOutcome]:
    if row.refusal:
        outcome = ChargeOutcome(row.refusal)
    elif row.taken_at is not None:  # the operator had taken it: this is its receipt
        outcome = how.of_report(row.error)
    else:
        outcome = how.of_status(row.error or "") or ChargeOutcome.TEMPORARY
    if outcome is ChargeOutcome.NO_REPORT:
        return ChargeState.UNKNOWN, outcome
    if outcome is ChargeOutcome.CHARGED:
        return ChargeState.CHARGED, outcome
    return ChargeState.FAILED, outcome
