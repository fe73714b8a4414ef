"""Sends one letter after the other over one connection.

A letter is in doubt from its last line until its result is in the database. Only one ever is: the next is announced to
the server while the last one's result is written, but not handed over before it stands. So a crash can have sent one
letter twice, the one that was under way, and loses none.
"""

import threading
from collections import Counter, deque
from datetime import UTC, datetime, timedelta
from time import monotonic

import logs
from mail.composing import Composer
from mail.connection import Connection, NoConnectionError
from mail.outcomes import SendOutcome
from mail.pace import Pace
from mail.sender.claimer import Claimer, Held
from mail.sender.recorder import Recorder
from school.outbox import Ending, Result

log = logs.get(__name__)

IDLE_SECONDS = 20.0
"""So long the connection is kept when there is nothing to send: servers need it for others."""
FIRST_AGAIN, LONGEST_AGAIN = 0.5, 30.0
"""Seconds between two tries to reach the server, doubled from the first to the longest."""
DOUBT_SECONDS = 45.0
"""How long an announced letter waits for the last one's result to be written, before it is given up for now."""
TROUBLE_PAUSE = timedelta(seconds=15)
"""How long a message rests that the server did not want to hear of for reasons of ours or its own."""

READY, AWAY = "ready", "away"


class Sender:
    """`run` in one thread; `stop`, `in_hand`, `renewed`, `state`, `last_error` and `figures` for any."""

    def __init__(
        self, connection: Connection, composer: Composer, claimer: Claimer, recorder: Recorder, pace: Pace
    ) -> None:
        self._connection = connection
        self._composer = composer
        self._claimer = claimer
        self._recorder = recorder
        self._pace = pace
        self._waiting: deque[Held] = deque()
        self._current: Held | None = None
        self._stopping = threading.Event()
        self._again = FIRST_AGAIN
        self.state = AWAY
        self.last_error = ""
        self.figures: Counter[str] = Counter(sent=0, refused=0, later=0, unknown=0, connections=0)

    @property
    def in_hand(self) -> tuple[Held, ...]:
        """The claimed messages: their leases are to be renewed."""
        current = self._current
        return (*tuple(self._waiting), *([current] if current else []))

    def stop(self) -> None:
        """End after the letter that is under way."""
        self._stopping.set()
        self._claimer.wake()

    def run(self) -> None:
        """Send until stopped; then give back what was not sent and take leave of the server."""
        self._reached()  # also when there is nothing to send: who looks at the status wants to know
        try:
            while not self._stopping.is_set():
                self._once()
        finally:
            self._return_waiting(timedelta(0))
            self._connection.close()

    def _once(self) -> None:
        pause = self._claimer.seconds_until_due()
        if pause > 0:
            self._rest(pause)
            return
        if self._pace.wait(monotonic()) > 0:
            self._sleep(self._pace.wait(monotonic()))
            return
        if not self._connection.is_open and not self._reached():
            self._sleep(self._again)
            self._again = min(self._again * 2, LONGEST_AGAIN)
            return
        self._waiting.extend(self._claimer.claim())
        if not self._waiting:
            self._claimer.wait(0.2)  # another sender is at it
        while self._waiting and not self._stopping.is_set():
            if (wait := self._pace.wait(monotonic())) > 0:
                if wait > 1:
                    self._return_waiting(timedelta(seconds=wait))
                    return
                self._sleep(wait)
                continue
            self._current = self._waiting.popleft()
            try:
                self._send(self._current)
            finally:
                self._current = None

    def _send(self, held: Held) -> None:
        message = held.message
        if held.good_until <= monotonic():  # its lease may be another's by now: whoever has it sends it
            log.warning("sender.lease_lost", message_id=message.message_id)
            return
        if message.expires_at <= datetime.now(UTC):
            self._recorder.give_back([message.message_id])
            return
        try:
            letter = self._composer.compose(message, held.contents, held.school_events)
        except Exception as error:
            log.error("letter.not_written", message_id=message.message_id, error=logs.where(error))
            self._end(held, SendOutcome(Ending.REFUSED, "The letter could not be written: is this an address?"))
            return
        self._pace.spend(monotonic())
        self._end(held, self._handed_over(message.address, letter))

    def _handed_over(self, address: str, letter: bytes) -> SendOutcome:
        """Over the connection, or a fresh one when the server has closed it since the last letter."""
        was_fresh = not self._connection.handed_over
        outcome = self._connection.envelope(self._composer.sender, address, len(letter))
        if outcome is not None and outcome.untouched and not self._connection.is_open:
            if not self._reached():
                return outcome
            outcome = self._connection.envelope(self._composer.sender, address, len(letter))
            was_fresh = True
        if outcome is not None:
            if outcome.untouched and was_fresh and not self._connection.is_open and not outcome.slow_down:
                return SendOutcome(Ending.RETRY, outcome.reason)  # perhaps it is this letter that it cannot stand
            return outcome
        if not self._recorder.settled(DOUBT_SECONDS):
            self._connection.close()  # the letter was announced but not begun: nobody got it
            return SendOutcome(Ending.RETRY, "The database did not answer.", untouched=True)
        return self._connection.letter(letter)

    def _end(self, held: Held, outcome: SendOutcome) -> None:
        message_id = held.message.message_id
        if outcome.ending is Ending.SENT:
            self._pace.taken()
            self.state, self.last_error = READY, ""
        else:
            self.last_error = outcome.reason
        if outcome.slow_down:
            self._pace.slow_down(monotonic())
        if outcome.untouched:
            log.warning("letter.not_taken", message_id=message_id, reason=outcome.reason)
            self._recorder.give_back([message_id], TROUBLE_PAUSE)
            return
        self.figures[_FIGURE[outcome.ending]] += 1
        log.info("letter.ended", message_id=message_id, ending=outcome.ending, reason=outcome.reason or None)
        self._recorder.result(Result(message_id, outcome.ending, error=outcome.reason or None))

    def _reached(self) -> bool:
        try:
            self._connection.open()
        except NoConnectionError as error:
            if self.last_error != str(error):
                log.warning("connection.failed", reason=str(error))
            self.state, self.last_error = AWAY, str(error)
            return False
        self.figures["connections"] += 1
        self.state, self.last_error, self._again = READY, "", FIRST_AGAIN
        log.info("connection.opened")
        return True

    def _rest(self, seconds: float) -> None:
        """Nothing is due for so long; the connection is not kept for ever."""
        idle_at = monotonic() + IDLE_SECONDS
        while not self._stopping.is_set():
            self._claimer.wait(seconds)
            if self.state is AWAY:
                self._sleep(self._again)
                self._again = min(self._again * 2, LONGEST_AGAIN)
                self._reached()
            seconds = self._claimer.seconds_until_due()
            if seconds <= 0:
                return
            if monotonic() >= idle_at:
                self._connection.close()

    def _sleep(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def _return_waiting(self, pause: timedelta) -> None:
        self._recorder.give_back([held.message.message_id for held in self._waiting], pause)
        self._waiting.clear()


_FIGURE = {Ending.SENT: "sent", Ending.REFUSED: "refused", Ending.RETRY: "later", Ending.UNKNOWN: "unknown"}
