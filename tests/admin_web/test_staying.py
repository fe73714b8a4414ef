"""The web stays: without its database, with processes that die, and with clients that do not get on with it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from db.migrate import upgrade
from devtools.pbx import CHECKOUT, environment
from devtools.postgres import running_server
from devtools.site import SECRET_KEY
from devtools.telephone.free_ports import free_port
from tests.admin_web.slow_clients import HEAD, seconds_of_pages, slow_clients
from tests.conftest import settings_for

pytestmark = pytest.mark.slow


class Web:
    """`eschool web serve`, whether or not it serves pages."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.port = free_port()
        self.log = home / "web.log"
        given = {
            "ESCHOOL_HOME": str(home),
            "ESCHOOL_SECRET_KEY": SECRET_KEY,
            "ESCHOOL_WEB_PORT": str(self.port),
            "ESCHOOL_WEB_WORKERS": "2",
            **variables,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("eschool"), "web", "serve"],
                env=environment(given),
                cwd=CHECKOUT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def status(self, path: str = "/healthz") -> int:
        """How it answers; 0: not at all."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def workers(self) -> list[int]:
        """The process numbers of those that serve."""
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(one) for one in told.split()]

    def expect(self, status: int, seconds: float = 30.0) -> None:
        """It comes to answer so."""
        eventually(lambda: self.status() == status, seconds)


@contextmanager
def serving(home: Path, **variables: str) -> Iterator[Web]:
    web = Web(home, **variables)
    try:
        yield web
    finally:
        web.process.terminate()
        web.process.wait(30)


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def lose_a_worker(web: Web) -> None:
    """One dies as of a fault in C, and another takes its place."""
    eventually(lambda: len(web.workers()) == 2)
    lost = web.workers()[0]
    os.kill(lost, signal.SIGBUS)
    eventually(lambda: len(web.workers()) == 2 and lost not in web.workers())


def test_it_waits_for_a_file_that_is_not_there_yet(sqlite_template: Path, tmp_path: Path) -> None:
    with serving(tmp_path) as web:
        web.expect(503)
        lose_a_worker(web)
        assert web.status() == 503
        assert not (tmp_path / "eschool.db").exists()
        shutil.copy(sqlite_template, tmp_path / "coming.db")
        (tmp_path / "coming.db").rename(tmp_path / "eschool.db")
        web.expect(200, 5.0)


@pytest.mark.postgresql
def test_it_waits_for_a_server_that_is_away(tmp_path: Path) -> None:
    with running_server() as server:
        server.create("eschool")
        upgrade(settings_for(tmp_path, server.url("eschool")))
        server.stop()
        with serving(tmp_path, ESCHOOL_DATABASE_URL=server.url("eschool")) as web:
            web.expect(503)
            lose_a_worker(web)
            assert web.status() == 503
            server.start()
            web.expect(200)
            server.stop()
            lose_a_worker(web)
            web.expect(503)
            server.start()
            web.expect(200)


@pytest.fixture
def home(sqlite_template: Path, tmp_path: Path) -> Path:
    """A home with an empty database."""
    shutil.copy(sqlite_template, tmp_path / "eschool.db")
    return tmp_path


def test_processes_that_die_again_and_again_end_nothing(home: Path) -> None:
    with serving(home) as web:
        web.expect(200)
        for _ in range(3):
            lose_a_worker(web)
            web.expect(200, 5.0)
        assert web.process.poll() is None


def test_what_dead_processes_served_is_still_counted(home: Path) -> None:
    def served(web: Web) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{web.port}/metrics") as answer:
            text = answer.read().decode()
        found = re.search(r'request_seconds_count\{endpoint="accounts.sign_in",method="GET",status="200"\} (\S+)', text)
        return float(found[1]) if found else 0.0

    with serving(home) as web:
        web.expect(200)
        for round_number in range(1, 4):
            seconds_of_pages(web.port, 10)
            assert served(web) == 10 * round_number
            for _ in range(2):
                lose_a_worker(web)


def test_damaged_files_of_figures_of_an_earlier_version_matter_to_nobody(home: Path) -> None:
    (home / "metrics").mkdir()
    (home / "metrics" / "histogram_1.db").touch()
    (home / "metrics" / "histogram_2.db").write_bytes(b"\xff" * 100)
    with serving(home) as web:
        web.expect(200)
        assert web.status("/metrics") == 200


@pytest.fixture(scope="module")
def web(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One that serves pages, for tests that leave it as it was."""
    home = tmp_path_factory.mktemp("web")
    shutil.copy(sqlite_template, home / "eschool.db")
    with serving(home) as web:
        web.expect(200)
        yield web


@pytest.mark.parametrize("count", [20, 200])
def test_slow_clients_cost_the_others_little(web: Web, count: int) -> None:
    with slow_clients(web.port, count):
        waited = seconds_of_pages(web.port, 40)
    assert waited[20] < 0.5
    assert waited[-1] < 5.0


def test_a_head_that_does_not_end_and_a_body_that_does_not_come_are_not_waited_for(web: Web) -> None:
    with (
        socket.create_connection(("127.0.0.1", web.port), timeout=60) as of_body,
        socket.create_connection(("127.0.0.1", web.port), timeout=30) as of_head,
    ):
        began = time.monotonic()
        of_body.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\nemail=")
        of_head.sendall(HEAD)
        assert of_head.recv(100) == b""
        assert 5 < time.monotonic() - began < 20
        assert of_body.recv(100) == b""
        assert 15 < time.monotonic() - began < 40


def test_what_is_too_large_is_refused_before_it_is_read(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as client:
        client.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\nemail=")
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_chunks_without_end_are_refused(web: Web) -> None:
    head = (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunks, sent, answer = 250, 0, b""
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as client:
        client.sendall(head)
        try:
            for _ in range(chunks):
                client.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
                sent += 1
            answer = client.recv(1000)
        except OSError:  # it does not listen any more
            client.settimeout(5)
            with suppress(OSError):
                answer = client.recv(1000)
    assert answer or sent < chunks  # else it has read 16 MB
    assert not answer or answer.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 400 "))
    assert web.status() == 200


def test_who_keeps_a_connection_open_does_not_hold_up_the_end(home: Path) -> None:
    with serving(home) as web:
        web.expect(200)
        with socket.create_connection(("127.0.0.1", web.port), timeout=30) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(4000).startswith(b"HTTP/1.1 200 ")
            began = time.monotonic()
            web.process.terminate()
            assert web.process.wait(20) == 0
            assert time.monotonic() - began < 6


def test_a_database_of_a_newer_program_is_refused_in_one_sentence(home: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(home / "eschool.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    web = Web(home)
    assert web.process.wait(30) == 1
    *_, last = web.log.read_text().splitlines()
    assert "is of version 9999, newer than this program's" in last
    assert "Traceback" not in web.log.read_text()
