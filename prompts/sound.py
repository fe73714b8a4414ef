"""From an engine's sound to the clip on disk: telephone band, even loudness, no silence around, A-law frames.

The figures are those of the telephone: 300-3400 Hz (ITU-T G.712), 8 kHz A-law (G.711), frames of 20 ms.
"""

import audioop
import io
import math
import subprocess
import wave
from collections.abc import Iterable, Sequence

from pydub import AudioSegment

from errors import OperationError
from prompts.clips import FRAME_BYTES

RATE = 8_000

SILENCE = b"\xd5"
"""A-law's zero."""

TARGET_DBFS = -18.0
"""Loudness of speech (RMS where there is speech): that of ordinary announcements, with room for the peaks."""

ENGINE_DBFS = -20.0
"""Loudness before the limiter, so that it meets every engine at the same level."""

KEPT_MS = 10
"""Silence left before and after speech."""

SENTENCE_PAUSE_MS = 200
CLAUSE_PAUSE_MS = 80
"""Silence after a full stop, and after a comma or colon."""

PAUSE_MS = 300
BREATH_MS = 160
"""Silence between two things that are told, and between those that are counted up."""

_STEP_MS = 20
_EDGE_STEP_MS = 5
_FADE_MS = 3
_BETWEEN_MS = 100
_FFMPEG_SECONDS = 120
_CLOSING = "“”»\"')]}"

# Two second-order sections a side; the resampler's own filter does the rest above. The limiter takes the tips off
# espeak-ng's pulses, so that all clips are equally loud without clipping; set as high as that allows, it leaves other
# voices as they are (docs/performance.md).
_FILTERS = (
    "highpass=f=300,highpass=f=300,lowpass=f=3400,lowpass=f=3400,"
    f"aresample={RATE}:filter_size=64,alimiter=limit=0.5:attack=1:release=15:level=disabled:latency=1"
)


def clip_bytes(texts: Sequence[str], spoken: Sequence[AudioSegment]) -> list[bytes]:
    """The A-law bytes of clips: `spoken[i]` is `texts[i]` as an engine said it, 16-bit mono at any rate.

    Each is a whole number of frames, or empty when nothing but silence was spoken. One ffmpeg works on all of one
    rate, for starting it costs more than its work. Raises OperationError when ffmpeg fails.
    """
    clips = [b""] * len(texts)
    for rate in {segment.frame_rate for segment in spoken}:
        places = [place for place, segment in enumerate(spoken) if segment.frame_rate == rate]
        for place, segment in zip(places, _telephone_band([spoken[p] for p in places], rate), strict=True):
            speech = _trimmed(segment)
            if speech is not None:
                clips[place] = _frames(speech.raw_data, _pause_after(texts[place]))
    return clips


def pause(text: str) -> bytes:
    """The clip of a text without words: a breath for a comma, else the pause between two things that are told."""
    return silence(BREATH_MS if text.strip() == "," else PAUSE_MS)


def silence(milliseconds: int) -> bytes:
    """A-law silence, a whole number of frames."""
    return _frames(b"", milliseconds)


def linear(clip: bytes) -> bytes:
    """A-law as 16-bit samples."""
    return audioop.alaw2lin(clip, 2)


