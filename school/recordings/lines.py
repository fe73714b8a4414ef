"""The lines that can be recorded, for the platform and for a school, and what is recorded of them.

The platform records everything that is always said. A school records its own name and its own greeting; every other
school's callers hear the platform's voice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from db.kinds import RecordingSource
from db.models import Recording, School
from errors import MissingError
from prompts.entered import entered
from prompts.recording.script import Line, script
from prompts.voices.recorded import recording_name
from school.staff.leaders import check_leads, check_operates

OF_SCHOOL = "На училището"
"""The section of a school's own lines."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The newest recording of a line."""

    recording_id: int
    milliseconds: int
    source: RecordingSource
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """A line with its newest recording, if there is one."""

    line: Line
    recorded: Recorded | None


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that stand together; `title` is Bulgarian."""

    title: str
    lines: tuple[State, ...]

    @property
    def recorded(self) -> int:
        """How many of them are recorded."""
        return sum(one.recorded is not None for one in self.lines)


def check_may_record(session: Session, school_id: int | None, by: int) -> None:
    """Raises ForbiddenError unless `by` operates the platform (None), or leads the school."""
    if school_id is None:
        check_operates(session, by)
    else:
        check_leads(session, school_id, by)


def lines(session: Session, school_id: int | None) -> tuple[Line, ...]:
    """What the platform (None) or a school may record, in reading order. Raises MissingError for no such school."""
    if school_id is None:
        return script()
    row = session.execute(select(School.name, School.greeting).where(School.id == school_id)).one_or_none()
    if row is None:
        raise MissingError("There is no such school.")
    texts = [piece for text in row if text for piece in entered(text)]
    return tuple(
        Line(number, OF_SCHOOL, recording_name(text), text) for number, text in enumerate(dict.fromkeys(texts), start=1)
    )


def sections(session: Session, school_id: int | None) -> tuple[Section, ...]:
    """All lines, section by section in reading order, with what is recorded. Raises MissingError."""
    known = recorded(session, school_id)
    grouped = groupby(lines(session, school_id), key=lambda one: one.section)
    return tuple(Section(title, tuple(State(one, known.get(one.name)) for one in found)) for title, found in grouped)


def line(session: Session, school_id: int | None, name: str) -> Line:
    """The line whose recording has this name. Raises MissingError when there is none."""
    found = next((one for one in lines(session, school_id) if one.name == name), None)
    if found is None:
        raise MissingError("There is no such line to record: the text may have been changed meanwhile.")
    return found


def recorded(session: Session, school_id: int | None) -> Mapping[str, Recorded]:
    """By name, what is recorded now."""
    rows = session.execute(
        select(Recording.name, Recording.id, Recording.milliseconds, Recording.source, Recording.recorded_at).where(
            _of(school_id), Recording.replaced_at.is_(None)
        )
    )
    return {row.name: Recorded(row.id, row.milliseconds, row.source, row.recorded_at) for row in rows}


def sound(session: Session, school_id: int | None, recording_id: int) -> bytes:
    """The WAV file of a recording of this owner. Raises MissingError when there is none."""
    found = session.scalar(select(Recording.sound).where(_of(school_id), Recording.id == recording_id))
    if found is None:
        raise MissingError("There is no such recording.")
    return found


def next_missing(session: Session, school_id: int | None, after: int = 0) -> Line | None:
    """The first line beyond number `after` that is not recorded, else the first one at all; None: all are."""
    known = recorded(session, school_id)
    missing = [one for one in lines(session, school_id) if one.name not in known]
    return next((one for one in missing if one.number > after), missing[0] if missing else None)


def _of(school_id: int | None) -> ColumnElement[bool]:
    return Recording.school_id.is_(None) if school_id is None else Recording.school_id == school_id
