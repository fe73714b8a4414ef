"""Handles the texts in the inbox one after the other, each in a transaction with its answer."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import UTC, datetime

import logs
from db.session import Database
from errors import OperationError
from runtime.blocking import run_blocking
from school.subscriptions import inbox
from school.wording.service import Numbers
from smpp.texts.handling import handle

log = logs.get(__name__)

FAILED = "failed"
"""What a text is marked as that our own mistake kept from being acted on: once is enough to be told of it."""


class TextHandler:
    """Used in the event loop's thread; `answered` is called when an answer is in the outbox.

    A text that the database does not let it act on stays in the inbox: the sweep brings it again.
    """

    def __init__(self, database: Database, executor: Executor, numbers: Numbers, answered: Callable[[], None]) -> None:
        self._database = database
        self._executor = executor
        self._numbers = numbers
        self._answered = answered
        self._waiting: deque[int] = deque()
        self._news = asyncio.Event()
        self._stopping = False

    def add(self, text_ids: Iterable[int]) -> None:
        """Texts that are in the inbox."""
        self._waiting.extend(text_id for text_id in text_ids if text_id not in self._waiting)
        self._news.set()

    def stop(self) -> None:
        """Let `run` end after the text it is at; the others are somebody else's, or this process's next time."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Act on texts until stopped."""
        while not self._stopping:
            if not self._waiting:
                self._news.clear()
                await self._news.wait()
                continue
            text_id = self._waiting.popleft()
            try:
                if await run_blocking(self._executor, self._act_on, text_id):
                    self._answered()
            except OperationError as error:
                log.error("text_handler.database_away", reason=str(error))
            except Exception as error:
                log.error("text_handler.failed", text_id=text_id, error=logs.where(error))

    def _act_on(self, text_id: int) -> bool:
        """Whether an answer goes out. In a thread."""
        now = datetime.now(UTC)
        try:
            with self._database.session() as session:
                received = inbox.take(session, text_id, now)
                if received is None:
                    return False
                done = handle(
                    session,
                    phone=received.phone,
                    operator=received.operator,
                    text=received.text,
                    now=now,
                    numbers=self._numbers,
                )
                inbox.understood_as(session, text_id, done.command, answered=done.answered)
            return done.answered
        except OperationError:
            raise
        except Exception:
            with self._database.session() as session:
                if inbox.take(session, text_id, now):
                    inbox.understood_as(session, text_id, FAILED, answered=False)
            raise
