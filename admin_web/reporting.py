"""Each process of the web says that it is there, as the other processes do: `eschool status` shows what lives where."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.session import Database
from runtime.periodic import PeriodicThread, forgiving
from school.monitoring import health
from school.monitoring.health import SAY_SECONDS, Health, Process
from school.outbox.owners import new_owner

STOP_SECONDS = 2.0


class Report:
    """Of one process: a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._name = new_owner()
        self._thread = PeriodicThread("health", (SAY_SECONDS, lambda: database.run(self._say)))

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """The process ends, and is forgotten."""
        self._thread.stop(STOP_SECONDS)
        with forgiving():
            self._database.run(lambda session, _: health.forget(session, Process.WEB, self._name))

    def _say(self, session: Session, now: datetime) -> None:
        health.say(session, Health(Process.WEB, self._name, "serving", True, now))
