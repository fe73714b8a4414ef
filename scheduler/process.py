"""The scheduler's process: stands by until it is elected, then runs the jobs."""

from datetime import UTC, datetime
from time import monotonic

import logs
from db.connecting import Use
from db.session import Database, database_of_service
from errors import OperationError
from runtime.signals import stop_requested
from scheduler.clock import THREADS, Clock
from scheduler.election import election
from scheduler.jumps import Jumps, bring_forward
from scheduler.runner import Runner
from school.monitoring import health, job_runs
from school.monitoring.health import KEEPING, SAY_SECONDS, Health, Process
from school.outbox.owners import new_owner
from settings import Settings

log = logs.get(__name__)

STANDING_BY, AWAY = "standing by", "away"
LOOK_SECONDS = 1.0
"""How often it is asked who the one is."""


class Watch:
    """Used in the process's main thread."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._instance = new_owner()
        self._election = election(settings.database, database, self._instance)
        self._jumps = Jumps()
        self._clock: Clock | None = None
        self._state, self._trouble = STANDING_BY, ""
        self._said: tuple[str, str] | None = None
        self._say_at = 0.0

    def look(self) -> None:
        """See who the one is, and begin or end keeping the clock."""
        if seconds := self._jumps.seconds():
            log.warning("clock.jumped", seconds=round(seconds))
            self._stop_clock()  # it begins anew below, by the time that it is now
        if not self._election.is_won():
            self._stop_clock()
            self._state, self._trouble = STANDING_BY, ""
        elif self._clock is None or not self._clock.is_running:
            self._stop_clock()
            self._start_clock()
        self._say()

    def leave(self) -> None:
        """The process stops."""
        self._stop_clock()
        self._election.close()
        try:
            with self._database.session() as session:
                health.forget(session, Process.SCHEDULER, self._instance)
        except OperationError as error:
            log.warning("scheduler.database_away", reason=str(error))

    def _start_clock(self) -> None:
        check = self._election.check
        clock = Clock(self._settings, Runner(self._settings, self._database.guarded(check)), check=check)
        try:
            with self._database.reading() as session:
                unfinished = job_runs.unfinished(session)
            clock.start(unfinished)
            if late := bring_forward(clock.scheduler.get_jobs(), datetime.now(UTC)):
                log.warning("clock.brought_forward", jobs=late)
        except Exception as error:  # the database may be gone at any of many statements: the next look tries again
            log.error("clock.failed", error=str(error) if isinstance(error, OperationError) else logs.where(error))
            clock.stop()
            self._state, self._trouble = AWAY, "The database does not answer, or was not set up."
            return
        self._clock = clock
        self._state, self._trouble = KEEPING, ""
        log.info("clock.started", unfinished=sorted(unfinished))

    def _stop_clock(self) -> None:
        clock, self._clock = self._clock, None
        if clock is not None:
            clock.stop()
            log.info("clock.stopped")

    def _health(self) -> Health:
        works = self._state in (KEEPING, STANDING_BY)
        return Health(
            Process.SCHEDULER, self._instance, self._state, works, datetime.now(UTC), last_error=self._trouble
        )

    def _say(self) -> None:
        said = (self._state, self._trouble)
        if said == self._said and monotonic() < self._say_at:
            return
        try:
            with self._database.session() as session:
                health.say(session, self._health())
        except OperationError as error:
            log.warning("scheduler.database_away", reason=str(error))
            return
        self._said, self._say_at = said, monotonic() + SAY_SECONDS


def serve(settings: Settings) -> None:
    """Keep the clock until SIGTERM or SIGINT. It starts without the database too, and keeps trying to reach it."""
    database = database_of_service(settings, Use("scheduler", THREADS + 2))
    stop = stop_requested()
    watch = Watch(settings, database)
    log.info("scheduler.started")
    try:
        while not stop.is_set():
            watch.look()
            stop.wait(LOOK_SECONDS)
    finally:
        watch.leave()
        database.dispose()
        log.info("scheduler.stopped")
