"""Every text in the database that a dialogue may say, so that it is rendered before anyone calls."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, true, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.kinds import EventKind
from db.models import Audit, Erasure, Remark, School, SchoolEvent, Student, Subject
from prompts.entered import about, entered
from school.campaigns import invitation

SPOKEN_FOR = timedelta(days=400)
"""A remark older than this is of a past school year and is not said."""

ALL_EVERY = 3600.0
"""Seconds after which everything is read again: for rows that no audit trail names, and for what began very slowly."""

_OF_CAMPAIGNS = ("campaign", "school", EventKind.MEETING, EventKind.EVENT)
"""What the words of a campaign come from, by its name in the audit trail."""

SLOWEST_CHANGE = 600.0
"""Seconds that a change may take from its row of the audit trail to its commit without being missed until then."""


def texts(session: Session, now: datetime | None = None) -> set[str]:
    """The pieces of given names of those at school, subjects, schools' names and greetings, remarks of this year, all
    words of what is ahead and of campaigns that are not over."""
    return _texts(session, now or datetime.now(UTC), lambda _id, *_entities: true()) | invitation.spoken_texts(session)


def changed_texts(session: Session, after: int, now: datetime | None = None) -> set[str]:
    """Those of `texts` whose rows the audit trail names after its row `after`.

    The trail is written in the change's own transaction, so what is committed is found here. It costs what was changed,
    not what the platform holds.
    """

    def named(row_id: InstrumentedAttribute[int], *entities: str) -> ColumnElement[bool]:
        return row_id.in_(select(Audit.entity_id).where(Audit.id > after, Audit.entity.in_(entities)))

    found = _texts(session, now or datetime.now(UTC), named)
    if session.scalar(select(Audit.id).where(Audit.id > after, Audit.entity.in_(_OF_CAMPAIGNS)).limit(1)):
        found |= invitation.spoken_texts(session)
    return found


@dataclass(frozen=True, slots=True)
class Entered:
    """Texts that may be said; `complete`: all of them, so that what is not among them is not said any more."""

    texts: set[str] = field(default_factory=set)
    complete: bool = False


class NewTexts:
    """Asked again and again: all texts at first, once an hour and after an erasure, otherwise what has changed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all_due = 0.0
        self._seen: deque[tuple[float, int]] = deque()
        """When the audit trail was read, and its last row then, oldest first."""
        self._erased = 0

    def __call__(self, session: Session) -> Entered:
        """Some may have been given before."""
        at = self._clock()
        erased = session.scalar(select(func.max(Erasure.id))) or 0
        complete = not self._seen or at >= self._all_due or erased != self._erased
        last = session.scalar(select(func.max(Audit.id))) or 0
        while len(self._seen) > 1 and self._seen[1][0] <= at - SLOWEST_CHANGE:
            self._seen.popleft()
        if complete:
            found, self._all_due, self._erased = texts(session), at + ALL_EVERY, erased
        elif last == self._seen[0][1]:
            found = set()
        else:
            found = changed_texts(session, self._seen[0][1])
        self._seen.append((at, last))
        return Entered(found, complete)


def _texts(session: Session, now: datetime, chosen: Callable[..., ColumnElement[bool]]) -> set[str]:
    """The pieces of the rows that `chosen(<their id>, *<their names in the audit trail>)` lets through."""
    ahead = (SchoolEvent.starts_at > now, chosen(SchoolEvent.id, EventKind.MEETING, EventKind.EVENT))
    names = session.scalars(
        select(Student.first_name).where(Student.class_id.is_not(None), chosen(Student.id, "student")).distinct()
    )
    parts = [
        select(Subject.name).where(chosen(Subject.id, "subject")),
        select(School.name).where(chosen(School.id, "school")),
        select(func.coalesce(School.greeting, "")).where(chosen(School.id, "school")),
        select(Remark.text).where(Remark.recorded_at > now - SPOKEN_FOR, chosen(Remark.id, EventKind.REMARK)),
        *(select(words).where(*ahead) for words in (SchoolEvent.title, SchoolEvent.place, SchoolEvent.text)),
    ]
    said = {piece for text in session.scalars(union(*parts)) for piece in entered(text)}
    return said | {piece for name in names for piece in about(name)}
