"""Clients that hold connections open with as little as they can: a byte a round, of a head or body, or none read."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection

HEAD = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 4000
BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 4000\r\n\r\n"
)
READING = b"GET /static/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50
"""Answers of which nobody reads anything."""


@contextmanager
def slow_clients(port: int, count: int, address: str = "127.0.0.1", round_seconds: float = 0.5) -> Iterator[None]:
    """So many at a time; who is shown the door comes again at once."""
    stop = threading.Event()

    def connect(number: int) -> tuple[socket.socket, bytes]:
        client = socket.create_connection((address, port), timeout=5)
        client.setblocking(False)
        kind = number % 3
        if kind == 0:
            return client, HEAD
        client.send(BODY if kind == 1 else READING)
        return client, b"x" * 4000 if kind == 1 else b""

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
            stop.wait(round_seconds)
        for client, _ in clients.values():
            with suppress(OSError):
                client.close()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    time.sleep(2 * round_seconds)
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def seconds_of_pages(port: int, count: int, address: str = "127.0.0.1", path: str = "/sign-in") -> list[float]:
    """How long an ordinary client waits for each of so many pages, each on a connection of its own, shortest first."""
    found = []
    for _ in range(count):
        began = time.perf_counter()
        connection = HTTPConnection(address, port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        finally:
            connection.close()
        found.append(time.perf_counter() - began)
    return sorted(found)
