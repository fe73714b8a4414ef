"""A disk that is full or read-only, for real: a small one in memory, under the home folder of processes that run."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

import launcher
from demonstration.secrets import password_of
from devtools.site import SECRET_KEY, Site, coming_school_day, served
from devtools.telephone.free_ports import free_port
from errors import DiskError
from runtime import disk
from school.security.crypto import vault_of

NOW = coming_school_day()

OTHERS = (("agi", "serve"), ("sms", "simulate"), ("sms", "serve"), ("mail", "simulate"), ("mail", "serve"))
TEACHER = "o.petkov@demo-school.example"


def mounted(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with a disk of its own of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted("-t", "tmpfs", "-o", "size=24m,mode=0700", "none", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave not a byte free; gives the file to delete."""
    path = folder / "filling"
    with path.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return path


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_full_disk_is_told_from_one_with_room(small_disk: Path) -> None:
    assert disk.trouble(small_disk) is None
    filling = fill(small_disk)
    found = disk.trouble(small_disk)
    assert found is not None
    assert found.is_full
    assert "make room" in str(found)
    assert sorted(path.name for path in small_disk.iterdir()) == ["filling"]
    filling.unlink()
    assert disk.trouble(small_disk) is None


def test_a_read_only_disk_is_told(small_disk: Path) -> None:
    mounted("-o", "remount,ro", str(small_disk))
    found = disk.trouble(small_disk)
    assert isinstance(found, DiskError)
    assert not found.is_full
    assert "cannot be written" in str(found)


class Person:
    """A browser with a person before it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._token = ""

    def get(self, path: str) -> int:
        return self._answered(f"{self._site.url}{path}", None)[0]

    def sees(self, path: str) -> bool:
        """Whether a page for people who are signed in opens."""
        status, page = self._answered(f"{self._site.url}{path}", None)
        return status == 200 and "/sign-out" in page

    def sign_in(self) -> tuple[int, str]:
        """Signing in is a save: of the session."""
        self.get("/sign-in")
        fields = {
            "email": TEACHER,
            "password": password_of(vault_of(SECRET_KEY.encode()), TEACHER),
            "csrf_token": self._token,
        }
        return self._answered(f"{self._site.url}/sign-in", urllib.parse.urlencode(fields).encode())

    def _answered(self, url: str, data: bytes | None) -> tuple[int, str]:
        try:
            with self._opener.open(url, data, timeout=30) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        except OSError:
            status, text = 0, ""
        if found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text):
            self._token = found[1]
        return status, text


@contextmanager
def running(site: Site) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """The other processes of the product, beside the web."""
    with ExitStack() as stack:
        yield {" ".join(command): stack.enter_context(site.process(*command)) for command in OTHERS}


def voice_answers(site: Site) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", site.settings.agi_port), timeout=2) as peer:
            peer.sendall(b"agi_network: yes\nagi_network_script: status\n\n")
            return bool(peer.makefile().readline())
    except OSError:
        return False


@pytest.mark.slow
def test_a_full_disk_costs_the_save_and_nothing_else(small_disk: Path, sqlite_demonstration: Path) -> None:
    home = small_disk / "home"
    home.mkdir(mode=0o700)
    shutil.copy(sqlite_demonstration, home / "eschool.db")
    with (
        served(home, NOW, ESCHOOL_AGI_PORT=str(free_port()), ESCHOOL_TRUNK="loopback") as site,
        running(site) as others,
    ):
        eventually(lambda: voice_answers(site))
        person = Person(site)
        person.sign_in()
        assert person.sees("/")
        with closing(sqlite3.connect(home / "eschool.db")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        filling = fill(small_disk)

        status, page = Person(site).sign_in()
        assert status == 503
        assert "Дискът на сървъра е пълен" in page
        for _ in range(10):
            assert person.sees("/")
        assert person.get("/metrics") == 200
        with urllib.request.urlopen(f"{site.url}/metrics") as answer:
            assert "eschool_disk_writable 0.0" in answer.read().decode()
        # A process of the web that dies now comes back, and a call is answered.
        web = int(subprocess.check_output(["pgrep", "-f", "devtools.elsewhen .* web serve", "-o"]).split()[0])
        children = Path(f"/proc/{web}/task/{web}/children").read_text().split()
        os.kill(int(children[0]), 9)
        time.sleep(3)
        for _ in range(10):
            assert person.sees("/")
        assert voice_answers(site)
        assert launcher.states(site.settings)["disk"].startswith("away: The disk")

        filling.unlink()
        eventually(lambda: Person(site).sign_in()[0] == 200)
        assert not launcher.states(site.settings)["disk"].startswith("away")
        assert [name for name, process in others.items() if process.poll() is not None] == []


@pytest.mark.slow
def test_processes_begin_over_a_read_only_home_and_wait(small_disk: Path, sqlite_demonstration: Path) -> None:
    home = small_disk / "home"
    home.mkdir(mode=0o700)
    shutil.copy(sqlite_demonstration, home / "eschool.db")
    for name in ("mail-simulator", "sms-simulator"):
        (home / f"{name}.port").write_text(f"{free_port()}\n")
    site = Site(
        {
            "ESCHOOL_HOME": str(home),
            "ESCHOOL_SECRET_KEY": SECRET_KEY,
            "ESCHOOL_WEB_PORT": str(free_port()),
            "ESCHOOL_AGI_PORT": str(free_port()),
        },
        NOW,
    )
    with ExitStack() as stack:
        log = stack.enter_context((small_disk.parent / "log").open("w+"))

        def begin(*command: str) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen(
                [sys.executable, "-m", "devtools.elsewhen", NOW.isoformat(), *command],
                env={**os.environ, **site.variables},
                stdout=log,
                stderr=log,
            )
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            return process

        mounted("-o", "remount,ro", str(small_disk))
        processes = [begin("web", "serve"), begin("agi", "serve"), begin("mail", "serve"), begin("scheduler", "serve")]
        eventually(lambda: voice_answers(site))
        eventually(lambda: Person(site).get("/healthz") in (200, 503))
        mounted("-o", "remount,rw", str(small_disk))
        eventually(lambda: Person(site).sign_in()[0] == 200)
        assert [process.args for process in processes if process.poll() is not None] == []
        assert "Traceback" not in (small_disk.parent / "log").read_text()
