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
from smpp.texts.excusing import Excuse
from smpp.texts.grounds import ground_of
from smpp.texts.names import in_full, likeness
from smpp.texts.spelling import plain
from smpp.texts.today_words import Today

NAMES_WITHIN = 3
"""So many words into a reason may be the name of the child."""
SHORTEST_OF_A_NAME = 4
"""Letters of the beginning of a name that name the child whose absence is excused: another one's is not taken back."""


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
    """The child that is named at the beginning of the reason, and the rest of it; the only one need not be named.

    Names in full go before beginnings of names, and where they name several children it is asked which is meant.
    """
    begin = list(re.finditer(r"[^\W\d_]+", reason))[:NAMES_WITHIN]
    for names in (in_full, _begins):
        naming = [(found, one) for found in begin for one in children if names(plain(found[0]), one.given_name)]
        if naming and len({one.subscription_id for _, one in naming}) == 1:
            found, child = naming[0]
            return child, " ".join((reason[: found.start()] + reason[found.end() :]).split()).strip(" ,.;:-–")
        if naming:
            return None, reason
    return (children[0], reason) if len(children) == 1 else (None, reason)


def _begins(word: str, name: str) -> bool:
    """Short words of a reason begin names without meaning them: „един ден“ is not Денис."""
    return len(word) >= SHORTEST_OF_A_NAME and likeness(word, name) == 1.0
