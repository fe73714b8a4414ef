"""A payer's statement: what was charged, paid ahead and given back, as typed rows that SMS, speech and PDF show."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import ChargeState
from db.models import Charge, Payment, Price, Refund
from runtime.localtime import today
from school.billing.money import Money, Taxed, taxed
from school.billing.months import last_day


@dataclass(frozen=True, slots=True)
class Line:
    """Money that a payer paid, or (negative) got back. `month` None: not for a single month."""

    on_day: date
    way: str
    """`telephone`, or how it was paid ahead; `refund`."""
    amount: Money
    tax: Taxed
    month: date | None = None
    until: date | None = None
    """The last day that it pays for."""


def lines(session: Session, payer_id: int, *, newest: int | None = None) -> list[Line]:
    """All of them, the newest first."""
    found = [*_charges(session, payer_id), *_payments(session, payer_id), *_refunds(session, payer_id)]
    found.sort(key=lambda line: line.on_day, reverse=True)
    return found[:newest]


def _charges(session: Session, payer_id: int) -> list[Line]:
    rows = session.execute(
        select(Charge.month, Charge.cents, Charge.currency, Charge.ended_at, Charge.planned_at, Price.vat_percent)
        .join(Price, Price.id == Charge.price_id)
        .where(Charge.payer_id == payer_id, Charge.state == ChargeState.CHARGED)
    )
    found = []
    for row in rows:
        amount = Money(row.cents, row.currency)
        on_day = today(row.ended_at or row.planned_at)
        tax = taxed(amount, row.vat_percent)
        found.append(Line(on_day, "telephone", amount, tax, row.month, last_day(row.month)))
    return found


def _payments(session: Session, payer_id: int) -> list[Line]:
    rows = session.scalars(select(Payment).where(Payment.payer_id == payer_id))
    return [
        Line(
            today(row.at),
            row.method,
            Money(row.cents, row.currency),
            taxed(Money(row.cents, row.currency), row.vat_percent),
            None,
            row.until,
        )
        for row in rows
    ]


def _refunds(session: Session, payer_id: int) -> list[Line]:
    rows = session.execute(
        select(
            Refund.cents, Refund.currency, Refund.decided_at, Price.vat_percent, Payment.vat_percent.label("of_paid")
        )
        .outerjoin(Charge, Charge.id == Refund.charge_id)
        .outerjoin(Price, Price.id == Charge.price_id)
        .outerjoin(Payment, Payment.id == Refund.payment_id)
        .where(Refund.payer_id == payer_id, Refund.granted.is_(True))
    )
    found = []
    for row in rows:
        percent = row.of_paid if row.vat_percent is None else row.vat_percent
        tax = taxed(Money(row.cents, row.currency), percent)
        minus = Taxed(_minus(tax.gross), _minus(tax.net), _minus(tax.vat), percent)
        found.append(Line(today(row.decided_at), "refund", minus.gross, minus))
    return found


def _minus(amount: Money) -> Money:
    return Money(-amount.cents, amount.currency)


@dataclass(frozen=True, slots=True)
class Refundable:
    """A charge or a payment of which money may go back; `name`: `charge:12`, `payment:3`."""

    name: str
    on_day: date
    amount: Money


def refundable(session: Session, payer_id: int, newest: int = 24) -> list[Refundable]:
    """The newest charges and payments of a payer, the newest first."""
    charges = session.execute(
        select(Charge.id, Charge.cents, Charge.currency, Charge.planned_at)
        .where(Charge.payer_id == payer_id, Charge.state == ChargeState.CHARGED)
        .order_by(Charge.id.desc())
        .limit(newest)
    )
    payments = session.execute(
        select(Payment.id, Payment.cents, Payment.currency, Payment.at)
        .where(Payment.payer_id == payer_id)
        .order_by(Payment.id.desc())
        .limit(newest)
    )
    found = [
        Refundable(f"charge:{row.id}", today(row.planned_at), Money(row.cents, row.currency)) for row in charges
    ] + [Refundable(f"payment:{row.id}", today(row.at), Money(row.cents, row.currency)) for row in payments]
    return sorted(found, key=lambda one: one.on_day, reverse=True)[:newest]
