"""The stand-in on a real socket within a test's own process; the merchant's pages need not be there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from werkzeug.serving import make_server

from devtools.telephone.free_ports import free_port
from epay.simulator import endpoint
from epay.simulator.bills import Book
from epay.simulator.notifier import Notifier
from epay.simulator.site import Desk, site
from settings import Settings


@dataclass
class Running:
    """What it knows, and settings with which it is found."""

    book: Book
    settings: Settings


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Serve; what it would tell a merchant is kept to itself."""
    found = settings.model_copy(update={"epay_simulator_port": free_port()})
    book = Book()
    notifier = Notifier(book, lambda: "http://127.0.0.1:9/", endpoint.secret(found))
    desk = Desk(book, notifier, endpoint.secret(found), lambda: "http://127.0.0.1:9")
    server = make_server(endpoint.ADDRESS, found.epay_simulator_port, site(desk), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Running(book, found)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
