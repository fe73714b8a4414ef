"""Clips that are deleted under the running voice server are missed, told of, and rendered anew."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agi import lost_clips
from agi.clip_store import ClipStore
from prompts.clips import Clips
from school.hearing.spoken import Entered
from settings import Engine, Settings
from tests.prompts.conftest import speaking

pytestmark = pytest.mark.slow

FIXED, ENTERED = frozenset({"Добър ден.", "Довиждане.", "Натиснете едно."}), {"Мария", "Иван"}


def until(happened: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    """A voice that fails while there is a file `broken`."""
    voice = tmp_path / "voice.sh"
    voice.write_text(f"#!/bin/sh\n[ -e {tmp_path}/broken ] && exit 1\nexec espeak-ng -v bg --stdin --stdout\n", "utf-8")
    voice.chmod(voice.stat().st_mode | stat.S_IXUSR)
    return speaking(tmp_path / "home", Engine.COMMAND, speech_command=str(voice))


@pytest.fixture
def store(config: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClipStore]:
    """A store that looks every half second, with all its clips rendered."""
    monkeypatch.setattr(lost_clips, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr("agi.clip_store.SWEEP_SECONDS", 0.2)
    made = ClipStore(config, lambda: Entered(set(ENTERED), complete=True), fixed_texts=lambda: FIXED)
    thread = made.start()
    until(lambda: all(made.sound(text) for text in FIXED | ENTERED) and made.missing == 0)
    yield made
    made.stop()
    thread.join(30)


def clips_of(config: Settings) -> list[Path]:
    clips = Clips(config)
    return [clips.path_of(text) for text in FIXED | ENTERED]


def test_all_that_is_deleted_is_rendered_anew(config: Settings, store: ClipStore) -> None:
    for path in clips_of(config):
        path.unlink()
    until(lambda: all(path.is_file() for path in clips_of(config)))
    until(lambda: store.missing == 0)


def test_the_whole_folder_may_go(config: Settings, store: ClipStore) -> None:
    config.sounds_path.rename(config.sounds_path.with_name("gone"))
    until(lambda: all(path.is_file() for path in clips_of(config)))


def test_a_clip_that_was_cut_off_is_rendered_anew(config: Settings, store: ClipStore) -> None:
    path = clips_of(config)[0]
    size = path.stat().st_size
    os.truncate(path, 0)
    until(lambda: path.stat().st_size == size)


def test_what_is_missing_is_counted_and_callers_are_not_told_of_a_clip_that_is_gone(
    config: Settings, store: ClipStore, tmp_path: Path
) -> None:
    (tmp_path / "broken").touch()
    paths = clips_of(config)
    for path in paths:
        path.unlink()
    until(lambda: store.missing == len(paths))
    assert [text for text in FIXED | ENTERED if store.sound(text)] == []
    (tmp_path / "broken").unlink()
    until(lambda: all(store.sound(text) for text in FIXED | ENTERED))
    until(lambda: store.missing == 0)
