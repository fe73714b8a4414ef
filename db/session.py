"""Where sessions come from."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from settings import Settings


class Database:
    """One database; threads share it, each opens its own short sessions."""

    def __init__(self, url: str, key: bytes) -> None:
        raise NotImplementedError

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that may write: commits at the end, rolls back on an error."""
        raise NotImplementedError
        yield

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: on SQLite it waits for no writer."""
        raise NotImplementedError
        yield

    def dispose(self) -> None:
        """Close all connections."""
        raise NotImplementedError


def open_database(settings: Settings) -> Database:
    """The configured database, reached once. Raises OperationError when it cannot be reached or is not set up."""
    raise NotImplementedError
