"""The FastAGI server against peers that are not Asterisk: garbage, half lines, floods, silence, overload, the end."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from agi.line import Line
from agi.server import FIRST_LINES_SECONDS, STRANGERS, FastAgiServer, Handler
from agi.workers import Workers
from errors import OperationError

ENVIRONMENT = b"agi_network: yes\nagi_network_script: inbound\nagi_callerid: 0888000001\n\n"


def tell_caller(line: Line) -> None:
    line.set_variable("SERVED", line.caller)


@contextmanager
def serving(max_calls: int = 10, call: Handler = tell_caller) -> Iterator[FastAgiServer]:
    """A server whose calls end when the caller sends its next line."""

    def overload(line: Line) -> None:
        line.set_variable("BUSY", "1")

    server = FastAgiServer(("127.0.0.1", 0), call, overload, max_calls)
    server.start()
    try:
        yield server
    finally:
        server.drain(0)


def connect(server: FastAgiServer, data: bytes = b"") -> socket.socket:
    peer = socket.create_connection(server.address, timeout=10)
    peer.sendall(data)
    return peer


def hung_up_on(peer: socket.socket, data: bytes) -> bool:
    """Whether the server ends the connection; with much unread data the kernel makes that a reset."""
    try:
        peer.sendall(data)
        return peer.recv(100) == b""
    except ConnectionError:
        return True


def hung_up_on_now(peer: socket.socket) -> bool:
    """Whether the server has ended the connection by now."""
    peer.settimeout(0.001)
    try:
        return peer.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.01)


def listens(server: FastAgiServer) -> bool:
    with socket.socket() as peer:
        return peer.connect_ex(server.address) == 0


def served(server: FastAgiServer) -> bool:
    with connect(server, ENVIRONMENT) as peer:
        return peer.recv(100) == b'SET VARIABLE "SERVED" "0888000001"\n'


def test_a_call_is_served() -> None:
    with serving() as server:
        assert served(server)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"GET / HTTP/1.1\r\nHost: school\r\n\r\n",
        b"\x00\xff\xfe" * 400 + b"\n",
        b"x" * 100_000,
        b"agi_key: value\n" * 1000,
    ],
    ids=["a browser", "binary", "an endless line", "endless lines"],
)
def test_rubbish_is_hung_up_on_and_the_next_call_is_served(rubbish: bytes) -> None:
    with serving() as server:
        with connect(server) as peer:
            assert hung_up_on(peer, rubbish)
        until(lambda: server.figures.bad_clients == 1)
        assert served(server)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds a peer has for its first lines: fewer than in earnest, for the test waits as long."""
    seconds = FIRST_LINES_SECONDS / 10
    monkeypatch.setattr("agi.server.FIRST_LINES_SECONDS", seconds)
    return seconds


def test_a_half_line_and_then_nothing_is_hung_up_on(soon: float) -> None:
    with serving() as server, connect(server, b"agi_network: ye") as peer:
        began = time.monotonic()
        assert peer.recv(100) == b""
        assert time.monotonic() - began >= soon * 0.9
        until(lambda: server.figures.active == 0)


def test_a_byte_now_and_then_does_not_stretch_the_deadline(soon: float) -> None:
    with serving() as server, connect(server) as peer:
        bytes_a_deadline = 10
        began = time.monotonic()
        for _ in range(10 * bytes_a_deadline):  # a deadline that each byte stretched would outlast them all
            if hung_up_on_now(peer):
                assert time.monotonic() - began >= soon * 0.9
                return
            peer.sendall(b"a")
            time.sleep(soon / bytes_a_deadline)
    pytest.fail("the caller kept its place byte by byte")


def test_a_caller_who_is_gone_at_once_disturbs_nobody() -> None:
    with serving() as server:
        for _ in range(50):
            connect(server).close()
        until(lambda: server.figures.active == 0)
        assert server.figures.bad_clients == server.figures.failed == 0
        assert served(server)


def test_a_burst_of_two_hundred_is_served_at_once_by_one_thread() -> None:
    before = threading.active_count()
    with serving(max_calls=300) as server:
        burst = [connect(server, ENVIRONMENT) for _ in range(200)]
        for peer in burst:
            assert peer.recv(100) == b'SET VARIABLE "SERVED" "0888000001"\n'
        assert server.figures.active == 200
        assert server.figures.refused == 0
        assert threading.active_count() <= before + 1  # before: one of the last test may be ending
        for peer in burst:
            peer.close()
        until(lambda: server.figures.active == 0)
        assert served(server)
    until(lambda: threading.active_count() == before)


