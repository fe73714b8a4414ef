"""Asking what became of orders that were to be paid by a card: of one that is typed on the page, or of a stored one.

An order waits on while the question is not answered: it may have been paid, and nobody asks about one that ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import logs
from db import lists
from db.kinds import OrderState, PaymentWay
from db.models import PaymentOrder, StoredCard
from db.session import Database
from epay.asking import NoAnswerError
from epay.protocol import onetouch
from epay.protocol.onetouch import RefusedError
from errors import EschoolError
from school.billing import orders
from school.billing.epay_methods import device_of
from school.billing.kept_cards import store, take
from school.billing.methods import RecurringMethod
from school.billing.order_wording import description
from school.billing.orders import Order, Paid

log = logs.get(__name__)

UNCLEAR_FOR = timedelta(days=7)
"""So long after its order ended a payment is asked for that the processor knows nothing clear of."""
MOST_SILENT = 3
"""Questions without an answer, one after the other, after which no more are asked in one run."""


def settle(database: Database, method: RecurringMethod, invoice: str, now: datetime) -> OrderState:
    """Ask what became of an order that was to be paid by a card, and do what follows; gives the order's state.

    Raises MissingError for no such order, OperationError when the processor does not answer.
    """
    return _settled(database, method, invoice, now).state


@dataclass(frozen=True, slots=True)
class _Heard:
    """An order's state. `over_after`: if it waits still, so long after its end nothing can be paid; None: never."""

    state: OrderState
    over_after: timedelta | None = timedelta(0)


def _settled(database: Database, method: RecurringMethod, invoice: str, now: datetime) -> _Heard:
    with database.reading() as session:
        order = orders.by_invoice(session, invoice)
        card = take(session, order.payer_id) if order.way is PaymentWay.STORED_CARD else None
    if order.state is not OrderState.WAITING:
        return _Heard(order.state)
    if order.way is PaymentWay.SAVED_CARD:
        device, told = device_of(order), method.outcome(order, device_of(order), description(order))
    elif card is not None and order.outside_name is not None:
        device, told = card.device, method.charged(order, card.device, card.card)
    else:
        return _Heard(order.state)
    if told.failed:
        return _Heard(deny(database, order, now))
    if told.is_other_amount:
        log.error("card.other_amount", invoice=invoice)
        return _Heard(order.state, over_after=None)
    if not told.paid:
        return _Heard(order.state, over_after=UNCLEAR_FOR if told.is_under_way else timedelta(0))
    if told.card is not None:
        settle_open(database, method, order.payer_id, now)
    with database.session() as session:
        pay(session, order, told, now)
        if told.card is not None and not store(session, order.payer_id, device, told.card, now):
            log.warning("card.not_stored", payer_id=order.payer_id)
    return _Heard(OrderState.PAID)


def settle_all(database: Database, method: RecurringMethod | None, now: datetime) -> str:
    """Ask about every order by card that waits; and let those expire of which nothing is to come."""
    asked = _ask_all(database, method, now) if method is not None else _Asked()
    with database.session() as session:
        over = [*asked.clear, *_ended_before(session, asked.unclear, now - UNCLEAR_FOR)]
        _count_failures(session, over, now)
        ended = orders.end_forgotten(session, now, over)
    return f"{asked.count} payments by card asked about, {ended} orders expired."


@dataclass(slots=True)
class _Asked:
    """Invoices that were asked about: of `clear` nothing is under way, of `unclear` something may be for a week yet.

    One that was paid with another amount is neither: the money is the payer's, and a person has to look at it.
    """

    count: int = 0
    clear: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def _ask_all(database: Database, method: RecurringMethod, now: datetime) -> _Asked:
    asked, silent = _Asked(), 0
    for invoice in _waiting(database):
        asked.count += 1
        try:
            heard = _settled(database, method, invoice, now)
        except RefusedError as error:
            asked.unclear.append(invoice)
            log.warning("card.unknown", invoice=invoice, error=logs.where(error))
        except EschoolError as error:
            log.warning("card.unknown", invoice=invoice, error=logs.where(error))
            silent = silent + 1 if isinstance(error, NoAnswerError) else 0
            if silent == MOST_SILENT:
                return asked
            continue
        else:
            if heard.over_after is not None:
                (asked.unclear if heard.over_after else asked.clear).append(invoice)
        silent = 0
    return asked


def settle_open(database: Database, method: RecurringMethod, payer_id: int, now: datetime) -> None:
    """Ask what became of the payer's charges by a stored card that are open."""
    with database.reading() as session:
        invoices = session.scalars(
            select(PaymentOrder.invoice).where(
                PaymentOrder.payer_id == payer_id,
                PaymentOrder.state == OrderState.WAITING,
                PaymentOrder.way == PaymentWay.STORED_CARD,
            )
        ).all()
    for invoice in invoices:
        try:
            settle(database, method, invoice, now)
        except EschoolError as error:
            log.warning("card.unknown", invoice=invoice, error=logs.where(error))


def pay(session: Session, order: Order, told: onetouch.Told, now: datetime) -> None:
    """The payment was made: credit the order's months, once."""
    found = orders.locked(session, order.invoice)
    assert found is not None
    orders.pay(session, found, Paid(now, outside_name=order.outside_name or told.number or None), now)


def deny(database: Database, order: Order, now: datetime) -> OrderState:
    """The payment failed: its order is over, and of a stored card it is one failure more. Gives the order's state."""
    with database.session() as session:
        found = orders.locked(session, order.invoice)
        assert found is not None
        if not orders.end(session, found, OrderState.DENIED, now):
            return found.state
        if found.way is PaymentWay.STORED_CARD:
            count_failure(session, found.payer_id)
    return OrderState.DENIED


def _waiting(database: Database) -> list[str]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(PaymentOrder.invoice)
                .where(
                    PaymentOrder.state == OrderState.WAITING,
                    PaymentOrder.way.in_((PaymentWay.SAVED_CARD, PaymentWay.STORED_CARD)),
                )
                .order_by(PaymentOrder.id)
            )
        )


def _ended_before(session: Session, invoices: Sequence[str], moment: datetime) -> Sequence[str]:
    return session.scalars(
        select(PaymentOrder.invoice).where(
            PaymentOrder.expires_at < moment, lists.among_these(PaymentOrder.invoice, invoices)
        )
    ).all()


def _count_failures(session: Session, invoices: Sequence[str], now: datetime) -> None:
    """Of these charges by stored cards nothing good was heard: those whose orders were to end by now have failed."""
    ended = session.execute(
        update(PaymentOrder)
        .where(
            PaymentOrder.state == OrderState.WAITING,
            PaymentOrder.way == PaymentWay.STORED_CARD,
            PaymentOrder.expires_at < now,
            lists.among_these(PaymentOrder.invoice, invoices),
        )
        .values(state=OrderState.DENIED, ended_at=now)
        .returning(PaymentOrder.payer_id)
    )
    for row in ended.all():
        count_failure(session, row.payer_id)


def count_failure(session: Session, payer_id: int) -> None:
    """The payer's stored card failed once more."""
    session.execute(update(StoredCard).where(StoredCard.payer_id == payer_id).values(failures=StoredCard.failures + 1))
