"""The edition of recordings that this host's callers hear: which recording says which text, kept in the home folder.

`<home>/recordings/<digest>.wav` are the recordings; `current.json` says which belong together. Another edition is made
ready beside it and takes its place in one step.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from errors import OperationError
from prompts.catalogue import PHRASES
from prompts.voices.recorded import recording_name
from runtime import whole_file
from settings import Settings

CURRENT, UPCOMING = "current.json", "upcoming.json"


@dataclass(frozen=True)
class Edition:
    """number: of the platform's edition, None: nothing is recorded; digests: name of a line -> of its recording."""

    number: int | None = None
    digests: Mapping[str, str] = field(default_factory=dict)

    def digest_of(self, text: str) -> str | None:
        """Of the recording that says `text`."""
        if not self.digests:
            return None
        return self.digests.get(_phrases().get(text, "")) or self.digests.get(recording_name(text))


def folder(settings: Settings) -> Path:
    """Where a host keeps recordings."""
    return settings.home_path / "recordings"


def current(settings: Settings) -> Edition:
    """What callers hear now; nothing recorded where there is no readable edition."""
    return _read(folder(settings) / CURRENT)


def upcoming(settings: Settings) -> Edition:
    """What is being made ready."""
    return _read(folder(settings) / UPCOMING)


def keep(settings: Settings, sounds: Mapping[str, bytes]) -> None:
    """Put recordings (digest -> WAV) on disk. Raises OperationError."""
    _written(settings, {f"{digest}.wav": sound for digest, sound in sounds.items()})


def prepare(settings: Settings, edition: Edition) -> None:
    """The edition is to be made ready. Raises OperationError."""
    told = {"number": edition.number, "digests": dict(edition.digests)}
    _written(settings, {UPCOMING: json.dumps(told).encode()})


def take(settings: Settings) -> Edition:
    """The upcoming edition is the current one from now on. Raises OperationError."""
    place = folder(settings)
    try:
        (place / UPCOMING).replace(place / CURRENT)
    except OSError as error:
        raise OperationError(f"The edition in {place} cannot be put into use ({error.strerror}).") from None
    return current(settings)


def is_here(settings: Settings, digest: str) -> bool:
    """Whether this host has a recording."""
    return (folder(settings) / f"{digest}.wav").is_file()


def here(settings: Settings) -> frozenset[str]:
    """The digests of all recordings that this host has."""
    return frozenset(path.stem for path in folder(settings).glob("*.wav"))


class EditionRecordings:
    """The recordings of an edition, by text."""

    def __init__(self, settings: Settings, edition: Edition) -> None:
        self._folder = folder(settings)
        self._edition = edition

    def of(self, text: str) -> Path | None:
        """The recording of `text`."""
        digest = self._edition.digest_of(text)
        path = self._folder / f"{digest}.wav"
        return path if digest and path.is_file() else None


def _read(path: Path) -> Edition:
    try:
        told = json.loads(path.read_bytes())
        number, digests = told["number"], told["digests"]
    except (OSError, ValueError, KeyError, TypeError):
        return Edition()
    return Edition(number, digests) if isinstance(digests, dict) else Edition()


def _written(settings: Settings, files: Mapping[str, bytes]) -> None:
    place = folder(settings)
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            whole_file.write(place / name, content)
    except OSError as error:
        raise OperationError(
            f"The recordings cannot be kept in {place} ({error.strerror}): make room or check the folder."
        ) from None


@cache
def _phrases() -> Mapping[str, str]:
    """Text -> id of a phrase."""
    return {text: phrase_id for phrase_id, text in PHRASES.items()}
