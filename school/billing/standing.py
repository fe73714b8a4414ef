"""How a payer's bill stands: what a month costs, until when it is paid, what became of the last charge, what is next.

One source for what is said of a bill: the SMS СМЕТКА and the telephone put the same figures into words.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

import settings
from db.kinds import ChargeOutcome, ChargeState, PayerState
from db.models import Charge, Payer, Subscriber
from runtime.localtime import month_of, today
from school.billing import consents, due, kept_cards, operators, payers, statements
from school.billing.money import Money
from school.billing.months import moved
from school.billing.payers import PayerNow
from school.billing.prices import PriceOfMonth, announced_after, first_month_ahead, price_on
from school.billing.statements import Line
from school.billing.states import has_left, is_free_at_first, is_retried, waits_for_payment

PAYMENTS = 3
"""So many of the newest payments belong to a bill."""


class Became(StrEnum):
    """What became of the last thing that happened."""

    CHARGED = "charged"  # on the telephone bill
    PAID = "paid"  # ahead
    REFUNDED = "refunded"
    UNDER_WAY = "under-way"  # not with the operator yet, or not reported
    UNKNOWN = "unknown"  # the operator's file decides
    FAILED = "failed"
    EMPTY = "empty"  # the school entered nothing: nothing was charged


@dataclass(frozen=True, slots=True)
class Last:
    """The last charge or payment. `month`: what it was for, none of a payment ahead; `reason`: why it failed."""

    became: Became
    on_day: date
    amount: Money
    month: date | None = None
    reason: ChargeOutcome | None = None


class Kind(StrEnum):
    """What comes next."""

    CHARGE = "charge"
    CARD = "card"  # the payer's stored card is charged, by whatever operator and without ДА
    RETRY = "retry"  # of a charge that failed
    EMPTY = "empty"  # the month is over, and the school entered nothing in it
    EMPTY_SO_FAR = "empty-so-far"  # the month goes on, and the school has entered nothing yet
    AGREE = "agree"  # nothing without ДА
    NOT_BY_TELEPHONE = "not-by-telephone"  # the operator does not charge for us
    SUSPENDED = "suspended"  # nothing without ДА or a payment
    LEFT = "left"  # СТОП
    NOBODY = "nobody"  # somebody else pays for the child


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes next: `day`, `amount` and `month` of a charge; `month` of one that costs nothing."""

    kind: Kind
    day: date | None = None
    amount: Money | None = None
    month: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A payer's bill. `price`: of a month for all children of the payer, in force today, and what it was in leva.

    `new_price`: what it will be from `new_from` on, where payers were told of it. `payments`: the newest first.
    """

    state: PayerState
    price: Money
    in_leva: Money | None
    new_price: Money | None
    new_from: date | None
    is_free: bool
    paid_until: date | None
    last: Last | None
    payments: tuple[Line, ...]
    next: Coming
    on_web: bool
    """Whether our pages take payments."""


def of_phone(session: Session, phone: str | None, now: datetime) -> Standing | None:
    """The bill of the payer with this number (E.164); None: the number pays for nobody, or is hidden."""
    payer = payers.by_phone(session, phone) if phone else None
    return None if payer is None else standing(session, payer, now)


def standing(session: Session, payer: PayerNow, now: datetime) -> Standing:
    """How a payer's bill stands; some ten small statements."""
    children = len(payers.children(session, payer.id))
    price, new = price_on(session, today(now)), announced_after(session, today(now))
    attempt = _last_attempt(session, payer.id)
    payments = tuple(statements.lines(session, payer.id, newest=PAYMENTS))
    return Standing(
        state=payer.state,
        price=price.of(children),
        in_leva=price.leva_of(children),
        new_price=new.of(children) if new else None,
        new_from=new.valid_from if new else None,
        is_free=is_free_at_first(payer.state),
        paid_until=payer.paid_until,
        last=_last(attempt, payments),
        payments=payments,
        next=_next(session, payer, children, attempt, now),
        on_web=_takes_payments(),
    )


def _takes_payments() -> bool:
    """The stand-in for ePay.bg is open only where no SMS reach real parents."""
    current = settings.current()
    return bool(current.epay_min) or current.operators_file is None


def _last_attempt(session: Session, payer_id: int) -> Charge | None:
    """The last charge that left or was found to cost nothing; one that never left is no event for the payer."""
    return session.scalars(
        select(Charge)
        .where(Charge.payer_id == payer_id, Charge.state != ChargeState.CANCELLED)
        .order_by(Charge.id.desc())
        .limit(1)
    ).first()


