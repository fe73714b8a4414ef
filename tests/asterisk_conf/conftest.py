"""A real Asterisk whose database is empty, so that the plain script fails: what the dialplan does by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.pbx import free_addresses, running_asterisk, settings_of
from devtools.telephone.heard import ClipBook
from prompts.catalogue import PHRASES
from prompts.clips import Clips
from prompts.render import render
from settings import Settings

APOLOGY = PHRASES["apology"]
GREETING = "Здравейте."
LONG = PHRASES["goodbye"]


@pytest.fixture(scope="package")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An Asterisk that serves one call at a time by the plain script."""
    variables = {
        "ESCHOOL_HOME": str(tmp_path_factory.mktemp("pbx")),
        "ESCHOOL_SECRET_KEY": "a key for tests that is long enough to be one",
        "ESCHOOL_MAX_PLAIN_CALLS": "1",
        **free_addresses(),
    }
    render(settings_of(variables), [APOLOGY, GREETING, LONG])
    with running_asterisk(variables) as settings:
        yield settings


@pytest.fixture(scope="package")
def clip_book(asterisk: Settings) -> ClipBook:
    return ClipBook(asterisk.sounds_path)


@pytest.fixture
def greeting(asterisk: Settings) -> str:
    """The greeting as Asterisk names it."""
    return str(Clips(asterisk).path_of(GREETING).with_suffix(""))


@pytest.fixture
def long_text(asterisk: Settings) -> str:
    """Some seconds of speech as Asterisk names it."""
    return str(Clips(asterisk).path_of(LONG).with_suffix(""))


@pytest.fixture
def plain_script(asterisk: Settings) -> Iterator[Path]:
    """The plain script, put back after the test."""
    script = asterisk.home_path / "asterisk" / "agi-bin" / "inbound"
    text = script.read_text("utf-8")
    yield script
    script.write_text(text, "utf-8")
    script.chmod(0o700)
