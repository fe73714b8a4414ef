"""Charging the cards that payers stored for the months to come, and asking what became of it.

A payer has one card. It is charged for a month when what is paid ends within a few days, at most once a day, and never
while it is not known how an earlier charge ended. A card that fails three times is forgotten, and the payer told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

import logs
from db import lists
from db.kinds import OrderState, PaymentWay
from db.models import Cover, Payer, PaymentOrder, StoredCard
from db.session import Database
from epay.asking import NoAnswerError
from epay.protocol import onetouch
from epay.protocol.onetouch import RefusedError
from errors import EschoolError, InputError, OperationError
from runtime.localtime import today
from school import audit, entitlement
from school.billing import holds, order_wording, orders, receipts
from school.billing.epay_methods import device_of
from school.billing.kept_cards import has_open_charge, is_open, store, take
from school.billing.methods import RecurringMethod
from school.billing.order_wording import description
from school.billing.orders import Order, Paid
from school.billing.states import left
from school.wording.translation import SOURCE

log = logs.get(__name__)

BEFORE = timedelta(days=3)
"""So long before what is paid ends a card is charged."""
AGAIN_AFTER = timedelta(hours=20)
MOST_FAILURES = 3
UNCLEAR_FOR = timedelta(days=7)
"""So long after its order ended a charge is asked for that the processor knows nothing clear of."""
MOST_SILENT = 3
"""Questions without an answer, one after the other, after which no more are asked in one run."""
AT_ONCE = 500


def forget(database: Database, method: RecurringMethod | None, payer_id: int, now: datetime) -> bool:
    """Forget a payer's card, here at once, and at the processor if it answers. False: there is none.

    How a charge under way ended is asked for first: without the token nobody could. Raises InputError while that is not
    known; meanwhile the card is not charged again.
    """
    if method is not None:
        _settle_open(database, method, payer_id, now)
    with database.session() as session:
        card = take(session, payer_id)
        if card is None:
            return False
        if method is not None and is_open(session, payer_id):
            raise InputError("It is not known yet how the last payment by this card ended: try again in an hour.")
        session.execute(delete(StoredCard).where(StoredCard.payer_id == payer_id))
        audit.write(session, "card.forgotten", "payer", payer_id, now, school_id=None)
    if method is not None:
        try:
            method.forget(card.device, card.card)
        except OperationError as error:  # without our secret and row the token is of no use to anybody
            log.warning("card.not_ended", error=str(error))
    return True


def settle(database: Database, method: RecurringMethod, invoice: str, now: datetime) -> OrderState:
    """Ask what became of an order that was to be paid by a card, and do what follows; gives the order's state.

    Raises MissingError for no such order, OperationError when the processor does not answer.
    """
    return _settled(database, method, invoice, now).state


@dataclass(frozen=True, slots=True)
class _Heard:
    """An order's state; `is_clear`: if it waits still, nothing is under way that could be paid yet."""

    state: OrderState
    is_clear: bool = True


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
        return _Heard(_deny(database, order, now))
    if not told.paid:
        return _Heard(order.state, is_clear=not told.is_under_way)
    if told.card is not None:
        _settle_open(database, method, order.payer_id, now)
    with database.session() as session:
        _pay(session, order, told, now)
        if told.card is not None and not store(session, order.payer_id, device, told.card, now):
            log.warning("card.not_stored", payer_id=order.payer_id)
    return _Heard(OrderState.PAID)


def settle_all(database: Database, method: RecurringMethod | None, now: datetime) -> str:
    """Ask about every order by card that waits; and let those expire of which nothing is to come.

    An order waits on while the question is not answered: it may have been paid, and nobody asks about one that ended.
    """
    asked = _ask_all(database, method, now) if method is not None else _Asked()
    with database.session() as session:
        _count_failures(session, asked.clear, now, now)
        _count_failures(session, asked.unclear, now - UNCLEAR_FOR, now)
        ended = orders.end_forgotten(session, now, [*asked.clear, *asked.unclear])
    return f"{asked.count} payments by card asked about, {ended} orders expired."


@dataclass(slots=True)
class _Asked:
    """Invoices that were asked about: of `clear` nothing is under way, `unclear` are the others that were answered."""

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
            (asked.clear if heard.is_clear else asked.unclear).append(invoice)
        silent = 0
    return asked


def _settle_open(database: Database, method: RecurringMethod, payer_id: int, now: datetime) -> None:
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


def renew(database: Database, method: RecurringMethod | None, now: datetime) -> str:
    """Charge the stored cards of payers whose paid time ends soon, one after the other.

    Nobody who pays for no child or wrote СТОП, and nobody at all while parents do not pay or all is held.
    """
    if method is None:
        return "No cards are stored."
    if not _may_charge(database):
        _forget_failing(database, method, now)
        return "Nobody is charged now."
    done = {True: 0, False: 0}
    for payer_id in _due(database, now):
        try:
            done[_charge(database, method, payer_id, now)] += 1
        except NoAnswerError as error:  # nor would the next one be answered
            done[False] += 1
            log.warning("card.failed", payer_id=payer_id, error=logs.where(error))
            break
        except EschoolError as error:
            done[False] += 1
            log.warning("card.failed", payer_id=payer_id, error=logs.where(error))
    _forget_failing(database, method, now)
    return f"{done[True]} cards charged, {done[False]} not yet."


