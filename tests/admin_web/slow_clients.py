"""Clients that hold connections open with as little as they can: a byte a round, of a head or body, or none read."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection

HEAD = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 4000
BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 4000\r\n\r\n"
)
READING = b"GET /static/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50
"""Answers of which nobody reads anything."""
SLOW_HEAD, SLOW_BODY, NOT_READING = range(3)


@contextmanager
def slow_clients(
    port: int,
    count: int,
    source: str = "127.0.0.1",
    round_seconds: float = 0.5,
    kinds: Sequence[int] = (SLOW_HEAD, SLOW_BODY, NOT_READING),
) -> Iterator[None]:
    """So many at a time, from this address; who is shown the door comes again at once."""
    stop, all_there = threading.Event(), threading.Event()

    def connect(number: int) -> tuple[socket.socket, bytes]:
        client = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0))
        client.setblocking(False)
        kind = kinds[number % len(kinds)]
        if kind == SLOW_HEAD:
            return client, HEAD
        client.send(BODY if kind == SLOW_BODY else READING)
        return client, b"x" * 4000 if kind == SLOW_BODY else b""

    def drip() -> None:
        clients: dict[int, tuple[socket.socket, bytes]] = {}
        while not stop.is_set():
            for number in range(count):
                try:
                    if number not in clients:
                        clients[number] = connect(number)
                    client, left = clients[number]
                    if left:
                        client.send(left[:1])
                        clients[number] = client, left[1:] or b"a"
                except BlockingIOError:
                    pass
                except OSError:
                    if gone := clients.pop(number, None):
                        gone[0].close()
            all_there.set()
            stop.wait(round_seconds)
        for client, _ in clients.values():
            with suppress(OSError):
                client.close()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    assert all_there.wait(60)
    time.sleep(2 * round_seconds)
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def seconds_of_pages(port: int, count: int, path: str = "/sign-in") -> list[float]:
    """How long an ordinary client waits for each of so many pages, each on a connection of its own, shortest first."""
    found = []
    for _ in range(count):
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        finally:
            connection.close()
        found.append(time.perf_counter() - began)
    return sorted(found)
