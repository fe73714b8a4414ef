"""The web application under gunicorn: `serve(settings)` until SIGTERM."""

import gc
import os
import resource
import socket
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

import logs
from admin_web import metrics, worker
from admin_web.application import create_app
from admin_web.database import KEY, USE
from admin_web.gunicorn_log import OurLog
from admin_web.reporting import Report
from db.session import database_of_service
from errors import OperationError
from settings import Settings

WAITING = 512
"""Connections that the kernel holds until a process takes them."""
MEMORY = Path("/dev/shm")  # noqa: S108  # files without a name, which nobody else opens
"""Where a process's sign of life is kept: no disk, which might be full when another process is to begin."""
DESCRIPTORS = worker.CONNECTIONS + 500
"""For the clients of a process, its database connections and files."""

log = logs.get(__name__)


class Server(BaseApplication):  # type: ignore[misc]  # the library ships no types
    """Gunicorn with our settings instead of a file of its own."""

    def __init__(self, settings: Settings, app: Flask, descriptor: int) -> None:
        self._settings = settings
        self._app = app
        self._descriptor = descriptor
        self._report: Report | None = None
        self._free_slots = list(range(metrics.slots(settings)))
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn asks for first."""
        options: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            "workers": self._settings.web_workers,
            "worker_class": worker.Worker,
            "worker_connections": worker.CONNECTIONS,
            "worker_tmp_dir": str(MEMORY) if os.access(MEMORY, os.W_OK) else None,
            "preload_app": True,  # a process that takes another's place reads no file and asks no database
            "pre_fork": self._give_slot,
            "child_exit": self._take_slot,
            "post_fork": self._begin,
            "graceful_timeout": 20,
            "timeout": 60,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "limit_request_fields": 64,
            "accesslog": None,  # addresses of pages hold ids of children
            "loglevel": "warning",
            "logger_class": OurLog,
            "control_socket_disable": True,
            "worker_exit": self._forget,
        }
        for key, value in options.items():
            self.cfg.set(key, value)

    def _forget(self, _server: Any, _worker: Any) -> None:
        """A worker ends, in its own process."""
        if self._report is not None:
            self._report.stop()

    def load(self) -> Any:
        """Once, before the processes are forked."""
        leave_to_the_requests()
        return self._app

    def _give_slot(self, _server: Any, process: Any) -> None:
        process.slot = self._free_slots.pop(0) if self._free_slots else None

    def _begin(self, _server: Any, process: Any) -> None:
        """A worker begins, in its own process."""
        self._app.extensions[metrics.KEY].write_in(process.slot)
        self._report = Report(self._app.extensions[KEY])
        self._report.start()

    def _take_slot(self, _server: Any, process: Any) -> None:
        if process.slot is not None:
            self._free_slots.append(process.slot)


def leave_to_the_requests() -> None:
    """Take what is loaded by now out of the garbage collector's sight: no request makes garbage of it.

    Looking through all of it took 150 ms, in the midst of one request of twenty.
    """
    gc.collect()
    gc.freeze()


def serve(settings: Settings) -> None:
    """Serve until SIGTERM, whether or not the database answers.

    Raises InputError or OperationError before it starts when it could not serve anybody: without a secret key, or with
    a database of another key or version.
    """
    database = database_of_service(settings, USE)
    database.dispose()  # no connection is shared by the processes that are forked
    app = create_app(settings, database)
    descriptor = listening(settings).detach()  # gunicorn closes it
    _raise_descriptor_limit()
    log.info("web.listening", port=settings.web_port, processes=settings.web_workers)
    Server(settings, app, descriptor).run()


def _raise_descriptor_limit() -> None:
    """As far as this user may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < DESCRIPTORS:
        wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listening(settings: Settings) -> socket.socket:
    """The socket of the configured address. Raises OperationError when it is taken or not this machine's."""
    place = (settings.web_address, settings.web_port)
    family = socket.AF_INET6 if ":" in settings.web_address else socket.AF_INET
    try:
        return socket.create_server(place, family=family, backlog=WAITING)
    except OSError as error:
        raise OperationError(
            f"The web cannot listen on {place[0]}:{place[1]} ({error.strerror}): "
            "set ESCHOOL_WEB_PORT to a free port, or ESCHOOL_WEB_ADDRESS to an address of this machine."
        ) from None
