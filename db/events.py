"""The reference to one event of a student, whatever its kind."""

from typing import NamedTuple

from db.kinds import EventKind


class EventRef(NamedTuple):
    """Kind and row id of an event."""

    kind: EventKind
    id: int
