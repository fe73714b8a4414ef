"""Orders: so many months at a price, paid once. What an order asks for is what a payment is compared with.

ePay.bg tells no amount with a payment, so the order's own counts. Money that came is always the payer's: an order that
was denied, has expired or was cancelled becomes paid when it is told so.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, Select, func, insert, or_, select, update
from sqlalchemy.orm import Session

from db import lists
from db.kinds import Language, OrderState, PaymentWay
from db.models import PaymentOrder
from errors import InputError, MissingError
from runtime.localtime import today
from school.billing import payments
from school.billing.money import Money
from school.billing.prices import quote

MONTHS = (1, 3, 10, 12)
"""What is offered: a month, a term, a school year, a year."""
MOST_WAITING = 20
"""Orders of one payer that nobody has paid, within a day."""
ON_PAGES = tuple(way for way in PaymentWay if way not in (PaymentWay.DESK, PaymentWay.STORED_CARD))
"""Ways that somebody chooses on a page."""
LASTS = timedelta(days=2)
"""How long an order waits for a browser; one for EasyPay waits as long as its code."""

NEXT: Mapping[OrderState, frozenset[OrderState]] = MappingProxyType(
    {
        OrderState.WAITING: frozenset(OrderState) - {OrderState.WAITING},
        OrderState.DENIED: frozenset({OrderState.PAID}),
        OrderState.EXPIRED: frozenset({OrderState.PAID}),
        OrderState.CANCELLED: frozenset({OrderState.PAID}),
        OrderState.PAID: frozenset(),
    }
)
"""Which state leads where."""

METHOD: Mapping[PaymentWay, str] = MappingProxyType(
    {way: "easypay" if way in (PaymentWay.EASYPAY, PaymentWay.DESK) else "epay" for way in PaymentWay}
)
"""By which of the ledger's methods a way's money comes."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is now."""

    id: int
    invoice: str
    payer_id: int
    way: PaymentWay
    months: int
    price: Money
    language: Language
    state: OrderState
    created_at: datetime
    expires_at: datetime
    code: str | None
    outside_name: str | None


@dataclass(frozen=True, slots=True)
class Paid:
    """What the other side says of a payment. `cents` only where it differs from the order's, by a bank's discount."""

    at: datetime
    cents: int | None = None
    stan: str = ""
    bcode: str = ""
    bin: str = ""
    outside_name: str | None = None


def place(
    session: Session,
    payer_id: int,
    *,
    months: int,
    way: PaymentWay,
    language: Language,
    now: datetime,
    lasts: timedelta = LASTS,
) -> Order:
    """A new order at today's price. Raises InputError for other months than MONTHS, and for too many orders a day.

    Orders of the pages alone are counted and limited: whoever knows the code of a label places them, and must not keep
    money from being taken at a cash desk, or by the payer's card.
    """
    if months not in MONTHS:
        raise InputError("Choose {months} months.", months=", ".join(map(str, MONTHS)))
    if way in ON_PAGES and _count_waiting(session, payer_id, now) >= MOST_WAITING:
        raise InputError("Too many payments were begun today: pay one of them, or come back tomorrow.")
    price = quote(session, payer_id, months, now)
    invoice = _free_invoice(session, now)
    session.execute(
        insert(PaymentOrder).values(
            invoice=invoice,
            payer_id=payer_id,
            way=way,
            months=months,
            cents=price.cents,
            currency=price.currency,
            language=language,
            state=OrderState.WAITING,
            created_at=now,
            expires_at=now + lasts,
        )
    )
    return by_invoice(session, invoice)


def _count_waiting(session: Session, payer_id: int, now: datetime) -> int:
    return session.scalars(
        select(func.count()).where(
            PaymentOrder.payer_id == payer_id,
            PaymentOrder.way.in_(ON_PAGES),
            PaymentOrder.state == OrderState.WAITING,
            PaymentOrder.created_at > now - timedelta(days=1),
        )
    ).one()


def by_invoice(session: Session, invoice: str, *, payer_id: int | None = None) -> Order:
    """The order of an invoice, if need be of this payer only. Raises MissingError."""
    statement = _ORDERS.where(PaymentOrder.invoice == invoice)
    if payer_id is not None:
        statement = statement.where(PaymentOrder.payer_id == payer_id)
    row = session.execute(statement).one_or_none()
    if row is None:
        raise MissingError("There is no such payment.")
    return _order(row)


def locked(session: Session, invoice: str) -> Order | None:
    """The order of an invoice, for whoever changes it."""
    row = session.execute(_ORDERS.where(PaymentOrder.invoice == invoice).with_for_update()).one_or_none()
    return None if row is None else _order(row)


def of_payer(session: Session, payer_id: int, most: int = 12) -> list[Order]:
    """A payer's orders, newest first."""
    rows = session.execute(
        _ORDERS.where(PaymentOrder.payer_id == payer_id).order_by(PaymentOrder.id.desc()).limit(most)
    )
    return [_order(row) for row in rows]


