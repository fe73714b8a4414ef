"""What a dialogue asks the school; `agi.answers` answers each from the database in one short session."""

from dataclasses import dataclass
from datetime import timedelta

from school.access import Child


@dataclass(frozen=True)
class WhoIsCalling:
    """-> Caller."""


@dataclass(frozen=True)
class Caller:
    """The children the calling number follows, and how long it is locked out yet (None: it is not)."""

    children: tuple[Child, ...]
    locked_for: timedelta | None


@dataclass(frozen=True)
class NotAdmitted:
    """Code and PIN open nothing; how long the caller is locked out, counted from this answer (None: not at all)."""

    locked_for: timedelta | None


@dataclass(frozen=True)
class AdmitByCode:
    """-> school.access.Admitted | NotAdmitted. The digits as typed; `repr` must not show them."""

    student_code: str
    pin: str

    def __repr__(self) -> str:
        return "AdmitByCode(...)"


@dataclass(frozen=True)
class AdmitToChild:
    """-> school.access.Admitted | NotAdmitted, by the PIN of this subscription."""

    child: Child
    pin: str

    def __repr__(self) -> str:
        return f"AdmitToChild({self.child.subscription_id}, ...)"


@dataclass(frozen=True)
class WhatIsNew:
    """-> school.records.News."""

    child: Child


@dataclass(frozen=True)
class LatestGrades:
    """-> tuple[GradeRow, ...], all of this school year, newest first."""

    child: Child


@dataclass(frozen=True)
class GradesBySubject:
    """-> tuple[SubjectAverage, ...]."""

    child: Child


@dataclass(frozen=True)
class LatestAbsences:
    """-> tuple[AbsenceTotals, tuple[AbsenceRow, ...]]."""

    child: Child


@dataclass(frozen=True)
class LatestRemarks:
    """-> tuple[RemarkRow, ...]."""

    child: Child


@dataclass(frozen=True)
class HealthNotes:
    """-> tuple[HealthRow, ...]."""

    child: Child


@dataclass(frozen=True)
class MeetingsAhead:
    """-> tuple[MeetingRow, ...], the soonest first."""

    child: Child


@dataclass(frozen=True)
class SwitchSms:
    """-> None."""

    child: Child
    enabled: bool


@dataclass(frozen=True)
class ChangePin:
    """-> bool: whether the new PIN was accepted (a too simple one is not)."""

    child: Child
    pin: str

    def __repr__(self) -> str:
        return f"ChangePin({self.child.subscription_id}, ...)"
