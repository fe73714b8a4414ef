"""Recordings are told apart into clips byte by byte."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devtools.telephone.heard import FRAME, ClipBook, Match

_RANDOM = random.Random(1987)
# Lengths of whole packets and others; two clips that begin alike; one that is the beginning of another.
_SOUNDS = [_RANDOM.randbytes(length) for length in (FRAME * 3, FRAME * 10 + 37, FRAME * 25, FRAME + 1, FRAME * 50)]
_SOUNDS += [_SOUNDS[2][: FRAME * 8] + _RANDOM.randbytes(FRAME * 4), _SOUNDS[4][: FRAME * 20]]  # text 6 begins text 4


def _book(folder: Path, sounds: list[bytes]) -> ClipBook:
    lines = []
    for number, sound in enumerate(sounds):
        (folder / f"{number}.alaw").write_bytes(sound)
        lines.append(json.dumps({"clip": f"{number}.alaw", "text": f"текст {number}"}, ensure_ascii=False))
    (folder / "manifest.jsonl").write_text("\n".join(lines), "utf-8")
    return ClipBook(folder)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> ClipBook:
    return _book(tmp_path_factory.mktemp("clips"), _SOUNDS)


@given(st.lists(st.sampled_from(range(len(_SOUNDS))), max_size=12))
def test_clips_played_one_after_the_other_are_told_in_order(book: ClipBook, played: list[int]) -> None:
    told = book.recognise(b"".join(_SOUNDS[number] for number in played))
    assert [match.texts for match in told] == [(f"текст {number}",) for number in played]
    assert all(match.whole for match in told)


@given(st.sampled_from(range(5)), st.integers(1, 40), st.sampled_from(range(5)))
def test_a_clip_cut_by_a_key_is_told_as_cut_and_the_next_one_is_found(
    book: ClipBook, cut: int, packets: int, following: int
) -> None:
    packets = min(packets, len(_SOUNDS[cut]) // FRAME)
    heard = _SOUNDS[cut][: packets * FRAME]
    told = book.recognise(heard + _SOUNDS[following])
    assert told[-1] == Match(len(heard), len(_SOUNDS[following]), (f"текст {following}",), whole=True)
    assert b"".join(_SOUNDS[cut][: match.length] for match in told[:-1]) == heard


def test_sound_that_is_no_clip_is_told_as_one_unknown_stretch(book: ClipBook) -> None:
    noise = _RANDOM.randbytes(FRAME * 7)
    told = book.recognise(noise + _SOUNDS[0])
    assert told == [Match(0, FRAME * 7, (), whole=False), Match(FRAME * 7, FRAME * 3, ("текст 0",), whole=True)]


def test_a_clip_whose_first_packets_were_missed_is_told_as_not_whole(book: ClipBook) -> None:
    assert book.recognise(_SOUNDS[4][FRAME * 21 :]) == [Match(0, FRAME * 29, ("текст 4",), whole=False)]


def test_while_the_call_goes_on_an_unfinished_clip_is_not_told_yet(book: ClipBook) -> None:
    going_on = _SOUNDS[0] + _SOUNDS[4][: FRAME * 30]
    assert [match.texts for match in book.recognise(going_on, settled=False)] == [("текст 0",)]


def test_texts_that_sound_alike_are_told_together(tmp_path: Path) -> None:
    book = _book(tmp_path, [_SOUNDS[0], _SOUNDS[0]])
    assert book.recognise(_SOUNDS[0])[0].texts == ("текст 0", "текст 1")


def test_after_a_clip_whose_beginning_was_missed_and_that_was_cut_the_next_one_is_found(book: ClipBook) -> None:
    # What follows happens to go on like the clip for half a packet.
    following = _SOUNDS[4][FRAME * 29 : FRAME * 29 + 80] + _SOUNDS[2][80:]
    told = book.recognise(_SOUNDS[4][FRAME * 21 : FRAME * 29] + following)
    assert told[0] == Match(0, FRAME * 8, ("текст 4",), whole=False)
    assert told[1].start == FRAME * 8


def test_a_pause_that_a_key_ended_is_told_as_a_pause(tmp_path: Path) -> None:
    book = _book(tmp_path, [b"\xd5" * FRAME * 15, b"\xd5" * FRAME * 8, _SOUNDS[0]])
    for packets in range(1, 15):
        told = book.recognise(b"\xd5" * FRAME * packets + _SOUNDS[0])
        assert told[-1] == Match(FRAME * packets, FRAME * 3, ("текст 2",), whole=True)
        assert all(match.texts for match in told)
