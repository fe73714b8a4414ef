"""The SQL of `school.hearing.records`, built once, so that a call only has to run it.

Parameters: `school`, `student`, `subscriber`, `following` (since when), `since` (what was recorded before is not new),
`today`, `now`, `limit`.
Every statement begins at an index of the student's school.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from db.columns import Hundredths, TZDateTime
from db.kinds import EventKind
from db.models import (
    Absence,
    Grade,
    HealthNote,
    HeardEvent,
    Remark,
    SchoolClass,
    SchoolEvent,
    SchoolYear,
    Student,
    Subject,
    Term,
)

Rows = Select[*tuple[Any, ...]]

_SCHOOL = bindparam("school", type_=Integer())
_STUDENT = bindparam("student", type_=Integer())
_SUBSCRIBER = bindparam("subscriber", type_=Integer())
_SINCE = bindparam("since", type_=TZDateTime())
_FOLLOWING = bindparam("following", type_=TZDateTime())
_TODAY = bindparam("today", type_=Date())
_NOW = bindparam("now", type_=TZDateTime())
_LIMIT = bindparam("limit", type_=Integer())

_CURRENT_YEAR: ScalarSelect[int] = (
    select(SchoolYear.id)
    .where(SchoolYear.school_id == _SCHOOL, SchoolYear.starts_on <= _TODAY)
    .order_by(SchoolYear.starts_on.desc())
    .limit(1)
    .scalar_subquery()
)
_CURRENT_TERM: ScalarSelect[int] = (
    select(Term.number)
    .where(Term.school_year_id == _CURRENT_YEAR, Term.starts_on <= _TODAY)
    .order_by(Term.number.desc())
    .limit(1)
    .scalar_subquery()
)
_CLASS: ScalarSelect[int | None] = select(Student.class_id).where(Student.id == _STUDENT).scalar_subquery()


def _heard(kind: ColumnElement[EventKind], event_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return and_(HeardEvent.subscriber_id == _SUBSCRIBER, HeardEvent.kind == kind, HeardEvent.event_id == event_id)


def _event(kind: EventKind) -> ColumnElement[EventKind]:
    return literal(kind, HeardEvent.kind.type)


def _student(model: type[Grade] | type[Absence] | type[Remark] | type[HealthNote]) -> ColumnElement[bool]:
    return and_(model.school_id == _SCHOOL, model.student_id == _STUDENT)


_EVENT_OF_MEETING: ColumnElement[EventKind] = type_coerce(SchoolEvent.kind, HeardEvent.kind.type)
_UNHEARD_GRADE = and_(HeardEvent.event_id.is_(None), Grade.recorded_at >= _SINCE, Grade.import_id.is_(None))
_UNHEARD_ABSENCE = and_(HeardEvent.event_id.is_(None), Absence.recorded_at >= _SINCE)
_UNHEARD_REMARK = and_(HeardEvent.event_id.is_(None), Remark.recorded_at >= _SINCE)
_UNHEARD_HEALTH = and_(HeardEvent.event_id.is_(None), HealthNote.recorded_at >= _SINCE)
_UNHEARD_MEETING = and_(HeardEvent.event_id.is_(None), SchoolEvent.recorded_at >= _FOLLOWING)
_LEVEL: ScalarSelect[int] = select(SchoolClass.level).where(SchoolClass.id == _CLASS).scalar_subquery()

_AHEAD = and_(
    SchoolEvent.school_id == _SCHOOL,
    SchoolEvent.starts_at > _NOW,
    or_(SchoolEvent.class_id.is_(None), SchoolEvent.class_id == _CLASS),
    or_(SchoolEvent.level.is_(None), SchoolEvent.level == _LEVEL),
)

GRADES: Rows = (
    select(
        Grade.id,
        Subject.name.label("subject"),
        Grade.kind,
        Grade.value,
        Grade.mark,
        Grade.on_date,
        Grade.term,
        _UNHEARD_GRADE.label("is_new"),
        _CURRENT_TERM.label("current_term"),
    )
    .join_from(Grade, Subject, Subject.id == Grade.subject_id, isouter=True)
    .outerjoin(HeardEvent, _heard(_event(EventKind.GRADE), Grade.id))
    .where(_student(Grade), Grade.school_year_id == _CURRENT_YEAR)
    .order_by(Grade.on_date.desc(), Grade.id.desc())
    .limit(_LIMIT)
)
ABSENCES: Rows = (
    select(
        Absence.id,
        Subject.name.label("subject"),
        Absence.kind,
        Absence.reason,
        Absence.on_date,
        Absence.lesson,
        _UNHEARD_ABSENCE.label("is_new"),
    )
    .join_from(Absence, Subject, Subject.id == Absence.subject_id)
    .outerjoin(HeardEvent, _heard(_event(EventKind.ABSENCE), Absence.id))
    .where(_student(Absence), Absence.school_year_id == _CURRENT_YEAR)
    .order_by(Absence.on_date.desc(), Absence.lesson.desc())
    .limit(_LIMIT)
)
ABSENCE_COUNTS: Rows = (
    select(Absence.kind, func.count().label("lessons"))
    .where(_student(Absence), Absence.school_year_id == _CURRENT_YEAR)
    .group_by(Absence.kind)
)
REMARKS: Rows = (
    select(
        Remark.id,
        Remark.kind,
        Subject.name.label("subject"),
        Remark.text,
        Remark.on_date,
        _UNHEARD_REMARK.label("is_new"),
    )
    .join_from(Remark, Subject, Subject.id == Remark.subject_id, isouter=True)
    .outerjoin(HeardEvent, _heard(_event(EventKind.REMARK), Remark.id))
    .where(_student(Remark), Remark.school_year_id == _CURRENT_YEAR)
    .order_by(Remark.on_date.desc(), Remark.id.desc())
    .limit(_LIMIT)
)
HEALTH: Rows = (
    select(HealthNote.id, HealthNote.starts_on, HealthNote.ends_on, _UNHEARD_HEALTH.label("is_new"))
    .join_from(HealthNote, HeardEvent, _heard(_event(EventKind.HEALTH), HealthNote.id), isouter=True)
    .where(_student(HealthNote), HealthNote.school_year_id == _CURRENT_YEAR)
    .order_by(HealthNote.starts_on.desc(), HealthNote.id.desc())
    .limit(_LIMIT)
)
MEETINGS: Rows = (
    select(
        SchoolEvent.id,
        SchoolEvent.kind,
        SchoolEvent.title,
        SchoolEvent.place,
        SchoolEvent.starts_at,
        SchoolEvent.text,
        _UNHEARD_MEETING.label("is_new"),
    )
    .join_from(SchoolEvent, HeardEvent, _heard(_EVENT_OF_MEETING, SchoolEvent.id), isouter=True)
    .where(_AHEAD)
    .order_by(SchoolEvent.starts_at, SchoolEvent.id)
    .limit(_LIMIT)
)


def _column(name: str, value: Any, type_: Any) -> ColumnElement[Any]:
    """One column of NEWS; a typed NULL where an event has no such thing (PostgreSQL wants its type)."""
    return (cast(null(), type_) if value is None else type_coerce(value, type_)).label(name)


def _news_of(
    event: Any,
    model: Any,
    *,
    name: Any = None,
    what: Any = None,
    value: Any = None,
    detail: Any = None,
    on: Any = None,
    until: Any = None,
    number: Any = None,
    at: Any = None,
    text: Any = None,
) -> Rows:
    """The columns in which all kinds of events stand side by side."""
    return select(
        _column("event", event, String()),
        _column("id", model.id, Integer()),
        _column("name", name, String()),
        _column("what", what, String()),
        _column("value", value, Hundredths()),
        _column("detail", detail, String()),
        _column("on", on, Date()),
        _column("until", until, Date()),
        _column("number", number, Integer()),
        _column("at", at, TZDateTime()),
        _column("text", text, String()),
    )


NEWS: Any = union_all(
    _news_of(
        literal("grade"),
        Grade,
        name=Subject.name,
        what=Grade.kind,
        value=Grade.value,
        detail=Grade.mark,
        on=Grade.on_date,
        number=Grade.term,
    )
    .join_from(Grade, Subject, Subject.id == Grade.subject_id, isouter=True)
    .outerjoin(HeardEvent, _heard(_event(EventKind.GRADE), Grade.id))
    .where(_student(Grade), _UNHEARD_GRADE),
    _news_of(
        literal("absence"),
        Absence,
        name=Subject.name,
        what=Absence.kind,
        detail=Absence.reason,
        on=Absence.on_date,
        number=Absence.lesson,
    )
    .join_from(Absence, Subject, Subject.id == Absence.subject_id)
    .outerjoin(HeardEvent, _heard(_event(EventKind.ABSENCE), Absence.id))
    .where(_student(Absence), _UNHEARD_ABSENCE),
    _news_of(literal("remark"), Remark, name=Subject.name, what=Remark.kind, on=Remark.on_date, text=Remark.text)
    .join_from(Remark, Subject, Subject.id == Remark.subject_id, isouter=True)
    .outerjoin(HeardEvent, _heard(_event(EventKind.REMARK), Remark.id))
    .where(_student(Remark), _UNHEARD_REMARK),
    _news_of(literal("health"), HealthNote, on=HealthNote.starts_on, until=HealthNote.ends_on)
    .join_from(HealthNote, HeardEvent, _heard(_event(EventKind.HEALTH), HealthNote.id), isouter=True)
    .where(_student(HealthNote), _UNHEARD_HEALTH),
    _news_of(
        SchoolEvent.kind,
        SchoolEvent,
        name=SchoolEvent.title,
        detail=SchoolEvent.place,
        at=SchoolEvent.starts_at,
        text=SchoolEvent.text,
    )
    .join_from(SchoolEvent, HeardEvent, _heard(_EVENT_OF_MEETING, SchoolEvent.id), isouter=True)
    .where(
        _AHEAD, HeardEvent.event_id.is_(None), SchoolEvent.recorded_at >= bindparam("following", type_=TZDateTime())
    ),
)

_NEWS = NEWS.subquery()
NEWS_COUNTS: Any = select(_NEWS.c.event, _NEWS.c.what, func.count().label("how_many")).group_by(
    _NEWS.c.event, _NEWS.c.what
)
