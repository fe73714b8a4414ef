"""Rows of a small made-up school, as the school's records return them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, EventKind, GradeKind, RemarkKind, SchoolEventKind
from runtime.localtime import SOFIA
from school.attendance.given import Given, Outcome
from school.attendance.today import Stretch, Today
from school.classbook.excuse_limits import parents_limits
from school.hearing.access import Child
from school.hearing.records import (
    AbsenceRow,
    AbsenceTotals,
    GradeRow,
    HealthRow,
    MeetingRow,
    News,
    RemarkRow,
    SubjectAverage,
)

NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)

MARIA = Child(1, 1, 11, 1, "Мария", "8а", False, True, datetime(2026, 9, 15, tzinfo=UTC))
SLOW_MARIA = replace(MARIA, slow_speech=True)
IVAN = Child(2, 1, 12, 1, "Иван", "11б", False, True, datetime(2026, 9, 15, tzinfo=UTC))
GUARDED = Child(3, 1, 13, 1, "Петър", "5в", True, True, datetime(2026, 9, 15, tzinfo=UTC))

GRADES = (
    GradeRow(
        EventRef(EventKind.GRADE, 3),
        "Математика",
        GradeKind.CONTROL_WORK,
        Decimal(6),
        None,
        date(2026, 11, 23),
        1,
        True,
    ),
    GradeRow(
        EventRef(EventKind.GRADE, 2), "История", GradeKind.ORAL, Decimal("3.50"), None, date(2026, 11, 20), 1, False
    ),
    GradeRow(
        EventRef(EventKind.GRADE, 1), "Математика", GradeKind.CURRENT, Decimal(2), None, date(2026, 10, 5), 1, False
    ),
)
AVERAGES = (SubjectAverage("Математика", 2, Decimal("4.00"), 4, None, (GRADES[0], GRADES[2])),)
ABSENCES = (
    AbsenceRow(EventRef(EventKind.ABSENCE, 1), "История", AbsenceKind.UNEXCUSED, None, date(2026, 11, 20), 3, True),
    AbsenceRow(
        EventRef(EventKind.ABSENCE, 2),
        "Физика",
        AbsenceKind.EXCUSED,
        AbsenceReason.HEALTH,
        date(2026, 11, 2),
        1,
        False,
    ),
)
TOTALS = AbsenceTotals(unexcused=2, excused=21, late=1, total_unexcused=Decimal("2.5"))
REMARKS = (
    RemarkRow(
        EventRef(EventKind.REMARK, 1),
        RemarkKind.PRAISE,
        "Биология",
        "Първо място в олимпиадата",
        date(2026, 11, 22),
        True,
    ),
)
HEALTH = (HealthRow(EventRef(EventKind.HEALTH, 1), date(2026, 11, 16), date(2026, 11, 18), False),)
MEETINGS = (
    MeetingRow(
        EventRef(EventKind.MEETING, 1),
        SchoolEventKind.MEETING,
        "Среща на 8а клас",
        "стая 12",
        datetime(2026, 11, 26, 18, 30, tzinfo=SOFIA),
        "",
        True,
    ),
)
DAY = Today((Stretch(1, 3, True, None), Stretch(4, 4, True, AbsenceKind.LATE), Stretch(5, 6, False, None)))
EXCUSED = Given(
    Outcome.COUNTED, date(2026, 11, 23), date(2026, 11, 23), days_left=14, limits=parents_limits(date(2026, 11, 23))
)
NEWS = News(GRADES[:1], ABSENCES[:1], REMARKS, (), MEETINGS)
NO_NEWS = News((), (), (), (), ())