_BECAME = {
    ChargeState.PLANNED: Became.UNDER_WAY,
    ChargeState.SENT: Became.UNDER_WAY,
    ChargeState.UNKNOWN: Became.UNKNOWN,
    ChargeState.FAILED: Became.FAILED,
    ChargeState.CHARGED: Became.CHARGED,
    ChargeState.PASSIVE: Became.EMPTY,
}


def _last(attempt: Charge | None, payments: tuple[Line, ...]) -> Last | None:
    tried = None
    if attempt is not None:
        became = _BECAME[attempt.state]
        reason = (attempt.outcome or ChargeOutcome.TEMPORARY) if became is Became.FAILED else None
        on_day = today(attempt.ended_at or attempt.planned_at)
        tried = Last(became, on_day, Money(attempt.cents, attempt.currency), attempt.month, reason)
    if not payments:
        return tried
    line = payments[0]
    if tried is not None and tried.on_day >= line.on_day:
        # Of a day only: who pays once a try failed is not tried again, so the payment was the later.
        paid_since = tried.became is Became.FAILED and tried.on_day == line.on_day and line.amount.cents > 0
        if not paid_since:
            return tried
    became = {"telephone": Became.CHARGED, "refund": Became.REFUNDED}.get(line.way, Became.PAID)
    return Last(became, line.on_day, Money(abs(line.amount.cents), line.amount.currency), line.month)


def _next(session: Session, payer: PayerNow, children: int, attempt: Charge | None, now: datetime) -> Coming:
    if has_left(payer.state):
        return Coming(Kind.LEFT)
    if not children:
        return Coming(Kind.NOBODY)
    if card := _by_card(session, payer, children, now):
        return card
    operator = session.scalar(select(Subscriber.operator).where(Subscriber.id == payer.subscriber_id))
    charges = operator in operators.charging()
    if waits_for_payment(payer.state):
        return Coming(Kind.SUSPENDED if charges else Kind.NOT_BY_TELEPHONE)
    if is_retried(payer.state) and attempt is not None and (again := _retry_on(session, payer.id)):
        amount = Money(attempt.cents, attempt.currency)
        return Coming(Kind.RETRY, max(again, today(now)), amount, attempt.month)
    month = _month_to_pay(session, payer, now)
    price = price_on(session, month)
    if not charges:
        return Coming(Kind.NOT_BY_TELEPHONE)
    own = consents.present(session, [payer.id]).get(payer.id)
    if own is None or not own.covers(price.of(children)):
        return Coming(Kind.AGREE)
    return _charge_of(session, payer, month, price, children, now)


def _by_card(session: Session, payer: PayerNow, children: int, now: datetime) -> Coming | None:
    """The charge of the payer's card: it pays before the telephone could, so that nothing else comes next."""
    day = kept_cards.charged_on(session, payer.id, payer.paid_until, now)
    if day is None:
        return None
    month = first_month_ahead(payer.paid_until, now)
    return Coming(Kind.CARD, day, price_on(session, month).of(children), month)


def _charge_of(
    session: Session, payer: PayerNow, month: date, price: PriceOfMonth, children: int, now: datetime
) -> Coming:
    """The charge of a month; of one that has not begun, as if the school enters something for each child."""
    present = month_of(today(now))
    if month <= present:
        children = due.entered_for(session, payer.id, month)
    if not children:
        return Coming(Kind.EMPTY if month < present else Kind.EMPTY_SO_FAR, month=month)
    day = max(moved(month, 1).replace(day=payer.day), today(now))
    return Coming(Kind.CHARGE, day, price.of(children), month)


def _month_to_pay(session: Session, payer: PayerNow, now: datetime) -> date:
    """The first month that is neither dealt with nor paid ahead nor passed over: older ones are not made up for."""
    present = month_of(today(now))
    billed, charged = session.execute(
        select(
            Payer.billed_month,
            due.charged_in(present),
        ).where(Payer.id == payer.id)
    ).one()
    months = [moved(billed, 1), present if charged else moved(present, -1)]
    if payer.paid_until is not None:
        months.append(moved(month_of(payer.paid_until), 1))
    return max(months)


def _retry_on(session: Session, payer_id: int) -> date | None:
    return session.scalar(select(Payer.retry_on).where(Payer.id == payer_id))
