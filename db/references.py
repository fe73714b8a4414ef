"""What points at a row: read from the foreign keys, so that a new table is never forgotten where rows are removed."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Table, exists, or_

from db.base import Base


def is_used(table: type[Base], but: Collection[type[Base]] = ()) -> ColumnElement[bool]:
    """Whether any row of another table points at the row of `table` in the statement around it.

    Rows of the tables `but` do not count: whoever removes the row removes them with it.
    """
    target, passed_over = table.__table__, {one.__table__ for one in but}
    return or_(
        *(
            exists().where(*(part.parent == part.column for part in key.elements))
            for other in _tables(table)
            if other not in passed_over and other is not target
            for key in sorted(other.foreign_key_constraints, key=lambda key: tuple(key.column_keys))
            if key.referred_table is target
        )
    )


def _tables(of: type[Base]) -> list[Table]:
    return sorted(of.metadata.tables.values(), key=lambda table: table.name)
