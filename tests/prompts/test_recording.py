"""What a person reads for the telephone, and a long recording taken apart by its pauses."""

import math
import random
import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydub import AudioSegment

from prompts.catalogue import PAUSES, PHRASES, STAFF
from prompts.clips import FRAME_BYTES
from prompts.recording import by_telephone
from prompts.recording.script import phrases, script
from prompts.recording.splitting import PartsError, parts, sounds
from prompts.speech import inventory

RATE = 8000


def tone(milliseconds: int, peak: float = 0.3) -> list[float]:
    return [peak * math.sin(2 * math.pi * 300 * n / RATE) for n in range(RATE * milliseconds // 1000)]


def hush(milliseconds: int, noise: float = 0.001) -> list[float]:
    chance = random.Random(milliseconds)
    return [chance.uniform(-noise, noise) for _ in range(RATE * milliseconds // 1000)]


def recording(pieces: Sequence[list[float]]) -> AudioSegment:
    values = [value for piece in pieces for value in piece]
    data = struct.pack(f"<{len(values)}h", *(round(32767 * value) for value in values))
    return AudioSegment(data=data, sample_width=2, frame_rate=RATE, channels=1)


def test_the_script_has_every_text_once_and_phrases_first() -> None:
    lines = script()
    texts = [line.text for line in lines]
    assert len(set(texts)) == len(texts)
    assert set(texts) == inventory() - set(PAUSES.values()) - set(STAFF.values())
    assert [line.text for line in phrases()] == [text for name, text in PHRASES.items() if name not in PAUSES | STAFF]
    assert lines[: len(phrases())] == phrases()
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


def test_a_line_that_goes_on_is_told_from_one_that_ends() -> None:
    by_name = {line.name: line for line in script()}
    assert by_name["news"].goes_on
    assert not by_name["greeting"].goes_on


def test_lines_are_found_by_their_pauses() -> None:
    whole = recording([hush(400), tone(900), hush(700), tone(400), hush(700), tone(1500), hush(500)])
    found = parts(whole, ["дванадесет букви", "шест", "много по-дълъг ред от другите два"])
    assert [abs(part.start - at) < 80 for part, at in zip(found, (400, 2000, 3100), strict=True)] == [True] * 3
    assert [abs(part.end - at) < 80 for part, at in zip(found, (1300, 2400, 4600), strict=True)] == [True] * 3
    assert not any(part.doubtful for part in found)


def test_a_pause_inside_a_sentence_does_not_part_it() -> None:
    spoken = [hush(300), tone(700), hush(350), tone(700), hush(600), tone(600), hush(600), tone(650), hush(300)]
    found = parts(recording(spoken), ["Здравейте. Тук е училището на града", "За оценки едно", "За срещи - три"])
    assert len(found) == 3
    assert found[0].end > 2000
    assert abs(found[1].start - 2650) < 80


def test_a_line_of_the_wrong_length_is_doubtful() -> None:
    spoken = [hush(300), tone(300), hush(600), tone(1500), hush(600), tone(800), hush(300)]
    found = parts(recording(spoken), ["двадесет и осем букви тук са", "двадесет и осем букви тук са", "дванайсет бу"])
    assert found[0].doubtful


def test_fewer_sounds_than_lines_are_refused() -> None:
    with pytest.raises(PartsError, match="1 sounds"):
        parts(recording([hush(300), tone(500), hush(300)]), ["едно", "две"])


def test_silence_and_a_click_are_no_sounds() -> None:
    assert sounds(recording([hush(2000)])) == []
    assert len(sounds(recording([hush(500), tone(20), hush(500), tone(400), hush(500)]))) == 1
    assert sounds(recording([])) == []


@settings(max_examples=30, deadline=None)
@given(
    lines=st.lists(st.tuples(st.integers(8, 60), st.integers(400, 1200)), min_size=1, max_size=12),
    noise=st.sampled_from([0.0002, 0.002, 0.008]),
)
def test_any_recording_with_clear_pauses_is_taken_apart(lines: list[tuple[int, int]], noise: float) -> None:
    pieces: list[list[float]] = [hush(300, noise)]
    middles, at = [], 300
    for letters, pause in lines:
        length = (150 + 70 * letters) // 10 * 10
        pieces += [tone(length), hush(pause, noise)]
        middles.append(at + length // 2)
        at += length + pause
    found = parts(recording(pieces), ["а" * letters for letters, _ in lines])
    assert [part.start < middle < part.end for part, middle in zip(found, middles, strict=True)] == [True] * len(lines)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_the_tone_is_made_of_whole_frames_as_every_clip_is(tmp_path: Path) -> None:
    sound = Path(f"{by_telephone.tone(tmp_path)}.alaw").read_bytes()
    assert sound
    assert len(sound) % FRAME_BYTES == 0
