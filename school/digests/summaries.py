"""Friday's summary by e-mail, once a week for every subscriber who wants it, even after a quiet week.

What is summarised was recorded in the seven days before Friday's hour. A week without a school day has no summary.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import Channel, EventKind, Language, MessagePurpose, SubscriptionStatus
from db.models import (
    STUDENT_EVENT_TABLES,
    Grade,
    NotificationSwitch,
    SchoolClass,
    SchoolEvent,
    SchoolYear,
    Student,
    Subscriber,
    Subscription,
    Vacation,
)
from db.session import Database
from school import entitlement
from school.digests import wording
from school.digests.totals import absences
from school.digests.wording import ChildWeek
from school.outbox import hours
from school.outbox.enqueue import Letter, enqueue_letters
from school.outbox.event_details import EventDetails, load
from school.wording.lines import line
from school.years import calendar

AT = time(17)
"""Sofia time, on Fridays: the last lesson is over."""
LATE_BY = timedelta(days=2)
"""Until Sunday afternoon a week's summary is still one."""
KEEP = timedelta(days=3)
AHEAD = timedelta(days=14)
AT_ONCE = 200
"""Subscribers in one transaction."""


@dataclass(frozen=True, slots=True)
class _Child:
    """A student as one subscriber follows it."""

    school_id: int
    student_id: int
    given_name: str
    class_id: int | None
    level: int | None
    class_name: str


@dataclass(frozen=True, slots=True)
class _Reader:
    """A subscriber whose turn it is."""

    subscriber_id: int
    email: str
    language: Language


def write(database: Database, now: datetime) -> str:
    """Put the summaries of the last Friday into the outbox; who has got that one is left out."""
    friday = _last_friday(now)
    if now - friday > LATE_BY:
        return "No Friday was lately: nothing to summarise."
    written = 0
    while True:
        with database.session() as session:
            readers = _readers(session, calendar.today(friday))
            if readers:
                written += _write(session, readers, friday, now)
        if len(readers) < AT_ONCE:
            return f"{written} summaries of the week to {calendar.today(friday):%d.%m.%Y}."


def _last_friday(now: datetime) -> datetime:
    day = calendar.today(now)
    while day.isoweekday() != 5 or hours.on_day(day, AT) > now:
        day -= timedelta(days=1)
    return hours.on_day(day, AT)


def _readers(session: Session, friday: date) -> list[_Reader]:
    """Subscribers who want a summary and have not got this one, locked."""
    follows = (
        select(Subscription.id)
        .where(
            Subscription.subscriber_id == Subscriber.id,
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.email_enabled,
            entitlement.is_told(hours.on_day(friday, AT)),
        )
        .exists()
    )
    rows = session.execute(
        select(Subscriber.id, Subscriber.email, Subscriber.language)
        .where(
            Subscriber.email.is_not(None),
            Subscriber.friday_summary,
            or_(Subscriber.summarised_on.is_(None), Subscriber.summarised_on < friday),
            follows,
        )
        .order_by(Subscriber.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Subscriber)
    )
    return [_Reader(row.id, row.email, row.language) for row in rows]


def _write(session: Session, readers: Sequence[_Reader], friday: datetime, now: datetime) -> int:
    """Their letters, and the mark that they have got them, in one transaction. A few statements for all."""
    day = calendar.today(friday)
    ids = [reader.subscriber_id for reader in readers]
    session.execute(
        update(Subscriber)
        .where(Subscriber.id.in_(ids))
        .values(summarised_on=day)
        .execution_options(synchronize_session=False)
    )
    children = _children(session, ids)
    in_school = _schools_in_session(session, {child.school_id for of in children.values() for child in of}, day)
    unwanted = _unwanted(session, ids)
    known = {child.student_id: child for of in children.values() for child in of if child.school_id in in_school}
    week = _week(session, known, friday)
    this_year = (SchoolYear.starts_on <= day) & (SchoolYear.ends_on >= day)
    totals = absences(session, {child.school_id for child in known.values()}, known, this_year)
    ahead = _ahead(session, in_school, now)
    letters: list[Letter] = []
    for reader in readers:
        own = [child for child in children.get(reader.subscriber_id, ()) if child.student_id in known]
        if not own:
            continue
        off = unwanted.get(reader.subscriber_id, frozenset())
        weeks = [
            ChildWeek(
                child.given_name,
                child.class_name,
                tuple(_lines(reader.language, week.get(child.student_id, ()), off)),
                totals.get(child.student_id, (Decimal(0), 0)),
            )
            for child in own
        ]
        coming = _lines(reader.language, (one for one in ahead if any(_concerns(one, child) for child in own)), off)
        text = wording.letter(reader.language, weeks, list(coming), day - timedelta(days=4), day)
        letters.append(Letter(reader.subscriber_id, reader.email, text))
    enqueue_letters(session, letters, MessagePurpose.NOTIFICATION, now, KEEP)
    return len(letters)


