"""Claims messages as soon as there are any, with everything needed to compose their letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

import logs
from db.kinds import Channel, EventKind
from db.session import Database
from errors import OperationError
from school import outbox
from school.outbox import SENDABLE_SECONDS, Outgoing, wake
from school.outbox.contents import CalendarEvent, Contents, contents, school_events

log = logs.get(__name__)

AT_ONCE = 20
"""Messages claimed together: one that somebody waits for soon gets its turn, and few wait for a dead sender's lease."""
AGAIN_SECONDS = 1.0
"""Pause while the database is away."""


@dataclass(slots=True)
class Held:
    """A claimed message in this process's hands. `good_until`: by the monotonic clock; renewed while it waits."""

    message: Outgoing
    contents: Contents
    school_events: Mapping[int, CalendarEvent]
    good_until: float


class Claimer:
    """Used by one thread, except `wake`."""

    def __init__(self, database: Database, address: str, owner: str) -> None:
        self._database = database
        self._owner = owner
        self._waker = wake.listen(address, Channel.EMAIL)
        self._patience = outbox.Patience()

    def wake(self) -> None:
        """End a wait at once."""
        self._waker.wake()

    def close(self) -> None:
        """Nobody waits any more."""
        self._waker.close()

    def wait(self, seconds: float) -> None:
        """Until there may be work, `wake` or the end of the time."""
        self._waker.wait(max(seconds, 0.0))

    def seconds_until_due(self) -> float:
        """0: something is to be sent now. Otherwise how long to wait before asking again."""
        now = datetime.now(UTC)
        try:
            # Reading waits for no writer and keeps none waiting.
            with self._patience.asking(), self._database.reading() as session:
                due = outbox.next_due(session, Channel.EMAIL, now)
        except OperationError as error:
            log.error("claimer.database_away", reason=str(error))
            return AGAIN_SECONDS
        return wake.seconds_until(due, now)

    def claim(self) -> list[Held]:
        """Messages whose turn it is; none also when the database is away or another sender has them."""
        now, began = datetime.now(UTC), monotonic()
        try:
            with self._patience.asking(), self._database.session() as session:
                messages = outbox.claim(
                    session, Channel.EMAIL, owner=self._owner, limit=AT_ONCE, now=now, reclaim=self._patience.is_over
                )
            if not messages:
                return []
            with self._database.reading() as session:
                told = contents(session, [message.message_id for message in messages])
                ids = {
                    piece.told.event.id
                    for one in told.values()
                    for piece in one.pieces
                    if piece.told.event.kind in (EventKind.MEETING, EventKind.EVENT)
                }
                events = school_events(session, ids)
        except OperationError as error:  # what was claimed comes back when its lease ends
            log.error("claimer.database_away", reason=str(error))
            return []
        good_until = began + SENDABLE_SECONDS
        return [Held(message, told[message.message_id], events, good_until) for message in messages]
