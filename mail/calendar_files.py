"""Meetings and events as iCalendar files (RFC 5545) which a parent's calendar understands.

An event keeps its UID whatever happens to it; a correction has a higher SEQUENCE (RFC 5546, 2.1.4), so that a calendar
moves what it has; a withdrawn one comes as METHOD:CANCEL.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from db.events import EventRef
from runtime.localtime import SOFIA
from school.outbox.contents import CalendarEvent

USUAL_LENGTH = timedelta(hours=1)
"""What a calendar shows: schools enter when something begins, not when it ends."""
_EPOCH = 1_262_304_000
"""2010-01-01: seconds since then fit a SEQUENCE, which is a 32-bit integer."""


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """One .ics: `method` is PUBLISH or CANCEL."""

    name: str
    method: str
    text: bytes


def invitation(school_events: Iterable[CalendarEvent], domain: str) -> CalendarFile:
    """What is to come."""
    calendar = _calendar("PUBLISH")
    for one in school_events:
        event = _event(one.ref, one.recorded_at, domain)
        event.add("summary", one.title)
        event.add("dtstart", one.starts_at.astimezone(SOFIA))
        event.add("duration", USUAL_LENGTH)
        event.add("status", "CONFIRMED")
        if one.place:
            event.add("location", one.place)
        if one.text:
            event.add("description", one.text)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return CalendarFile("sabitie.ics", "PUBLISH", calendar.to_ical())


def cancellation(refs: Iterable[EventRef], told_at: datetime, domain: str) -> CalendarFile:
    """What is not to come after all: nothing but its name is known any more."""
    calendar = _calendar("CANCEL")
    for ref in refs:
        event = _event(ref, told_at, domain)
        event.add("status", "CANCELLED")
        calendar.add_component(event)
    return CalendarFile("otmeneno.ics", "CANCEL", calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//InfoServ//e-School//BG")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(ref: EventRef, changed_at: datetime, domain: str) -> Event:
    event = Event()
    event.add("uid", f"school-event-{ref.id}@{domain}")
    event.add("dtstamp", changed_at)
    event.add("sequence", max(int(changed_at.timestamp()) - _EPOCH, 0))
    return event
