"""Speech stretched in time, its pitch kept: telephone sound in, telephone sound out."""

import audioop
from collections.abc import Sequence

from prompts.clips import FRAME_BYTES, SLOW_TEMPO
from prompts.sound import RATE, SILENCE, linear, through_ffmpeg

_BETWEEN_MS = 200
_AHEAD_MS = 40
"""The filter lets sound begin so much earlier than its place: it lays windows of 64 ms over each other."""
_FADE = RATE * 3 // 1000
_PITCH_KEPT = f"atempo={SLOW_TEMPO}"


def slowed(clips: Sequence[bytes]) -> list[bytes]:
    """Clips (A-law) at SLOW_TEMPO of their speed, whole frames; pauses within and behind grow with them.

    One ffmpeg works on all. Raises OperationError when it fails.
    """
    if not clips:
        return []
    sound, places = through_ffmpeg(map(linear, clips), RATE, _PITCH_KEPT, _BETWEEN_MS)
    made = []
    for start, end in places:
        first = round(start / SLOW_TEMPO) - RATE * _AHEAD_MS // 1000
        samples = sound[2 * max(0, first) : 2 * round(end / SLOW_TEMPO)]
        clip = audioop.lin2alaw(_faded(samples), 2)
        made.append(clip + SILENCE * (-len(clip) % FRAME_BYTES))
    return made


def _faded(samples: bytes) -> bytes:
    """Without a click where it was cut at the beginning and the end."""
    edge = 2 * _FADE
    if len(samples) < 2 * edge:
        return samples
    begins = b"".join(audioop.mul(samples[2 * at : 2 * at + 2], 2, at / _FADE) for at in range(_FADE))
    ends = b"".join(
        audioop.mul(samples[len(samples) - 2 * at - 2 : len(samples) - 2 * at], 2, at / _FADE)
        for at in reversed(range(_FADE))
    )
    return begins + samples[edge:-edge] + ends
