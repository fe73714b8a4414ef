"""The web's kind of worker: green threads for clients, and system threads for requests that have arrived whole.

A client that sends a byte now and then keeps a green thread waiting, which costs a few kilobytes and nobody else's
turn. The application sees a request only when it is all there, in one of a few threads in which it may wait for the
database or compute, without holding up the green ones. Nothing is patched: only gunicorn's sockets are green.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

import gevent
from gevent import socket
from gevent.threadpool import ThreadPool
from gunicorn.workers.ggevent import GeventWorker

from admin_web.uploads import REFUSAL, largest_body
from errors import OperationError, as_disk_error

THREADS = 8
"""Requests of a process that are worked on at a time: each waits for the database, not for the processor."""
CONNECTIONS = 1000
"""Clients of a process; whoever comes then waits in the kernel until one has gone, which takes HEAD_SECONDS at most."""
HEAD_SECONDS = 10.0
"""How long a request's line and headers may take, and how long a connection is kept open for another request."""
LINGER_SECONDS = 1.0
"""The same while the process ends."""
BODY_SECONDS, BODY_BYTES_A_SECOND = 20.0, 20_000
"""A body may take so many seconds, and as long as it takes at so many bytes a second: a poor mobile connection's."""
SEND_SECONDS = 60.0
"""How long a client may leave a part of the answer unread."""
IN_MEMORY = 256 * 1024
"""Bytes of a body above which it waits in a temporary file."""
BODIES_AT_MOST = 256 * 2**20
"""Bytes of all bodies that wait in a process: the disk and the memory are not anybody's to fill."""
PART = 64 * 1024

Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]


class Worker(GeventWorker):  # type: ignore[misc]  # the library ships no types
    """Gunicorn's worker for green threads, with time limits and the application in threads of the system."""

    sockets: list[Any]
    wsgi: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: dict[Any, gevent.Timeout] = {}

    def patch(self) -> None:
        """Make the listening sockets green, and nothing else: the application's threads are the system's."""
        self.sockets = [socket.socket(one.FAMILY, socket.SOCK_STREAM, fileno=one.sock.detach()) for one in self.sockets]

    def load_wsgi(self) -> None:
        """The application, which gunicorn's master has made already."""
        super().load_wsgi()
        self.wsgi = InThreads(self.wsgi, ThreadPool(THREADS), partial(largest_body, self.wsgi))
        gevent.spawn(self._let_go_at_the_end)

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the reading of a request's head; when it takes too long the connection is closed."""
        seconds = HEAD_SECONDS if self.alive else LINGER_SECONDS
        with gevent.Timeout(seconds, False) as timeout:  # type: ignore[arg-type]  # False: it is swallowed at the end
            mine = gevent.getcurrent()
            self._waiting[mine] = timeout
            try:
                yield
            finally:
                del self._waiting[mine]

    def _let_go_at_the_end(self) -> None:
        """Who holds a connection open, and asks for nothing, does not hold up the end."""
        while self.alive:
            gevent.sleep(0.5)
        gevent.sleep(LINGER_SECONDS)
        for waiting, timeout in list(self._waiting.items()):
            gevent.kill(waiting, timeout)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """One connection, to its end."""
        client.settimeout(SEND_SECONDS)
        super(GeventWorker, self).handle(listener, client, addr)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """One request. A client that neither sends nor reads in time is let go without a word in the log."""
        try:
            super().handle_request(listener_name, req, sock, addr)
        except TimeoutError:
            raise StopIteration from None


@dataclass
class _Answer:
    status: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    parts: tuple[bytes, ...] = ()
    error: BaseException | None = None


class InThreads:
    """The application as green threads call it."""

    def __init__(
        self, application: Application, threads: ThreadPool, largest_body: Callable[[Environment], int]
    ) -> None:
        """largest_body: of a request with these headers; the application refuses a larger one without reading it."""
        self._application = application
        self._threads = threads
        self._largest_body = largest_body
        self._held = 0

    def __call__(self, environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Raises TimeoutError when the body does not come in time."""
        with self._arrived(environment):
            answer = cast(_Answer, self._threads.spawn(_answer, self._application, environment).get())
        if answer.error is not None:
            raise answer.error
        start_response(answer.status, list(answer.headers))
        return answer.parts

    @contextmanager
    def _arrived(self, environment: Environment) -> Iterator[None]:
        """Replace the input by one that is there. One that is too large is left where it is."""
        body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # closed below
        mine = 0
        try:
            expected = _length(environment)
            most = self._largest_body(environment)
            if expected is None or 0 < expected <= most:
                seconds = BODY_SECONDS + (most if expected is None else expected) / BODY_BYTES_A_SECOND
                with gevent.Timeout(seconds, TimeoutError("The body did not come in time.")):
                    for part in _parts(environment["wsgi.input"], most + 1):
                        mine += len(part)
                        self._held += len(part)
                        if self._held > BODIES_AT_MOST:
                            environment[REFUSAL] = OperationError("Too much is being uploaded at the moment.")
                            break
                        if not _kept(body, part, environment):
                            break
                body.seek(0)
            environment["wsgi.input"] = body
            yield
        finally:
            self._held -= mine
            body.close()


def _kept(body: IO[bytes], part: bytes, environment: Environment) -> bool:
    try:
        body.write(part)
    except OSError as error:
        environment[REFUSAL] = as_disk_error(error) or OperationError("The upload could not be kept.")
        return False
    return True


def _parts(source: IO[bytes], most: int) -> Iterator[bytes]:
    left = most
    while left > 0 and (part := source.read(min(PART, left))):
        left -= len(part)
        yield part


def _length(environment: Environment) -> int | None:
    """Of the body; None: it comes in chunks, and nobody knows. Gunicorn has refused what is no length."""
    if "chunked" in environment.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    return int(environment.get("CONTENT_LENGTH") or 0)


def _answer(application: Application, environment: Environment) -> _Answer:
    """In a thread of the system. Nothing is raised here: gevent prints what is, with what it says of people."""
    answer = _Answer()

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
        answer.status, answer.headers = status, tuple(headers)

    try:
        parts = application(environment, start_response)
        try:
            answer.parts = tuple(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
    except Exception as error:
        answer.error = error
    return answer
