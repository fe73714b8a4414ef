"""`runtime.supervisor` over real processes: what ends comes again, the rest is not touched, nobody is left behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
SUPERVISOR = """
import os, sys
from pathlib import Path
from runtime import supervisor
supervisor.FIRST_PAUSE, supervisor.STAYS_UP, supervisor.STOP_SECONDS = 0.1, 1.0, 2.0
commands = supervisor.parsed(Path(sys.argv[1]).read_text())
sys.exit(supervisor.Supervisor(commands.values(), dict(os.environ)).run())
"""
CHILD = """
import os, signal, sys, time
from pathlib import Path
from runtime import parent
parent.end_with_it()
name, what = sys.argv[1], sys.argv[2]
with open(name, "a") as file:
    file.write(f"{os.getpid()}\\n")
print(f"{name} is {os.getpid()}", flush=True)
if what == "fails":
    sys.exit(3)
if what == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if what == "parent" and not os.fork():
    with open(name + "-child", "a") as file:
        file.write(f"{os.getpid()}\\n")
while True:
    time.sleep(0.05)
"""


def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class Supervised:
    """A supervisor at work. Its children write their process numbers into files, one line a start."""

    def __init__(self, folder: Path, **children: str) -> None:
        (folder / "child.py").write_text(CHILD)
        lines = (f"{name}: {sys.executable} child.py {name} {what}" for name, what in children.items())
        (folder / "Procfile").write_text("\n".join(lines) + "\n")
        self.folder = folder
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, "Procfile"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def starts(self, name: str) -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def said(self) -> str:
        return (self.folder / "log").read_text()


@contextmanager
def supervised(folder: Path, **children: str) -> Iterator[Supervised]:
    made = Supervised(folder, **children)
    try:
        eventually(lambda: all(made.starts(name) for name in children))
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        made.log.close()
        for name in children:
            for process in made.starts(name):
                if is_alive(process) and b"child.py" in Path(f"/proc/{process}/cmdline").read_bytes():
                    os.kill(process, signal.SIGKILL)


def test_what_ends_is_started_again_and_the_rest_is_not_touched(tmp_path: Path) -> None:
    with supervised(tmp_path, web="works", agi="works") as made:
        (agi,) = made.starts("agi")
        os.kill(made.starts("web")[0], signal.SIGBUS)
        eventually(lambda: len(made.starts("web")) == 2)
        eventually(lambda: "web runs again" in made.said())
        assert made.starts("agi") == [agi]
        assert is_alive(agi)
        assert made.said().count("web was ended by SIGBUS: it is started again") == 1


def test_what_cannot_stay_up_is_tried_with_growing_pauses_and_told_once(tmp_path: Path) -> None:
    with supervised(tmp_path, web="fails", agi="works") as made:
        time.sleep(4.0)
        tries = len(made.starts("web"))
        # After 0.1, 0.2, 0.4, 0.8 and 1.6 seconds: without the pauses it would be dozens.
        assert 3 <= tries <= 7
        assert made.said().count("web ended (status 3)") == 1
        assert len(made.starts("agi")) == 1


def test_its_lines_are_told_apart(tmp_path: Path) -> None:
    with supervised(tmp_path, web="works", scheduler="works") as made:
        number = made.starts("web")[0]
        eventually(lambda: re.search(rf"(?m)^\d\d:\d\d:\d\d web       \| web is {number}$", made.said()) is not None)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_end_when_it_is_asked_to(tmp_path: Path, number: signal.Signals) -> None:
    with supervised(tmp_path, web="works", agi="parent", mail="fails") as made:
        eventually(lambda: bool(made.starts("agi-child")))
        children = [*made.starts("web"), *made.starts("agi"), *made.starts("agi-child")]
        made.process.send_signal(number)
        assert made.process.wait(10) == 0
        eventually(lambda: not any(map(is_alive, children)), 2.0)


def test_what_does_not_end_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, web="works", agi="stubborn") as made:
        (agi,) = made.starts("agi")
        made.process.terminate()
        assert made.process.wait(10) == 1
        assert not is_alive(agi)
        assert "agi does not end and is killed" in made.said()


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with supervised(tmp_path, agi="stubborn") as made:
        began = time.monotonic()
        made.process.terminate()
        time.sleep(0.3)
        made.process.terminate()
        assert made.process.wait(10) == 1
        assert time.monotonic() - began < 1.5
        assert not is_alive(made.starts("agi")[0])


def test_children_end_with_it_also_when_it_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, web="works", agi="works") as made:
        children = [*made.starts("web"), *made.starts("agi")]
        made.process.kill()
        made.process.wait()
        eventually(lambda: not any(map(is_alive, children)), 5.0)


def test_a_full_disk_under_its_log_ends_nobody(tmp_path: Path) -> None:
    with supervised(tmp_path, web="works") as made, open("/dev/full", "w") as full:
        other = tmp_path / "other"
        other.mkdir()
        (other / "child.py").write_text(CHILD)
        (other / "Procfile").write_text((tmp_path / "Procfile").read_text())
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, "Procfile"],
            cwd=other,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=full,
            stderr=full,
        )
        eventually((other / "web").exists)
        time.sleep(0.5)
        assert process.poll() is None
        process.terminate()
        process.wait(10)
        assert made.process.poll() is None
