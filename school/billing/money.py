"""Amounts of money, and how VAT is taken out of one.

An amount is a whole number of the currency's minor units, and amounts of different currencies are never added. VAT is
taken out of each amount that a payer paid (a line): amount x rate / (100 + rate), rounded half up at the minor unit;
net is the rest. The VAT of a document is the sum of its lines' VAT, never worked out anew from the total, so a
document always equals the ledger. 0.61 EUR at 20 % is net 0.51 and VAT 0.10.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from errors import InputError

SIGNS = {"EUR": "€", "BGN": "лв."}


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """So many minor units of a currency (ISO 4217)."""

    cents: int
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"{self.currency!r} is no currency: give three capital letters, such as EUR")

    def __add__(self, other: Self) -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return Money(self.cents + other.cents, self.currency)

    def times(self, number: int) -> "Money":
        """So many times as much."""
        return Money(self.cents * number, self.currency)

    @property
    def amount(self) -> str:
        """„0,61“ as it is written in Bulgarian."""
        return self.decimal.replace(".", ",")

    @property
    def decimal(self) -> str:
        """„0.61“: with a point, for files and other systems."""
        sign, cents = ("-" if self.cents < 0 else ""), abs(self.cents)
        return f"{sign}{cents // 100}.{cents % 100:02}"

    def __str__(self) -> str:
        return f"{self.amount} {SIGNS.get(self.currency, self.currency)}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Their sum, of none: nothing in this currency. Raises ValueError for another currency among them."""
    whole = Money(0, currency)
    for amount in amounts:
        whole += amount
    return whole


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount with the VAT that is in it."""

    gross: Money
    net: Money
    vat: Money
    vat_percent: int


def taxed(gross: Money, vat_percent: int) -> Taxed:
    """Take the VAT out of an amount, rounded half up at the minor unit."""
    whole = 100 + vat_percent
    vat = (2 * gross.cents * vat_percent + whole) // (2 * whole)
    return Taxed(gross, Money(gross.cents - vat, gross.currency), Money(vat, gross.currency), vat_percent)


def parse(text: str, currency: str) -> Money:
    """„0.61“ or „0,61“ as an amount. Raises InputError for anything else, and for a third place behind the point."""
    whole, _, cents = text.strip().replace(",", ".").partition(".")
    if not (whole.isascii() and whole.isdecimal() and len(whole) <= 9 and len(cents) <= 2 and f"0{cents}".isdecimal()):
        raise InputError("{text} is no amount: write it as 0.61.", text=text[:20])
    if len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        raise InputError("{text} is no currency: give three capital letters, such as EUR.", text=currency[:20])
    return Money(int(whole) * 100 + int(cents.ljust(2, "0")), currency)
