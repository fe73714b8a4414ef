"""PDUs out of a stream of octets, however it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.protocol.framing import LONGEST, Frame, FrameBuffer, FramingError
from tests.smpp.protocol.octets import pdu

FRAMES = st.lists(
    st.builds(Frame, st.integers(0, 2**32 - 1), st.integers(0, 255), st.integers(1, 2**31 - 1), st.binary(max_size=60)),
    max_size=8,
)


@given(FRAMES, st.lists(st.integers(1, 40), min_size=1))
def test_every_pdu_comes_out_whole_however_the_stream_is_cut(frames: list[Frame], sizes: list[int]) -> None:
    stream = b"".join(pdu(frame.command_id, frame.sequence, frame.body, frame.status) for frame in frames)
    buffer, position, turn = FrameBuffer(), 0, 0
    out: list[Frame] = []
    while position < len(stream):
        size = sizes[turn % len(sizes)]
        out += list(buffer.feed(stream[position : position + size]))
        position, turn = position + size, turn + 1
    assert out == frames


@pytest.mark.parametrize("length", [0, 8, 15, LONGEST + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_cannot_be_is_told_after_the_pdus_before_it(length: int) -> None:
    frames = FrameBuffer().feed(pdu(0x15, 1) + pdu(0x15, 2) + pdu(0x15, 3, length=length))
    assert [next(frames).sequence, next(frames).sequence] == [1, 2]
    with pytest.raises(FramingError) as told:
        next(frames)
    assert (told.value.length, told.value.sequence) == (length, 3 if length > 15 else 0)


def test_the_longest_and_the_shortest_pdu_are_taken() -> None:
    longest = pdu(5, 1, b"x" * (LONGEST - 16))
    assert [len(frame.body) for frame in FrameBuffer().feed(longest + pdu(0x15, 2))] == [LONGEST - 16, 0]


def test_a_wrong_length_is_told_before_the_rest_of_its_header_has_come() -> None:
    with pytest.raises(FramingError) as told:
        list(FrameBuffer().feed(b"\x7f\xff\xff\xff"))
    assert told.value.sequence == 0
