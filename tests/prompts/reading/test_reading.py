"""Free text is read as a person would read it: a table of fragments, and what holds of any text."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import speech
from prompts.clips import Clips
from prompts.entered import entered
from prompts.pronunciation import pronounced
from prompts.reading import read
from settings import Engine, Settings

TABLE = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("fragments.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
PIECES = st.one_of(
    st.sampled_from([fragment for fragment, _words in TABLE]),
    st.sampled_from(list(" .,-–/:()0123456789№€%°авгмсчтлIVXабB")),
    st.integers(0, 10**10).map(str),
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=10).map("".join),
    st.lists(PIECES, max_size=8).map(" ".join),
)


@pytest.mark.parametrize(("written", "words"), TABLE, ids=[fragment for fragment, _words in TABLE])
def test_a_fragment_is_read_in_the_right_words(written: str, words: str) -> None:
    assert read(written) == words


def test_the_table_is_long() -> None:
    assert len(TABLE) >= 250


@given(TEXTS)
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    assert read(read(text)) == read(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "родителска",
                "среща",
                "утре",
                "в",
                "голямата",
                "зала",
                "с",
                "всички",
                "ученици",
                ",",
                ".",
                "!",
                "?",
                "–",
                ":",
                ";",
            ]
        )
    )
)
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    text = " ".join(words).replace(" ,", ",").replace(" .", ".").replace(" !", "!").replace(" :", ":").strip(" ,.;:!?")
    assert read(text) == text


@given(TEXTS)
def test_no_figure_is_left_and_nothing_to_say_is_lost(text: str) -> None:
    words = read(text)
    assert not any(sign in "0123456789" for sign in words)
    assert any(sign.isalnum() for sign in words) or not any(sign.isalnum() for sign in text)


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1 ",
        "1.",
        "1,",
        "I",
        "X и ",
        "8а, ",
        "12-",
        "a1",
        "0888 ",
        "www.",
        "а@",
        "(",
        ". ",
        "№",
        "1/",
        "ул. ",
        "и т. ",
        " ",
    ],
)
def test_the_time_grows_with_the_length_alone(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        started = time.process_time()
        read.__wrapped__(text)
        return time.process_time() - started

    assert seconds(16_000) < 40 * max(seconds(1_000), 0.01)


def test_what_the_product_says_itself_is_changed_in_a_classs_letter_only() -> None:
    changed = {text for text in speech.inventory() if read(text) != text}
    assert all(text.endswith(" клас") for text in changed)


def test_the_clip_keeps_the_text_that_was_entered_and_the_engine_gets_the_reading(tmp_path: Path) -> None:
    assert entered("Среща в 18.30 ч.") == ("Среща в 18.30 ч.",)
    assert pronounced("Среща в 18.30 ч.", Engine.GTTS) == "Среща в осемнадесет часа и тридесет минути."
    clips = Clips(Settings(home=tmp_path, engine=Engine.GTTS))
    assert clips.name_of("ст. 5") != clips.name_of("стая пет")
