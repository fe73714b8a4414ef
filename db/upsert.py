"""INSERT ... ON CONFLICT, which both databases have but SQLAlchemy spells per dialect."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from db.base import Base


def insert(dialect: str, model: type[Base]) -> postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`; `dialect` is the connection's dialect name.

    The two dialects' classes take the same calls, so PostgreSQL's stands for both in the types.
    """
    result: Any = sqlite.insert(model) if dialect == "sqlite" else postgresql.insert(model)
    return result  # type: ignore[no-any-return]
