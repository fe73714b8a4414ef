"""What is given to the recogniser: sentences that dialogues say of the demonstration school, and names apart."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from agi.dialogue import wording
from agi.dialogue.steps import Speech
from db.migrate import upgrade
from db.models import Subscriber
from db.session import open_database
from demonstration import load
from demonstration.plan import words
from prompts import speech
from prompts.catalogue import PHRASES
from prompts.entered import about
from prompts.sound import has_words
from prompts.speech import Sentence
from runtime.localtime import SOFIA
from school.hearing import access, records
from settings import Settings

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
SENTENCES, NAMES = 220, 100
SEED = 1987
SHORTEST = 3
"""Words of the shortest sentence: of less than this a recogniser guesses."""


@dataclass(frozen=True)
class Corpus:
    """Each sentence is the texts of its clips, as a caller hears them one after another."""

    sentences: tuple[Sentence, ...]
    names: tuple[Sentence, ...]


def corpus(sentences: int = SENTENCES, names: int = NAMES) -> Corpus:
    """The same at every call: half of the sentences are phrases of the catalogue, half are told of children."""
    chance = random.Random(SEED)
    fixed = [(text,) for text in PHRASES.values() if len(text.split()) >= SHORTEST]
    told = sorted(set(_told()))
    chance.shuffle(fixed)
    chance.shuffle(told)
    half = min(len(fixed), sentences // 2)
    people = [*words.BOYS, *words.GIRLS, *words.FAMILIES, *words.MOTHERS, *words.FATHERS]
    people = list(dict.fromkeys(people))
    chance.shuffle(people)
    return Corpus(
        tuple(fixed[:half] + told[: sentences - half]),
        tuple(about(name) for name in people[:names]),
    )


def reference(sentence: Sentence) -> str:
    """What should be understood."""
    return " ".join(text for text in sentence if has_words(text))


def _told() -> Iterator[Sentence]:
    with tempfile.TemporaryDirectory(prefix="eschool-speech-") as home:
        settings = Settings(home=Path(home), database_url="", secret_key="k" * 32)
        upgrade(settings)
        database = open_database(settings)
        try:
            with database.session() as session:
                load(session, NOW)
            with database.reading() as session:
                for said in _speeches(session):
                    for sentence in said:
                        spoken = tuple(text for text in sentence if text.strip())
                        if len(reference(spoken).split()) >= SHORTEST:
                            yield spoken
        finally:
            database.dispose()


def _speeches(session: Session) -> Iterator[Speech]:
    """What is told of every child that a subscriber follows, as the menus tell it."""
    today = NOW.astimezone(SOFIA).date()
    for phone in session.scalars(select(Subscriber.phone).order_by(Subscriber.id)).all():
        for child in access.recognise(session, phone):
            yield (wording.child_of_class(child),)
            yield (wording.news_summary(records.news_counts(session, child, NOW)),)
            yield wording.absence_totals(records.absence_totals(session, child, now=NOW))
            rows: list[wording.Row] = [*records.grades(session, child, 4, now=NOW)]
            rows += records.averages(session, child, now=NOW)[:3]
            rows += [*records.absences(session, child, 3, now=NOW), *records.remarks(session, child, 2, now=NOW)]
            rows += [*records.health(session, child, 1, now=NOW), *records.meetings(session, child, NOW, 2)]
            for row in rows:
                yield wording.item(row, today).speech
    for hundredths in range(210, 600, 39):
        yield (speech.phrase("average") + speech.average(Decimal(hundredths) / 100),)
