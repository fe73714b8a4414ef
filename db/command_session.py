"""What commands share: one short transaction on the configured database, and the current moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.orm import Session

import settings
from db.session import open_database


@contextmanager
def writing() -> Iterator[tuple[Session, datetime]]:
    """A session of the configured database that commits at the end, and now. Raises EschoolError."""
    database = open_database(settings.load())
    try:
        with database.session() as session:
            yield session, datetime.now(UTC)
    finally:
        database.dispose()


@contextmanager
def reading() -> Iterator[tuple[Session, datetime]]:
    """A session of the configured database that only reads, and now. Raises EschoolError."""
    database = open_database(settings.load())
    try:
        with database.reading() as session:
            yield session, datetime.now(UTC)
    finally:
        database.dispose()
