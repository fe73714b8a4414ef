"""Taking a long recording apart: where one line ends and the next begins, by the pauses between them.

A reader pauses inside a sentence too, and longer between lines than inside them; the shortest pause that parts lines
differs from person to person. So no fixed length decides: of all ways to put the sounds together to as many lines as
were read, the one is taken whose lengths fit the lengths of the texts best.
"""

import audioop
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pydub import AudioSegment

STEP_MS = 10
SHORTEST_PAUSE_MS = 150
"""Shorter gaps are inside words: a stop consonant is silent for up to a tenth of a second."""
SHORTEST_SOUND_MS = 60
"""What is shorter is a click."""
MARGIN_MS = 60
"""Kept around each line, so that no soft consonant is cut off."""
LETTER_MS = 70
"""How long a letter of an average reader takes; only the proportions between lines matter."""
START_MS = 150
WIDEST = 16
"""Sounds that one line may be put together of."""
DOUBTFUL = 0.45
"""A line this much longer or shorter than its text lets one expect (as a logarithm) should be listened to."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line in the recording, in milliseconds from its start. `doubtful`: its length does not fit its text."""

    start: int
    end: int
    doubtful: bool


class PartsError(Exception):
    """There are fewer sounds than lines, or far more."""

    def __init__(self, sounds: int) -> None:
        super().__init__(f"{sounds} sounds")
        self.sounds = sounds


def parts(recording: AudioSegment, texts: Sequence[str]) -> list[Part]:
    """Where each of `texts` is in the recording, in their order, one part a text.

    Raises PartsError when fewer sounds are found than texts, or more than all lines can be put together of.
    """
    found = sounds(recording)
    if not len(texts) <= len(found) <= WIDEST * len(texts):
        raise PartsError(len(found))
    if not texts:
        return []
    expected = [START_MS + LETTER_MS * sum(sign.isalnum() for sign in text) for text in texts]
    spoken = sum(end - start for start, end in found)
    pace = spoken / sum(expected)
    groups = _grouped(found, [length * pace for length in expected])
    made = []
    for (first, last), length in zip(groups, expected, strict=True):
        start, end = found[first][0], found[last][1]
        off = abs(math.log((end - start) / (length * pace)))
        before = found[first - 1][1] if first else 0
        after = found[last + 1][0] if last + 1 < len(found) else len(recording)
        made.append(
            Part(
                max(start - MARGIN_MS, (before + start) // 2),
                min(end + MARGIN_MS, (end + after) // 2),
                off > DOUBTFUL,
            )
        )
    return made


def sounds(recording: AudioSegment) -> list[tuple[int, int]]:
    """(start, end) in milliseconds of everything between pauses, clicks left out."""
    levels = _levels(recording)
    if not levels:
        return []
    quiet = sorted(levels)[len(levels) // 10]
    loud = sorted(levels)[-(len(levels) // 10 + 1)]
    # Half-way between the room's noise and speech, as the ear has it: on a logarithmic scale, nearer to the noise.
    limit = max(40.0, quiet * 2, math.sqrt(max(quiet, 1) * loud) / 2)
    if loud < limit:
        return []
    spans: list[list[int]] = []
    for place, level in enumerate(levels):
        if level <= limit:
            continue
        at = place * STEP_MS
        if spans and at - spans[-1][1] < SHORTEST_PAUSE_MS:
            spans[-1][1] = at + STEP_MS
        else:
            spans.append([at, at + STEP_MS])
    return [(start, end) for start, end in spans if end - start >= SHORTEST_SOUND_MS]


def _levels(recording: AudioSegment) -> list[int]:
    step = 2 * (recording.frame_rate * STEP_MS // 1000)
    data = recording.set_channels(1).set_sample_width(2).raw_data
    return [audioop.rms(data[at : at + step], 2) for at in range(0, len(data) - step + 1, step)]


def _grouped(found: Sequence[tuple[int, int]], expected: Sequence[float]) -> list[tuple[int, int]]:
    """(first, last) sound of each line: the division that costs least.

    A line costs the square of the logarithm of its length against the expected one, and what joins sounds across a
    long pause costs more. Dynamic programming over (line, sound).
    """
    count, lines = len(found), len(expected)
    widest = min(count - lines + 1, WIDEST)
    infinite = math.inf
    best = [0.0] + [infinite] * count
    choices: list[list[int]] = []
    typical = sorted(b[0] - a[1] for a, b in pairwise(found))
    pause = float(typical[len(typical) // 2]) if typical else 1.0
    for line, length in enumerate(expected):
        row, choice = [infinite] * (count + 1), [0] * (count + 1)
        for end in range(line + 1, count - (lines - line - 1) + 1):
            for start in range(max(line, end - widest), end):
                if best[start] == infinite:
                    continue
                cost = best[start] + _cost(found[start:end], length, pause)
                if cost < row[end]:
                    row[end], choice[end] = cost, start
        best = row
        choices.append(choice)
    groups, end = [], count
    for choice in reversed(choices):
        groups.append((choice[end], end - 1))
        end = choice[end]
    return groups[::-1]


def _cost(together: Sequence[tuple[int, int]], length: float, pause: float) -> float:
    fits = math.log((together[-1][1] - together[0][0]) / length)
    gaps = sum((b[0] - a[1]) / pause for a, b in pairwise(together))
    return fits * fits + 0.5 * gaps * gaps
