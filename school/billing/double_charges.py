"""Charges that an operator's file may be about; which of them cannot be the one charge that a payer has for a month.

What the same file says was not charged stands in the way of no other attempt.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db import lists
from db.kinds import ChargeState
from db.models import Charge, Payer, Subscriber
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


@dataclass(frozen=True, slots=True)
class Rival:
    """A charge that may have charged, beside a failed one of the same payer and month, or calendar month."""

    charge_id: int
    payer_id: int
    month: date
    made_in: date
    smsc_id: str | None
    phone: str | None


def rivals(session: Session, ours: Iterable[OurCharge]) -> list[Rival]:
    """What may have charged beside those of these charges that failed."""
    failed = [one for one in ours if one.state not in LIVE_STATES]
    if not failed:
        return []
    rows = session.execute(
        select(Charge.id, Charge.payer_id, Charge.month, Charge.made_in, Charge.smsc_id, Subscriber.phone)
        .join(Payer, Payer.id == Charge.payer_id)
        .outerjoin(Subscriber, Subscriber.id == Payer.subscriber_id)
        .where(
            lists.among_these(Charge.payer_id, {one.payer_id for one in failed}),
            or_(
                Charge.month.in_({one.month for one in failed}),
                Charge.made_in.in_({one.made_in for one in failed}),
            ),
            Charge.state.in_(LIVE_STATES),
        )
    )
    return [Rival(*row) for row in rows]


class Others:
    """Charges beside those of a batch of lines: a payer is charged once for a month, and once in a calendar month.

    `ended`: those of the rivals that the file says were not charged.
    """

    def __init__(self, found: Sequence[Rival], ended: Collection[int]) -> None:
        self._charged: dict[tuple[int, str, date], int] = {}
        for one in found:
            if one.charge_id not in ended:
                self._note(one.charge_id, one.payer_id, one.month, one.made_in)

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
