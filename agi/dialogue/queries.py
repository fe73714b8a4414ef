"""What a dialogue asks the school; `agi.query_service` answers each from the database in one short session."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from db.kinds import AbsenceReason, MeetingAnswer
from school.attendance.notices import Earlier
from school.billing.standing import Standing as Bill
from school.classbook.benefit import Standing
from school.hearing.access import Child
from school.hearing.records import AbsenceRow, AbsenceTotals
from school.recordings.passes import Desk


@dataclass(frozen=True)
class WhoIsCalling:
    """-> Caller."""


@dataclass(frozen=True)
class Caller:
    """The children the calling number follows, and how long it is locked out yet (None: it is not)."""

    children: tuple[Child, ...]
    locked_for: timedelta | None
    parents_pay: bool = False


@dataclass(frozen=True)
class NotAdmitted:
    """Code and PIN open nothing; how long the caller is locked out, counted from this answer (None: not at all)."""

    locked_for: timedelta | None


@dataclass(frozen=True)
class AdmitByCode:
    """-> school.hearing.access.Admitted | NotAdmitted. The digits as typed; `repr` must not show them."""

    student_code: str
    pin: str

    def __repr__(self) -> str:
        return "AdmitByCode(...)"


@dataclass(frozen=True)
class AdmitToChild:
    """-> school.hearing.access.Admitted | NotAdmitted, by the PIN of this subscription."""

    child: Child
    pin: str

    def __repr__(self) -> str:
        return f"AdmitToChild({self.child.subscription_id}, ...)"


@dataclass(frozen=True)
class HowMuchIsNew:
    """-> school.hearing.records.NewsCounts."""

    child: Child


@dataclass(frozen=True)
class HearBill:
    """-> BillTold, of the calling number."""


@dataclass(frozen=True)
class BillTold:
    """How the bill stands (None: the number pays for nobody), and the number that parents text."""

    standing: Bill | None
    short_code: str


@dataclass(frozen=True)
class WhatIsNew:
    """-> school.hearing.records.News."""

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
    """-> AbsencesTold."""

    child: Child


class AbsencesTold(NamedTuple):
    """What there is of absences. `month`: unexcused hours of this month; `notices`: what the caller excused lately."""

    totals: AbsenceTotals
    rows: tuple[AbsenceRow, ...]
    month: Standing | None = None
    notices: tuple[Earlier, ...] = ()


@dataclass(frozen=True)
class DayAtSchool:
    """-> school.attendance.today.Today."""

    child: Child


@dataclass(frozen=True)
class GiveNotice:
    """-> school.attendance.given.Given."""

    child: Child
    starts_on: date
    ends_on: date
    ground: AbsenceReason


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
class WantTextOnly:
    """-> bool: False when this number gets no SMS, so that nothing was changed. Calls again: always True."""

    child: Child
    wanted: bool


@dataclass(frozen=True)
class WantSlowSpeech:
    """-> None. The rest of the call is spoken so too."""

    child: Child
    wanted: bool


@dataclass(frozen=True)
class ChangePin:
    """-> bool: whether the new PIN was accepted (a too simple one is not)."""

    child: Child
    pin: str

    def __repr__(self) -> str:
        return f"ChangePin({self.child.subscription_id}, ...)"


@dataclass(frozen=True)
class PersonAnswered:
    """-> None. A key proved that a person took our call."""

    channel_id: str


@dataclass(frozen=True)
class SoundsLikeMachine:
    """-> bool: whether who took our call talks on and on."""

    channel_id: str


@dataclass(frozen=True)
class NoteAnswer:
    """-> None. The family comes, or does not."""

    channel_id: str
    family_id: int
    answer: MeetingAnswer


@dataclass(frozen=True)
class OptOut:
    """-> None. This telephone wants no campaigns of the school any more."""

    channel_id: str
    school_id: int
    phone: str

    def __repr__(self) -> str:
        return f"OptOut({self.school_id}, ...)"


@dataclass(frozen=True)
class OpenDesk:
    """-> school.recordings.passes.Desk | NotAdmitted. The digits as typed; `repr` must not show them."""

    digits: str

    def __repr__(self) -> str:
        return "OpenDesk(...)"


@dataclass(frozen=True)
class NextLine:
    """-> prompts.recording.script.Line | None: the first line beyond number `after` that is not recorded."""

    desk: Desk
    after: int


@dataclass(frozen=True)
class CheckTake:
    """-> str | None: the take as callers would hear it (a file without extension); None: nothing is heard in it."""

    path: str


@dataclass(frozen=True)
class KeepTake:
    """-> None. The take in the file becomes the recording of the line."""

    desk: Desk
    name: str
    path: str
