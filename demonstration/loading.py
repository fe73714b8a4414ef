"""Loading the demonstration school, once, into a database that holds no other school."""

from datetime import UTC, datetime, time

from sqlalchemy import select, text
from sqlalchemy.orm import Session

import logs
from db.models import Audit, School
from db.session import open_database
from demonstration import billing
from demonstration import plan as data
from demonstration.rows.event import anything_ahead, mark_as_heard, write_announcements, write_events
from demonstration.rows.people import write_people
from demonstration.rows.school import Ids, read_ids, write_school
from demonstration.rows.teaching import write_phrases, write_timetables
from errors import InputError
from runtime.localtime import SOFIA
from school import audit
from school.outbox.hours import ALWAYS
from school.setup.telling import change_telling
from school.students import lookup
from school.years import calendar
from settings import Settings

log = logs.get(__name__)

LOADED, REFRESHED = "demonstration.loaded", "demonstration.refreshed"


def load(session: Session, now: datetime, *, refresh: bool = False) -> bool:
    """Load the demonstration school as it is at `now`; True: it was not there before.

    One that is there stays as it is, except that meetings are announced anew when none is ahead any more. `refresh`
    also adds what happened since it was loaded or refreshed last. Raises InputError when the database holds another
    school, or when a refresh comes in a later school year.
    """
    _wait_for_others(session)
    ids = read_ids(session)
    if session.scalar(select(School.id).where(School.institution_code != data.words.INSTITUTION_CODE).limit(1)):
        raise InputError(
            "This database holds another school: give the demonstration a database of its own (ESCHOOL_DATABASE_URL)."
        )
    if ids is None:
        _load_new(session, now)
        return True
    if refresh:
        _refresh(session, ids, now)
    if not anything_ahead(session, ids, now):
        write_announcements(session, ids, calendar.today(now), now)
    return False


def load_into_empty(settings: Settings) -> bool:
    """Load the demonstration into the configured, migrated database unless it holds a school; True: loaded.

    A demonstration that is there gets meetings ahead; another school is left alone. A new one tells parents at any
    hour, so that it can be tried at any. Its parents pay nothing, now or after any month that passes.
    """
    database = open_database(settings)
    try:
        with database.session() as session:
            other = select(School.id).where(School.institution_code != data.words.INSTITUTION_CODE).limit(1)
            if session.scalar(other) is not None:
                return False
            now = datetime.now(UTC)
            loaded = load(session, now)
            billing.free_all(session, now)
            if loaded:
                school_id = lookup.school_with(session, data.words.INSTITUTION_CODE)
                change_telling(session, school_id, now, from_hour=ALWAYS[0], until_hour=ALWAYS[1])
            return loaded
    finally:
        database.dispose()


def _load_new(session: Session, now: datetime) -> None:
    today = calendar.today(now)
    year = data.year_shown(today)
    people = data.people(year.start)
    write_school(session, year, people.staff, now)
    ids = read_ids(session)
    assert ids is not None
    following_since = datetime.combine(year.starts_on, time(9), SOFIA).astimezone(UTC)
    write_people(session, ids, people, year.starts_on, following_since, now)
    book = data.yearbook(year, people.students)
    write_timetables(session, ids, book, year, now)
    write_phrases(session, ids)
    write_events(session, ids, people, book, None, now)
    mark_as_heard(session, ids, now)
    write_announcements(session, ids, today, now)
    audit.write(session, LOADED, "school", ids.school, now, school_id=ids.school)
    log.info("demonstration.loaded", school=ids.school)


def _refresh(session: Session, ids: Ids, now: datetime) -> None:
    year = data.year_shown(calendar.today(now))
    if year.start != ids.year_start:
        raise InputError(
            f"The demonstration shows the school year {ids.year_start}/{ids.year_start + 1}, which is over: "
            "load it into a new database."
        )
    last = session.scalars(
        select(Audit.at)
        .where(Audit.school_id == ids.school, Audit.action.in_((LOADED, REFRESHED)))
        .order_by(Audit.id.desc())
        .limit(1)
    ).one()
    people = data.people(year.start)
    write_events(session, ids, people, data.yearbook(year, people.students), last, now)
    audit.write(session, REFRESHED, "school", ids.school, now, school_id=ids.school)


def _wait_for_others(session: Session) -> None:
    """Let one process load at a time: SQLite's BEGIN IMMEDIATE does already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE school IN SHARE ROW EXCLUSIVE MODE"))
