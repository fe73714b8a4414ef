"""The stand-in's process: `serve(settings)` until SIGTERM or Ctrl-C."""

import logging
from threading import Thread

from werkzeug.serving import BaseWSGIServer, make_server

import logs
from epay.simulator import endpoint
from epay.simulator.bills import Book
from epay.simulator.notifier import Notifier
from epay.simulator.site import Desk, site
from errors import InputError, OperationError
from runtime.signals import stop_requested
from settings import Settings

log = logs.get(__name__)

NOTIFICATION_PATH = "/pay/epay/notification"
"""Where a merchant of ours is told; ePay.bg's staff enter it for a real one."""


def serve(settings: Settings) -> None:
    """Run until SIGTERM. Raises InputError or OperationError before it starts."""
    if settings.epay_min:
        raise InputError("ESCHOOL_EPAY_MIN names a real merchant: unset it to try things out with the stand-in.")
    settings.prepare_home()
    stop = stop_requested()
    if endpoint.is_running(settings):
        raise OperationError("The stand-in for ePay.bg of this ESCHOOL_HOME runs already.")
    book = Book()
    notifier = Notifier(book, lambda: settings.web_root + NOTIFICATION_PATH, endpoint.secret(settings))
    desk = Desk(book, notifier, endpoint.secret(settings), lambda: settings.web_root)
    server = _server(settings, desk)
    notifier.start()
    serving = Thread(target=server.serve_forever, name="server", daemon=True)
    serving.start()
    log.info("simulator.started", port=endpoint.port(settings))
    stop.wait()
    server.shutdown()
    notifier.stop()
    log.info("simulator.stopped")


def _server(settings: Settings, desk: Desk) -> BaseWSGIServer:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request says nothing
    try:
        return make_server(endpoint.ADDRESS, endpoint.port(settings), site(desk), threaded=True)
    except (OSError, SystemExit):  # Werkzeug ends the process where a port is taken
        raise OperationError(
            f"The stand-in for ePay.bg cannot listen on {endpoint.ADDRESS}:{endpoint.port(settings)}: "
            "set ESCHOOL_EPAY_SIMULATOR_PORT to a free port."
        ) from None
