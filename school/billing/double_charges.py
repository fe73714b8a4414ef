"""Charges that an operator's file may be about, and which of them cannot have been the payer's one of their month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db import lists
from db.kinds import ChargeState
from db.models import Charge
from db.models.billing import LIVE_STATES
from school.billing.money import Money


@dataclass(frozen=True, slots=True)
class OurCharge:
    """A charge of ours that a line may be."""

    charge_id: int
    payer_id: int
    month: date
    made_in: date
    state: ChargeState
    amount: Money
    net: Money
    has_line: bool


class Others:
    """Charges beside those of a batch of lines: a payer is charged once for a month, and once in a calendar month."""

    def __init__(self, session: Session, ours: Sequence[OurCharge]) -> None:
        failed = [one for one in ours if one.state not in LIVE_STATES]
        self._charged: dict[tuple[int, str, date], int] = {}
        if not failed:
            return
        rows = session.execute(
            select(Charge.id, Charge.payer_id, Charge.month, Charge.made_in).where(
                lists.among_these(Charge.payer_id, {one.payer_id for one in failed}),
                or_(
                    Charge.month.in_({one.month for one in failed}),
                    Charge.made_in.in_({one.made_in for one in failed}),
                ),
                Charge.state.in_(LIVE_STATES),
            )
        )
        for row in rows:
            self._note(row.id, row.payer_id, row.month, row.made_in)

    def let_be_charged(self, one: OurCharge) -> bool:
        """Whether it can be the payer's charge of its month; if so, it is from now on."""
        if one.state in LIVE_STATES:
            return True
        keys = ((one.payer_id, "of", one.month), (one.payer_id, "in", one.made_in))
        if any(self._charged.get(key, one.charge_id) != one.charge_id for key in keys):
            return False
        self._note(one.charge_id, one.payer_id, one.month, one.made_in)
        return True

    def _note(self, charge_id: int, payer_id: int, month: date, made_in: date) -> None:
        self._charged[payer_id, "of", month] = self._charged[payer_id, "in", made_in] = charge_id
