"""What all tables share: names of constraints, types of annotations, keys between tables of one school."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

from db.columns import Hundredths, TZDateTime

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

EVENT_IDS = {"sqlite_autoincrement": True}
"""Table option: the id of a deleted event is never given again (heard marks and messages name events by id)."""


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as it stands
        datetime: TZDateTime,
        Decimal: Hundredths,
        date: Date,
    }


WIDE = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits, for what a platform of many schools may make more of than 2^31; SQLite's whole numbers are so wide."""

Id = Annotated[int, mapped_column(primary_key=True)]
WideId = Annotated[int, mapped_column(WIDE, primary_key=True)]
SchoolId = Annotated[int, mapped_column(ForeignKey("school.id"))]
Name = Annotated[str, mapped_column(String(80))]
Title = Annotated[str, mapped_column(String(160))]
Text = Annotated[str, mapped_column(String(1000))]
Phone = Annotated[str, mapped_column(String(16))]  # E.164
Email = Annotated[str, mapped_column(String(254))]


def of_same_school(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that also demands the same school: no row can point into another school's data."""
    return ForeignKeyConstraint(["school_id", column], [f"{table}.school_id", f"{table}.id"])


def pointed_at_by_school() -> UniqueConstraint:
    """What `of_same_school` points at; a table that others point at has it."""
    return UniqueConstraint("school_id", "id")


def unique_where(name: str, condition: str, *columns: str) -> Index:
    """A unique index over the rows that fulfil an SQL condition."""
    return Index(name, *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition))
