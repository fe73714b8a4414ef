"""Slow copies are made while somebody wishes them, and a slow call hears what there is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agi import lost_clips, slow_copies
from agi.clip_store import ClipStore
from agi.dialogue import pace
from agi.dialogue import queries as q
from prompts.clips import Clips
from prompts.render import render
from prompts.slow import make_copies
from school.hearing.access import Admitted
from school.hearing.spoken import Entered
from settings import Settings
from tests.agi import rows
from tests.agi.test_lost_clips import until
from tests.prompts.conftest import speaking

pytestmark = pytest.mark.slow

FIXED = frozenset({"Добър ден.", "Довиждане.", "Натиснете едно."})
NAME = "За Мария"


class School:
    """What is entered, and whether anybody wants to be spoken to slowly."""

    def __init__(self) -> None:
        self.names = {NAME}
        self.slow = False
        self.asked = 0

    def entered(self) -> Entered:
        return Entered(set(self.names), complete=True)

    def slow_is_wished(self) -> bool:
        self.asked += 1
        return self.slow


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return speaking(tmp_path / "home")


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
def store(config: Settings, school: School, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClipStore]:
    monkeypatch.setattr(lost_clips, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr(slow_copies, "MADE_AT_ONCE", 2)
    monkeypatch.setattr("agi.clip_store.SWEEP_SECONDS", 0.2)
    render(config, {*FIXED, NAME})
    made = ClipStore(config, school.entered, fixed_texts=lambda: FIXED, slow_is_wished=school.slow_is_wished)
    thread = made.start()
    yield made
    made.stop()
    thread.join(30)
    assert not thread.is_alive()


def copies(config: Settings) -> set[str]:
    slow = Clips(config, slow=True)
    return {text for text in FIXED | {NAME} if slow.path_of(text).is_file()}


def test_nothing_is_made_until_somebody_wishes_it(config: Settings, school: School, store: ClipStore) -> None:
    until(lambda: school.asked > 1)
    assert not config.slow_sounds_path.exists()
    school.slow = True
    until(lambda: copies(config) == FIXED | {NAME})


def test_a_slow_call_hears_the_clip_until_there_is_a_copy(config: Settings, store: ClipStore) -> None:
    call = store.of_call()
    call.slow = True
    assert call.sound("Добър ден.") == str(config.sounds_path / Clips(config).name_of("Добър ден.")).removesuffix(
        ".alaw"
    )
    until(lambda: "-slow/" in (call.sound("Добър ден.") or ""))
    assert copies(config) == {"Добър ден."}
    assert call.sound("За Рада") is None
    call.slow = False
    assert "-slow/" not in (call.sound("Добър ден.") or "")


def test_copies_that_are_deleted_cut_off_or_old_are_made_anew(
    config: Settings, school: School, store: ClipStore
) -> None:
    school.slow = True
    until(lambda: copies(config) == FIXED | {NAME})
    call = store.of_call()
    call.slow = True
    assert "-slow/" in (call.sound(NAME) or "")
    paths = [Clips(config, slow=True).path_of(text) for text in sorted(FIXED)]
    size = paths[1].stat().st_size
    paths[0].unlink()
    os.truncate(paths[1], 0)
    until(lambda: paths[0].is_file() and paths[1].stat().st_size == size)
    clip = Clips(config).path_of(NAME)
    clip.write_bytes(clip.read_bytes() * 2)
    longer = clip.stat().st_size
    until(lambda: Clips(config, slow=True).path_of(NAME).stat().st_size > longer)


def test_a_name_that_is_erased_goes_with_its_copy(config: Settings, school: School, store: ClipStore) -> None:
    school.slow = True
    until(lambda: NAME in copies(config))
    call = store.of_call()
    call.slow = True
    assert call.sound(NAME)
    until(lambda: store._entered == {NAME})
    school.names.clear()
    until(lambda: NAME not in copies(config))
    until(lambda: call.sound(NAME) is None)
    assert NAME not in (config.slow_sounds_path / "manifest.jsonl").read_text("utf-8")


def test_a_call_without_the_wish_looks_for_no_copies(
    config: Settings, store: ClipStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_copies(config, FIXED)
    looked: list[str] = []
    real = Path.is_file

    def is_file(path: Path) -> bool:
        looked.append(str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    call = store.of_call()
    assert all(map(call.sound, FIXED))
    assert looked
    assert not [path for path in looked if "-slow/" in path]


SLOW = rows.SLOW_MARIA


@pytest.mark.parametrize("before", [False, True])
def test_a_call_follows_the_wish_of_who_turns_out_to_be_in_it(before: bool) -> None:
    assert pace.is_slow(q.WhoIsCalling(), q.Caller((SLOW, rows.IVAN), None), before)
    assert not pace.is_slow(q.WhoIsCalling(), q.Caller((rows.MARIA,), None), before)
    assert pace.is_slow(q.WhoIsCalling(), q.Caller((), None), before) is before
    assert pace.is_slow(q.AdmitByCode("10000008", "1234"), Admitted(SLOW), before)
    assert not pace.is_slow(q.AdmitByCode("10000008", "1234"), Admitted(rows.MARIA), before)
    assert pace.is_slow(q.AdmitByCode("10000008", "1234"), q.NotAdmitted(None), before) is before
    assert pace.is_slow(q.LatestGrades(SLOW), (), before) is before
    for wanted in (False, True):
        assert pace.is_slow(q.WantSlowSpeech(rows.MARIA, wanted), None, before) is wanted
