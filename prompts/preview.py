"""What a text that nobody has saved yet will sound like: rendered at once, for a person who waits, and kept nowhere."""

import subprocess
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from threading import BoundedSemaphore, Thread

from errors import InputError, OperationError
from prompts.clips import Clips
from prompts.reading import read
from prompts.render import prepared_voice
from prompts.speech import Sentence
from prompts.voices import SpeechError
from settings import Settings

LONGEST = 1_200
"""Letters that are spoken at most: about a minute and a half."""

SECONDS = 10.0
"""A person waits no longer than this for the sound."""

AT_ONCE = 2
"""Previews that one process makes at the same time, so that pages are served meanwhile."""

_MP3_SECONDS = 10
_RATE = 8_000
_slots = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Preview:
    """mp3: the sound as the telephone carries it; seconds: its length on the telephone; words: what is read."""

    mp3: bytes
    seconds: float
    words: tuple[Sentence, ...]


class EmptyError(InputError):
    """There is nothing to say."""


class TooLongError(InputError):
    """There is more to say than anybody would listen to."""


class BusyError(OperationError):
    """No sound in time; the text is right and may be tried again."""


def preview(settings: Settings, speech: Sequence[Sentence], within: float = SECONDS) -> Preview:
    """The sentences as a caller would hear them, one after another.

    Raises EmptyError, TooLongError (above LONGEST letters), BusyError when it is not ready `within` seconds or others
    are listening, OperationError when the engine fails.
    """
    pieces = [piece for sentence in speech for piece in sentence]
    words = tuple(tuple(map(read, sentence)) for sentence in speech)
    letters = sum(sum(map(str.isalnum, piece)) for sentence in words for piece in sentence)
    if not letters:
        raise EmptyError("There is nothing to say: write the text first.")
    if letters > LONGEST:
        raise TooLongError(f"The text is too long to be heard at once: shorten it to {LONGEST} letters.")
    if not _slots.acquire(timeout=min(within, 2.0)):
        raise BusyError("Others are listening just now: try again in a moment.")
    made: Future[bytes] = Future()
    Thread(target=_make, args=(settings, pieces, made), name="preview", daemon=True).start()
    try:
        sound = made.result(timeout=within)
    except TooLate:
        raise BusyError("The voice took too long: try again with a shorter text.") from None
    return Preview(_mp3(sound), len(sound) / 2 / _RATE, words)


def _make(settings: Settings, pieces: Sequence[str], made: Future[bytes]) -> None:
    """In a thread of its own, which goes on when nobody waits any more; until then it holds its slot."""
    try:
        made.set_result(_spoken(settings, pieces))
    except BaseException as error:
        made.set_exception(error)
    finally:
        _slots.release()


def _spoken(settings: Settings, pieces: Sequence[str]) -> bytes:
    """16-bit samples: clips that exist, and what has none spoken anew in the same way."""
    clips = Clips(settings)
    contents = {piece: path.read_bytes() for piece in pieces if (path := clips.find(piece))}
    missing = [piece for piece in dict.fromkeys(pieces) if piece not in contents]
    voice = prepared_voice(settings)
    from prompts.sound import clip_bytes, has_words, linear, pause

    contents |= {piece: pause(piece) for piece in missing if not has_words(piece)}
    missing = [piece for piece in missing if piece not in contents]
    try:
        contents |= dict(zip(missing, clip_bytes(missing, [voice.speak(piece) for piece in missing]), strict=True))
    except SpeechError as error:
        raise OperationError(f"The text could not be spoken ({error}): change it or try again.") from None
    return b"".join(linear(contents[piece]) for piece in pieces)


def _mp3(samples: bytes) -> bytes:
    """A tenth of a WAV, which a page can carry within itself; every browser plays it."""
    from prompts.sound import wav

    command = ("ffmpeg", "-v", "error", "-i", "-", "-b:a", "16k", "-f", "mp3", "-")
    try:
        done = subprocess.run(command, input=wav(samples), capture_output=True, timeout=_MP3_SECONDS)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        raise OperationError("ffmpeg cannot be used: install it (apt-get install ffmpeg) and try again.") from None
    if done.returncode != 0:
        raise OperationError("ffmpeg could not make an MP3: check its installation.")
    return done.stdout
