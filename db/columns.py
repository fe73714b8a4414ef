"""Column types that hold the same exact values on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Enum, Integer
from sqlalchemy.types import TypeDecorator


class TZDateTime(TypeDecorator[datetime]):
    """A moment: aware datetimes only, stored in UTC, given back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises ValueError for a naive datetime: nobody could say which moment it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone: give an aware datetime")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no time zone: what was written was UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Hundredths(TypeDecorator[Decimal]):
    """A number of at most two decimal places, stored as whole hundredths (5.25 as 525): exact on SQLite too."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Raises ValueError for a third decimal place: rounding is the rules' business, not storage's."""
        if value is None:
            return None
        hundredths = value * 100
        if hundredths != int(hundredths):
            raise ValueError("more than two decimal places")
        return int(hundredths)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Always with two places: 500 -> Decimal("5.00")."""
        return None if value is None else Decimal(value).scaleb(-2)


def one_of(values: type[StrEnum], name: str = "kind") -> Enum:
    """Text limited to an enumeration's values by a CHECK named `ck_<table>_<name>`; give the column's name."""
    return Enum(
        values,
        name=name,
        native_enum=False,  # a CHECK is changed by an ordinary migration, a PostgreSQL type is not
        create_constraint=True,
        validate_strings=True,
        length=20,
        values_callable=_values,
    )


def _values(enumeration: Any) -> list[str]:
    return [member.value for member in enumeration]
