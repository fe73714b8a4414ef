"""Carries out what a parent's text excuses, and tells what was entered of the day."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from db.kinds import Channel, Language
from school.attendance import notices, wording
from school.attendance import today as days
from school.attendance.given import Wish
from school.subscriptions.subscribers import Followed
from school.years import calendar
from smpp.texts.excusing import Excuse, Today, ground_of
from smpp.texts.names import likeness
from smpp.texts.spelling import plain

NAMES_WITHIN = 3
"""So many words into a reason may be the name of the child."""


def excuse(session: Session, children: Sequence[Followed], language: Language, command: Excuse, now: datetime) -> str:
    """Give notice for one of the children, and say what became of it. Of several one must be named."""
    if command.is_bare:
        return wording.how_to_excuse(language)
    meant, reason = _meant(children, command.reason)
    if meant is None:
        return wording.which_child(language)
    if command.unclear:
        return wording.no_such_day(language)
    if command.first is None:
        on = notices.default_day(session, meant.subscription_id, now)
        found = on, on
    else:
        named = command.days(calendar.today(now))
        if named is None:
            return wording.no_such_day(language)
        found = named
    wish = Wish(*found, ground_of(reason), reason)
    given = notices.give(session, meant.subscription_id, Channel.SMS, wish, now)
    return wording.given(language, meant.given_name, given)


def today(
    session: Session, children: Sequence[Followed], language: Language, command: Today, now: datetime
) -> str | None:
    """What was entered of each child's day; None: the text names somebody who is none of them."""
    if command.about:
        children = [one for one in children if all(likeness(word, one.given_name) for word in command.about)]
    told = [
        wording.today(language, one.given_name, days.read(session, one.school_id, one.student_id, now))
        for one in children
    ]
    return "\n".join(told) or None


def _meant(children: Sequence[Followed], reason: str) -> tuple[Followed | None, str]:
    """The child that is named at the beginning of the reason, and the rest of it; the only one need not be named."""
    begin = list(re.finditer(r"[^\W\d_]+", reason))[:NAMES_WITHIN]
    for found in begin:
        named = [one for one in children if likeness(plain(found[0]), one.given_name) == 1.0]
        if len(named) == 1:
            return named[0], " ".join((reason[: found.start()] + reason[found.end() :]).split()).strip(" ,.;:-–")
    return (children[0], reason) if len(children) == 1 else (None, reason)
