"""A sound file that somebody gives us -> a recording as it is kept: WAV, one channel, 16 bits, 16 kHz.

Twice the telephone's rate, so that a better shaping for the telephone, or a better telephone, can use more of it.
"""

import hashlib
import io
import subprocess
import wave
from dataclasses import dataclass

from pydub import AudioSegment

from errors import InputError, OperationError

RATE = 16_000
LONGEST_LINE_MS = 60_000
LONGEST_RECORDING_MS = 60 * 60_000
LARGEST_FILE = 200 * 2**20
"""Bytes; an hour of uncompressed sound in CD quality is 600 MB, as 16 kHz mono it is 115 MB."""
SHORTEST_LINE_MS = 100
DECODING_SECONDS = 120
READABLE = "wav,mp3,ogg,flac,mov,matroska"
"""ffmpeg's names of the containers that telephones and recorders write; no playlists, no addresses, no pictures."""


@dataclass(frozen=True, slots=True)
class Take:
    """A recording of one line as it is kept; `digest`: 24 hex digits that name it by its content."""

    sound: bytes
    digest: str
    milliseconds: int


def read(content: bytes, *, longest_ms: int = LONGEST_LINE_MS) -> AudioSegment:
    """A WAV, MP3, OGG, FLAC, M4A or WebM file as sound.

    Raises InputError for what is no sound or too long, OperationError when ffmpeg cannot be used.
    """
    if len(content) > LARGEST_FILE:
        raise InputError("The sound file is larger than {most} MB: record in parts.", most=LARGEST_FILE // 2**20)
    raw = ("-f", "s16le", "-ac", "1", "-ar", str(RATE))
    limit = ("-t", f"{longest_ms / 1000 + 1:.1f}")
    only_piped = ("-protocol_whitelist", "pipe", "-format_whitelist", READABLE)
    command = ("ffmpeg", "-nostdin", "-v", "error", *only_piped, "-i", "pipe:0", "-vn", "-map", "0:a:0")
    try:
        done = subprocess.run(
            (*command, *limit, *raw, "-"), input=content, capture_output=True, timeout=DECODING_SECONDS
        )
    except FileNotFoundError:
        raise OperationError("ffmpeg is not installed: install it (apt-get install ffmpeg) and try again.") from None
    except subprocess.TimeoutExpired:
        raise InputError("The sound file takes too long to read: record in parts.") from None
    samples = done.stdout[: len(done.stdout) // 2 * 2]
    if done.returncode != 0 or not samples:
        raise InputError("This is no sound file that can be read: give a WAV, MP3, OGG or M4A file.")
    segment = AudioSegment(data=samples, sample_width=2, frame_rate=RATE, channels=1)
    if len(segment) > longest_ms:
        raise InputError("The recording is longer than {most} seconds: make it shorter.", most=longest_ms // 1000)
    return segment


def take(segment: AudioSegment) -> Take:
    """One line as it is kept. Raises InputError when it is too short or nothing is heard in it."""
    from prompts.sound import is_silent, wav

    if len(segment) < SHORTEST_LINE_MS or is_silent(segment):
        raise InputError("Nothing is heard in this recording: check the microphone and record again.")
    return kept(wav(segment.raw_data, segment.frame_rate))


def kept(sound: bytes) -> Take:
    """A take from the WAV file that `take` made of it."""
    with wave.open(io.BytesIO(sound)) as wav:
        milliseconds = 1000 * wav.getnframes() // wav.getframerate()
    return Take(sound, hashlib.sha256(sound).hexdigest()[:24], milliseconds)
