"""What the platform's operator sees of money: months by operator, payers by state, churn, what is odd. No names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import Session

from db.kinds import ChargeOutcome, ChargeState, LineVerdict, PayerState
from db.models import BillingFile, BillingLine, Charge, Payer, Payment, Refund
from runtime.localtime import month_of, today
from school.billing import holds
from school.billing.alarms import of_charging
from school.billing.holds import Hold
from school.billing.money import Money
from school.billing.months import bounds, moved

NOTHING = Money(0, "EUR")


@dataclass(slots=True)
class MonthOfOperator:
    """Charges made in a month by one operator; amounts in one currency, VAT included.

    `open_`: charged, and in no file yet. `unknown` waits for the file. `settled_on`: when the operator paid out.
    """

    month: date
    operator: str
    currency: str
    made: int = 0
    charged: int = 0
    unknown: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    due: Money = NOTHING
    charged_amount: Money = NOTHING
    reported: Money = NOTHING
    theirs_only: int = 0
    differs: int = 0
    open_: int = 0
    settled_on: date | None = None
    share: Money | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the operator paid out."""
        return self.settled_on is not None


def months(session: Session, since: date) -> list[MonthOfOperator]:
    """Every month and operator with charges or files since a month, the newest first: three statements."""
    found: dict[tuple[date, str], MonthOfOperator] = {}
    rows = session.execute(
        select(
            Charge.made_in,
            Charge.operator,
            Charge.currency,
            Charge.state,
            Charge.outcome,
            func.count().label("number"),
            func.sum(Charge.cents).label("cents"),
            func.sum(case((Charge.reported_at.is_(None), 1), else_=0)).label("unreported"),
        )
        .where(Charge.made_in >= month_of(since), Charge.attempt > 0)
        .group_by(Charge.made_in, Charge.operator, Charge.currency, Charge.state, Charge.outcome)
    )
    for row in rows:
        one = found.setdefault(
            (row.made_in, row.operator or ""), MonthOfOperator(row.made_in, row.operator or "", row.currency)
        )
        amount = Money(int(row.cents), row.currency)
        if row.state is ChargeState.CANCELLED:
            continue
        one.made += row.number
        one.due = _sum(one.due, amount)
        if row.state is ChargeState.CHARGED:
            one.charged += row.number
            one.charged_amount = _sum(one.charged_amount, amount)
            one.open_ += int(row.unreported)
        elif row.state is ChargeState.FAILED:
            one.failed[str(row.outcome or ChargeOutcome.TEMPORARY)] += row.number
        else:
            one.unknown += row.number
    _add_lines(session, since, found)
    _add_settlements(session, since, found)
    return sorted(found.values(), key=lambda one: (-one.month.toordinal(), one.operator))


def _sum(before: Money, more: Money) -> Money:
    return more if not before.cents else before + more if before.currency == more.currency else before


def _add_lines(session: Session, since: date, found: dict[tuple[date, str], MonthOfOperator]) -> None:
    rows = session.execute(
        select(
            BillingFile.month,
            BillingFile.operator,
            BillingLine.currency,
            BillingLine.verdict,
            func.count().label("number"),
            func.sum(BillingLine.cents).label("cents"),
        )
        .join(BillingFile, BillingFile.id == BillingLine.file_id)
        .where(BillingFile.month >= month_of(since))
        .group_by(BillingFile.month, BillingFile.operator, BillingLine.currency, BillingLine.verdict)
    )
    for row in rows:
        one = found.setdefault((row.month, row.operator), MonthOfOperator(row.month, row.operator, row.currency))
        if row.verdict is LineVerdict.NOT_CHARGED:
            continue
        one.reported = _sum(one.reported, Money(int(row.cents), row.currency))
        one.theirs_only += row.number * (row.verdict is LineVerdict.THEIRS_ONLY)
        one.differs += row.number * (row.verdict is LineVerdict.DIFFERS)


def _add_settlements(session: Session, since: date, found: dict[tuple[date, str], MonthOfOperator]) -> None:
    rows = session.execute(
        select(BillingFile.month, BillingFile.operator, BillingFile.settled_on, BillingFile.share_cents)
        .add_columns(BillingFile.currency)
        .where(BillingFile.month >= month_of(since), BillingFile.settled_on.is_not(None))
    )
    for row in rows:
        if one := found.get((row.month, row.operator)):
            one.settled_on = row.settled_on
            one.share = Money(row.share_cents or 0, row.currency or one.currency)


@dataclass(frozen=True, slots=True)
class Overview:
    """How money stands now. `came`: payers since the month began; `left`: all who wrote СТОП.

    `paid_ahead`, `refunded`: of this month. `months` as from `months`, of the last year.
    """

    payers: dict[PayerState, int]
    came: int
    left: int
    paid_ahead: dict[str, Money]
    refunded: Money | None
    holds: tuple[Hold, ...]
    months: tuple[MonthOfOperator, ...]
    alarms: tuple[str, ...]


def overview(session: Session, now: datetime) -> Overview:
    """Eight statements, however many payers there are."""
    start, _ = bounds(month_of(today(now)))
    new = func.count().filter(Payer.created_at >= start).label("new")
    rows = session.execute(select(Payer.state, func.count().label("number"), new).group_by(Payer.state)).all()
    counted = {row.state: row.number for row in rows}
    money = session.execute(
        union_all(
            select(Payment.method.label("way"), Payment.currency, func.sum(Payment.cents).label("cents"))
            .where(Payment.at >= start)
            .group_by(Payment.method, Payment.currency),
            select(literal("").label("way"), Refund.currency, func.sum(Refund.cents).label("cents"))
            .where(Refund.granted.is_(True), Refund.decided_at >= start)
            .group_by(Refund.currency),
        )
    )
    amounts = {row.way: Money(int(row.cents), row.currency) for row in money}
    standing = tuple(holds.standing(session))
    of_year = tuple(months(session, moved(month_of(today(now)), -12)))
    return Overview(
        payers={state: counted.get(state, 0) for state in PayerState},
        came=sum(row.new for row in rows),
        left=counted.get(PayerState.CANCELLED, 0),
        paid_ahead={way: amount for way, amount in sorted(amounts.items()) if way},
        refunded=amounts.get(""),
        holds=standing,
        months=of_year,
        alarms=tuple(_alarms(session, standing, of_year, now)),
    )


def alarms(session: Session, now: datetime) -> list[str]:
    """What somebody should look at: failed charges of today, a run that stands still, files that differ, holds."""
    return list(overview(session, now).alarms)


def _alarms(session: Session, standing: Sequence[Hold], of_year: Sequence[MonthOfOperator], now: datetime) -> list[str]:
    found = [f"hold:{one.scope}" for one in standing]
    found += [one.cause for one in of_charging(session, now)]
    found += [f"differs:{one.operator}:{one.month:%Y-%m}" for one in of_year if one.theirs_only or one.differs]
    return found
