"""What Asterisk recorded in a call -> a take, and how callers would hear it."""

import audioop
import math
import struct
from pathlib import Path

from errors import InputError
from prompts.recording import takes

TONE_HZ, TONE_MS = 1000, 240
"""Whole frames of 20 ms, as every clip is: Asterisk would send the rest of one as a short packet."""
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
