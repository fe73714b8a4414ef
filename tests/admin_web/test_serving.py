"""`eschool web serve` as a process, and what `eschool status` says of it."""

import gc
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from admin_web.application import create_app
from admin_web.server import Server
from admin_web.status import status
from devtools.site import SECRET_KEY
from devtools.telephone.free_ports import free_port
from errors import OperationError
from settings import Settings

ESCHOOL = Path(sys.executable).with_name("eschool")


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    """A home with an empty database and a free port."""
    shutil.copy(sqlite_template, tmp_path / "eschool.db")
    return Settings(home=tmp_path, secret_key=SECRET_KEY, web_port=free_port(), web_workers=1)


@contextmanager
def served(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The web application of these settings, once it answers."""
    variables = {
        "ESCHOOL_HOME": str(settings.home),
        "ESCHOOL_SECRET_KEY": SECRET_KEY,
        "ESCHOOL_WEB_PORT": str(settings.web_port),
        "ESCHOOL_WEB_WORKERS": "1",
    }
    process = subprocess.Popen([ESCHOOL, "web", "serve"], env=os.environ | variables, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                status(settings)
                break
            except OperationError:
                assert process.poll() is None
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def test_it_answers_and_stops_cleanly_when_told(settings: Settings) -> None:
    with served(settings) as process:
        assert f"http://127.0.0.1:{settings.web_port}" in status(settings)
    assert process.returncode == 0
    with pytest.raises(OperationError, match="start `eschool web serve`"):
        status(settings)


def test_another_program_on_its_port_is_told_apart(settings: Settings) -> None:
    def greet() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(1000)
            peer.sendall(b"HTTP/1.0 200 OK\r\n\r\nanother program")

    with socket.create_server(("127.0.0.1", settings.web_port)) as listener:
        thread = Thread(target=greet)
        thread.start()
        with pytest.raises(OperationError, match="choose another ESCHOOL_WEB_PORT"):
            status(settings)
        thread.join()


def test_a_busy_port_ends_it_with_one_sentence(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.web_port)):
        result = subprocess.run(
            [ESCHOOL, "web", "serve"],
            env=os.environ
            | {
                "ESCHOOL_HOME": str(settings.home),
                "ESCHOOL_WEB_PORT": str(settings.web_port),
                "ESCHOOL_SECRET_KEY": SECRET_KEY,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert f"127.0.0.1:{settings.web_port}" in result.stderr


def test_a_request_does_not_wait_while_all_that_stays_is_looked_through(settings: Settings) -> None:
    app = Server(settings, create_app(settings), descriptor=0).load()
    try:
        assert gc.get_freeze_count() > 100_000
        assert len(gc.get_objects()) < 10_000
    finally:
        gc.unfreeze()
        app.extensions["eschool.database"].dispose()
