"""Texts of parents, in every coding and ill-formed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.protocol.decoding import Decoded, decode
from smpp.protocol.segmentation import DefaultAlphabet


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [
        (0x00, b"\x00\x1b\x65 \x02\x7f", "@€ $à"),
        (0x01, b"ID 12345674", "ID 12345674"),
        (0x03, b"\xa7 \xe9", "§ é"),
        (0x06, "СТОП № 1".encode("iso8859-5"), "СТОП № 1"),
        (0x08, "спри 😀".encode("utf-16-be"), "спри 😀"),
        (0x08, b"\xff\xfe" + "стоп".encode("utf-16-le"), "стоп"),
        (0x08, b"\xfe\xff" + "стоп".encode("utf-16-be"), "стоп"),
        (0xF0, b"\x15", "Ω"),
        (0x11, b"\x15", "Ω"),
        (0x18, "стоп".encode("utf-16-be"), "стоп"),
    ],
)
def test_what_was_typed_is_read(data_coding: int, octets: bytes, text: str) -> None:
    decoded = decode(octets, data_coding)
    assert (decoded.text, decoded.problem) == (text, None)


@pytest.mark.parametrize(
    ("data_coding", "octets", "text", "problem"),
    [
        (0x00, b"ST\xe9P", "STéP", "not gsm"),
        (0x00, b"STOP\x1b", "STOP ", "not gsm"),
        (0x00, b"\x1bA", "A", "not gsm"),
        (0x01, b"caf\xe9", "café", "not ascii"),
        (0x08, "спри".encode("utf-16-be") + b"\x04", "спри\ufffd", "not ucs-2"),
        (0x08, b"\xd8\x3d\x00A", "\ufffdA", "not ucs-2"),
        (0x04, b"STOP", "STOP", "data_coding 4"),
        (0xF5, b"STOP", "STOP", "data_coding 245"),
    ],
)
def test_what_is_ill_formed_is_shown_and_told(data_coding: int, octets: bytes, text: str, problem: str) -> None:
    decoded = decode(octets, data_coding)
    assert (decoded.text, decoded.problem) == (text, problem)


def test_the_default_alphabet_is_the_operators() -> None:
    assert decode(b"\xa4@", 0, DefaultAlphabet.LATIN_1).text == "¤@"
    assert decode(b"@$", 0, DefaultAlphabet.ASCII).text == "@$"


@given(st.binary(max_size=300), st.integers(0, 255), st.sampled_from(DefaultAlphabet))
def test_no_octets_break_it_and_the_text_can_be_stored(
    octets: bytes, data_coding: int, alphabet: DefaultAlphabet
) -> None:
    decoded = decode(octets, data_coding, alphabet)
    decoded.text.encode("utf-8")
    assert bool(decoded.text) or octets in (b"", b"\xff\xfe", b"\xfe\xff")


WORDS = (
    "стоп", "оценки", "отсъствия", "срещи", "помощ", "искам", "съобщения", "благодаря", "детето", "математика", "моля",
    "родителската", "училище", "класния", "ръководител", "утре", "няма", "дойде", "отпиша",
)  # fmt: skip
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join) | st.sampled_from(WORDS).map(
    str.upper
)


@given(
    SENTENCES,
    st.sampled_from(["cp1251", "utf-8", "utf-16-le", "utf-16-be", "iso8859-5"]),
    st.sampled_from([0, 1, 3, 4, 8, 0xF1]),
    st.sampled_from(DefaultAlphabet),
)
def test_bulgarian_is_read_under_any_data_coding(
    words: str, codec: str, data_coding: int, alphabet: DefaultAlphabet
) -> None:
    if codec != "iso8859-5":  # that one is seldom, and named as 6
        assert decode(words.encode(codec), data_coding, alphabet).text == words
    assert decode(words.encode("iso8859-5"), 6).text == words


@given(st.sampled_from(["stop", "STOP 85459816", "ID 85459816", "ocenki", "otkajete me", "HELP"]))
def test_ascii_is_read_where_ucs_2_is_named(words: str) -> None:
    assert decode(words.encode(), 8) == Decoded(words, "really utf-8")


@given(st.text(st.characters(codec="utf-16-be", exclude_categories=["Cs"]), max_size=4))
def test_what_is_bulgarian_in_its_own_coding_stays_so(other: str) -> None:
    written = f"Детето ми {other} утре няма да дойде на училище"
    assert decode(written.encode("utf-16-be"), 8) == Decoded(written)