def test_a_call_that_waits_for_the_school_keeps_no_other_waiting() -> None:
    answered, workers = threading.Event(), Workers(2)

    def call(line: Line) -> None:
        line.set_variable("SERVED", line.caller if line.caller == "0888000001" else str(workers(answered.wait)))

    with serving(call=call) as server, connect(server, ENVIRONMENT.replace(b"0888000001", b"0888000002")) as waiting:
        until(lambda: server.figures.active == 1)
        assert served(server)
        answered.set()
        assert waiting.recv(100) == b'SET VARIABLE "SERVED" "True"\n'


def test_a_school_that_does_not_answer_is_waited_for_no_longer_than_a_caller_listens_to_silence() -> None:
    answered, workers = threading.Event(), Workers(1, patience=0.3)

    def call(line: Line) -> None:
        try:
            workers(answered.wait)
        except OperationError:
            line.set_variable("SERVED", line.caller)

    with serving(call=call) as server:
        assert served(server)  # its question holds the only worker
        assert served(server)  # and this one waits for the worker
        answered.set()


def test_what_fails_in_a_worker_fails_for_its_caller_alone_and_unprinted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    workers = Workers(1)

    def ask() -> None:
        raise LookupError("Мария")

    def call(line: Line) -> None:
        try:
            workers(ask)
        except LookupError:
            line.set_variable("SERVED", line.caller)

    with serving(call=call) as server:
        assert served(server)
        assert served(server)
    assert "Мария" not in "".join(capfd.readouterr())


def test_calls_above_the_cap_get_the_overload_answer_and_floods_are_closed() -> None:
    with serving(max_calls=2) as server:
        held = [connect(server, ENVIRONMENT) for _ in range(2)]
        until(lambda: server.figures.active == 2)
        for peer in held:
            peer.recv(100)
        with connect(server, ENVIRONMENT) as third:
            assert third.recv(100) == b'SET VARIABLE "BUSY" "1"\n'
            flood = [connect(server) for _ in range(STRANGERS + 10)]
            until(lambda: server.figures.refused >= 8)
            for peer in [*held, *flood]:
                peer.close()
        until(lambda: server.figures.active == 0)
        assert served(server)


def test_status_is_told_in_one_line_of_json_and_counts_calls_only() -> None:
    with serving() as server:
        assert served(server)
        connect(server).close()  # as a load balancer looks whether anybody listens
        connect(server, b"GET / HTTP/1.0\r\n\r\n").close()
        until(lambda: server.figures.active == 0)
        for _ in range(3):
            with connect(server, ENVIRONMENT.replace(b"inbound", b"status")) as peer:
                assert json.loads(peer.makefile().readline())["accepted"] == 1


def test_draining_lets_the_call_in_progress_end_and_accepts_no_more() -> None:
    with serving() as server, connect(server, ENVIRONMENT) as peer:
        peer.recv(100)
        cut: list[int] = []
        drained = threading.Thread(target=lambda: cut.append(server.drain(10)))
        drained.start()
        until(lambda: not listens(server))
        assert drained.is_alive()
        peer.sendall(b"200 result=1\n")
        assert peer.recv(100) == b""
        drained.join(5)
        assert cut == [0]


@pytest.mark.parametrize(
    "answer", [b"200 result=", b"200 result=yes", b"200 result=1.5", "200 result=٣".encode(), b"200"]
)
def test_an_answer_that_asterisk_never_gives_is_the_peers_mistake_and_not_ours(answer: bytes) -> None:
    def call(line: Line) -> None:
        line.wait_for_digit(1)

    with serving(call=call) as server:
        with connect(server, ENVIRONMENT) as peer:
            while peer.recv(100) and not hung_up_on_now(peer):
                peer.settimeout(10)
                peer.sendall(answer + b"\n")
        until(lambda: server.figures.active == 0)
        assert (server.figures.bad_clients, server.figures.failed) == (1, 0)


def test_who_asks_for_the_status_and_is_gone_is_no_failure() -> None:
    with serving() as server:
        for _ in range(30):
            peer = connect(server, ENVIRONMENT.replace(b"inbound", b"status"))
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
        until(lambda: server.figures.active == 0)
        assert server.figures.failed == 0
        assert served(server)
