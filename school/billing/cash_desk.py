"""What cash desks and ePay.bg ask by ePay Billing: what a payer owes, and that it was paid.

A payer owes the coming month while it is not paid for. Any of the offered numbers of months may be paid (DEPOSIT); a
part of a month may not (PARTIAL is answered like an amount that is not owed).
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import OrderState, PaymentWay
from db.models import DeskPayment, Payer, PaymentOrder
from epay.protocol.billing import Asked, Debt, Outcome, Type
from school.billing import orders, payer_numbers
from school.billing.money import Money
from school.billing.months import last_day, month_at
from school.billing.orders import MONTHS, Paid
from school.billing.prices import quote, quotes
from school.wording.translation import SOURCE, gettext

LASTS = timedelta(days=1)
"""How long what a cash desk was told holds, even if the price changes at midnight."""


def owed(session: Session, asked: Asked, currency: str, now: datetime) -> Debt | Outcome:
    """What a cash desk is told. Needs a session that writes: what was told is kept until it is paid.

    `currency`: in whose hundredths the cash desk counts; a price in another one is ERROR.
    """
    payer_id = payer_numbers.payer_with(session, asked.idn)
    if payer_id is None:
        return Outcome.UNKNOWN
    if asked.type is Type.PARTIAL:
        return Outcome.AMOUNT
    # The payer's row is locked: two cash desks that ask at once find one order.
    paid_until = session.execute(select(Payer.paid_until).where(Payer.id == payer_id).with_for_update()).scalar_one()
    if asked.type is not Type.DEPOSIT and paid_until is not None and paid_until >= last_day(month_at(now)):
        return Outcome.NOTHING
    price = quote(session, payer_id, 1, now)
    if price.currency != currency:
        return Outcome.ERROR
    if asked.type is Type.BILLING and _waiting(session, payer_id, price, now) is None:
        orders.place(session, payer_id, months=1, way=PaymentWay.DESK, language=SOURCE, now=now, lasts=LASTS)
    return Debt(
        price.cents,
        last_day(month_at(now)),
        gettext(SOURCE, "Известия от училище, 1 месец"),
        _description(session, payer_id, now),
    )


def paid(session: Session, asked: Asked, currency: str, now: datetime) -> Outcome:
    """A cash desk took money. The same TID again is FOUND and changes nothing; an amount that is not owed is AMOUNT."""
    order_id = session.scalar(select(DeskPayment.order_id).where(DeskPayment.tid == asked.tid))
    if order_id is not None:
        return _repeated(session, order_id, asked)
    payer_id = payer_numbers.payer_with(session, asked.idn)
    if payer_id is None:
        return Outcome.UNKNOWN
    session.execute(select(Payer.id).where(Payer.id == payer_id).with_for_update())
    order_id = session.scalar(select(DeskPayment.order_id).where(DeskPayment.tid == asked.tid))
    if order_id is not None:  # the same was told twice at once
        return _repeated(session, order_id, asked)
    order = _order_for(session, payer_id, Money(asked.total, currency), now)
    if order is None:
        return Outcome.AMOUNT
    session.add(DeskPayment(tid=asked.tid, order_id=order.id, at=now))
    session.flush()
    orders.pay(session, order, Paid(now, stan=asked.tid[14:20], outside_name=asked.tid), now)
    return Outcome.FOUND


def _repeated(session: Session, order_id: int, asked: Asked) -> Outcome:
    """The first answer again; the same number for another payment is none of theirs."""
    row = session.execute(select(PaymentOrder.cents, PaymentOrder.payer_id).where(PaymentOrder.id == order_id)).one()
    same = row.cents == asked.total and payer_numbers.payer_with(session, asked.idn) == row.payer_id
    return Outcome.FOUND if same else Outcome.DUPLICATE


def _order_for(session: Session, payer_id: int, total: Money, now: datetime) -> orders.Order | None:
    """The order that the cash desk was told of, or a new one for as many months as the amount pays for today."""
    told = _waiting(session, payer_id, total, now)
    if told is not None:
        return orders.locked(session, told)
    for months, price in quotes(session, payer_id, MONTHS, now).items():
        if price == total:
            placed = orders.place(
                session, payer_id, months=months, way=PaymentWay.DESK, language=SOURCE, now=now, lasts=LASTS
            )
            return orders.locked(session, placed.invoice)
    return None


def _waiting(session: Session, payer_id: int, price: Money, now: datetime) -> str | None:
    return session.scalar(
        select(PaymentOrder.invoice)
        .where(
            PaymentOrder.payer_id == payer_id,
            PaymentOrder.way == PaymentWay.DESK,
            PaymentOrder.state == OrderState.WAITING,
            PaymentOrder.cents == price.cents,
            PaymentOrder.currency == price.currency,
            PaymentOrder.expires_at > now,
        )
        .order_by(PaymentOrder.id.desc())
        .limit(1)
    )


def _description(session: Session, payer_id: int, now: datetime) -> str:
    """What may be paid; nothing of whose children it is for."""
    lines = [gettext(SOURCE, "Абонамент за известия от училище (InfoServ e-School).")]
    for months, price in quotes(session, payer_id, MONTHS, now).items():
        lines.append(gettext(SOURCE, "За {months} мес.: {price}", months=months, price=price))
    return "\n".join(lines)
