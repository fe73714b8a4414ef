"""The statements of an import: each for all rows at once, every change noted for the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from db.base import Base
from school import audit


class Ledger:
    """Writes rows of one school in the name of one staff member (`by`), and keeps what was done until `close`."""

    def __init__(self, session: Session, school_id: int, by: int, now: datetime) -> None:
        self.session = session
        self.school_id = school_id
        self.by = by
        self.now = now
        self.of_school: dict[str, Any] = {"school_id": school_id}
        self._notes: list[dict[str, Any]] = []

    def note(self, action: str, entity: str, entity_id: int, **details: Any) -> None:
        """Something was done; a detail called `class_` is written as `class`."""
        named = {name.rstrip("_"): value for name, value in details.items()}
        self._notes.append(
            audit.row(action, entity, entity_id, self.now, school_id=self.school_id, by=self.by, **named)
        )

    def close(self) -> None:
        """Write the audit trail."""
        audit.write_many(self.session, self._notes)

    def insert_ids(self, table: type[Base], rows: list[dict[str, Any]]) -> list[int]:
        """Insert rows, possibly none, and give their ids in the same order."""
        if not rows:
            return []
        if self.session.get_bind().dialect.name == "sqlite":
            return self._insert_numbered(table, rows)
        statement = insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
        return list(self.session.execute(statement, rows).scalars())

    def _insert_numbered(self, table: type[Base], rows: list[dict[str, Any]]) -> list[int]:
        """SQLite gives ids back in order only row by row; but the write lock is ours, so the next ids are known."""
        last = self.session.scalar(select(func.max(table.__table__.c.id))) or 0
        ids = list(range(last + 1, last + 1 + len(rows)))
        self.insert_all(table, [row | {"id": id_} for id_, row in zip(ids, rows, strict=True)])
        return ids

    def insert_all(self, table: type[Base], rows: list[dict[str, Any]]) -> None:
        """Insert rows, possibly none, whose ids nobody asks for."""
        if rows:
            self.session.connection().execute(insert(table), rows)

    def update(self, table: type[Base], rows: list[dict[str, Any]]) -> None:
        """Change rows of the school, possibly none, by `row_id`; all of them name the same columns."""
        if not rows:
            return
        columns = table.__table__.c
        names = [name for name in rows[0] if name != "row_id"]
        self.session.connection().execute(
            update(table)
            .where(columns.school_id == self.school_id, columns.id == bindparam("row_id"))
            .values({name: bindparam(f"new_{name}") for name in names}),
            [{name if name == "row_id" else f"new_{name}": value for name, value in row.items()} for row in rows],
        )
