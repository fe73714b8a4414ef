"""What Asterisk recorded in a call -> a take, and how callers would hear it."""

import audioop
import io
import math
import struct
import wave
from pathlib import Path

from pydub import AudioSegment

from errors import InputError
from prompts.recording import takes

TONE_HZ, TONE_MS = 1000, 240
"""Whole frames of 20 ms, as every clip is: Asterisk would send the rest of one as a short packet."""
TELEPHONE_RATE = 8000
TOLERANCE_MS = 2000
"""By which a recording may be longer than Asterisk was told."""
LEAST_PEAK = 400
"""Of 32768: a line on which nobody speaks hums less, and its A-law zero is 8."""
KEY_MS = 120
"""Cut off the end: the key that ended the recording may be heard in it, where the trunk sends keys as sound."""


def tone(folder: Path) -> str:
    """The tone after which people speak: a file in `folder`, without its extension, made where it is missing."""
    path = folder / "tone.alaw"
    if not path.exists():
        values = (8000 * math.sin(2 * math.pi * TONE_HZ * n / 8000) for n in range(8 * TONE_MS))
        samples = b"".join(struct.pack("<h", round(value)) for value in values)
        path.write_bytes(audioop.lin2alaw(samples, 2))
    return str(path.with_suffix(""))


def take(path: str) -> takes.Take:
    """The take in `path` + ".wav". Raises InputError when nothing is heard in it."""
    segment = takes.read(Path(f"{path}.wav").read_bytes())
    return takes.take(segment[: max(0, len(segment) - KEY_MS)])


def message(path: str, longest_ms: int) -> takes.Take:
    """What a caller said, in `path` + ".wav", as a WAV file of our own making: one channel, 16 bits, 8 kHz.

    Raises InputError when nothing is heard in it, or the file is no whole recording of Asterisk's.
    """
    try:
        with wave.open(f"{path}.wav", "rb") as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, TELEPHONE_RATE):
                raise wave.Error("another form than Asterisk's")
            samples = file.readframes(file.getnframes())
            if len(samples) < 2 * file.getnframes():
                raise wave.Error("cut off")
    except (OSError, EOFError, wave.Error):
        raise InputError("The recording is not whole: record again.") from None
    segment = AudioSegment(data=samples, sample_width=2, frame_rate=TELEPHONE_RATE, channels=1)
    if len(segment) > longest_ms + TOLERANCE_MS:
        raise InputError("The recording is longer than {most} seconds: make it shorter.", most=longest_ms // 1000)
    if segment.max < LEAST_PEAK:
        raise InputError("Nothing is heard in this recording: check the microphone and record again.")
    return takes.take(segment[: max(0, len(segment) - KEY_MS)])


def playable(sound: bytes, path: str) -> str:
    """Write such a WAV file beside `path` as Asterisk plays it; gives the file's name without its extension."""
    with wave.open(io.BytesIO(sound)) as file:
        clip = audioop.lin2alaw(file.readframes(file.getnframes()), 2)
    Path(f"{path}.alaw").write_bytes(clip)
    return path


def heard(path: str) -> str | None:
    """A file (without its extension) with the take as a clip sounds; None: nothing is heard in it."""
    from prompts.sound import clip_bytes

    try:
        found = take(path)
    except InputError:
        return None
    (clip,) = clip_bytes(["."], [takes.read(found.sound)])
    if not clip:
        return None
    Path(f"{path}-heard.alaw").write_bytes(clip)
    return f"{path}-heard"
