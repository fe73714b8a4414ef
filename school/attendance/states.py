"""Which state of a parent's notice leads where."""

from collections.abc import Mapping

from db.kinds import NoticeState

TRANSITIONS: Mapping[NoticeState | None, frozenset[NoticeState]] = {
    None: frozenset({NoticeState.COUNTED, NoticeState.WAITING}),
    NoticeState.WAITING: frozenset({NoticeState.ACCEPTED, NoticeState.REFUSED, NoticeState.REPLACED}),
    NoticeState.COUNTED: frozenset(),
    NoticeState.ACCEPTED: frozenset(),
    NoticeState.REFUSED: frozenset(),
    NoticeState.REPLACED: frozenset(),
}
"""None: it is being given."""
DECIDABLE = frozenset(state for state, leads_to in TRANSITIONS.items() if state and NoticeState.ACCEPTED in leads_to)
"""States in which the class teacher decides."""
