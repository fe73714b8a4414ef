"""What charging brought in this month, and for how long an operator has not told what became of a charge. No payer."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from db.kinds import ChargeState
from db.models import Charge, Payment
from school import entitlement
from school.billing.months import bounds, month_at

TELEPHONE = "telephone"


@dataclass(frozen=True, slots=True)
class Takings:
    """One look. `revenue`: hundredths by (way, currency), VAT included, of this month; `telephone` is what was charged.

    `oldest_unknown`: seconds since the oldest charge was made that waits for the operator's file; 0: none does.
    """

    revenue: dict[tuple[str, str], int] = field(default_factory=dict)
    oldest_unknown: float = 0.0


def takings(session: Session, now: datetime) -> Takings:
    """Two statements, however many payers there are; none while parents do not pay."""
    if not entitlement.is_on():
        return Takings(_nothing())
    month = month_at(now)
    start, _ = bounds(month)
    way = literal(TELEPHONE).label("way")
    rows = session.execute(
        union_all(
            select(way, Charge.currency, func.sum(Charge.cents).label("cents"))
            .where(Charge.made_in == month, Charge.state == ChargeState.CHARGED)
            .group_by(Charge.currency),
            select(Payment.method.label("way"), Payment.currency, func.sum(Payment.cents).label("cents"))
            .where(Payment.at >= start)
            .group_by(Payment.method, Payment.currency),
        )
    )
    revenue = {(row.way, row.currency): int(row.cents) for row in rows}
    oldest = session.scalar(select(func.min(Charge.planned_at)).where(Charge.state == ChargeState.UNKNOWN))
    return Takings(_nothing() | revenue, max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)


def _nothing() -> dict[tuple[str, str], int]:
    return {(TELEPHONE, "EUR"): 0}
