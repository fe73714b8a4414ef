"""What a subscriber hears about one student: typed rows, newest first, each saying whether it is new to them.

New is what the subscriber has not heard, what was recorded since they follow the student, and what was recorded in the
last 30 days; a meeting that is still ahead stays new for however long ago it was announced. Each function is one
SQL statement.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, EventKind, GradeKind, Mark, RemarkKind, SchoolEventKind
from db.models import Subject
from runtime.localtime import SOFIA, today
from school.classbook.absence_weights import unexcused_hours
from school.hearing import statements
from school.hearing.access import Child
from school.hearing.rows import (
    AbsenceRow,
    AbsenceTotals,
    GradeRow,
    HealthRow,
    MeetingRow,
    News,
    NewsCounts,
    RemarkRow,
    SubjectAverage,
)

__all__ = [
    "AbsenceRow",
    "AbsenceTotals",
    "GradeRow",
    "HealthRow",
    "MeetingRow",
    "News",
    "NewsCounts",
    "RemarkRow",
    "SubjectAverage",
    "absence_totals",
    "absences",
    "averages",
    "grades",
    "health",
    "meetings",
    "news",
    "news_counts",
    "remarks",
    "subjects",
    "totals_of",
]

NEW_FOR = timedelta(days=30)
_ALL = 10_000


def grades(
    session: Session, child: Child, limit: int | None = None, *, now: datetime | None = None
) -> tuple[GradeRow, ...]:
    """This school year's grades, newest first."""
    return tuple(map(_grade, _rows(session, statements.GRADES, child, now, limit)))


def averages(session: Session, child: Child, *, now: datetime | None = None) -> tuple[SubjectAverage, ...]:
    """The current term by subject, in the alphabet's order."""
    by_subject: dict[str, list[GradeRow]] = defaultdict(list)
    for row in _rows(session, statements.GRADES, child, now, None):
        if row.subject is not None and row.term == row.current_term and row.kind is not GradeKind.ANNUAL:
            by_subject[row.subject].append(_grade(row))
    return tuple(_average(subject, tuple(by_subject[subject])) for subject in sorted(by_subject))


def absences(
    session: Session, child: Child, limit: int | None = None, *, now: datetime | None = None
) -> tuple[AbsenceRow, ...]:
    """This school year's absences, newest first."""
    return tuple(
        AbsenceRow(
            ref=EventRef(EventKind.ABSENCE, row.id),
            subject=row.subject,
            kind=row.kind,
            reason=row.reason,
            on=row.on_date,
            lesson=row.lesson,
            is_new=row.is_new,
        )
        for row in _rows(session, statements.ABSENCES, child, now, limit)
    )


def absence_totals(session: Session, child: Child, *, now: datetime | None = None) -> AbsenceTotals:
    """This school year's absences counted."""
    return _totals({row.kind: row.lessons for row in _rows(session, statements.ABSENCE_COUNTS, child, now, None)})


def totals_of(rows: Iterable[AbsenceRow]) -> AbsenceTotals:
    """These absences counted."""
    return _totals(Counter(row.kind for row in rows))


def _totals(lessons: Mapping[AbsenceKind, int]) -> AbsenceTotals:
    unexcused, late = lessons.get(AbsenceKind.UNEXCUSED, 0), lessons.get(AbsenceKind.LATE, 0)
    return AbsenceTotals(
        unexcused=unexcused,
        excused=lessons.get(AbsenceKind.EXCUSED, 0),
        late=late,
        total_unexcused=unexcused_hours(unexcused, late),
    )


def subjects(session: Session, child: Child) -> tuple[str, ...]:
    """All subjects of the child's school, in the alphabet's order."""
    found = session.scalars(select(Subject.name).where(Subject.school_id == child.school_id).order_by(Subject.name))
    return tuple(found)


def remarks(
    session: Session, child: Child, limit: int | None = None, *, now: datetime | None = None
) -> tuple[RemarkRow, ...]:
    """This school year's remarks and praises, newest first."""
    return tuple(
        RemarkRow(
            ref=EventRef(EventKind.REMARK, row.id),
            kind=row.kind,
            subject=row.subject,
            text=row.text,
            on=row.on_date,
            is_new=row.is_new,
        )
        for row in _rows(session, statements.REMARKS, child, now, limit)
    )


def health(
    session: Session, child: Child, limit: int | None = None, *, now: datetime | None = None
) -> tuple[HealthRow, ...]:
    """This school year's health notes, the latest first."""
    return tuple(
        HealthRow(EventRef(EventKind.HEALTH, row.id), row.starts_on, row.ends_on, row.is_new)
        for row in _rows(session, statements.HEALTH, child, now, limit)
    )


def meetings(session: Session, child: Child, now: datetime, limit: int | None = None) -> tuple[MeetingRow, ...]:
    """Meetings and events ahead of `now`, the soonest first."""
    return tuple(
        MeetingRow(
            ref=EventRef(EventKind(row.kind), row.id),
            kind=row.kind,
            title=row.title,
            place=row.place,
            starts_at=row.starts_at.astimezone(SOFIA),
            text=row.text,
            is_new=row.is_new,
        )
        for row in _rows(session, statements.MEETINGS, child, now, limit)
    )


