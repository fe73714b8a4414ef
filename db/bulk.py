"""Many rows in one statement: on PostgreSQL they travel as one JSON value, on SQLite as executemany.

There a statement for each row costs more than the row, also in a pipeline; and the text of a statement that has a
parameter for each of thousands of values takes longer to read than it takes to run.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Table, bindparam, func, insert, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

Rows = Sequence[Mapping[str, Any]]
"""Each with the same columns; values as the ORM takes them."""


def insert_rows(session: Session, table: Table, rows: Rows, *, unless_there: bool = False) -> None:
    """Insert all of them in one statement; `unless_there`: but for those that are there already.

    Columns that are left out have their server's default.
    """
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        statement: Any = sqlite.insert(table).on_conflict_do_nothing() if unless_there else insert(table)
        connection.execute(statement, list(rows))
        return
    columns = ", ".join(rows[0])
    conflict = " ON CONFLICT DO NOTHING" if unless_there else ""
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({columns}) SELECT {columns}"  # noqa: S608 (names of our own columns)
            f" FROM json_populate_recordset(NULL::{table.name}, CAST(:rows AS json)){conflict}"
        ),
        {"rows": _as_json(connection.dialect, table, rows)},
    )


def update_rows(session: Session, table: Table, rows: Rows, *, keep: Collection[str] = ()) -> None:
    """Set the columns of the rows with these `id`s in one statement; those in `keep` only where they have no value."""
    if not rows:
        return
    connection = session.connection()
    columns = [name for name in rows[0] if name != "id"]
    if connection.dialect.name != "postgresql":
        values: dict[str, Any] = {}
        for name in columns:
            given = bindparam(f"to_{name}", type_=table.c[name].type)
            values[name] = func.coalesce(table.c[name], given) if name in keep else given
        connection.execute(
            update(table).where(table.c.id == bindparam("of_id")).values(values),
            [{"of_id": row["id"]} | {f"to_{name}": row[name] for name in columns} for row in rows],
        )
        return
    changes = ", ".join(
        f"{name} = coalesce({table.name}.{name}, given.{name})" if name in keep else f"{name} = given.{name}"
        for name in columns
    )
    connection.execute(
        text(
            f"UPDATE {table.name} SET {changes}"  # noqa: S608
            f" FROM json_populate_recordset(NULL::{table.name}, CAST(:rows AS json)) given"
            f" WHERE {table.name}.id = given.id"
        ),
        {"rows": _as_json(connection.dialect, table, rows)},
    )


def new_ids(session: Session, table: Table, count: int) -> list[int] | None:
    """Ids for so many new rows, in order; None where the database gives them only with the rows."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    found = session.execute(
        text("SELECT nextval(pg_get_serial_sequence(:of, 'id')) FROM generate_series(1, :count)"),
        {"of": table.name, "count": count},
    )
    return sorted(found.scalars())


def _as_json(dialect: Dialect, table: Table, rows: Rows) -> str:
    converted = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in rows[0]}
    plain = [
        {
            name: convert(row[name]) if convert and row[name] is not None else row[name]
            for name, convert in converted.items()
        }
        for row in rows
    ]
    return json.dumps(plain, default=str, ensure_ascii=False)
