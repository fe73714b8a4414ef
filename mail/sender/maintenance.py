"""The sender's periodic work: renew leases, report its state, and write to operators of what is wrong with charging."""

from datetime import UTC, datetime
from time import monotonic

from sqlalchemy.orm import Session

from db.kinds import Channel
from db.session import Database
from mail.sender.sender import READY, Sender
from runtime.periodic import PeriodicThread, forgiving
from school import outbox
from school.billing import alarms
from school.monitoring import health
from school.monitoring.health import SAY_SECONDS, Health, Process
from school.outbox import RECLAIM_SECONDS, RENEW_SECONDS, SENDABLE_SECONDS

LOOK_SECONDS = 0.25
"""How often it is seen whether the state changed."""
STOP_SECONDS = 5.0


class Maintenance:
    """A thread of its own. `owner` names this sender."""

    def __init__(self, database: Database, owner: str, sender: Sender) -> None:
        self._database = database
        self._owner = owner
        self._sender = sender
        self._said: tuple[str, str] | None = None
        self._say_at = monotonic()
        self._thread = PeriodicThread(
            "maintenance",
            (LOOK_SECONDS, self._tell),
            (RENEW_SECONDS, self._renew),
            (RECLAIM_SECONDS, lambda: self._database.run(self._reclaim_orphaned)),
            (alarms.LOOK_SECONDS, lambda: alarms.tell(self._database, datetime.now(UTC))),
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and be forgotten."""
        self._thread.stop(STOP_SECONDS)
        with forgiving():
            self._database.run(lambda session, now: health.forget(session, Process.SENDER, self._owner))

    def _tell(self) -> None:
        """Say how the sender is when that changed or was said long ago."""
        state = (self._sender.state, self._sender.last_error)
        if state != self._said or monotonic() >= self._say_at:
            self._said, self._say_at = state, monotonic() + SAY_SECONDS
            self._database.run(self._say)

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

    def _renew(self) -> None:
        held, began = self._sender.in_hand, monotonic()
        if held:
            message_ids = [one.message.message_id for one in held]
            self._database.run(lambda session, now: outbox.renew(session, self._owner, message_ids, now))
            for one in held:
                one.good_until = began + SENDABLE_SECONDS

    def _reclaim_orphaned(self, session: Session, now: datetime) -> None:
        """What a sender that was killed here held does not wait for its lease."""
        outbox.reclaim_orphaned(session, Channel.EMAIL, now)
