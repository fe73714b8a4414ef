"""What has to be done from time to time: renew leases, and tell how the sender is."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy.orm import Session

from chores import forgiving
from db.kinds import Channel
from db.session import Database
from mail.sender.claimer import LEASE_MARGIN
from mail.sender.sender import READY, Sender
from school import outbox
from school.monitoring import health
from school.monitoring.health import SAY_SECONDS, Health, Process
from school.outbox import LEASE

RENEW_SECONDS = LEASE.total_seconds() / 6
GONE_SECONDS = 30.0
LOOK_SECONDS = 0.25
"""How often it is seen whether the state changed."""


class Keeper:
    """A thread of its own. `owner` names this sender."""

    def __init__(self, database: Database, owner: str, sender: Sender) -> None:
        self._database = database
        self._owner = owner
        self._sender = sender
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), name="keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and be forgotten."""
        self._stopping.set()
        self._thread.join(5)
        self._in_session(lambda session, now: health.forget(session, Process.SENDER, self._owner))

    def _run(self) -> None:
        said: tuple[str, str] | None = None
        say_at = renew_at = gone_at = monotonic()
        while not self._stopping.is_set():
            now = monotonic()
            state = (self._sender.state, self._sender.last_error)
            if state != said or now >= say_at:
                self._in_session(self._say)
                said, say_at = state, now + SAY_SECONDS
            if now >= renew_at:
                self._in_session(self._renew)
                renew_at = now + RENEW_SECONDS
            if now >= gone_at:  # what a sender that was killed here held does not wait for its lease
                self._in_session(lambda session, moment: outbox.take_back_gone(session, Channel.EMAIL, moment))
                gone_at = now + GONE_SECONDS
            self._stopping.wait(LOOK_SECONDS)

    def _say(self, session: Session, now: datetime) -> None:
        sender, state = self._sender, self._sender.state
        told = Health(
            Process.SENDER,
            self._owner,
            state,
            state == READY,
            now,
            last_error=sender.last_error,
            figures=sender.figures,
        )
        health.say(session, told)

    def _renew(self, session: Session, now: datetime) -> None:
        held, began = self._sender.in_hand, monotonic()
        if held:
            outbox.renew(session, self._owner, [one.message.message_id for one in held], now)
            for one in held:
                one.good_until = began + LEASE.total_seconds() - LEASE_MARGIN

    def _in_session(self, chore: Callable[[Session, datetime], object]) -> None:
        with forgiving(), self._database.session() as session:
            chore(session, datetime.now(UTC))
