"""Rendering: every wanted text becomes a clip on disk, once.

Only what is missing or broken is made; a rendering that is killed leaves whole clips, and the next one goes on from
there.
"""

import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

import click

from errors import OperationError
from prompts import manifest
from prompts.clip_folder import Contents, exclusive, look, tidy, unusable
from prompts.clips import Clips
from prompts.edition import Edition, EditionRecordings, current
from prompts.progress import shown
from prompts.voices import SpeechError, Voice, open_voice
from prompts.voices.recorded import Recordings
from runtime import whole_file
from settings import Settings

BATCH = 24
"""Clips per ffmpeg, per line of progress and per addition to the manifest."""

GIVE_UP_AFTER = 8
"""So many failures before the first success mean that the engine does not work at all."""


@dataclass(frozen=True)
class Rendered:
    """What a rendering did.

    made, kept: number of clips; failed: text -> reason, part of a sentence; foreign: names of files in the folder
    that are not ours (kept as they are); repaired: damaged lines of the manifest that were put right.
    """

    made: int
    kept: int
    failed: dict[str, str]
    foreign: tuple[str, ...] = ()
    repaired: int = 0


def render(
    settings: Settings,
    texts: Iterable[str],
    progress: bool = False,
    again: bool = False,
    edition: Edition | None = None,
) -> Rendered:
    """Make the clip of every text of `texts` that has none, or of all with `again`.

    edition: the recordings that are spoken; None: those that this host's callers hear.

    A newer recording of a text replaces its clip. Two renderings of one folder take turns. Raises OperationError when
    a program is missing, the disk is full or the engine does not work at all; what was made until then is kept.
    """
    edition = current(settings) if edition is None else edition
    clips = Clips(settings, edition)
    wanted = {clips.name_of(text): text for text in texts if text.strip()}
    settings.prepare_home()
    with exclusive(clips.folder, waiting=lambda: _say("Waiting for another rendering to finish ...", progress)):
        contents = look(clips.folder)
        try:
            repaired = tidy(clips.folder, contents, wanted)
        except OSError as error:
            raise unusable(clips.folder, error) from error
        missing = {name: text for name, text in wanted.items() if again or name not in contents.whole}
        missing |= _newly_recorded(settings, wanted, contents)
        work = _Work(clips.folder, missing)
        if missing:
            work.do(prepared_voice(settings, edition), progress)
        known = manifest.read(clips.folder).texts
    foreign = (*contents.foreign, *sorted(set(contents.whole) - set(known)))
    return Rendered(work.made, len(wanted) - len(missing), work.failed, foreign, repaired)


def _say(sentence: str, wanted: bool) -> None:
    if wanted:
        click.echo(sentence, err=True)


def prepared_voice(settings: Settings, edition: Edition | None = None) -> Voice:
    """The voice of the settings, with what shaping its sound needs. Raises OperationError, InputError."""
    if shutil.which("ffmpeg") is None:
        raise OperationError("ffmpeg is not installed: install it (apt-get install ffmpeg) and try again.")
    return open_voice(settings, EditionRecordings(settings, edition or current(settings)))


def _newly_recorded(settings: Settings, wanted: dict[str, str], contents: Contents) -> dict[str, str]:
    """The clips whose recording is newer than they are."""
    if settings.recordings is None:
        return {}
    recordings = Recordings(settings.recordings.expanduser())
    newer = {}
    for name, text in wanted.items():
        recording = recordings.of(text)
        if recording and recording.stat().st_mtime_ns > contents.whole.get(name, 0):
            newer[name] = text
    return newer


class _Work:
    """The clips to make (file name -> text), and what has become of them; its threads share it."""

    def __init__(self, folder: Path, missing: dict[str, str]) -> None:
        self.made = 0
        self.failed: dict[str, str] = {}
        self._folder = folder
        self._missing = missing
        self._lock = Lock()
        self._stop = Event()

    def do(self, voice: Voice, progress: bool) -> None:
        """Make all, several batches at once. The first error that concerns more than one text ends it."""
        names = list(self._missing)
        batches = [names[at : at + BATCH] for at in range(0, len(names), BATCH)]
        with shown(len(names), progress) as tell, ThreadPoolExecutor(voice.workers) as pool:
            futures = [pool.submit(self._batch, voice, batch, tell) for batch in batches]
            try:
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _batch(self, voice: Voice, names: list[str], tell: Callable[[int], None]) -> None:
        """Speak, shape, write and list one batch; a batch that is stopped keeps what it has."""
        # Imported late: pydub complains at import when there is no ffmpeg, which has been asked for by now.
        from prompts.sound import clip_bytes, has_words, pause

        contents, spoken = {}, {}
        for name in names:
            if self._stop.is_set():
                break
            text = self._missing[name]
            if not has_words(text):
                contents[name] = pause(text)
                continue
            try:
                spoken[name] = voice.speak(text)
            except SpeechError as error:
                self._fail(text, str(error))
        shaped = clip_bytes([self._missing[name] for name in spoken], list(spoken.values()))
        for name, content in zip(spoken, shaped, strict=True):
            if content:
                contents[name] = content
            else:
                self._fail(self._missing[name], "only silence was spoken")
        self._write(contents)
        with self._lock:
            tell(len(names))

    def _write(self, contents: dict[str, bytes]) -> None:
        written = {}
        try:
            for name, content in contents.items():
                try:
                    whole_file.write(self._folder / name, content)
                    written[name] = self._missing[name]
                except IsADirectoryError:
                    self._fail(self._missing[name], f"a folder stands in the place of its clip {name}")
        except OSError as error:
            raise unusable(self._folder, error) from error
        finally:
            with self._lock:
                self.made += len(written)
                self._list(written)

    def _list(self, written: dict[str, str]) -> None:
        try:
            manifest.append(self._folder, written)
        except OSError as error:
            raise unusable(self._folder, error) from error

    def _fail(self, text: str, reason: str) -> None:
        with self._lock:
            self.failed[text] = reason
            if self.made == 0 and len(self.failed) >= GIVE_UP_AFTER:
                raise OperationError(
                    f"The engine speaks none of the texts ({reason}): put that right or set ESCHOOL_ENGINE."
                )
