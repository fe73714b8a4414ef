"""Which clips a recording is made of, exactly: A-law passes Asterisk and the network unchanged, byte by byte."""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FRAME = 160
"""Bytes of one packet of sound, 20 ms of A-law. A clip starts with a packet; a key ends it after a packet."""

NOTHING = ""
"""What is said while the other side only waits: it sends silence then, and no clip of a pause is as long."""

MOST_LEADING_PACKETS = 5
"""Of silence at the beginning of a clip."""


@dataclass(frozen=True)
class Match:
    """A stretch of a recording: `length` bytes from `start` are the beginning (or all: `whole`) of a clip.

    texts: what the clip says (several when different texts sound the same); empty: no clip sounds like that.
    """

    start: int
    length: int
    texts: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Heard:
    """A clip that was heard: `at` seconds after the call was answered, for `seconds`."""

    texts: tuple[str, ...]
    at: float
    seconds: float
    whole: bool

    @property
    def text(self) -> str:
        """What was said; `?` when it was no clip."""
        return self.texts[0] if self.texts else "?"


@dataclass(frozen=True)
class _Clip:
    sound: bytes
    texts: tuple[str, ...]

    @cached_property
    def is_silence(self) -> bool:
        """Whether it is a pause."""
        return _is_silence(self.sound)


class ClipBook:
    """The clips of one voice, by their sound."""

    def __init__(self, *folders: Path) -> None:
        """folders: each with `manifest.jsonl`, a line a clip: {"clip": file, "text": what it says}."""
        texts: dict[bytes, list[str]] = defaultdict(list)
        for folder in folders:
            for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
                entry = json.loads(line)
                sound = (folder / entry["clip"]).read_bytes()
                if entry["text"] not in texts[sound]:
                    texts[sound].append(entry["text"])
        self._clips = [_Clip(sound, tuple(said)) for sound, said in texts.items() if sound]
        self._by_start: dict[bytes, list[_Clip]] = defaultdict(list)
        for clip in self._clips:
            self._by_start[clip.sound[:FRAME]].append(clip)

    def recognise(self, sound: bytes, position: int = 0, *, settled: bool = True) -> list[Match]:
        """The clips `sound` consists of from `position` on, in order, without gaps.

        A silence is the longest pause that is in it, and beyond that NOTHING: nobody can tell two pauses from one.
        settled: nothing follows. Otherwise what might still go on at the end is left out.
        """
        matches: list[Match] = []
        while position < len(sound):
            silence = self._silence(sound, position)
            if silence:
                matches += silence
                position = silence[-1].start + silence[-1].length
                continue
            match = self._match(sound, position) or self._middle(sound, position)
            if not settled and position + match.length >= len(sound) and not match.whole:
                break
            if not match.texts and matches and not matches[-1].texts:  # one stretch of unknown sound
                match = Match(matches[-1].start, matches.pop().length + match.length, (), whole=False)
            matches.append(match)
            position = match.start + match.length
        return matches

    def _silence(self, sound: bytes, position: int) -> list[Match]:
        """The pause, and NOTHING, of which the silence consists that begins here, without that of the clip after it."""
        if not _is_silence(sound[position : position + FRAME]):
            return []
        rest = sound[position:]
        run = len(rest) - len(rest.lstrip(rest[:1]))
        packets = run // FRAME or 1
        for earlier in range(1, min(packets, MOST_LEADING_PACKETS) + 1):
            start = (packets - earlier) * FRAME
            if self._speaks_after(sound, position + start, run - start):
                packets -= earlier
                break
        length = min(packets * FRAME, len(rest))
        if not length:
            return []
        pause = max(
            (clip for clip in self._clips if clip.is_silence and len(clip.sound) <= length),
            key=lambda clip: len(clip.sound),
            default=None,
        )
        told = [Match(position, len(pause.sound), pause.texts, whole=True)] if pause else []
        paused = len(pause.sound) if pause else 0
        if length > paused:
            told.append(Match(position + paused, length - paused, (NOTHING,), whole=True))
        return told

    def _speaks_after(self, sound: bytes, position: int, silent: int) -> bool:
        """Whether a clip begins here whose first `silent` bytes are silence."""
        return any(
            not clip.is_silence and _common(clip.sound, sound, position) > silent
            for clip in self._by_start.get(sound[position : position + FRAME], ())
        )

    def _match(self, sound: bytes, position: int) -> Match | None:
        """The clip that begins here and goes on longest; of two equally long ones, the one that is there whole."""
        best: Match | None = None
        for clip in self._by_start.get(sound[position : position + FRAME], ()):
            length = _common(clip.sound, sound, position)
            whole = length == len(clip.sound)
            ends = position + length < len(sound)
            silent = _is_silence(sound[position : position + length])
            if not whole and ends and silent and not clip.is_silence:
                continue  # any speech begins with as much silence; only a pause that a key ended is told by it
            if not whole and ends:
                length = length // FRAME * FRAME
            if best is None or (length, whole) > (best.length, best.whole):
                best = Match(position, length, clip.texts, whole)
        return best

    def _middle(self, sound: bytes, position: int) -> Match:
        """A clip whose beginning was missed, or one packet of unknown sound."""
        for clip, offset in self._by_frame.get(sound[position : position + FRAME], ()):
            length = _common(clip.sound[offset:], sound, position)
            if position + length < len(sound):
                length = length // FRAME * FRAME
            if length > 5 * FRAME and not _is_silence(sound[position : position + length]):
                return Match(position, length, clip.texts, whole=False)
        return Match(position, min(FRAME, len(sound) - position), (), whole=False)

    @cached_property
    def _by_frame(self) -> dict[bytes, list[tuple[_Clip, int]]]:
        frames: dict[bytes, list[tuple[_Clip, int]]] = defaultdict(list)
        for clip in self._clips:
            for offset in range(FRAME, len(clip.sound) - FRAME, FRAME):
                frames[clip.sound[offset : offset + FRAME]].append((clip, offset))
        return frames


def _is_silence(sound: bytes) -> bool:
    """Whether it is one and the same level: every clip has such stretches, they tell nothing."""
    return len(set(sound)) <= 1


def _common(clip: bytes, sound: bytes, position: int) -> int:
    """How many bytes of `clip` are found in `sound` from `position` on."""
    low, high = 0, min(len(clip), len(sound) - position)
    while low < high:
        middle = (low + high + 1) // 2
        if clip[:middle] == sound[position : position + middle]:
            low = middle
        else:
            high = middle - 1
    return low
