"""A FastAGI server that does what a test tells it: it stands where the product's own server stands."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Visit:
    """One call that Asterisk handed over."""

    def __init__(self, handler: socketserver.StreamRequestHandler) -> None:
        self._handler = handler
        self.environment: dict[str, str] = {}
        while line := self.read():
            key, _, value = line.partition(": ")
            self.environment[key] = value

    def read(self) -> str:
        """The next line; empty at the end."""
        return self._handler.rfile.readline().decode().strip()

    def tell(self, command: str) -> str:
        """Give a command; returns Asterisk's answer, empty when the connection is over."""
        try:
            self._handler.wfile.write(f"{command}\n".encode())
            return self.read()
        except OSError:
            return ""

    def begin(self) -> None:
        """Tell the dialplan's watchdog that the call is served."""
        assert self.tell("SET VARIABLE TIMEOUT(absolute) 1800") == "200 result=1"

    def play(self, *files: str) -> str:
        """Play files (no endings) until a key."""
        return self.tell(f'EXEC Background "{"&".join(files)}"')

    def finish(self) -> None:
        """End as a dialogue that came to its own end."""
        self.tell("SET VARIABLE ESCHOOL_RESULT done")
        self.tell("HANGUP")


@contextmanager
def serving(port: int, serve: Callable[[Visit], None]) -> Iterator[list[Visit]]:
    """A server on `port` that calls `serve` for each call; yields the calls so far."""
    visits: list[Visit] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            visit = Visit(self)
            visits.append(visit)
            serve(visit)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 64

    with Server(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield visits
        finally:
            server.shutdown()
            thread.join()
