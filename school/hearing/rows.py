"""What a subscriber hears about one student, as typed rows; `is_new`: not heard yet by this subscriber.

A grade is a named tuple: a call makes many of them, and a frozen dataclass takes five times as long to make.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, GradeKind, RemarkKind, SchoolEventKind
from school.classbook.benefit import Standing


class GradeRow(NamedTuple):
    """A grade: either `value` (2 or 3.00-6.00) or `mark` (a value of db.kinds.Mark)."""

    ref: EventRef
    subject: str | None  # None: the overall annual result of level 1
    kind: GradeKind
    value: Decimal | None
    mark: str | None
    on: date
    term: int  # 1 or 2
    is_new: bool


@dataclass(frozen=True, slots=True)
class SubjectAverage:
    """One subject's grades of the current term."""

    subject: str
    count: int  # of the grades that count in the average (all but the term and annual ones)
    average: Decimal | None  # two places; None: the grades are words
    forecast: int | None  # the term grade it would make: to be called a forecast
    term_grade: Decimal | None
    grades: tuple[GradeRow, ...]


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """One lesson missed or come late to."""

    ref: EventRef
    subject: str
    kind: AbsenceKind
    reason: AbsenceReason | None
    on: date
    lesson: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class AbsenceTotals:
    """This school year's lessons; `total_unexcused` by `absence_weights`."""

    unexcused: int
    excused: int
    late: int
    total_unexcused: Decimal


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """A censure or a praise."""

    ref: EventRef
    kind: RemarkKind
    subject: str | None
    text: str
    on: date
    is_new: bool


@dataclass(frozen=True, slots=True)
class HealthRow:
    """That a health note exists, and its dates: never what it says."""

    ref: EventRef
    starts_on: date
    ends_on: date
    is_new: bool


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A parents' meeting or a school event that is ahead."""

    ref: EventRef
    kind: SchoolEventKind
    title: str
    place: str
    starts_at: datetime  # aware, Europe/Sofia
    text: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class NewsCounts:
    """How much is new to the subscriber, by kind."""

    grades: int = 0
    absences: int = 0
    censures: int = 0
    praises: int = 0
    health_notes: int = 0
    meetings: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """All that is new to the subscriber."""

    grades: tuple[GradeRow, ...]
    absences: tuple[AbsenceRow, ...]
    remarks: tuple[RemarkRow, ...]
    health: tuple[HealthRow, ...]
    meetings: tuple[MeetingRow, ...]
    benefit: Standing | None = None
    """Unexcused hours of this month, where absences are new and the family's child benefit is near its end."""

    @property
    def count(self) -> int:
        """How many items there are in all."""
        return sum(map(len, (self.grades, self.absences, self.remarks, self.health, self.meetings)))

    @property
    def counts(self) -> NewsCounts:
        """How many there are of each kind."""
        return NewsCounts(
            grades=len(self.grades),
            absences=len(self.absences),
            censures=sum(row.kind is RemarkKind.CENSURE for row in self.remarks),
            praises=sum(row.kind is RemarkKind.PRAISE for row in self.remarks),
            health_notes=len(self.health),
            meetings=sum(row.kind is SchoolEventKind.MEETING for row in self.meetings),
            events=sum(row.kind is SchoolEventKind.EVENT for row in self.meetings),
        )
