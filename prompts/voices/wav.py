"""WAV as speech programs write it to a pipe: the header comes first, the length afterwards or never."""

import struct
from typing import TYPE_CHECKING

from prompts.voices.voice import SpeechError

if TYPE_CHECKING:
    from pydub import AudioSegment


def segment_of_wav(content: bytes, program: str) -> "AudioSegment":
    """16-bit mono PCM of a RIFF/WAVE stream whose stated sizes may be wrong.

    Raises SpeechError, naming `program`, when it is anything else or holds no sound.
    """
    from pydub import AudioSegment

    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise SpeechError(f"{program} gave no sound")
    at, rate = 12, 0
    while at + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, at)
        at += 8
        if kind == b"fmt " and at + 16 <= len(content):
            encoding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", content, at)
            if (encoding, channels, bits) != (1, 1, 16):
                raise SpeechError(f"{program} gave sound that is not 16-bit mono PCM")
        elif kind == b"data":
            samples = content[at : at + size]
            samples = samples[: len(samples) // 2 * 2]
            if not samples or not rate:
                break
            return AudioSegment(data=samples, sample_width=2, frame_rate=rate, channels=1)
        at += size + size % 2
    raise SpeechError(f"{program} gave no sound")
