"""What payers pay ahead, and what goes back to them. Any way to pay ends here: the same payment counts once."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, insert, select, update
from sqlalchemy.orm import Session

from db import upsert
from db.kinds import AccountKind, ChargeState, LedgerCause
from db.models import Charge, Payer, Payment, Refund
from errors import InputError, MissingError
from runtime.localtime import month_of, today
from school import audit
from school.billing import consents, debts, due, holds, ledger, payers, receipts, states, wording
from school.billing.debts import Month
from school.billing.ledger import Account, Entry
from school.billing.money import Money, taxed
from school.billing.months import last_day, moved
from school.billing.prices import MOST_MONTHS, first_month_ahead, price_on
from school.billing.states import Happening

METHODS = {"epay": AccountKind.EPAY, "easypay": AccountKind.EASYPAY, "bank": AccountKind.BANK}
"""Ways to pay ahead, each with the account its money comes into."""
LONGEST_REFERENCE = 80


def receive(
    session: Session, payer_id: int, *, months: int, paid: Money, method: str, reference: str, now: datetime
) -> bool:
    """A payer paid for so many months ahead; False: this payment is here already, and nothing was done.

    The months begin with the present one, or after what is paid or free already. What was to be charged for a month
    before them is not any more: one that is tried again is written off, one that is due yet or was not told is free.
    A charge that waits is cancelled; one that is on its way is not tried again should it fail.
    Books the payment and the months with their VAT, has the family told again at once, and sends the payer a receipt.
    `method`: epay, easypay or bank;
    `reference`: what names the payment there. To be called in the transaction that answers for the payment. Raises
    InputError for another method, no amount, or months below 1 or above 24; MissingError for no such payer.
    """
    if method not in METHODS:
        raise InputError("{method} is no way to pay: give {ways}.", method=method, ways=", ".join(METHODS))
    if not 1 <= months <= MOST_MONTHS or paid.cents <= 0:
        raise InputError("A payment is for 1 to {most} months and of an amount above zero.", most=MOST_MONTHS)
    if not 1 <= len(reference) <= LONGEST_REFERENCE:
        raise InputError("The reference of a payment has 1 to {most} characters.", most=LONGEST_REFERENCE)
    payer = payers.by_id(session, payer_id)
    first = first_month_ahead(payer.paid_until, now)
    until = last_day(moved(first, months - 1))
    price = price_on(session, first)
    payment_id = session.scalar(
        upsert.insert(session.get_bind().dialect.name, Payment)
        .values(
            payer_id=payer_id,
            method=method,
            reference=reference,
            months=months,
            until=until,
            cents=paid.cents,
            currency=paid.currency,
            vat_percent=price.vat_percent,
            at=now,
        )
        .on_conflict_do_nothing(index_elements=[Payment.method, Payment.reference])
        .returning(Payment.id)
    )
    if payment_id is None:
        return False
    name = f"payment:{payment_id}"
    money = Entry(LedgerCause.PAYMENT, name, 1, Account(METHODS[method]), ledger.of_payer(payer_id), paid)
    ledger.book(session, [money, *ledger.month_due(payer_id, name, taxed(paid, price.vat_percent))], now)
    debts.write_off(session, [*due.tried_again(session, payer_id), *_withdrawn(session, payer_id, now)], now)
    before = moved(month_of(today(now)), -1)
    not_covered = Payer.paid_until.is_(None) | (Payer.paid_until < last_day(before))
    trusted = consents.trust_until(until) if consents.present(session, [payer_id]) else None
    states.move(
        session,
        [payer_id],
        Happening.PAID,
        paid_until=until,
        trusted_until=trusted,
        billed_month=case((not_covered & (Payer.billed_month < before), before), else_=Payer.billed_month),
        retry_on=None,
        silence_told_at=None,
    )
    receipts.send(session, [payer_id], lambda _, language: wording.paid_ahead(language, paid, first, until), now)
    audit.write(
        session,
        "payment.received",
        "payer",
        payer_id,
        now,
        school_id=None,
        subscriber_id=payer.subscriber_id,
        method=method,
        months=months,
        cents=paid.cents,
        currency=paid.currency,
    )
    return True


def _withdrawn(session: Session, payer_id: int, now: datetime) -> list[Month]:
    """Cancel the payer's charges that wait to be sent; gives their months."""
    waiting = session.scalars(
        select(Charge.id).where(Charge.payer_id == payer_id, Charge.state == ChargeState.PLANNED)
    ).all()
    if not waiting or not holds.withdraw(session, waiting, now, again=False):
        return []
    cancelled = select(Charge.month).where(Charge.id.in_(waiting), Charge.state == ChargeState.CANCELLED)
    return [(payer_id, month) for month in session.scalars(cancelled)]


