"""An edition of recordings goes into use on a host: whole, at once, and not in the middle of a call."""

import audioop
import io
import math
import struct
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from agi.clip_store import ClipStore
from agi.voice_editions import VoiceEditions
from db.kinds import RecordingSource
from db.models import Recording
from db.session import Database
from prompts import edition as host
from prompts.catalogue import PHRASES
from prompts.recording import takes
from prompts.render import render
from school.hearing.spoken import Entered
from school.recordings import editions, keeping
from settings import Settings
from tests.prompts.conftest import speaking
from tests.school.joined import operator

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
GREETING, GOODBYE = PHRASES["greeting"], PHRASES["goodbye"]


def tone(hertz: int, milliseconds: int = 1500) -> takes.Take:
    values = [0.3 * math.sin(2 * math.pi * hertz * n / 16_000) for n in range(16 * milliseconds)]
    content = io.BytesIO()
    with wave.open(content, "wb") as wav:
        wav.setparams((1, 2, 16_000, 0, "NONE", ""))
        wav.writeframes(struct.pack(f"<{len(values)}h", *(round(32767 * value) for value in values)))
    return takes.take(takes.read(content.getvalue()))


def pitch(sound: str) -> float:
    """How often a clip's wave crosses zero, in Hz."""
    samples = audioop.alaw2lin(Path(f"{sound}.alaw").read_bytes()[800:8000], 2)
    return audioop.cross(samples, 2) / 2 / (len(samples) / 2 / 8000)


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return speaking(tmp_path / "home")


@pytest.fixture
def store(config: Settings, database: Database) -> Iterator[ClipStore]:
    """The clips of a host whose engine has spoken both texts."""
    render(config, [GREETING, GOODBYE])
    store = ClipStore(config, Entered, VoiceEditions(config, database).follow)
    yield store
    store.stop()


def publish(database: Database, **hertz: int) -> int:
    with database.session() as session:
        by = operator(session, f"voice{sorted(hertz.values())}@platform.example")
        for name, at in hertz.items():
            keeping.keep(session, None, name, tone(at), RecordingSource.UPLOAD, by=by, now=NOW)
        return editions.publish(session, by=by, now=NOW)


def test_callers_hear_an_edition_as_soon_as_it_is_ready_and_a_call_keeps_its_voice(
    config: Settings, store: ClipStore, database: Database
) -> None:
    engine = store.of_call()
    spoken = engine.sound(GREETING)
    first = publish(database, greeting=500)
    store._follow()
    during = store.of_call()
    assert engine.sound(GREETING) == spoken
    assert during.sound(GREETING) != spoken
    assert abs(pitch(str(during.sound(GREETING))) - 500) < 20
    assert during.sound(GOODBYE) == engine.sound(GOODBYE)
    publish(database, greeting=900)
    store._follow()
    assert abs(pitch(str(store.of_call().sound(GREETING))) - 900) < 20
    assert abs(pitch(str(during.sound(GREETING))) - 500) < 20
    with database.session() as session:
        editions.use(session, first, by=None, now=NOW)
    store._follow()
    assert store.of_call().sound(GREETING) == during.sound(GREETING)
    with database.session() as session:
        editions.use(session, None, by=None, now=NOW)
    store._follow()
    assert store.of_call().sound(GREETING) == spoken


def test_a_process_that_starts_later_has_the_edition_of_its_host(
    config: Settings, store: ClipStore, database: Database
) -> None:
    publish(database, greeting=500)
    store._follow()
    assert ClipStore(config).sound(GREETING) == store.of_call().sound(GREETING)


def test_an_edition_that_cannot_be_made_ready_leaves_the_voice_as_it_was(
    config: Settings, store: ClipStore, database: Database
) -> None:
    spoken = store.of_call().sound(GREETING)
    publish(database, greeting=500)
    (host.folder(config)).write_bytes(b"a file where the folder should be")
    store._follow()
    assert store.of_call().sound(GREETING) == spoken
    host.folder(config).unlink()
    store._follow()
    assert store.of_call().sound(GREETING) != spoken


def test_what_somebody_recorded_who_was_erased_is_gone_from_the_host(
    config: Settings, store: ClipStore, database: Database
) -> None:
    publish(database, greeting=500)
    publish(database, goodbye=900)
    store._follow()
    clips = {name: Path(f"{store.of_call().sound(PHRASES[name])}.alaw") for name in ("greeting", "goodbye")}
    with database.session() as session:
        by = session.scalars(select(Recording.recorded_by).where(Recording.name == "greeting")).one()
        assert by is not None
        editions.forget_voice_of(session, by, NOW)
    store._follow()
    VoiceEditions(config, database).forget_gone()
    assert not clips["greeting"].exists()
    assert clips["goodbye"].exists()
    assert len(host.here(config)) == 1
    assert store.of_call().sound(GREETING) != str(clips["greeting"].with_suffix(""))
