"""The voice process: the server that Asterisk hands calls to, until SIGTERM."""

import gc
import os
from contextlib import suppress

import logs
from agi.server import FastAgiServer
from agi.voice import Voice
from agi.workers import Workers
from db.connecting import Use
from db.session import SQLITE_READERS, Database, database_of_service
from errors import OperationError
from runtime.periodic import PeriodicThread, forgiving
from runtime.signals import stop_requested
from school.monitoring import health
from school.monitoring.health import Health, Process
from school.outbox.owners import new_owner
from settings import Settings

log = logs.get(__name__)

DRAIN_SECONDS = 60.0
STOP_SECONDS = 5.0

WORKERS = 2 * SQLITE_READERS
"""Threads that ask the school for callers, side by side: those that wait for SQLite's only writer leave the readers
enough."""

USE = Use("agi", WORKERS + 4)
"""The clips, the editions of the voice and the waiting records have their own threads."""
PRIORITY = 1
"""Of real time, to ask for. Hundreds of Asterisk's threads are always about to send sound: a thread of ours that waits
behind them for a processor, and holds the interpreter meanwhile, keeps all callers waiting."""


def _ask_for_precedence() -> None:
    """For all threads to come too; without leave for it (root, CAP_SYS_NICE, a limit RTPRIO) all stays as it is."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))


class _Report:
    """Says how the server is; its thread is not the calls'."""

    def __init__(self, database: Database, server: FastAgiServer) -> None:
        self._database = database
        self._server = server
        self._name = new_owner()
        self._thread = PeriodicThread("health", (health.SAY_SECONDS, self._say))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop(STOP_SECONDS)
        with forgiving():
            self._database.run(lambda session, _: health.forget(session, Process.VOICE, self._name))

    def _say(self) -> None:
        figures = self._server.told()
        self._database.run(
            lambda session, now: health.say(
                session, Health(Process.VOICE, self._name, "listening", True, now, figures=figures)
            )
        )


def run_server(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then let the calls in progress end; a second signal ends at once."""
    database = database_of_service(settings, USE)
    voice = Voice(settings, database, Workers(WORKERS))
    address = (settings.agi_address, settings.agi_port)
    try:
        server = FastAgiServer(
            address,
            voice.serve,
            voice.apologise,
            settings.max_calls,
            lambda: {"clips_missing": voice.clips.missing, "calls_kept": voice.spool.kept},
        )
    except OSError as error:
        raise OperationError(
            f"The voice server cannot listen on {address[0]}:{address[1]} ({error.strerror}): "
            "end the program that uses the port or set ESCHOOL_AGI_PORT to a free one."
        ) from error
    _ask_for_precedence()
    voice.clips.start()
    voice.start()
    report = _Report(database, server)
    stop = stop_requested()
    gc.collect()
    gc.freeze()
    server.start()
    report.start()
    log.info("voice.listening", address=address[0], port=address[1])
    stop.wait()
    log.info("voice.draining", calls=server.figures.active)
    cut = server.drain(DRAIN_SECONDS)
    report.stop()
    voice.clips.stop()
    voice.stop()
    log.info("voice.stopped", cut_off=cut)
