"""Every table and column is classified, and what the registry says of a table can be done with it."""

from collections import Counter

import pytest
from sqlalchemy import Table

from db.models import Base
from school.privacy.holdings import Erased
from school.privacy.registry import REGISTRY

TABLES = Base.metadata.tables
NEEDED = {
    Erased.WITH_STUDENT: "student_id",
    Erased.WITH_SUBSCRIBER: "subscriber_id",
    Erased.WITH_STAFF: "staff_id",
}
HOW = (
    "say in school/privacy/registry.py whose data it is: `personal` columns are exported, `technical` ones only as "
    "JSON, `withheld` ones not (with the reason), and `erased` says how a row goes; "
    "`nobodys(why, columns)` is for tables without personal data"
)


def test_every_table_is_classified_and_there_is_no_other() -> None:
    assert not TABLES.keys() - REGISTRY.keys(), f"{sorted(TABLES.keys() - REGISTRY.keys())}: {HOW}"
    assert not REGISTRY.keys() - TABLES.keys(), f"{sorted(REGISTRY.keys() - TABLES.keys())} are no tables any more"


@pytest.mark.parametrize("name", REGISTRY)
def test_every_column_is_classified_once(name: str) -> None:
    columns = set(TABLES[name].c.keys())
    told = Counter(REGISTRY[name].columns)
    assert not columns - told.keys(), f"columns {sorted(columns - told.keys())} of {name}: {HOW}"
    assert not told.keys() - columns, f"{name} has no columns {sorted(told.keys() - columns)} any more"
    assert max(told.values()) == 1, f"{name}: a column is told of twice"


@pytest.mark.parametrize("name", REGISTRY)
def test_a_row_can_be_erased_as_it_says(name: str) -> None:
    table, holding = TABLES[name], REGISTRY[name]
    if column := NEEDED.get(holding.erased):
        assert column in table.c, f"{name} has no {column} to be erased by"
    if holding.erased is Erased.WITH_PARENT_ROW:
        assert _cascades(table), f"the database deletes no row of {name} with another"


@pytest.mark.parametrize("name", REGISTRY)
def test_what_names_a_person_is_erased(name: str) -> None:
    """A column that points at a student or subscriber needs a rule: its row would stay, or hinder the erasing."""
    pointing = {key.column.table.name for key in TABLES[name].foreign_keys}
    if pointing & {"student", "subscriber", "subscription", "guardian"}:
        assert REGISTRY[name].erased is not Erased.NOTHING_PERSONAL, f"{name} points at {sorted(pointing)}: {HOW}"


@pytest.mark.parametrize("name", REGISTRY)
def test_what_an_export_shows_has_a_heading_and_says_whose_it_is(name: str) -> None:
    holding = REGISTRY[name]
    if holding.personal:
        assert holding.title
        assert name == "audit" or holding.of_student or holding.of_parent or holding.of_staff
    assert not set(holding.masked_for_student) - set(holding.personal)


def _cascades(table: Table) -> bool:
    return any(constraint.ondelete == "CASCADE" for constraint in table.foreign_key_constraints)
