"""What the recogniser is given: the same sentences each time, enough of them, and texts that can be compared."""

from pathlib import Path

import pytest

from bench.speech import recogniser
from bench.speech.corpus import NAMES, SENTENCES, SHORTEST, corpus, reference
from bench.speech.recogniser import Recogniser, plain
from errors import OperationError


def test_there_are_enough_sentences_and_names_and_they_are_the_same_each_time() -> None:
    given = corpus()
    assert (len(given.sentences), len(given.names)) == (SENTENCES, NAMES)
    assert given == corpus()
    assert len({reference(one) for one in (*given.sentences, *given.names)}) == SENTENCES + NAMES
    assert all(len(reference(one).split()) >= SHORTEST for one in given.sentences)
    assert any(len(one) > 3 for one in given.sentences)  # told of children, of several clips


def test_a_smaller_corpus_has_both_kinds_too() -> None:
    given = corpus(10, 4)
    assert (len(given.sentences), len(given.names)) == (10, 4)
    assert {len(one) > 1 for one in given.sentences} == {True, False}


@pytest.mark.parametrize(
    ("text", "compared"), [("Отличен, шест – за ПРОЕКТ.", "отличен шест за проект"), (" „Добър ден“ … ", "добър ден")]
)
def test_punctuation_and_capitals_are_not_compared(text: str, compared: str) -> None:
    assert plain(text) == compared


def test_without_the_recogniser_a_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser, "WEIGHTS", ("no_such_weights", "nor_these"))
    with pytest.raises(OperationError, match="run `make bench-speech`, which installs it"):
        Recogniser(tmp_path, threads=1)