def wav(samples: bytes, rate: int = RATE) -> bytes:
    """16-bit mono samples as a WAV file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples)
    return content.getvalue()


def has_words(text: str) -> bool:
    """Whether there is anything to speak in `text`; if not, its clip is a pause."""
    return any(sign.isalnum() for sign in text)


def is_silent(segment: AudioSegment) -> bool:
    """Whether nothing can be heard in 16-bit mono sound."""
    return _active_dbfs(segment) is None


def _telephone_band(segments: Iterable[AudioSegment], rate: int) -> list[AudioSegment]:
    """The segments (all of `rate`) filtered and resampled to 8 kHz."""
    levelled = []
    for segment in segments:
        level = _active_dbfs(segment)
        levelled.append(segment.raw_data if level is None else segment.apply_gain(ENGINE_DBFS - level).raw_data)
    done, starts = through_ffmpeg(levelled, rate, _FILTERS, _BETWEEN_MS)
    margin = RATE * _BETWEEN_MS // 2000  # half the silence around belongs to each neighbour
    return [
        AudioSegment(
            data=done[2 * max(0, start * RATE // rate - margin) : 2 * (end * RATE // rate + margin)],
            sample_width=2,
            frame_rate=RATE,
            channels=1,
        )
        for start, end in starts
    ]


def through_ffmpeg(
    sounds: Iterable[bytes], rate: int, filters: str, between_ms: int
) -> tuple[bytes, list[tuple[int, int]]]:
    """Sounds (16-bit mono samples of `rate`) one after another through one ffmpeg, apart by so much silence.

    Gives what came out, and from which sample to which each sound went in. Raises OperationError.
    """
    between = bytes(2 * (rate * between_ms // 1000))
    stream, starts, position = [between], [], len(between) // 2
    for samples in sounds:
        starts.append((position, position + len(samples) // 2))
        stream += [samples, between]
        position += (len(samples) + len(between)) // 2
    raw = ("-f", "s16le", "-ac", "1")
    command = ("ffmpeg", "-nostdin", "-v", "error", *raw, "-ar", str(rate), "-i", "-", "-af", filters, *raw, "-")
    try:
        done = subprocess.run(command, input=b"".join(stream), capture_output=True, timeout=_FFMPEG_SECONDS)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        raise OperationError("ffmpeg cannot be used: install it (apt-get install ffmpeg) and try again.") from None
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().splitlines()[:1]
        raise OperationError(f"ffmpeg could not make telephone sound ({' '.join(reason)}): check its installation.")
    return done.stdout, starts


def _levels(segment: AudioSegment, step_ms: int) -> list[int]:
    """RMS of each step."""
    step = 2 * (segment.frame_rate * step_ms // 1000)
    data = segment.raw_data
    return [audioop.rms(data[at : at + step], 2) for at in range(0, len(data) - step + 1, step)] or [segment.rms]


def _active_dbfs(segment: AudioSegment) -> float | None:
    """Loudness where there is speech: RMS of the steps within 20 dB of the loudest; None for silence."""
    levels = _levels(segment, _STEP_MS)
    loudest = max(levels)
    if loudest < 4:  # below a hundredth of a per mille of full scale there is no speech
        return None
    active = [level for level in levels if level >= loudest / 10]
    return 10 * math.log10(sum(level * level for level in active) / len(active) / 32768**2)


def _trimmed(segment: AudioSegment) -> AudioSegment | None:
    """Speech at the target loudness without the silence around it; None when there is no speech."""
    level = _active_dbfs(segment)
    if level is None:
        return None
    steps = _levels(segment, _EDGE_STEP_MS)
    # 40 dB below speech is silence, unless a recording's own noise is louder than that.
    noise = 3 * sorted(steps)[len(steps) // 20]  # its steps vary by as much
    limit = max(32768 * 10 ** ((level - 40) / 20), min(noise, 32768 * 10 ** ((level - 25) / 20)))
    loud = [place for place, step in enumerate(steps) if step > limit]
    start = max(0, loud[0] * _EDGE_STEP_MS - KEPT_MS)
    end = (loud[-1] + 1) * _EDGE_STEP_MS + KEPT_MS
    peak_room = -1.0 - segment.max_dBFS
    speech = segment[start:end].apply_gain(min(TARGET_DBFS - level, peak_room))
    return speech.fade_in(_FADE_MS).fade_out(_FADE_MS)


def _pause_after(text: str) -> int:
    """Milliseconds of silence that belong to the clip, by how its text ends."""
    last = text.rstrip().rstrip(_CLOSING)[-1:]
    if last and last in ".!?…":
        return SENTENCE_PAUSE_MS
    return CLAUSE_PAUSE_MS if last and last in ",;:–—-" else 0


def _frames(samples: bytes, pause_ms: int) -> bytes:
    """16-bit samples as A-law with a pause after them, filled up with silence to whole frames."""
    clip = audioop.lin2alaw(samples, 2) + SILENCE * (RATE * pause_ms // 1000)
    return clip + SILENCE * (-len(clip) % FRAME_BYTES)
