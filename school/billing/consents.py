"""Consent to the price: what was shown, the price and the moment are kept; a price that rises needs a new one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Case, case, insert, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from db import lists
from db.kinds import ConsentWay
from db.models import Consent, Payer
from runtime.localtime import month_of, today
from school.billing import payers, prices
from school.billing.money import Money
from school.billing.months import last_day, moved
from school.billing.states import Happening, move, waits_for_consent

LONGEST_SHOWN = 1000
LEVA_RATE = 195583
"""Leva for 100 000 euro (Council Regulation (EU) 2025/1409)."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A payer's consent that holds."""

    payer_id: int
    amount: Money
    agreed_at: datetime

    def covers(self, price: Money) -> bool:
        """Whether the price, of all children, is no more than what was agreed to; leva became euro by the law."""
        agreed = self.amount
        if agreed.currency == "BGN" and price.currency == "EUR":
            agreed = Money((agreed.cents * 100_000 * 2 + LEVA_RATE) // (2 * LEVA_RATE), "EUR")
        return agreed.currency == price.currency and agreed.cents >= price.cents


def present(session: Session, payer_ids: Collection[int]) -> dict[int, Agreed]:
    """The consents of these payers that hold."""
    rows = session.execute(
        select(Consent.payer_id, Consent.cents, Consent.currency, Consent.agreed_at).where(
            lists.among_these(Consent.payer_id, payer_ids), Consent.withdrawn_at.is_(None)
        )
    )
    return {row.payer_id: Agreed(row.payer_id, Money(row.cents, row.currency), row.agreed_at) for row in rows}


def trust_until(month: date) -> date:
    """Until when a family is told on trust once a month is dealt with: the next one is charged in the one after."""
    return last_day(moved(month_of(month), 2))


def agree(session: Session, payer_id: int, *, shown: str, way: ConsentWay, operator: str | None, now: datetime) -> None:
    """The payer agrees to the price of their children when the present month is charged; `shown`: what they read.

    Who waits for it is told again at once, and nothing is charged for the months before. Who is suspended stays so
    until they are charged (`school.billing.planning.charge_now`); for all others nothing changes but the price.
    """
    children = payers.count_children(session, [payer_id]).get(payer_id, 1)
    price = to_agree_to(session, children, now)
    amount = price.of(children)
    withdraw(session, [payer_id], now)
    session.execute(
        insert(Consent).values(
            payer_id=payer_id,
            price_id=price.price_id,
            way=way,
            shown=shown[:LONGEST_SHOWN],
            cents=amount.cents,
            currency=amount.currency,
            operator=operator,
            agreed_at=now,
        )
    )
    month = month_of(today(now))
    move(
        session,
        [payer_id],
        Happening.AGREED,
        trusted_until=_if_waiting(last_day(moved(month, 1)), Payer.trusted_until),
        billed_month=_if_waiting(moved(month, -1), Payer.billed_month),
        silence_told_at=None,
        reminded_on=today(now),
    )
    session.execute(update(Payer).where(Payer.id == payer_id).values(reminded_on=today(now), asked_at=now))


def _if_waiting(day: date, column: InstrumentedAttribute[Any]) -> Case[Any]:
    return case((waits_for_consent(), literal(day, Payer.billed_month.type)), else_=column)


def to_agree_to(session: Session, children: int, now: datetime) -> prices.PriceOfMonth:
    """What is shown and agreed to for so many children: the present price, or one that was announced, if it is higher.

    So nobody is asked twice.
    """
    present_price = prices.price_on(session, today(now))
    coming = prices.announced_after(session, today(now))
    if coming is None or Agreed(0, present_price.of(children), now).covers(coming.of(children)):
        return present_price
    return coming


def withdraw(session: Session, payer_ids: Collection[int], now: datetime) -> None:
    """What these payers agreed to holds no more."""
    session.execute(
        update(Consent).where(Consent.payer_id.in_(payer_ids), Consent.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
