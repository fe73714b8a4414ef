"""What was entered, and what a call lacked, is rendered behind the calls, and again after a failure."""

import os
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agi.clip_store import ClipStore
from prompts.clips import Clips
from settings import Engine, Settings
from tests.prompts.conftest import speaking

pytestmark = pytest.mark.slow

PATIENCE = 30.0


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    """A voice that writes down how precious its processor time is, and fails while there is a file `broken`."""
    voice = tmp_path / "voice.sh"
    voice.write_text(
        f"#!/bin/sh\n[ -e {tmp_path}/broken ] && exit 1\n[ -e {tmp_path}/slow ] && sleep 60\n"
        f"nice >> {tmp_path}/niceness\nexec espeak-ng -v bg --stdin --stdout\n",
        "utf-8",
    )
    voice.chmod(voice.stat().st_mode | stat.S_IXUSR)
    return speaking(tmp_path / "home", Engine.COMMAND, speech_command=str(voice))


@pytest.fixture
def started(config: Settings) -> Iterator[Callable[[set[str]], ClipStore]]:
    """Starts a store whose school has entered these texts; it is ended with the test."""
    stores = []

    def start(texts: set[str]) -> ClipStore:
        store = ClipStore(config, lambda: texts)
        stores.append((store, store.start()))
        return store

    yield start
    for store, thread in stores:
        store.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_texts_are_rendered_with_less_precedence_than_calls(
    config: Settings, started: Callable[[set[str]], ClipStore], tmp_path: Path
) -> None:
    store = started({"За Мария", "Музика,"})
    until(lambda: store.sound("За Мария") and store.sound("Музика,"))
    own = os.nice(0)
    assert {int(line) for line in (tmp_path / "niceness").read_text("utf-8").split()} == {min(19, own + 10)}


def test_what_a_call_lacked_is_rendered_at_once(started: Callable[[set[str]], ClipStore]) -> None:
    store = started(set())
    store.want(["За Рада"])
    until(lambda: store.sound("За Рада"))


def test_what_failed_is_tried_again(config: Settings, started: Callable[[set[str]], ClipStore], tmp_path: Path) -> None:
    texts = {f"текст {number}" for number in range(10)}
    (tmp_path / "broken").touch()
    store = started(set())
    store.want(texts)
    time.sleep(2)
    assert not any(map(Clips(config).find, texts))
    (tmp_path / "broken").unlink()
    store.want([])
    until(lambda: all(map(store.sound, texts)))


def test_no_name_stands_in_the_log_when_it_cannot_be_spoken(
    config: Settings, started: Callable[[set[str]], ClipStore], tmp_path: Path
) -> None:
    (tmp_path / "broken").touch()
    with capture_logs() as lines:
        started({"За Мария"})
        until(lambda: lines)
    assert lines[0]["event"] == "clips.rendered"
    assert (lines[0]["made"], lines[0]["failed"]) == (0, 1)


def test_a_rendering_under_way_ends_with_the_store(
    config: Settings, started: Callable[[set[str]], ClipStore], tmp_path: Path
) -> None:
    (tmp_path / "slow").touch()
    store = started({"За Мария"})
    until(lambda: _renderings(tmp_path))
    began = time.monotonic()
    store.stop()
    until(lambda: not _renderings(tmp_path))
    assert time.monotonic() - began < 10


def _renderings(folder: Path) -> list[str]:
    """The rendering programs of this test."""
    lines = subprocess.run(["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True).stdout.splitlines()
    pids = [line.split()[0] for line in lines if "prompts.render_apart" in line]
    found = []
    for pid in pids:
        try:
            if str(folder).encode() in Path(f"/proc/{pid}/environ").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found