def waiting_code(session: Session, payer_id: int, months: int, now: datetime) -> Order | None:
    """A code for EasyPay that the payer has already for so many months at today's price, with a day left at least."""
    price = quote(session, payer_id, months, now)
    row = session.execute(
        _ORDERS.where(
            PaymentOrder.payer_id == payer_id,
            PaymentOrder.way == PaymentWay.EASYPAY,
            PaymentOrder.state == OrderState.WAITING,
            PaymentOrder.code.is_not(None),
            PaymentOrder.months == months,
            PaymentOrder.cents == price.cents,
            PaymentOrder.currency == price.currency,
            PaymentOrder.expires_at > now + timedelta(days=1),
        )
        .order_by(PaymentOrder.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _order(row)


def got_code(session: Session, invoice: str, code: str) -> Order:
    """ePay.bg gave an order its code for EasyPay."""
    session.execute(update(PaymentOrder).where(PaymentOrder.invoice == invoice).values(code=code))
    return by_invoice(session, invoice)


def expires(session: Session, invoice: str, expires_at: datetime) -> None:
    """A waiting order lasts until another moment."""
    session.execute(
        update(PaymentOrder)
        .where(PaymentOrder.invoice == invoice, PaymentOrder.state == OrderState.WAITING)
        .values(expires_at=expires_at)
    )


def called(session: Session, invoice: str, outside_name: str) -> None:
    """Note what the other side calls a payment, before anything is paid."""
    session.execute(update(PaymentOrder).where(PaymentOrder.invoice == invoice).values(outside_name=outside_name))


def end(session: Session, order: Order, state: OrderState, now: datetime) -> bool:
    """A locked order was denied, has expired or was cancelled. False: it is over already, and nothing was changed."""
    if state is OrderState.PAID or state not in NEXT[order.state]:
        return False
    session.execute(update(PaymentOrder).where(PaymentOrder.id == order.id).values(state=state, ended_at=now))
    return True


def pay(session: Session, order: Order, paid: Paid, now: datetime) -> bool:
    """A locked order was paid: credit its months. False: it was paid before, and nothing was changed.

    Raises ValueError for an amount that no discount explains: none, or more than was asked for.
    """
    if OrderState.PAID not in NEXT[order.state]:
        return False
    cents = order.price.cents if paid.cents is None else paid.cents
    if not 0 < cents <= order.price.cents:
        raise ValueError("the amount is not the order's")
    session.execute(
        update(PaymentOrder)
        .where(PaymentOrder.id == order.id)
        .values(
            state=OrderState.PAID,
            ended_at=now,
            paid_at=paid.at,
            paid_cents=cents,
            stan=paid.stan or None,
            bcode=paid.bcode or None,
            bin=paid.bin or None,
            outside_name=paid.outside_name or order.outside_name,
        )
    )
    return payments.receive(
        session,
        order.payer_id,
        months=order.months,
        paid=Money(cents, order.price.currency),
        method=METHOD[order.way],
        reference=order.invoice,
        now=now,
    )


def end_forgotten(session: Session, now: datetime, asked: Collection[str] = ()) -> int:
    """Let orders expire that nobody paid and of which ePay.bg told nothing for a day; gives how many.

    Of One Touch nothing is told unasked: its orders expire only if they are among those that were `asked` about.
    """
    ended = session.execute(
        update(PaymentOrder)
        .where(
            PaymentOrder.state == OrderState.WAITING,
            PaymentOrder.expires_at < now - timedelta(days=1),
            PaymentOrder.way != PaymentWay.STORED_CARD,
            or_(PaymentOrder.way != PaymentWay.SAVED_CARD, lists.among_these(PaymentOrder.invoice, list(asked))),
        )
        .values(state=OrderState.EXPIRED, ended_at=now)
        .returning(PaymentOrder.id)
    )
    return len(ended.all())


def _free_invoice(session: Session, now: datetime) -> str:
    """14 digits: the day, so that a restored backup gives no number again that ePay.bg has, and a random number."""
    while True:
        invoice = f"{today(now):%y%m%d}{secrets.randbelow(10**8):08}"
        if session.scalar(select(PaymentOrder.id).where(PaymentOrder.invoice == invoice)) is None:
            return invoice


_ORDERS: Select[*tuple[Any, ...]] = select(
    PaymentOrder.id,
    PaymentOrder.invoice,
    PaymentOrder.payer_id,
    PaymentOrder.way,
    PaymentOrder.months,
    PaymentOrder.cents,
    PaymentOrder.currency,
    PaymentOrder.language,
    PaymentOrder.state,
    PaymentOrder.created_at,
    PaymentOrder.expires_at,
    PaymentOrder.code,
    PaymentOrder.outside_name,
)


def _order(row: Row[Any]) -> Order:
    return Order(
        row.id,
        row.invoice,
        row.payer_id,
        row.way,
        row.months,
        Money(row.cents, row.currency),
        row.language,
        row.state,
        row.created_at,
        row.expires_at,
        row.code,
        row.outside_name,
    )
