"""Slow copies of clips: a quarter longer at the same pitch, of whatever voice, and of the clip as it is now."""

import os
import struct
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from prompts import manifest
from prompts.clips import FRAME_BYTES, SLOW_TEMPO, Clips
from prompts.edition import Edition
from prompts.forgetting import forget, forget_unsaid
from prompts.render import render
from prompts.slow import make_copies
from prompts.slow_sound import slowed
from prompts.sound import clip_bytes, silence
from prompts.speech import phrase
from settings import Settings
from tests.prompts.conftest import rms_steps, samples
from tests.prompts.test_sound import decibels, segment, tone

LONGER = 1 / SLOW_TEMPO
AHEAD = 0.04
"""Seconds that a copy begins earlier than it need."""


def clip_of(hertz: float, seconds: float, peak: float = 0.3) -> bytes:
    (clip,) = clip_bytes(["а"], [segment(tone(hertz, seconds, peak))])
    return clip


def pitch_of(clip: bytes) -> float:
    """Hertz of the loudest part of a clip of one tone, by how often it crosses zero."""
    values: list[int] = [value for (value,) in struct.iter_unpack("<h", samples(clip))]
    middle = values[len(values) // 4 : len(values) * 3 // 4]
    crossings = sum(1 for one, other in pairwise(middle) if (one < 0) != (other < 0))
    return 8000 * crossings / (2 * len(middle))


@hypothesis_settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(400, 2500), st.floats(0.3, 2.0), st.floats(0.1, 1.0)), min_size=1, max_size=4))
def test_a_tone_is_a_quarter_longer_stays_the_tone_it_was_and_is_not_clipped(
    tones: list[tuple[float, float, float]],
) -> None:
    clips = [clip_of(*one) for one in tones]
    for (hertz, _, _), clip, copy in zip(tones, clips, slowed(clips), strict=True):
        assert len(copy) % FRAME_BYTES == 0
        assert len(copy) / 8000 == pytest.approx(LONGER * len(clip) / 8000 + AHEAD, abs=0.03)
        assert pitch_of(copy) == pytest.approx(hertz, rel=0.03)
        assert decibels(copy) == pytest.approx(decibels(clip), abs=1.5)
        assert all(abs(value) < 32_000 for (value,) in struct.iter_unpack("<h", samples(copy)))


def test_the_whole_word_is_there_and_none_of_its_neighbours() -> None:
    lengths = [0.3 + 0.2 * place for place in range(6)]
    clips = [clip_of(500 + 400 * place, length) for place, length in enumerate(lengths)]
    for place, copy in list(enumerate(slowed(clips * 15)))[-8:]:
        loud = [at for at, step in enumerate(rms_steps(copy, 5)) if step > 1000]
        assert (loud[-1] + 1 - loud[0]) * 0.005 >= LONGER * lengths[place % 6] - 0.02
        assert pitch_of(copy) == pytest.approx(500 + 400 * (place % 6), rel=0.03)


def test_pauses_grow_too() -> None:
    (copy,) = slowed([silence(300)])
    assert len(copy) / 8000 == pytest.approx(LONGER * 0.3 + AHEAD, abs=0.02)
    assert max(rms_steps(copy, 20)) < 10
    assert slowed([]) == []


def both(config: Settings, text: str) -> tuple[Path, Path]:
    return Clips(config).path_of(text), Clips(config, slow=True).path_of(text)


def test_copies_are_of_clips_that_are_there_and_made_once(config: Settings) -> None:
    render(config, ["За Мария", "осми а клас,"])
    assert make_copies(config, ["За Мария", "осми а клас,", "За Рада", " "]) == 2
    clip, copy = both(config, "За Мария")
    assert 1.2 < copy.stat().st_size / clip.stat().st_size < 1.4
    assert not Clips(config, slow=True).find("За Рада")
    assert set(manifest.read(copy.parent).texts.values()) == {"За Мария", "осми а клас,"}
    assert make_copies(config, ["За Мария", "осми а клас,"]) == 0


def test_a_clip_that_is_made_anew_gets_another_copy(config: Settings) -> None:
    render(config, ["За Мария", "За Рада"])
    make_copies(config, ["За Мария", "За Рада"])
    clip, copy = both(config, "За Мария")
    longer = Clips(config).path_of("За Рада").read_bytes() * 3
    clip.write_bytes(longer)
    earlier = copy.stat().st_mtime - 3600  # a clock that was put back
    os.utime(clip, (earlier, earlier))
    assert make_copies(config, ["За Мария", "За Рада"]) == 1
    assert copy.stat().st_size > len(longer)
    assert len(manifest.read(copy.parent).texts) == 2


def test_what_was_cut_off_or_left_unfinished_is_put_right(config: Settings) -> None:
    render(config, ["За Мария", "За Рада"])
    make_copies(config, ["За Мария", "За Рада"])
    (_, cut), (_, whole) = both(config, "За Мария"), both(config, "За Рада")
    size = cut.stat().st_size
    os.truncate(cut, 7)
    half = whole.with_name(f".{whole.name}.99.part")
    half.touch()
    (whole.parent / manifest.NAME).write_text("{", "utf-8")
    make_copies(config, ["За Мария", "За Рада"])
    assert cut.stat().st_size == size
    assert not half.exists()
    assert set(manifest.read(whole.parent).texts.values()) == {"За Мария", "За Рада"}


def test_a_recording_has_a_copy_of_its_own(config: Settings) -> None:
    spoken, recorded = Edition(), Edition(1, {"greeting": "a" * 64})
    text = phrase("greeting")[0]
    clips = Clips(config, recorded)
    render(config, [text], edition=spoken)
    clips.path_of(text).write_bytes(clip_of(700, 2.0))
    assert make_copies(config, [text], spoken) == make_copies(config, [text], recorded) == 1
    made = [Clips(config, one, slow=True).path_of(text) for one in (spoken, recorded)]
    assert made[0] != made[1]
    assert pitch_of(made[1].read_bytes()) == pytest.approx(700, rel=0.03)


def test_who_is_forgotten_is_forgotten_slowly_too(config: Settings) -> None:
    texts = [phrase("apology")[0], "За Мария", "За Жулиета", "За Рада"]
    render(config, texts)
    make_copies(config, texts)
    assert forget(config, {"За Жулиета"}) == 2
    assert forget_unsaid(config, lambda: {"За Мария"}) == 2
    left = {Clips(config).name_of(text) for text in texts[:2]}
    for folder in (config.sounds_path, config.slow_sounds_path):
        assert {path.name for path in folder.glob("*.alaw")} == left
        assert "Жулиета" not in (folder / manifest.NAME).read_text("utf-8")


def test_a_copy_without_its_line_is_forgotten_too(config: Settings) -> None:
    render(config, ["За Мария", "За Жулиета"])
    make_copies(config, ["За Мария", "За Жулиета"])
    manifest.replace(config.slow_sounds_path, {})
    assert forget_unsaid(config, lambda: {"За Мария"}) == 2
    assert not Clips(config, slow=True).find("За Жулиета")
    assert Clips(config, slow=True).find("За Мария")
