"""What becomes of sound on its way to the telephone, measured on tones, noise and silence."""

import math
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydub import AudioSegment

from prompts.clips import FRAME_BYTES
from prompts.sound import KEPT_MS, SILENCE, clip_bytes, has_words, silence
from tests.prompts.conftest import rms_steps, samples

RATE = 22_050


def segment(values: list[float], rate: int = RATE) -> AudioSegment:
    """Sound of values from -1 to 1."""
    data = struct.pack(f"<{len(values)}h", *(round(32767 * value) for value in values))
    return AudioSegment(data=data, sample_width=2, frame_rate=rate, channels=1)


def tone(hertz: float, seconds: float = 0.5, peak: float = 0.3, rate: int = RATE) -> list[float]:
    return [peak * math.sin(2 * math.pi * hertz * n / rate) for n in range(int(seconds * rate))]


def quiet(seconds: float, rate: int = RATE) -> list[float]:
    return [0.0] * int(seconds * rate)


def decibels(clip: bytes) -> float:
    """Loudness of a clip's middle, in dB below full scale."""
    steps = rms_steps(clip, 20)
    middle = sorted(steps)[len(steps) // 2]
    return 20 * math.log10(max(middle, 1) / 32768)


def power_at(clip: bytes, hertz: float) -> float:
    """Power of one frequency in a clip (Goertzel), in dB."""
    values = [value / 32768 for (value,) in struct.iter_unpack("<h", samples(clip))]
    turn = [2 * math.pi * hertz * n / 8000 for n in range(len(values))]
    real = sum(value * math.cos(angle) for value, angle in zip(values, turn, strict=True))
    imaginary = sum(value * math.sin(angle) for value, angle in zip(values, turn, strict=True))
    return 10 * math.log10((real**2 + imaginary**2) / len(values) ** 2 + 1e-12)


def test_a_clip_is_whole_frames_of_alaw() -> None:
    (clip,) = clip_bytes(["един"], [segment(tone(1000))])
    assert len(clip) % FRAME_BYTES == 0
    assert len(clip) == pytest.approx(8000 * (0.5 + 2 * KEPT_MS / 1000), abs=2 * FRAME_BYTES)


def test_loud_and_quiet_speech_come_out_alike() -> None:
    loud, low = clip_bytes(["а", "б"], [segment(tone(900, peak=0.9)), segment(tone(900, peak=0.01))])
    assert decibels(loud) == pytest.approx(-18, abs=0.5)
    assert decibels(low) == pytest.approx(-18, abs=0.5)


def test_what_a_telephone_does_not_carry_is_taken_out() -> None:
    mixed = [a + b + c for a, b, c in zip(tone(60), tone(1000), tone(5000), strict=True)]
    (clip,) = clip_bytes(["а"], [segment(mixed)])
    assert power_at(clip, 60) < power_at(clip, 1000) - 30
    # 5000 Hz would come back as 3000 Hz if it were thinned out to 8 kHz without a filter.
    assert power_at(clip, 3000) < power_at(clip, 1000) - 40


def test_the_telephone_band_itself_passes() -> None:
    for hertz in (400, 1000, 2000, 3000):
        mixed = [a + b for a, b in zip(tone(1000), tone(hertz), strict=True)]
        (clip,) = clip_bytes(["а"], [segment(mixed)])
        assert power_at(clip, hertz) > power_at(clip, 1000) - 6


def test_silence_around_speech_is_cut_to_a_breath() -> None:
    (clip,) = clip_bytes(["а"], [segment(quiet(1.0) + tone(1000) + quiet(2.0))])
    steps = rms_steps(clip, 5)
    loud = [place for place, step in enumerate(steps) if step > 300]
    assert 0 < loud[0] * 5 <= 3 * KEPT_MS
    assert len(steps) * 5 - (loud[-1] + 1) * 5 <= KEPT_MS + 30


def test_the_hum_of_a_recording_counts_as_silence() -> None:
    noise = random.Random(1)
    hum = [0.004 * noise.uniform(-1, 1) for _ in range(2 * RATE)]
    recorded = hum[:RATE] + tone(1000, peak=0.2) + hum[RATE:]
    (clip,) = clip_bytes(["а"], [segment(recorded)])
    assert len(clip) / 8000 == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("text", "pause"), [("край.", 200), ("Нали?", 200), ("„Край.“", 200), ("петък,", 80), ("Място:", 80), ("и", 0)]
)
def test_punctuation_is_heard_as_a_pause(text: str, pause: int) -> None:
    spoken = segment(tone(1000))
    plain, clip = clip_bytes(["край", text], [spoken, spoken])
    assert (len(clip) - len(plain)) / 8 == pytest.approx(pause, abs=20)
    assert clip.endswith(SILENCE * (pause * 8))


def test_clips_of_one_batch_do_not_sound_into_each_other() -> None:
    spoken = [segment(tone(500 + 300 * place)) for place in range(5)] + [segment(tone(700, rate=16_000), 16_000)]
    together = clip_bytes([str(place) for place in range(6)], spoken)
    for place, clip in enumerate(together):
        (alone,) = clip_bytes([str(place)], [spoken[place]])
        assert len(alone) == len(clip)
        assert decibels(alone) == pytest.approx(decibels(clip), abs=0.1)
        others = [hertz for hertz in (500, 800, 1100, 1400, 1700) if hertz != (500 + 300 * place if place < 5 else 700)]
        assert all(power_at(clip, hertz) < -45 for hertz in others if abs(hertz - 700) > 150)


def test_an_engine_that_spoke_only_silence_gives_no_clip() -> None:
    assert clip_bytes(["а"], [segment(quiet(0.5))]) == [b""]


def test_no_sound_at_all_needs_no_ffmpeg() -> None:
    assert clip_bytes([], []) == []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=4000), st.sampled_from([8000, 16_000, 22_050, 44_100]))
def test_whatever_was_spoken_becomes_whole_frames_without_clipping(values: list[float], rate: int) -> None:
    (clip,) = clip_bytes(["а"], [segment(values, rate)])
    assert len(clip) % FRAME_BYTES == 0
    assert all(abs(value) < 32_000 for (value,) in struct.iter_unpack("<h", samples(clip)))


def test_a_pause_is_frames_of_silence() -> None:
    assert silence(300) == SILENCE * 2400
    assert len(silence(1)) == FRAME_BYTES


@pytest.mark.parametrize(("text", "words"), [("…", False), (" - ,", False), ("", False), ("8", True), ("да", True)])
def test_a_text_without_words_is_a_pause(text: str, words: bool) -> None:
    assert has_words(text) is words
