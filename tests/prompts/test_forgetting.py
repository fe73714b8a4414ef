"""Clips of what nobody says any more are deleted, of every voice; all others stay and the manifest is true."""

import time
from collections.abc import Callable
from pathlib import Path

from agi.clip_store import ClipStore
from prompts import manifest
from prompts.clips import Clips
from prompts.forgetting import forget, forget_unsaid
from prompts.speech import inventory, phrase
from school.hearing.spoken import Entered
from settings import Settings
from tests.conftest import settings_for

SOUND = b"\xd5" * 160
FIXED = phrase("apology")[0]


def filled(home: Path, *texts: str, voice: str = "espeak") -> tuple[Settings, Clips]:
    """A voice's folder with the clips of these texts."""
    settings = settings_for(home, "sqlite:///unused")
    clips = Clips(settings)
    folder = clips.folder.with_name(voice)
    folder.mkdir(parents=True)
    for text in texts:
        (folder / clips.name_of(text)).write_bytes(SOUND)
    manifest.append(folder, {clips.name_of(text): text for text in texts})
    return settings, clips


def test_only_what_is_neither_ours_nor_entered_goes(tmp_path: Path) -> None:
    settings, clips = filled(tmp_path, FIXED, "За Мария", "За Жулиета")
    filled(tmp_path, "За Мария", "За Жулиета", voice="piper")
    (clips.folder / "мое.wav").write_bytes(b"x")
    assert FIXED in inventory()
    assert forget_unsaid(settings, lambda: {"За Мария"}) == 2
    assert set(manifest.read(clips.folder).texts.values()) == {FIXED, "За Мария"}
    assert {path.name for path in clips.folder.glob("*.alaw")} == {clips.name_of(FIXED), clips.name_of("За Мария")}
    assert {path.name for path in clips.folder.with_name("piper").glob("*.alaw")} == {clips.name_of("За Мария")}
    assert (clips.folder / "мое.wav").exists()
    assert "Жулиета" not in (clips.folder / "manifest.jsonl").read_text("utf-8")


def test_a_clip_without_its_line_goes_too(tmp_path: Path) -> None:
    settings, clips = filled(tmp_path, "За Мария")
    (clips.folder / clips.name_of("За Жулиета")).write_bytes(SOUND)
    assert forget_unsaid(settings, lambda: {"За Мария"}) == 1
    assert not (clips.folder / clips.name_of("За Жулиета")).exists()


def test_by_its_text_no_phrase_of_ours_is_forgotten(tmp_path: Path) -> None:
    settings, clips = filled(tmp_path, FIXED, "За Жулиета")
    assert forget(settings, {FIXED, "За Жулиета", "За Никой"}) == 1
    assert clips.find(FIXED)


def test_where_no_voice_is_nothing_is_made(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "sqlite:///unused")
    assert forget_unsaid(settings, set) == 0
    assert not (tmp_path / "sounds").exists()


def test_the_voice_process_forgets_a_name_and_looks_anew_when_it_comes_back(tmp_path: Path) -> None:
    settings, clips = filled(tmp_path, "За Мария", "За Жулиета")
    entered = {"За Мария", "За Жулиета"}
    store = ClipStore(settings, lambda: Entered(set(entered), complete=True))
    assert store.sound("За Жулиета")
    thread = store.start()
    try:
        _until(lambda: store._entered == entered)
        entered.discard("За Жулиета")
        store.want(())
        _until(lambda: not clips.path_of("За Жулиета").exists())
        _until(lambda: store.sound("За Жулиета") is None)
        assert store.sound("За Мария")
    finally:
        store.stop()
        thread.join()


def _until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
