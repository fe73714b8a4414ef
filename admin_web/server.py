"""The web application under gunicorn: `serve(settings)` until SIGTERM."""

import gc
import logging
import socket
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

import logs
from admin_web import metrics
from admin_web.application import create_app
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
        }
        for key, value in options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """Each worker opens its own database connections."""
        app = create_app(self._settings)
        leave_to_the_requests()
        return app


def leave_to_the_requests() -> None:
    """Take what is loaded by now out of the garbage collector's sight: no request makes garbage of it.

    Looking through all of it took 150 ms, in the midst of one request of twenty.
    """
    gc.collect()
    gc.freeze()


class OurLog(Logger):  # type: ignore[misc]
    """What gunicorn has to say, as events of ours."""

    def setup(self, cfg: Any) -> None:
        """Called once by gunicorn, in place of its own files and formats."""
        super().setup(cfg)
        self.error_log.handlers = [_ToEvents()]


class _ToEvents(logging.Handler):
    """Sentences without the values in them: those are addresses of pages, and pages are about children."""

    def emit(self, record: logging.LogRecord) -> None:
        place = logs.where(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None
        log.log(record.levelno, "gunicorn.said", sentence=str(record.msg), **({"error": place} if place else {}))


def serve(settings: Settings) -> None:
    """Serve until SIGTERM. Raises InputError or OperationError before it starts when it could not serve anybody."""
    metrics.share_between_processes(settings)
    create_app(settings).extensions["eschool.database"].dispose()
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
