"""The shapes of the API's events, and the function that records each."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from admin_web.api.fields import (
    Day,
    HealthText,
    InvitationText,
    Key,
    LessonNumber,
    Moment,
    Number,
    PlaceText,
    RemarkText,
    TermNumber,
    TitleText,
    WholeId,
)
from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, GradeKind, Mark, RemarkKind, SchoolEventKind
from errors import InputError
from school.classbook import recording
from school.integrations import Incoming, IngestStatus

EVENTS_AT_MOST = 100


class Event(BaseModel):
    """What all events have."""

    model_config = ConfigDict(extra="forbid")

    key: Key
    teacher_id: WholeId = Field(description="In whose name it is recorded; the rules for this person hold.")

    def incoming(self, now: datetime) -> Incoming:
        """The event as the school's rules take it."""
        return Incoming(self.key, self.teacher_id, self.model_dump_json(exclude={"key"}), self.recording(now))

    def recording(self, now: datetime) -> Callable[[Session], EventRef]:
        """What records it."""
        raise NotImplementedError


class Grade(Event):
    """A grade: a number, or a mark in words where the level or special needs ask for one."""

    student_id: WholeId
    subject_id: WholeId | None = Field(None, description="null: the overall annual result of level 1.")
    kind: GradeKind
    value: Number | None = Field(None, description="2, or 3.00 to 6.00.")
    mark: Mark | None = None
    on: Day
    term: TermNumber | None = Field(
        None, description="The term that a term's grade closes, when it is entered after the next one began."
    )

    def recording(self, now: datetime) -> Callable[[Session], EventRef]:
        """What records it."""
        grade = self.value if self.mark is None else self.mark
        if grade is None or (self.value is not None and self.mark is not None):
            return _refused
        return partial(
            recording.record_grade,
            by=self.teacher_id,
            student_id=self.student_id,
            subject_id=self.subject_id,
            kind=self.kind,
            grade=grade,
            on=self.on,
            term=self.term,
            now=now,
        )


class Absence(Event):
    """An absence from one lesson, or lateness."""

    student_id: WholeId
    subject_id: WholeId
    kind: AbsenceKind
    reason: AbsenceReason | None = Field(None, description="Of an excused one.")
    on: Day
    lesson: LessonNumber

    def recording(self, now: datetime) -> Callable[[Session], EventRef]:
        """What records it."""
        return partial(
            recording.record_absence,
            by=self.teacher_id,
            student_id=self.student_id,
            subject_id=self.subject_id,
            kind=self.kind,
            reason=self.reason,
            on=self.on,
            lesson=self.lesson,
            now=now,
        )


class Remark(Event):
    """A censure or a praise."""

    student_id: WholeId
    subject_id: WholeId | None = None
    kind: RemarkKind
    text: RemarkText
    on: Day

    def recording(self, now: datetime) -> Callable[[Session], EventRef]:
        """What records it."""
        return partial(
            recording.record_remark,
            by=self.teacher_id,
            student_id=self.student_id,
            subject_id=self.subject_id,
            kind=self.kind,
            text=self.text,
            on=self.on,
            now=now,
        )


class HealthNote(Event):
    """A health note. Parents are told its dates; what it says is kept encrypted and told to nobody."""

    student_id: WholeId
    starts_on: Day
    ends_on: Day
    note: HealthText

    def recording(self, now: datetime) -> Callable[[Session], EventRef]:
        """What records it."""
        return partial(
            recording.record_health_note,
            by=self.teacher_id,
            student_id=self.student_id,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            note=self.note,
            now=now,
        )


class Meeting(Event):
    """A parents' meeting, or an event that parents are invited to."""

    kind: SchoolEventKind
    class_id: WholeId | None = Field(None, description="null: the whole school.")
    title: TitleText
    place: PlaceText
    starts_at: Moment
    text: InvitationText = ""

    def recording(self, now: datetime) -> Callable[[Session], EventRef]:
        """What records it."""
        return partial(
            recording.record_school_event,
            by=self.teacher_id,
            kind=self.kind,
            class_id=self.class_id,
            title=self.title,
            place=self.place,
            starts_at=self.starts_at,
            text=self.text,
            now=now,
        )


class Batch(BaseModel):
    """Events of one kind; what the document does not name is refused."""

    model_config = ConfigDict(extra="forbid")


class Grades(Batch):
    """A batch."""

    events: list[Grade] = Field(min_length=1, max_length=EVENTS_AT_MOST)


class Absences(Batch):
    """A batch."""

    events: list[Absence] = Field(min_length=1, max_length=EVENTS_AT_MOST)


class Remarks(Batch):
    """A batch."""

    events: list[Remark] = Field(min_length=1, max_length=EVENTS_AT_MOST)


class HealthNotes(Batch):
    """A batch."""

    events: list[HealthNote] = Field(min_length=1, max_length=EVENTS_AT_MOST)


class Meetings(Batch):
    """A batch."""

    events: list[Meeting] = Field(min_length=1, max_length=EVENTS_AT_MOST)


class EventResult(BaseModel):
    """What became of one event."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    outcome: IngestStatus = Field(description="`repeated`: it was recorded before, by the same key.")
    event_id: int | None
    error: str | None = Field(description="Why it was refused; send it again, corrected, with the same key.")


class Results(BaseModel):
    """A result for every event, in the order in which they came."""

    results: list[EventResult]


def _refused(_session: Session) -> EventRef:
    raise InputError("A grade has either a value or a mark: give one of them.")
