"""Many values in one parameter mean the same on both databases as a parameter each."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, insert, select, true
from sqlalchemy.dialects import sqlite

from db.lists import Rows, among
from db.models import Message
from db.session import Database

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
ROW = st.tuples(st.integers(-(2**31), 2**31 - 1), st.none() | WORDS, st.booleans())


def thing() -> Table:
    """A table of this test, which is gone with its transaction."""
    return Table(
        "thing",
        MetaData(),
        Column("number", Integer),
        Column("word", String),
        Column("good", Boolean),
        prefixes=["TEMPORARY"],
    )


@how(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, min_size=1, max_size=8))
def test_rows_arrive_as_they_were_given_and_in_their_order(
    untouched_database: Database, given_rows: list[tuple[Any, ...]]
) -> None:
    table = thing()
    with untouched_database.session() as session:
        connection = session.connection()
        table.create(connection)
        rows = Rows(connection.dialect.name, {column.name: column.type for column in table.c})
        names = [column.name for column in table.c]
        values = select(*(rows.table.c[name] for name in names)).where(true()).order_by(rows.table.c.ordinal)
        connection.execute(insert(table).from_select(names, values), rows.parameters(given_rows))
        assert [tuple(row) for row in connection.execute(select(table))] == given_rows
        word = given_rows[0][1]
        found = connection.execute(select(table).where(among(table.c.word, "words")), {"words": ["", word, "x'\"\\"]})
        wanted = [row for row in given_rows if row[1] is not None and row[1] in ("", word, "x'\"\\")]
        assert [tuple(row) for row in found] == wanted
        table.drop(connection)


def test_nothing_is_among_none(untouched_database: Database) -> None:
    with untouched_database.reading() as session:
        found = session.connection().execute(
            select(Message.id).where(among(Message.__table__.c.id, "ids")), {"ids": []}
        )
        assert found.all() == []


@pytest.mark.parametrize("column", ["id", "address"])
def test_a_list_is_looked_up_by_an_index_on_sqlite(sqlite_template: Path, column: str) -> None:
    table = Message.metadata.tables["message"]
    query = select(table.c.id).where(among(table.c[column], "wanted")).compile(dialect=sqlite.dialect())
    with closing(sqlite3.connect(sqlite_template)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", ["[1, 2]"]).fetchall()
    assert plan[0][3].startswith("SEARCH message USING")
