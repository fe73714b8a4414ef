"""What a person who lends the telephone their voice reads, line by line.

First the phrases, in the order in which a caller meets them, then the pieces of which numbers, days and grades are
put together, kind by kind. Whoever stops after the phrases has replaced what is heard most.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from prompts.catalogue import SECTIONS
from prompts.speech import fragments
from prompts.voices.recorded import recording_name

GOES_ON = ",:"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to read. `number` counts from 1; `section` is Bulgarian; `name` is that of the recording's file."""

    number: int
    section: str
    name: str
    text: str

    @property
    def goes_on(self) -> bool:
        """Whether something follows in the same breath: it is read with the voice held up, not let down."""
        return self.text.rstrip()[-1] in GOES_ON or self.text.rstrip()[-1] not in ".!?"


@cache
def script() -> tuple[Line, ...]:
    """Every line, each text once."""
    lines: dict[str, Line] = {}
    for section, name, text in _told():
        if text not in lines:
            lines[text] = Line(len(lines) + 1, section, name, text)
    return tuple(lines.values())


@cache
def phrases() -> tuple[Line, ...]:
    """The lines that are whole phrases: what is worth recording first."""
    named = {phrase_id for section in SECTIONS.values() for phrase_id in section}
    return tuple(line for line in script() if line.name in named)


def _told() -> Iterator[tuple[str, str, str]]:
    """(section, name, text), some texts twice."""
    for section, found in SECTIONS.items():
        yield from ((section, phrase_id, text) for phrase_id, text in found.items())
    for section, pieces in fragments():
        yield from ((section, recording_name(text), text) for text in pieces)
