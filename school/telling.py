"""When and how a school's parents are told: its settings of it, and whom an event is about to be told to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import Channel, NotificationState
from db.models import Notification, School
from errors import InputError
from school import audit
from school.events import EventRef

LONGEST_DELAY = 1440
"""Minutes; a day."""


@dataclass(frozen=True, slots=True)
class Habits:
    """A school's settings. Hours are of the day, Sofia time, from the one up to, not including, the other."""

    institution_code: str
    name: str
    delay_minutes: int
    from_hour: int
    until_hour: int
    latin: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """How many subscribers are about to be told of an event on a channel, and when the first of them."""

    channel: Channel
    followers: int
    first_due_at: datetime


def habits(session: Session) -> tuple[Habits, ...]:
    """Of every school, by name."""
    return tuple(_habits(school) for school in session.scalars(select(School).order_by(School.name, School.id)))


def change_habits(
    session: Session,
    institution_code: str | None,
    now: datetime,
    *,
    delay_minutes: int | None = None,
    hours: tuple[int, int] | None = None,
    latin: bool | None = None,
    by: int | None = None,
) -> Habits:
    """Change what is not None, for what is recorded from now on.

    `institution_code` None: the only school there is. Raises InputError for an unknown school, a delay beyond a day, or
    hours that are not two rising ones within 0..24.
    """
    school = _school(session, institution_code)
    before = _habits(school)
    if delay_minutes is not None:
        if not 0 <= delay_minutes <= LONGEST_DELAY:
            raise InputError(f"A delay of {delay_minutes} minutes is not possible: give 0 to {LONGEST_DELAY}.")
        school.notify_delay_minutes = delay_minutes
    if hours is not None:
        if not 0 <= hours[0] < hours[1] <= 24:
            raise InputError("Messages cannot be allowed at these hours: give two rising ones within 0-24, as 8-20.")
        school.from_hour, school.until_hour = hours
    if latin is not None:
        school.latin_sms = latin
    after = _habits(school)
    if after != before:
        changed = {
            name: getattr(after, name)
            for name in ("delay_minutes", "from_hour", "until_hour", "latin")
            if getattr(after, name) != getattr(before, name)
        }
        audit.write(session, "school.telling_changed", "school", school.id, now, school_id=school.id, by=by, **changed)
    return after


def about_to_be_told(session: Session, ref: EventRef) -> tuple[Telling, ...]:
    """Who is still to hear of an event, channel by channel; empty: nobody follows, or all know already."""
    rows = session.execute(
        select(Notification.channel, func.count(), func.min(Notification.due_at))
        .where(
            Notification.kind == ref.kind,
            Notification.event_id == ref.id,
            Notification.state == NotificationState.PENDING,
        )
        .group_by(Notification.channel)
        .order_by(Notification.channel)
    )
    return tuple(Telling(channel, followers, first_due_at) for channel, followers, first_due_at in rows)


def _school(session: Session, institution_code: str | None) -> School:
    wanted = select(School).order_by(School.id).limit(2).with_for_update()
    if institution_code is not None:
        wanted = wanted.where(School.institution_code == institution_code)
    found = session.scalars(wanted).all()
    if not found:
        raise InputError("There is no such school: `eschool school show` lists them with their codes.")
    if len(found) > 1:
        raise InputError("There are several schools: choose one with --school and its code.")
    return found[0]


def _habits(school: School) -> Habits:
    return Habits(
        school.institution_code,
        school.name,
        school.notify_delay_minutes,
        school.from_hour,
        school.until_hour,
        school.latin_sms,
    )
