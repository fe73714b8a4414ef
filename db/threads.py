"""Sessions for an event loop, which must not wait for the database: they run in a few threads."""

from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from db.session import Database
from runtime.blocking import run_blocking

Given = TypeVar("Given")


class SessionThreads:
    """A database and the threads that wait for it."""

    def __init__(self, database: Database, executor: Executor) -> None:
        self._database = database
        self._executor = executor

    async def __call__(self, work: Callable[[Session, datetime], Given]) -> Given:
        """`Database.run(work)` in one of the threads. Raises OperationError when the database does not answer."""
        return await run_blocking(self._executor, self._database.run, work)