def news(session: Session, child: Child, now: datetime) -> News:
    """All that is new to the subscriber: the newest first, meetings the soonest first."""
    found: dict[EventKind, list[Row[Any]]] = defaultdict(list)
    for row in _rows(session, statements.NEWS, child, now, None):
        found[EventKind(row.event)].append(row)
    return News(
        grades=tuple(map(_new_grade, _newest_first(found[EventKind.GRADE]))),
        absences=tuple(map(_new_absence, _newest_first(found[EventKind.ABSENCE]))),
        remarks=tuple(map(_new_remark, _newest_first(found[EventKind.REMARK]))),
        health=tuple(
            HealthRow(EventRef(EventKind.HEALTH, row.id), row.on, row.until, is_new=True)
            for row in _newest_first(found[EventKind.HEALTH])
        ),
        meetings=tuple(
            map(
                _new_meeting,
                sorted(found[EventKind.MEETING] + found[EventKind.EVENT], key=lambda row: (row.at, row.id)),
            )
        ),
    )


def news_counts(session: Session, child: Child, now: datetime) -> NewsCounts:
    """How much `news` holds, without fetching it."""
    counts: dict[tuple[str, str | None], int] = {
        (row.event, row.what): row.how_many for row in _rows(session, statements.NEWS_COUNTS, child, now, None)
    }

    def of(event: str) -> int:
        return sum(count for (counted, _), count in counts.items() if counted == event)

    return NewsCounts(
        grades=of(EventKind.GRADE),
        absences=of(EventKind.ABSENCE),
        censures=counts.get((EventKind.REMARK, RemarkKind.CENSURE), 0),
        praises=counts.get((EventKind.REMARK, RemarkKind.PRAISE), 0),
        health_notes=of(EventKind.HEALTH),
        meetings=of(SchoolEventKind.MEETING),
        events=of(SchoolEventKind.EVENT),
    )


def _rows(
    session: Session,
    statement: Any,
    child: Child,
    now: datetime | None,
    limit: int | None,
) -> Sequence[Row[Any]]:
    now = now or datetime.now(UTC)
    found = session.connection().execute(
        statement,
        {
            "school": child.school_id,
            "student": child.student_id,
            "subscriber": child.subscriber_id,
            "following": child.following_since,
            "since": max(child.following_since, now - NEW_FOR),
            "today": today(now),
            "now": now,
            "limit": _ALL if limit is None else limit,
        },
    )
    rows: Sequence[Row[Any]] = found.all()
    return rows


def _grade(row: Row[Any]) -> GradeRow:
    return GradeRow(
        ref=EventRef(EventKind.GRADE, row.id),
        subject=row.subject,
        kind=row.kind,
        value=row.value,
        mark=row.mark,
        on=row.on_date,
        term=row.term,
        is_new=row.is_new,
    )


def _average(subject: str, rows: tuple[GradeRow, ...]) -> SubjectAverage:
    """The forecast is the whole grade whose word the mean has: 2 below 3.00, from there the nearest (3.50 makes 4)."""
    counted = [row for row in rows if not row.kind.closes]
    values = [row.value for row in counted if row.value is not None]
    average = forecast = None
    if values:
        average = (sum(values, Decimal()) / len(values)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        forecast = 2 if average < 3 else int(average.quantize(Decimal(1), ROUND_HALF_UP))
    term_grade = next((row.value for row in rows if row.kind is GradeKind.TERM), None)
    return SubjectAverage(subject, len(counted), average, forecast, term_grade, rows)


def _newest_first(rows: list[Row[Any]]) -> list[Row[Any]]:
    return sorted(rows, key=lambda row: (row.on, row.id), reverse=True)


def _new_grade(row: Row[Any]) -> GradeRow:
    mark = Mark(row.detail) if row.detail else None
    return GradeRow(
        EventRef(EventKind.GRADE, row.id), row.name, GradeKind(row.what), row.value, mark, row.on, row.number, True
    )


def _new_absence(row: Row[Any]) -> AbsenceRow:
    reason = AbsenceReason(row.detail) if row.detail else None
    return AbsenceRow(
        EventRef(EventKind.ABSENCE, row.id), row.name, AbsenceKind(row.what), reason, row.on, row.number, True
    )


def _new_remark(row: Row[Any]) -> RemarkRow:
    return RemarkRow(EventRef(EventKind.REMARK, row.id), RemarkKind(row.what), row.name, row.text, row.on, True)


def _new_meeting(row: Row[Any]) -> MeetingRow:
    kind = SchoolEventKind(row.event)
    starts_at = row.at.astimezone(SOFIA)
    return MeetingRow(EventRef(EventKind(kind), row.id), kind, row.name, row.detail, starts_at, row.text, True)
