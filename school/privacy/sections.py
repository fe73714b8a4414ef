"""What is stored of one person, table by table: which rows of each, read in batches."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, select, tuple_
from sqlalchemy.orm import Session

from db.kinds import ErasedKind
from db.models import Base
from school.privacy import traces, values
from school.privacy.holdings import Holding
from school.privacy.people import Person
from school.privacy.registry import REGISTRY
from school.privacy.values import Names, Value

AT_ONCE = 500
"""Rows that are read in one session."""
Reading = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Section:
    """One table as far as it is about the person."""

    name: str
    table: Table
    holding: Holding
    condition: ColumnElement[bool]


def sections(person: Person) -> tuple[Section, ...]:
    """The tables that may hold something of the person, in the registry's order."""
    found = []
    for name, holding in REGISTRY.items():
        table = Base.metadata.tables[name]
        by_kind = {ErasedKind.STUDENT: holding.of_student, ErasedKind.STAFF: holding.of_staff}
        finder = by_kind.get(person.kind, holding.of_parent)
        if name == "audit":
            found.append(Section(name, table, holding, traces.of_person(person)))
        elif finder is not None:
            found.append(Section(name, table, holding, finder(table.c, person.keys)))
    return tuple(found)


Rows = Iterator[list[dict[str, Value]]]
"""Batches of rows, each by its columns' names."""


def read(reading: Reading, person: Person, names: Names) -> Iterator[tuple[Section, Rows]]:
    """Each table with its rows, which are read when they are asked for."""
    for section in sections(person):
        yield section, _rows(reading, section, person, names)


def _rows(reading: Reading, section: Section, person: Person, names: Names) -> Rows:
    key = tuple(section.table.primary_key.columns)
    shown = [section.table.c[name] for name in (*section.holding.personal, *section.holding.technical)]
    last: tuple[Any, ...] | None = None
    while True:
        wanted = select(*shown, *(column.label(f"_key{place}") for place, column in enumerate(key)))
        wanted = wanted.where(section.condition).order_by(*key).limit(AT_ONCE)
        if last is not None:
            wanted = wanted.where(tuple_(*key) > tuple_(*last))
        with reading() as session:
            found = session.execute(wanted).all()
            rows = values.shown(session, section.name, section.holding, person, names, found)
        if rows:
            yield rows
        if len(found) < AT_ONCE:
            return
        last = tuple(found[-1][len(shown) :])
