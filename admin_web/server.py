"""The web application under gunicorn: `serve(settings)` until SIGTERM."""

import gc
import socket
from typing import Any

from gunicorn.app.base import BaseApplication

import logs
from admin_web import metrics
from admin_web.application import create_app
from admin_web.database import KEY
from admin_web.gunicorn_log import OurLog
from admin_web.reporting import Report
from errors import OperationError
from settings import Settings

THREADS = 8
"""Per process; a request waits for the database, not for the processor."""
WAITING = 512
"""Connections that the kernel holds until a thread is free."""

log = logs.get(__name__)


class Server(BaseApplication):  # type: ignore[misc]  # the library ships no types
    """Gunicorn with our settings instead of a file of its own."""

    def __init__(self, settings: Settings, descriptor: int) -> None:
        self._settings = settings
        self._descriptor = descriptor
        self._report: Report | None = None
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn asks for first."""
        options: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            "workers": self._settings.web_workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "graceful_timeout": 20,
            "timeout": 60,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
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
        """Each worker opens its own database connections."""
        app = create_app(self._settings)
        self._report = Report(app.extensions[KEY])
        self._report.start()
        leave_to_the_requests()
        return app


def leave_to_the_requests() -> None:
    """Take what is loaded by now out of the garbage collector's sight: no request makes garbage of it.

    Looking through all of it took 150 ms, in the midst of one request of twenty.
    """
    gc.collect()
    gc.freeze()


def serve(settings: Settings) -> None:
    """Serve until SIGTERM. Raises InputError or OperationError before it starts when it could not serve anybody."""
    metrics.share_between_processes(settings)
    create_app(settings).extensions[KEY].dispose()
    descriptor = listening(settings).detach()  # gunicorn closes it
    log.info("web.listening", port=settings.web_port, processes=settings.web_workers)
    Server(settings, descriptor).run()


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
