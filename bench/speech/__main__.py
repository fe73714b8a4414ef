"""`make bench-speech`: the character error rate of every engine that this machine has, over the telephone.

What is judged is what lies on disk: each sentence is rendered in its pieces, shaped for the telephone as A-law at
8 kHz, and put together as Asterisk plays it. The rates say which engine is understood better, not how much a person
understands: a person knows what is told.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click

import settings
from bench.page import table, write_between
from bench.speech.corpus import Corpus, corpus, reference
from bench.speech.recogniser import Recogniser, character_errors, plain
from errors import EschoolError
from prompts.reading import read
from prompts.sound import RATE, clip_bytes, has_words, linear, pause
from prompts.speech import Sentence
from prompts.voices import Voice, open_voice
from prompts.voices.rhvoice import RhvoiceVoice
from prompts.voices.rhvoice_setup import KEPT_VOICES
from runtime.localtime import SOFIA
from settings import Engine, Settings

ENGINES = (Engine.RHVOICE, Engine.ESPEAK, Engine.PIPER, Engine.COMMAND)
"""Those that are measured unless others are named: Google is sent no text without being asked for."""

BATCH = 20
"""Sentences that are rendered together."""

Sounds = Callable[[Voice, Sequence[Sentence]], list[tuple[bytes, int]]]
"""Each sentence as 16-bit samples, and how many of them are a second."""


@dataclass(frozen=True)
class Rate:
    """A voice's characters wrong of a hundred, as written and without the spaces between words."""

    sentences: float
    names: float
    sentences_joined: float
    names_joined: float


def measure(voice: Voice, recogniser: Recogniser, given: Corpus, sounds: Sounds) -> tuple[Rate, list[tuple[str, str]]]:
    """Render, listen and compare: the rate, and what was said and heard in pairs."""
    rates: list[tuple[float, float]] = []
    pairs: list[tuple[str, str]] = []
    for texts in (given.sentences, given.names):
        said = [plain(read(reference(one))) for one in texts]  # „31“ is said in words
        heard = []
        for at in range(0, len(texts), BATCH):
            heard += [plain(recogniser.heard(*sound)) for sound in sounds(voice, texts[at : at + BATCH])]
        pairs += zip(said, heard, strict=True)
        rates.append((character_errors(said, heard), character_errors(_joined(said), _joined(heard))))
    (sentences, sentences_joined), (names, names_joined) = rates
    return Rate(*(100 * rate for rate in (sentences, names, sentences_joined, names_joined))), pairs


def telephoned(voice: Voice, sentences: Sequence[Sentence]) -> list[tuple[bytes, int]]:
    """Each sentence as a caller hears it: its clips one after another."""
    pieces = list(dict.fromkeys(text for sentence in sentences for text in sentence if has_words(text)))
    clips = dict(zip(pieces, clip_bytes(pieces, [voice.speak(text) for text in pieces]), strict=True))
    played = [b"".join(clips[text] if text in clips else pause(text) for text in sentence) for sentence in sentences]
    return [(linear(clip), RATE) for clip in played]


def spoken(voice: Voice, sentences: Sequence[Sentence]) -> list[tuple[bytes, int]]:
    """Each sentence as the voice itself says it, in one: what no telephone and no joining of clips can improve on."""
    said = [voice.speak(reference(sentence)) for sentence in sentences]
    return [(segment.raw_data, segment.frame_rate) for segment in said]


def _joined(texts: Sequence[str]) -> list[str]:
    return [text.replace(" ", "") for text in texts]


def _voices(config: Settings, wanted: Sequence[Engine]) -> dict[str, Voice]:
    """The engines that speak here, RHVoice with each voice; of the others one line says why they do not."""
    found: dict[str, Voice] = {}
    for engine in wanted:
        try:
            voice = open_voice(Settings.model_validate({**config.model_dump(), "engine": engine}))
            if isinstance(voice, RhvoiceVoice):
                names = [folder.capitalize() for folder in KEPT_VOICES]
                found |= {f"{engine}, {name}": RhvoiceVoice(config.rhvoice_path, name) for name in names}
            else:
                found[str(engine)] = voice
        except (EschoolError, ValueError) as error:
            click.echo(f"{engine}: not measured ({str(error).splitlines()[0]})", err=True)
    return found


@click.command()
@click.option("--engine", "engines", multiple=True, type=Engine, help="Only this; gtts sends every text to Google.")
@click.option("--sentences", default=220, show_default=True)
@click.option("--names", default=100, show_default=True)
@click.option("--threads", default=1, show_default=True, help="Of the recogniser.")
@click.option("--spoken", "with_spoken", is_flag=True, help="Also each voice without the telephone.")
@click.option("--heard", type=click.Path(path_type=Path), help="A file for what was said and heard, line by line.")
@click.option("--no-write", is_flag=True, help="Leave docs/performance.md as it is.")
def main(
    engines: tuple[Engine, ...],
    sentences: int,
    names: int,
    threads: int,
    with_spoken: bool,
    heard: Path | None,
    no_write: bool,
) -> None:
    """Measure, print the table and write it to docs/performance.md."""
    config = settings.load()
    given = corpus(sentences, names)
    recogniser = Recogniser(config.cache_path / "recogniser", threads)
    lines: list[str] = []
    rates: dict[str, Rate] = {}
    ways: dict[str, Sounds] = {"": telephoned}
    if with_spoken:
        ways[", without the telephone"] = spoken
    for engine, voice in _voices(config, engines or ENGINES).items():
        for way, sounds in ways.items():
            name = engine + way
            rates[name], pairs = measure(voice, recogniser, given, sounds)
            lines += ["\t".join((name, *pair)) for pair in pairs]
            click.echo(f"{name}: {json.dumps(asdict(rates[name]))}")
            if heard is not None:
                heard.write_text("\n".join(lines) + "\n", "utf-8")
    rows = [
        (name, f"{one.sentences:.1f}", f"{one.names:.1f}", f"{one.sentences_joined:.1f}", f"{one.names_joined:.1f}")
        for name, one in sorted(rates.items(), key=lambda item: item[1].sentences)
    ]
    headings = ("voice", "sentences", "names", "sentences, letters only", "names, letters only")
    text = "\n".join(
        (
            *table(headings, rows),
            "",
            f"Measured on {datetime.now(SOFIA):%Y-%m-%d}: {len(given.sentences)} sentences, {len(given.names)} names.",
        )
    )
    click.echo(text)
    if not no_write:
        write_between("speech", text)


if __name__ == "__main__":
    os.nice(10)  # the rates do not depend on how busy the machine is
    main()
