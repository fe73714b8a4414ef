"""How a school tells and recognises its parents: one rule for the page, the command and the demonstration."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import School
from errors import InputError
from school import audit
from school.staff.leaders import check_leads

LONGEST_DELAY = 1440
"""Minutes; a day."""
LONGEST_GREETING = 200
"""Characters."""
LONGEST_VOICE_MESSAGES = 400
"""Days."""


@dataclass(frozen=True, slots=True)
class TellingSettings:
    """`delay_minutes`: how long an entry waits, so that it can be corrected, 0 to LONGEST_DELAY.

    SMS and calls may come from `from_hour` up to, not including, `until_hour`: hours of the day, Sofia time, 0 to 24.
    `pin_always`: a known telephone is asked for its PIN too. `latin_sms`: SMS in Latin letters. `new_email_waits`,
    `new_sms_waits`: an address or number that is no guardian's waits for the class teacher before it follows.
    `greeting`: what known callers hear after the telephone's own greeting, up to LONGEST_GREETING characters; empty:
    nothing. `voice_message_days`: how long parents' messages to class teachers are kept; 0: none are taken.
    `today_from_hour`: from which hour (Sofia time) who asks is told what was entered of the day, 0 to 23.
    """

    delay_minutes: int
    from_hour: int
    until_hour: int
    pin_always: bool
    latin_sms: bool
    new_email_waits: bool = True
    new_sms_waits: bool = False
    greeting: str = ""
    voice_message_days: int = 30
    today_from_hour: int = 9


_COLUMNS = {"delay_minutes": "notify_delay_minutes"}
"""Where the table has another name."""


def telling_settings(session: Session, school_id: int) -> TellingSettings:
    """What the school chose."""
    return _settings(session.get_one(School, school_id))


def telling_of_schools(session: Session) -> Mapping[int, TellingSettings]:
    """What every school chose, by its id: one statement."""
    return {school.id: _settings(school) for school in session.scalars(select(School))}


def change_telling(
    session: Session,
    school_id: int,
    now: datetime,
    *,
    delay_minutes: int | None = None,
    from_hour: int | None = None,
    until_hour: int | None = None,
    pin_always: bool | None = None,
    latin_sms: bool | None = None,
    new_email_waits: bool | None = None,
    new_sms_waits: bool | None = None,
    greeting: str | None = None,
    voice_message_days: int | None = None,
    today_from_hour: int | None = None,
    by: int | None = None,
) -> TellingSettings:
    """Change what is not None, for what is recorded from now on; gives all settings as they are then.

    `by`: a leader of the school; None: the platform's operator at the command line, or the product. The audit row has
    [old, new] for each setting that changed; without a change there is none. Raises InputError for a delay beyond a
    day, hours that are not two rising ones, too long a greeting or time of keeping, ForbiddenError unless
    `by` leads the school.
    """
    if by is not None:
        check_leads(session, school_id, by)
    school = session.get_one(School, school_id, with_for_update=True)
    before = _settings(school)
    asked: dict[str, Any] = {
        "delay_minutes": delay_minutes,
        "from_hour": from_hour,
        "until_hour": until_hour,
        "pin_always": pin_always,
        "latin_sms": latin_sms,
        "new_email_waits": new_email_waits,
        "new_sms_waits": new_sms_waits,
        "today_from_hour": today_from_hour,
        "greeting": None if greeting is None else " ".join(greeting.split()),
        "voice_message_days": voice_message_days,
    }
    wanted = replace(before, **{name: value for name, value in asked.items() if value is not None})
    _check(wanted)
    old, new = asdict(before), asdict(wanted)
    changed: dict[str, Any] = {name: [old[name], new[name]] for name in new if new[name] != old[name]}
    for name in changed:
        setattr(school, _COLUMNS.get(name, name), None if new[name] == "" else new[name])
    if changed:
        audit.write(session, "school.telling_changed", "school", school_id, now, school_id=school_id, by=by, **changed)
    return wanted


def _check(wanted: TellingSettings) -> None:
    if not 0 <= wanted.delay_minutes <= LONGEST_DELAY:
        raise InputError("A delay is 0 to {most} minutes: choose another.", most=LONGEST_DELAY)
    if not 0 <= wanted.from_hour < wanted.until_hour <= 24:
        raise InputError("Messages are allowed from one hour of the day to a later one, 0 to 24: choose others.")
    if not 0 <= wanted.today_from_hour <= 23:
        raise InputError("What was entered of the day is told from an hour of it, 0 to 23: choose another.")
    if len(wanted.greeting) > LONGEST_GREETING:
        raise InputError("A greeting has up to {most} characters: shorten it.", most=LONGEST_GREETING)
    if not 0 <= wanted.voice_message_days <= LONGEST_VOICE_MESSAGES:
        raise InputError("Messages to class teachers are kept for 0 to {most} days.", most=LONGEST_VOICE_MESSAGES)


def _settings(school: School) -> TellingSettings:
    return TellingSettings(
        delay_minutes=school.notify_delay_minutes,
        from_hour=school.from_hour,
        until_hour=school.until_hour,
        pin_always=school.pin_always,
        latin_sms=school.latin_sms,
        new_email_waits=school.new_email_waits,
        new_sms_waits=school.new_sms_waits,
        greeting=school.greeting or "",
        voice_message_days=school.voice_message_days,
        today_from_hour=school.today_from_hour,
    )