class _Paid(NamedTuple):
    payer_id: int
    amount: Money
    vat_percent: int
    account: Account


def refund_request(
    session: Session,
    *,
    charge_id: int | None = None,
    payment_id: int | None = None,
    amount: Money,
    reason: str,
    by: int,
    now: datetime,
) -> int:
    """Ask for money to go back to a payer, of one charge or one payment; gives the request's id.

    Somebody else decides (`refund_decide`). `by`: a staff account. Raises MissingError for no such charge or payment,
    InputError for more than is left of it, another currency or no reason.
    """
    if (charge_id is None) == (payment_id is None):
        raise InputError("Give either a charge or a payment to refund.")
    if not 1 <= len(reason.strip()) <= 300:
        raise InputError("Say in 1 to 300 characters why the money goes back.")
    paid = _paid(session, charge_id, payment_id)
    asked = session.scalars(
        select(Refund.cents).where(
            Refund.charge_id == charge_id if charge_id is not None else Refund.payment_id == payment_id,
            Refund.granted.is_not(False),
        )
    )
    left = paid.amount.cents - sum(asked)
    if amount.currency != paid.amount.currency or not 0 < amount.cents <= left:
        raise InputError("Of this at most {left} can go back.", left=Money(max(left, 0), paid.amount.currency))
    refund_id = session.scalars(
        insert(Refund)
        .values(
            payer_id=paid.payer_id,
            charge_id=charge_id,
            payment_id=payment_id,
            cents=amount.cents,
            currency=amount.currency,
            reason=reason.strip(),
            asked_by=by,
            asked_at=now,
        )
        .returning(Refund.id)
    ).one()
    audit.write(session, "refund.asked", "refund", refund_id, now, school_id=None, by=by, cents=amount.cents)
    return refund_id


def _paid(session: Session, charge_id: int | None, payment_id: int | None) -> _Paid:
    if charge_id is not None:
        charge = session.execute(
            select(Charge.payer_id, Charge.cents, Charge.currency, Charge.operator, Charge.month)
            .where(Charge.id == charge_id, Charge.state == ChargeState.CHARGED)
            .with_for_update()
        ).one_or_none()
        if charge is None:
            raise MissingError("There is no such charge that was paid.")
        vat = price_on(session, charge.month).vat_percent
        return _Paid(
            charge.payer_id, Money(charge.cents, charge.currency), vat, ledger.receivable(charge.operator or "")
        )
    row = session.execute(
        select(Payment.payer_id, Payment.cents, Payment.currency, Payment.method, Payment.vat_percent)
        .where(Payment.id == payment_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise MissingError("There is no such payment.")
    return _Paid(row.payer_id, Money(row.cents, row.currency), row.vat_percent, Account(METHODS[row.method]))


def refund_decide(session: Session, refund_id: int, *, granted: bool, by: int, now: datetime) -> None:
    """Let money go back, or not; whoever asked for it may not decide. What goes back is entered in the books.

    Raises MissingError when there is no such open request, InputError for the one who asked.
    """
    row = session.execute(
        select(Refund.asked_by, Refund.charge_id, Refund.payment_id, Refund.cents, Refund.currency, Refund.payer_id)
        .where(Refund.id == refund_id, Refund.decided_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise MissingError("There is no such request that waits for a decision.")
    if row.asked_by == by:
        raise InputError("Somebody else decides on what you asked for.")
    session.execute(update(Refund).where(Refund.id == refund_id).values(decided_by=by, decided_at=now, granted=granted))
    if granted:
        paid = _paid(session, row.charge_id, row.payment_id)
        amount = taxed(Money(row.cents, row.currency), paid.vat_percent)
        payer, name = ledger.of_payer(row.payer_id), f"refund:{refund_id}"
        ledger.book(
            session,
            [
                Entry(LedgerCause.REFUND, name, 1, ledger.REFUNDS, payer, amount.net),
                Entry(LedgerCause.REFUND, name, 2, ledger.VAT, payer, amount.vat),
                Entry(LedgerCause.REFUND, name, 3, payer, paid.account, amount.gross),
            ],
            now,
        )
    audit.write(session, "refund.decided", "refund", refund_id, now, school_id=None, by=by, granted=granted)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A refund that waits for a decision."""

    id: int
    payer_id: int
    amount: Money
    reason: str
    asked_by: int


def waiting(session: Session, most: int = 100) -> list[Waiting]:
    """The refunds that wait, the oldest first."""
    rows = session.execute(
        select(Refund.id, Refund.payer_id, Refund.cents, Refund.currency, Refund.reason, Refund.asked_by)
        .where(Refund.decided_at.is_(None))
        .order_by(Refund.id)
        .limit(most)
    )
    return [Waiting(row.id, row.payer_id, Money(row.cents, row.currency), row.reason, row.asked_by) for row in rows]