def _charge(database: Database, method: RecurringMethod, payer_id: int, now: datetime) -> bool:
    """One charge: ordered, named and stored before it is made, so that its end can be asked for whatever happens."""
    with database.session() as session:
        card = take(session, payer_id)
        if card is None or holds.all_is_held(session) or not _claim(session, payer_id, now):
            return False
        order = orders.place(
            session, payer_id, months=1, way=PaymentWay.STORED_CARD, language=SOURCE, now=now, lasts=timedelta(days=1)
        )
    try:
        name = method.announce(card.device, card.card)
    except OperationError as error:  # nothing was charged
        with database.session() as session:
            found = orders.locked(session, order.invoice)
            assert found is not None
            orders.end(session, found, OrderState.DENIED, now)
            if isinstance(error, RefusedError):  # what is no answer is not the card's fault
                _failed(session, payer_id)
        raise
    with database.session() as session:
        orders.called(session, order.invoice, name)
        order = orders.by_invoice(session, order.invoice)
    told = method.charge(order, card.device, card.card, description(order))
    if told.failed:
        _deny(database, order, now)
    if not told.paid:
        return False
    with database.session() as session:
        _pay(session, order, told, now)
        session.execute(update(StoredCard).where(StoredCard.payer_id == payer_id).values(failures=0))
    return True


def _pay(session: Session, order: Order, told: onetouch.Told, now: datetime) -> None:
    found = orders.locked(session, order.invoice)
    assert found is not None
    orders.pay(session, found, Paid(now, outside_name=order.outside_name or told.number or None), now)


def _deny(database: Database, order: Order, now: datetime) -> OrderState:
    """The payment failed: its order is over, and of a stored card it is one failure more. Gives the order's state."""
    with database.session() as session:
        found = orders.locked(session, order.invoice)
        assert found is not None
        if not orders.end(session, found, OrderState.DENIED, now):
            return found.state
        if found.way is PaymentWay.STORED_CARD:
            _failed(session, found.payer_id)
    return OrderState.DENIED


def _may_charge(database: Database) -> bool:
    with database.reading() as session:
        return entitlement.is_on() and not holds.all_is_held(session)


def _claim(session: Session, payer_id: int, now: datetime) -> bool:
    """Two schedulers that charge at once: one does. Who left or paid since the card was found due is let be."""
    claimed = session.execute(
        update(StoredCard)
        .where(
            StoredCard.payer_id == payer_id,
            StoredCard.payer_id.in_(select(Payer.id).where(_owes(now))),
            _may_be_tried(now),
        )
        .values(tried_at=now)
        .returning(StoredCard.id)
    )
    return claimed.one_or_none() is not None


def _owes(now: datetime) -> ColumnElement[bool]:
    """The payer has not left, pays for a child, and what is paid ends soon."""
    return and_(
        ~left(),
        exists().where(Cover.payer_id == Payer.id, Cover.ended_at.is_(None)),
        or_(Payer.paid_until.is_(None), Payer.paid_until < today(now + BEFORE)),
    )


def _may_be_tried(now: datetime) -> ColumnElement[bool]:
    """The card was not tried today, has not failed too often, and no charge of it is open."""
    return and_(
        or_(StoredCard.tried_at.is_(None), StoredCard.tried_at < now - AGAIN_AFTER),
        StoredCard.failures < MOST_FAILURES,
        ~has_open_charge(),
    )


def _due(database: Database, now: datetime) -> list[int]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(StoredCard.payer_id)
                .join(Payer, Payer.id == StoredCard.payer_id)
                .where(_owes(now), _may_be_tried(now))
                .order_by(StoredCard.id)
                .limit(AT_ONCE)
            )
        )


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


def _count_failures(session: Session, invoices: Sequence[str], before: datetime, now: datetime) -> None:
    """Of these charges nothing good was heard, and their orders were to end before that: they have failed."""
    ended = session.execute(
        update(PaymentOrder)
        .where(
            PaymentOrder.state == OrderState.WAITING,
            PaymentOrder.way == PaymentWay.STORED_CARD,
            PaymentOrder.expires_at < before,
            lists.among_these(PaymentOrder.invoice, invoices),
        )
        .values(state=OrderState.DENIED, ended_at=now)
        .returning(PaymentOrder.payer_id)
    )
    for row in ended.all():
        _failed(session, row.payer_id)


def _failed(session: Session, payer_id: int) -> None:
    session.execute(update(StoredCard).where(StoredCard.payer_id == payer_id).values(failures=StoredCard.failures + 1))


def _forget_failing(database: Database, method: RecurringMethod, now: datetime) -> None:
    """Cards that failed too often, and those of who left while a charge was open."""
    with database.reading() as session:
        failing = session.execute(
            select(StoredCard.payer_id, StoredCard.shown, left().label("has_left"))
            .join(Payer, Payer.id == StoredCard.payer_id)
            .where(or_(StoredCard.failures >= MOST_FAILURES, left()))
        ).all()
    for row in failing:
        try:
            forgotten = forget(database, method, row.payer_id, now)
        except InputError:  # a charge is open yet
            continue
        if forgotten and not row.has_left:
            _tell_forgotten(database, row.payer_id, row.shown, now)


def _tell_forgotten(database: Database, payer_id: int, shown: str, now: datetime) -> None:
    with database.session() as session:
        receipts.send(session, [payer_id], lambda _, language: order_wording.card_forgotten(language, shown), now)
