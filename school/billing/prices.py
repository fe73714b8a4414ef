"""The price list: what a month costs from which day on. The only place where a price is looked up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

import settings
from db.kinds import Language
from db.models import Cover, Payer, Price
from errors import InputError, MissingError
from runtime.localtime import month_of, today
from school import audit
from school.billing.money import Money, Taxed, taxed, total
from school.billing.months import moved
from school.wording.translation import SOURCE

NOTICE_DAYS = 30
"""A new price is announced so many days before it holds."""
MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class PriceOfMonth:
    """What a calendar month costs from a day on, VAT included."""

    price_id: int
    valid_from: date
    first: Money
    further: Money
    vat_percent: int
    in_leva: Money | None = None
    """What it was before the euro."""

    def of(self, children: int) -> Money:
        """For so many children of one payer."""
        return self.first + self.further.times(max(children - 1, 0))

    def taxed(self, children: int) -> Taxed:
        """The same with its VAT."""
        return taxed(self.of(children), self.vat_percent)

    def told(self, language: Language, children: int = 1) -> str:
        """The price of so many children as a parent reads it: „0,61 € (1,20 лв.)“, leva if settings say so."""
        return with_leva(self.of(children), self.leva_of(children), language)

    def leva_of(self, children: int) -> Money | None:
        """The same in leva before the euro; None: what further children cost was never told in leva."""
        return self.in_leva if self.of(children) == self.first else None


def with_leva(amount: Money, in_leva: Money | None, language: Language) -> str:
    """„0,61 € (1,20 лв.)“: what it was in leva, if settings say so."""
    shown = told(amount, language)
    if in_leva is None or not settings.current().billing_shows_leva:
        return shown
    return f"{shown} ({told(in_leva, language)})"


def told(amount: Money, language: Language) -> str:
    """An amount as a parent reads it; in English in letters of the GSM alphabet: „лв.“ would make three parts."""
    if language is SOURCE:
        return str(amount)
    return f"€{amount.decimal}" if amount.currency == "EUR" else f"{amount.currency} {amount.decimal}"


_COLUMNS = (
    Price.id,
    Price.valid_from,
    Price.first_cents,
    Price.further_cents,
    Price.currency,
    Price.vat_percent,
    Price.leva_cents,
)


def price_on(session: Session, day: date) -> PriceOfMonth:
    """The price in force on a day. Raises MissingError for a day before the first."""
    return _prices_on(session, [day])[0]


def _prices_on(session: Session, days: Sequence[date]) -> list[PriceOfMonth]:
    """The prices in force on days in their order, one statement. Raises MissingError for a day before the first."""
    rows = session.execute(
        select(*_COLUMNS).where(Price.valid_from <= max(days)).order_by(Price.valid_from.desc())
    ).all()
    return [_in_force(rows, day) for day in days]


def _in_force(rows: Sequence[Row[*tuple[Any, ...]]], day: date) -> PriceOfMonth:
    """Of prices, the latest first."""
    row = next((row for row in rows if row.valid_from <= day), None)
    if row is None:
        raise MissingError("There is no price for {day:%d.%m.%Y}: add one with `eschool billing price`.", day=day)
    return _price(row)


def announced_after(session: Session, day: date) -> PriceOfMonth | None:
    """The next price, if payers have been told of it already."""
    row = session.execute(
        select(*_COLUMNS)
        .where(Price.valid_from > day, Price.announced_at.is_not(None))
        .order_by(Price.valid_from)
        .limit(1)
    ).one_or_none()
    return _price(row) if row else None


def _price(row: Row[*tuple[Any, ...]]) -> PriceOfMonth:
    return PriceOfMonth(
        row.id,
        row.valid_from,
        Money(row.first_cents, row.currency),
        Money(row.further_cents, row.currency),
        row.vat_percent,
        None if row.leva_cents is None else Money(row.leva_cents, "BGN"),
    )


def quote(session: Session, payer_id: int, months: int, now: datetime) -> Money:
    """What so many months ahead cost a payer, each at the price of its first day, for all children paid for.

    Raises InputError for no months or more than 24, and across a change of currency; MissingError for no such payer.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise InputError("Choose from 1 to {most} months.", most=MOST_MONTHS)
    found = quotes(session, payer_id, (months,), now)
    if not found:
        raise InputError("These months have prices in different currencies: choose fewer.")
    return found[months]


def quotes(session: Session, payer_id: int, choices: Collection[int], now: datetime) -> dict[int, Money]:
    """The same for several numbers of months, without those across a change of currency; three statements for all.

    Raises MissingError for no such payer.
    """
    paid_until = session.execute(select(Payer.paid_until).where(Payer.id == payer_id)).one_or_none()
    if paid_until is None:
        raise MissingError("There is no such payer.")
    children = session.scalars(
        select(func.count()).select_from(Cover).where(Cover.payer_id == payer_id, Cover.ended_at.is_(None))
    ).one()
    first = first_month_ahead(paid_until[0], now)
    days = [moved(first, number) for number in range(max(choices))]
    amounts = [price.of(max(children, 1)) for price in _prices_on(session, days)]
    found = {}
    for months in choices:
        if len({amount.currency for amount in amounts[:months]}) == 1:
            found[months] = total(amounts[:months], amounts[0].currency)
    return found


def paid_until(session: Session, payer_id: int) -> date | None:
    """The last day that a payer has paid for, or that is free."""
    return session.scalar(select(Payer.paid_until).where(Payer.id == payer_id))


def first_month_ahead(paid_until: date | None, now: datetime) -> date:
    """The first month that a payment of now pays for: this one, or that after what is paid or free already."""
    present = month_of(today(now))
    if paid_until is None or paid_until < present:
        return present
    return moved(month_of(paid_until), 1)


def add(
    session: Session,
    *,
    valid_from: date,
    first: Money,
    further: Money,
    vat_percent: int,
    now: datetime,
    by: int | None = None,
) -> int:
    """Add a price that holds from the first day of a month, at least 30 days ahead; gives its id.

    Payers are told of it by the next run (`school.billing.notices`). Raises InputError for another day, a day too
    soon, currencies that differ or an amount that is none.
    """
    if valid_from.day != 1:
        raise InputError("A price holds from the first day of a month: {day:%d.%m.%Y} is none.", day=valid_from)
    if (valid_from - today(now)).days < NOTICE_DAYS:
        raise InputError("A new price is announced {days} days ahead: choose a later month.", days=NOTICE_DAYS)
    if first.currency != further.currency or first.cents <= 0 or further.cents < 0 or not 0 <= vat_percent < 100:
        raise InputError("Give the prices in one currency, the first above zero, and VAT from 0 to 99 percent.")
    if session.scalar(select(Price.id).where(Price.valid_from == valid_from)) is not None:
        raise InputError("There is a price from {day:%d.%m.%Y} already.", day=valid_from)
    price_id = session.scalars(
        insert(Price)
        .values(
            valid_from=valid_from,
            first_cents=first.cents,
            further_cents=further.cents,
            currency=first.currency,
            vat_percent=vat_percent,
            announced_at=None,
        )
        .returning(Price.id)
    ).one()
    audit.write(
        session,
        "price.added",
        "price",
        price_id,
        now,
        school_id=None,
        by=by,
        valid_from=str(valid_from),
        first=first.decimal,
        further=further.decimal,
        currency=first.currency,
    )
    return price_id