def _children(session: Session, subscriber_ids: Collection[int]) -> dict[int, list[_Child]]:
    rows = session.execute(
        select(
            Subscription.subscriber_id,
            Subscription.school_id,
            Subscription.student_id,
            Student.first_name,
            Student.class_id,
            SchoolClass.level,
            SchoolClass.letter,
        )
        .join(Student, Student.id == Subscription.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(
            Subscription.subscriber_id.in_(subscriber_ids),
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.email_enabled,
        )
        .order_by(Student.birth_date, Subscription.id)
    )
    found: dict[int, list[_Child]] = {}
    for row in rows:
        found.setdefault(row.subscriber_id, []).append(
            _Child(row.school_id, row.student_id, row.first_name, row.class_id, row.level, f"{row.level}{row.letter}")
        )
    return found


def _schools_in_session(session: Session, school_ids: Collection[int], friday: date) -> frozenset[int]:
    """Schools that had a school day from Monday to this Friday."""
    days = [friday - timedelta(days=back) for back in range(5)]
    years = session.execute(
        select(SchoolYear.school_id, SchoolYear.starts_on, SchoolYear.ends_on).where(
            SchoolYear.school_id.in_(school_ids), SchoolYear.starts_on <= days[0], SchoolYear.ends_on >= days[-1]
        )
    ).all()
    vacations = session.execute(
        select(Vacation.school_id, Vacation.starts_on, Vacation.ends_on).where(
            Vacation.school_id.in_(school_ids), Vacation.starts_on <= days[0], Vacation.ends_on >= days[-1]
        )
    ).all()
    return frozenset(
        year.school_id
        for year in years
        if any(
            year.starts_on <= day <= year.ends_on
            and not any(one.school_id == year.school_id and one.starts_on <= day <= one.ends_on for one in vacations)
            for day in days
        )
    )


def _unwanted(session: Session, subscriber_ids: Collection[int]) -> dict[int, frozenset[EventKind]]:
    """Kinds that each does not want to be told of by e-mail."""
    rows = session.execute(
        select(NotificationSwitch.subscriber_id, NotificationSwitch.kind).where(
            NotificationSwitch.subscriber_id.in_(subscriber_ids), NotificationSwitch.channel == Channel.EMAIL
        )
    )
    found: dict[int, frozenset[EventKind]] = {}
    for subscriber_id, kind in rows:
        found[subscriber_id] = found.get(subscriber_id, frozenset()) | {kind}
    return found


def _week(session: Session, children: dict[int, _Child], friday: datetime) -> dict[int, list[EventDetails]]:
    """What was recorded of each child in the week, kind by kind, in the order it was recorded."""
    schools = {child.school_id for child in children.values()}
    found: dict[int, list[EventDetails]] = {}
    for kind, model in STUDENT_EVENT_TABLES.items():
        ids = session.scalars(
            select(model.id)
            .where(
                model.school_id.in_(schools),
                model.student_id.in_(children),
                model.recorded_at > friday - timedelta(days=7),
                model.recorded_at <= friday,
                *((model.import_id.is_(None),) if model is Grade else ()),  # taken over from an earlier diary
            )
            .order_by(model.id)
        ).all()
        for happened in load(session, [EventRef(kind, event_id) for event_id in ids]):
            found.setdefault(happened.student_id or 0, []).append(happened)
    return found


def _ahead(session: Session, school_ids: Collection[int], now: datetime) -> list[EventDetails]:
    """Meetings and events of the next two weeks, the soonest first."""
    rows = session.execute(
        select(SchoolEvent.id, SchoolEvent.kind, SchoolEvent.starts_at).where(
            SchoolEvent.school_id.in_(school_ids), SchoolEvent.starts_at > now, SchoolEvent.starts_at <= now + AHEAD
        )
    ).all()
    order = {row.id: row.starts_at for row in rows}
    found = load(session, [EventRef(EventKind(row.kind.value), row.id) for row in rows])
    return sorted(found, key=lambda one: (order[one.ref.id], one.ref.id))


def _concerns(happened: EventDetails, child: _Child) -> bool:
    if happened.school_id != child.school_id:
        return False
    if happened.class_id is not None:
        return happened.class_id == child.class_id
    return happened.level is None or happened.level == child.level


def _lines(language: Language, events: Iterable[EventDetails], off: frozenset[EventKind]) -> Iterable[str]:
    for one in events:
        if one.ref.kind not in off:
            yield line(one.happening, language=language, channel=Channel.EMAIL)
