"""Follows which edition of people's recordings callers are to hear: this host makes it ready, then takes it at once."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import logs
from db.session import Database
from prompts import edition as host
from prompts.edition import Edition
from prompts.forgetting import forget_recordings
from prompts.render_apart import render_apart
from school.recordings import editions
from settings import Settings

log = logs.get(__name__)

FETCHED_AT_ONCE = 100
"""Recordings in one answer of the database; a line of two seconds has 64 KB."""


@dataclass(frozen=True)
class _Wanted:
    edition: Edition
    texts: Mapping[str, str]
    """Name -> text of what is recorded."""


class VoiceEditions:
    """The editions of the platform as one host follows them."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def follow(self, rendering: Callable[["subprocess.Popen[bytes]"], None]) -> Edition | None:
        """Take the edition that is in use on the platform, rendered; None: callers hear it already.

        `rendering` is given the program that renders. Raises OperationError: then callers hear what they heard before.
        """
        wanted = self._wanted()
        if wanted is None:
            return None
        missing = [digest for digest in wanted.edition.digests.values() if not host.is_here(self._settings, digest)]
        for at in range(0, len(missing), FETCHED_AT_ONCE):
            with self._database.reading() as session:
                sounds = editions.sounds_of(session, missing[at : at + FETCHED_AT_ONCE])
            host.keep(self._settings, sounds)
        host.prepare(self._settings, wanted.edition)
        if wanted.texts:
            rendered = render_apart(self._settings, wanted.texts.values(), rendering, of_upcoming=True)
            log.info("voice.rendered", made=rendered.made, failed=len(rendered.failed))
        taken = host.take(self._settings)
        log.info("voice.switched", edition=taken.number, recordings=len(taken.digests))
        return taken

    def forget_gone(self) -> None:
        """Delete what this host has of recordings that are not there any more: of people who were erased."""
        here = host.here(self._settings)
        if not here:
            return
        with self._database.reading() as session:
            gone = here - editions.known(session, here)
        if gone:
            log.info("voice.forgotten", recordings=len(gone), clips=forget_recordings(self._settings, gone))

    def _wanted(self) -> _Wanted | None:
        with self._database.reading() as session:
            number = editions.in_use(session)
            if number == host.current(self._settings).number:
                return None
            found = () if number is None else editions.contents(session, number)
        return _Wanted(Edition(number, {one.name: one.digest for one in found}), {one.name: one.text for one in found})
