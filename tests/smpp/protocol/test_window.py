"""Requests paired with their answers."""

from itertools import islice

import pytest

from smpp.protocol.window import LAST, Window, sequence_numbers


def test_answers_in_any_order_find_their_requests() -> None:
    window: Window[str] = Window(3)
    for number, word in enumerate(("one", "two", "three"), start=1):
        window.put(number, word, now=number)
    assert window.free == 0
    entries = [window.take(number) for number in (2, 3, 1)]
    assert [entry.item for entry in entries if entry] == ["two", "three", "one"]
    assert window.take(2) is None
    assert window.free == 3


def test_a_full_window_takes_no_more_and_no_number_twice() -> None:
    window: Window[str] = Window(2)
    window.put(1, "one", 0)
    with pytest.raises(ValueError, match="out already"):
        window.put(1, "again", 0)
    window.put(2, "two", 0)
    with pytest.raises(ValueError, match="full"):
        window.put(3, "three", 0)


def test_what_waits_too_long_is_given_up_and_its_late_answer_understood_once() -> None:
    window: Window[str] = Window(3)
    window.put(1, "old", 10)
    window.put(2, "young", 20)
    assert window.give_up(before=15) == ["old"]
    assert len(window) == 1
    late = window.take_late(1)
    assert late
    assert late.item == "old"
    assert window.take_late(1) is None


def test_when_the_connection_ends_everything_out_is_told() -> None:
    window: Window[str] = Window(3)
    window.put(1, "one", 0)
    window.put(2, "two", 0)
    assert [entry.item for entry in window.drain()] == ["one", "two"]
    assert window.free == 3


def test_sequence_numbers_begin_at_one_and_stay_in_range() -> None:
    assert list(islice(sequence_numbers(), 3)) == [1, 2, 3]
    assert LAST == 0x7FFFFFFF
