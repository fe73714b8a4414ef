"""Texts split into parts: within the sizes, whole characters only, and nothing of the text lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smpp.protocol import gsm_alphabet, user_data_header
from smpp.protocol.decoding import as_named
from smpp.protocol.segmentation import DefaultAlphabet, Part, TextTooLongError, split
from smpp.protocol.transliteration import to_latin

GSM_TEXT = st.text(st.sampled_from(sorted(gsm_alphabet.SEPTETS)), max_size=800)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400) | st.text("аЯ😀€[", max_size=400)


def words_of(part: Part, alphabet: DefaultAlphabet = DefaultAlphabet.GSM) -> str:
    body = user_data_header.split(part.payload).body if part.has_header else part.payload
    decoded = as_named(body, part.data_coding, alphabet)
    assert decoded.problem is None, "a character was cut in two"
    return decoded.text


@given(ANY_TEXT | GSM_TEXT, st.integers(0, 255), st.booleans(), st.sampled_from(DefaultAlphabet))
@example("😀" * 100, 0, False, DefaultAlphabet.GSM)
@example("a" * 152 + "€" + "a" * 200, 0, False, DefaultAlphabet.GSM)
@example("a" * 66 + "😀ж" + "a" * 200, 0, False, DefaultAlphabet.GSM)
def test_parts_joined_are_the_text(text: str, reference: int, wide: bool, alphabet: DefaultAlphabet) -> None:
    parts = split(text, reference, alphabet=alphabet, wide_reference=wide)
    assert "".join(words_of(part, alphabet) for part in parts) == text.removeprefix("\ufeff")


@given(ANY_TEXT | GSM_TEXT, st.booleans())
def test_no_part_is_too_long_for_the_air(text: str, wide: bool) -> None:
    for part in split(text, 7, wide_reference=wide):
        header = (7 if wide else 6) if part.has_header else 0
        if part.data_coding == 0:
            assert header * 8 + (len(part.payload) - header) * 7 <= 140 * 8
        else:
            assert len(part.payload) <= 140


@given(ANY_TEXT | GSM_TEXT)
def test_the_parts_know_their_number_and_share_the_reference(text: str) -> None:
    parts = split(text, 0x1234, wide_reference=True)
    told = [user_data_header.split(part.payload).concatenation for part in parts if part.has_header]
    assert [(c.kind, c.reference, c.total, c.number) for c in told if c] == [
        ("udh16", 0x1234, len(parts), number) for number in range(1, len(told) + 1)
    ]
    assert len(told) in (0, len(parts))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("€" * 80, 1), ("€" * 81, 2), ("€" * 76 * 2, 2), ("€" * (76 * 2 + 1), 3),
        ("ж" * 70, 1), ("ж" * 71, 2), ("ж" * 134, 2), ("ж" * 135, 3),
        ("😀" * 35, 1), ("😀" * 36, 2), ("😀" * 66, 2), ("😀" * 67, 3), ("", 1), ("`", 1), ("`" + "a" * 70, 2),
    ],
)  # fmt: skip
def test_the_number_of_parts_is_the_one_that_is_charged(text: str, parts: int) -> None:
    assert len(split(text, 0)) == parts


def test_a_wide_reference_leaves_less_room() -> None:
    assert len(split("a" * 305, 0, wide_reference=True)) == 3
    assert len(split("ж" * 133, 0, wide_reference=True)) == 3


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(TextTooLongError):
        split("a" * 153 * 256, 0)
    with pytest.raises(TextTooLongError):
        split("a" * 161, 0, max_parts=1)
    with pytest.raises(ValueError, match="reference"):
        split("a", 256)
    with pytest.raises(ValueError, match="surrogates"):
        split("\ud83d", 0)


def test_an_smsc_that_means_latin_1_or_ascii_by_0_gets_octets_it_understands() -> None:
    assert split("ñ$@", 0, alphabet=DefaultAlphabet.LATIN_1) == (Part("ñ$@".encode("latin-1"), 0, False),)
    assert split("€", 0, alphabet=DefaultAlphabet.LATIN_1)[0].data_coding == 8
    assert split("ñ", 0, alphabet=DefaultAlphabet.ASCII)[0].data_coding == 8
    assert split("$@", 0, alphabet=DefaultAlphabet.ASCII) == (Part(b"$@", 0, False),)


@pytest.mark.parametrize(
    ("bulgarian", "latin"),
    [
        ("България", "Bulgaria"), ("БЪЛГАРИЯ", "BULGARIA"), ("българин", "balgarin"), ("София", "Sofia"),
        ("СОФИЯ", "SOFIA"), ("Щастлива", "Shtastliva"), ("ЩЪРКЕЛ", "SHTARKEL"), ("Шуменци", "Shumentsi"),
        ("Юлия", "Yulia"), ("Мария и Марията", "Maria i Mariyata"), ("Стоян", "Stoyan"), ("Синьо", "Sinyo"),
        ("Джани", "Dzhani"), ("Я", "Ya"), ("Ж. Жеков", "Zh. Zhekov"), ("от 8Я", "ot 8Ya"),
        ("„Отличен“ – 6 € …", '"Otlichen" - 6 € ...'), ("ѝ", "i"),
    ],
)  # fmt: skip
def test_transliteration_is_the_official_one(bulgarian: str, latin: str) -> None:
    assert to_latin(bulgarian) == latin


def test_transliteration_saves_parts() -> None:
    text = "Мария Иванова: „Математика“ – отличен (6), 24.11. Бележка: чудесна работа в час!"
    assert (len(split(text, 0)), len(split(text, 0, latin=True))) == (2, 1)
    assert words_of(split(text, 0, latin=True)[0]) == to_latin(text)


@given(st.text("абвгдежзийклмнопрстуфхцчшщъьюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯ 0123„“–№"))
def test_transliterated_bulgarian_always_fits_the_gsm_alphabet(text: str) -> None:
    assert gsm_alphabet.fits(to_latin(text))
