"""The web application under gunicorn: `serve(settings)` until SIGTERM."""

from typing import Any

from gunicorn.app.base import BaseApplication

from admin_web.application import create_app
from settings import Settings

THREADS = 8
"""Per process; a request waits for the database, not for the processor."""


class Server(BaseApplication):  # type: ignore[misc]  # the library ships no types
    """Gunicorn with our settings instead of a file of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn asks for first."""
        options: dict[str, Any] = {
            "bind": f"{self._settings.web_address}:{self._settings.web_port}",
            "workers": self._settings.web_workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "graceful_timeout": 20,
            "timeout": 60,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "accesslog": None,  # addresses of pages hold ids of children
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for key, value in options.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Any:
        """Each worker opens its own database connections."""
        return create_app(self._settings)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM. Raises InputError or OperationError before it starts when the database is not usable."""
    create_app(settings).extensions["eschool.database"].dispose()
    Server(settings).run()
