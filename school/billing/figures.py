"""Figures of charging for monitoring: what is due and what became of it. No payer; nothing is asked while it is off."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import ChargeOutcome, ChargeState, LineVerdict
from db.models import BillingFile, BillingLine, Charge, JobRun
from db.models.billing import LIVE_STATES
from school import entitlement
from school.billing import due, holds
from school.billing.months import month_at, moved

JOB = "billing"
FILES_OF_MONTHS = 2
"""Files of longer ago were settled, or somebody knows of them."""


@dataclass(frozen=True, slots=True)
class BillingFigures:
    """One look at charging. `last_run`: when the job ended last, in seconds since 1970; 0: never, or it is off."""

    due: int = 0
    charges: dict[tuple[str, str], int] = field(default_factory=dict)
    """Attempts made this month by state and, of those that failed, what the operator said."""
    holds: int = 0
    last_run: float = 0.0
    differences: dict[str, int] = field(default_factory=dict)
    """By operator: hundredths that its files of the last months have otherwise than the books, added without sign."""


def figures(session: Session, now: datetime) -> BillingFigures:
    """Five statements, however many payers there are; none while parents do not pay."""
    if not entitlement.is_on():
        return BillingFigures(charges=_nothing())
    last_run = session.scalar(select(JobRun.ended_at).where(JobRun.job == JOB))
    return BillingFigures(
        due=due.count_due(session, now),
        charges=_nothing() | _charges(session, now),
        holds=len(holds.standing(session)),
        last_run=last_run.timestamp() if last_run else 0.0,
        differences=_differences(session, now),
    )


def _nothing() -> dict[tuple[str, str], int]:
    failed = {
        (str(ChargeState.FAILED), str(one))
        for one in ChargeOutcome
        if one not in (ChargeOutcome.CHARGED, ChargeOutcome.NO_REPORT)
    }
    return dict.fromkeys([(str(one), "") for one in LIVE_STATES] + sorted(failed), 0)


def _charges(session: Session, now: datetime) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(Charge.state, Charge.outcome, func.count())
        .where(
            Charge.made_in == month_at(now), Charge.attempt > 0, Charge.state.in_((*LIVE_STATES, ChargeState.FAILED))
        )
        .group_by(Charge.state, Charge.outcome)
    )
    found: dict[tuple[str, str], int] = {}
    for state, outcome, count in rows:
        key = (str(state), str(outcome or ChargeOutcome.TEMPORARY) if state is ChargeState.FAILED else "")
        found[key] = found.get(key, 0) + count
    return found


def _differences(session: Session, now: datetime) -> dict[str, int]:
    rows = session.execute(
        select(BillingFile.operator, func.sum(func.abs(BillingLine.cents - func.coalesce(Charge.cents, 0))))
        .join(BillingLine, BillingLine.file_id == BillingFile.id)
        .outerjoin(Charge, Charge.id == BillingLine.charge_id)
        .where(
            BillingFile.month >= moved(month_at(now), -FILES_OF_MONTHS),
            BillingLine.verdict.in_((LineVerdict.DIFFERS, LineVerdict.THEIRS_ONLY)),
        )
        .group_by(BillingFile.operator)
    )
    return {operator: int(cents) for operator, cents in rows}
