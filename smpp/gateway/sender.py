"""Which claimed message goes out on which link, and when. Runs in the event loop and never waits for the database."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import logs
from db.kinds import Channel
from school.outbox import SENDABLE_SECONDS, Ending, Outgoing, Result
from school.security import destinations
from smpp.gateway.lanes import Attempt, Held, Lane, Part
from smpp.gateway.routing import Router, choose
from smpp.protocol.outcomes import SubmitOutcome
from smpp.protocol.segmentation import TextTooLongError, split

log = logs.get(__name__)

MOST_AHEAD = 1000
"""Messages claimed ahead of their submission at the most."""
AHEAD_SECONDS = 0.5
"""Seconds' worth of messages to claim ahead: one that somebody waits for soon gets its turn."""
HELD_SECONDS = 5.0
"""A message whose turn has not come by then is given back: the hours in which it may be told pass, and another host's
gateway may have a link for it."""
NO_WAY_PAUSE = timedelta(seconds=15)
"""How long a message rests whose operator's links are down while others are up, so that it is not claimed in vain."""
TICK_SECONDS = 0.25

Recorded = Callable[[Result, Attempt | None], None]
GivenBack = Callable[[Sequence[int], timedelta], None]


class _Line:
    """Messages waiting for the same ways, urgent ones first."""

    def __init__(self) -> None:
        self.urgent: deque[Held] = deque()
        self.others: deque[Held] = deque()

    def __bool__(self) -> bool:
        return bool(self.urgent or self.others)

    def __len__(self) -> int:
        return len(self.urgent) + len(self.others)

    def of(self, held: Held) -> deque[Held]:
        return self.urgent if held.message.urgent else self.others

    def pop(self) -> Held:
        return (self.urgent or self.others).popleft()


class Sender:
    """Keeps every lane's window full with what was claimed.

    `record` gets how an attempt ended, `give_back` what is not to be sent from here, each for the database; `hungry` is
    called when there is room for more.
    """

    def __init__(
        self, router: Router, lanes: Sequence[Lane], record: Recorded, give_back: GivenBack, hungry: Callable[[], None]
    ) -> None:
        self._router = router
        self._destinations = destinations.current()
        self._lanes = lanes
        self._lanes_of: dict[str, list[Lane]] = {}
        for lane in lanes:
            self._lanes_of.setdefault(lane.operator.name, []).append(lane)
        self._record = record
        self._give_back = give_back
        self._hungry = hungry
        self._loop = asyncio.get_running_loop()
        self._lines: dict[tuple[str, ...], _Line] = {}
        self._held: dict[int, Held] = {}
        self._queued = 0
        self._recorded = 0
        self._pace = 0.0
        self._stopping = False
        self._ticking = self._loop.call_later(TICK_SECONDS, self._tick)

    @property
    def in_hand(self) -> tuple[int, ...]:
        """Ids of the claimed messages, waiting or in doubt: their leases are to be renewed."""
        return tuple(self._held)

    @property
    def in_doubt(self) -> int:
        """Messages submitted whose results are not in the database yet."""
        return sum(lane.in_doubt for lane in self._lanes)

    @property
    def can_send(self) -> bool:
        """Whether any link is up and may submit."""
        return not self._stopping and any(lane.can_send for lane in self._lanes)

    @property
    def room(self) -> int:
        """How many messages the lanes would submit at once."""
        return sum(lane.room for lane in self._lanes)

    @property
    def wanted(self) -> int:
        """How many messages to claim now: none while half of what is kept ahead is still there."""
        windows = sum(lane.link.settings.window for lane in self._lanes if lane.can_send)
        if not windows or self._stopping:
            return 0
        ahead = min(max(2 * windows, round(self._pace * AHEAD_SECONDS)), MOST_AHEAD)
        return ahead - self._queued if self._queued <= ahead // 2 else 0

    def take(self, messages: Iterable[Outgoing]) -> None:
        """Messages that were claimed just now."""
        now = self._loop.time()
        for message in messages:
            ways = self._router.ways(message.address, message.operator, charged=message.charged)
            held = Held(message, ways, now, now + SENDABLE_SECONDS)
            self._held[message.message_id] = held
            line = self._lines.setdefault(ways, _Line())
            line.of(held).append(held)
            self._queued += 1
        self.pump()

    def renewed(self, message_ids: Iterable[int], began: float) -> None:
        """The leases of these were renewed; `began`: the loop's time just before."""
        for message_id in message_ids:
            if held := self._held.get(message_id):
                held.good_until = began + SENDABLE_SECONDS

    def pump(self) -> None:
        """Submit what there is room for."""
        if self._stopping:
            return
        for ways, line in self._lines.items():
            while line:
                lane = choose(ways, self._lanes_of)
                if lane is None:
                    break
                self._queued -= 1
                self._submit(line.pop(), lane)
        if self.wanted:
            self._hungry()

    def recorded(self, attempts: Iterable[Attempt]) -> None:
        """These results are in the database: the messages are in doubt no longer."""
        for attempt in attempts:
            attempt.lane.in_doubt -= 1
            self._held.pop(attempt.held.message.message_id, None)
            self._recorded += 1
        self.pump()

    def stop(self) -> None:
        """Submit no more and give back what waits; what is in doubt still gets its result."""
        self._stopping = True
        self._ticking.cancel()
        self._return(list(self._all_waiting()), timedelta(0))

    def _all_waiting(self) -> Iterator[Held]:
        for line in self._lines.values():
            while line:
                self._queued -= 1
                yield line.pop()

    def _submit(self, held: Held, lane: Lane) -> None:
        message, operator = held.message, lane.operator
        if held.good_until <= self._loop.time():  # its lease may be another's by now: whoever has it sends it
            log.warning("sender.lease_lost", message_id=message.message_id)
            del self._held[message.message_id]
            return
        if message.expires_at <= datetime.now(UTC):
            self._return([held], timedelta(0))
            return
        if not self._destinations.reaches(message.address, Channel.SMS):
            self._refuse(held, destinations.ERROR)
            return
        try:
            segments = split(
                message.text,
                message.message_id % (0x10000 if operator.wide_reference else 0x100),
                alphabet=operator.default_alphabet,
                latin=message.latin,
                wide_reference=operator.wide_reference,
            )
            total = len(segments)
            # Parts are numbered alike only when the text was cut alike: an operator of another alphabet may need more.
            taken = message.parts_taken if max(message.parts_taken, default=0) <= total else frozenset()
            submits = [
                (
                    number,
                    operator.submit(
                        message.address,
                        segment,
                        charged=message.charged,
                        note=Part(message.message_id, number, total),
                    ),
                )
                for number, segment in enumerate(segments, start=1)
                if number not in taken
            ]
        except TextTooLongError as error:
            self._refuse(held, f"{error}.")
            return
        except ValueError:
            self._refuse(held, "The text or the number cannot be written in a submit_sm.")
            return
        if not submits:
            self._held.pop(message.message_id, None)
            self._record(Result(message.message_id, Ending.SENT), None)
            return
        lane.in_doubt += 1
        attempt = Attempt(held, lane, total, len(submits))
        for number, submit in submits:
            lane.link.submit(submit, partial(self._part_ended, attempt, number))

    def _refuse(self, held: Held, error: str) -> None:
        self._held.pop(held.message.message_id, None)
        self._record(Result(held.message.message_id, Ending.REFUSED, error=error), None)

    def _part_ended(self, attempt: Attempt, number: int, outcome: SubmitOutcome) -> None:
        attempt.outcomes.append((number, outcome))
        attempt.waiting -= 1
        if attempt.waiting:
            return
        if not attempt.untouched:
            self._record(attempt.result(), attempt)
            return
        attempt.lane.in_doubt -= 1
        if self._stopping:
            self._return([attempt.held], timedelta(0))
            return
        self._lines[attempt.held.ways].of(attempt.held).appendleft(attempt.held)
        self._queued += 1
        self._loop.call_soon(self.pump)

    def _tick(self) -> None:
        self._ticking = self._loop.call_later(TICK_SECONDS, self._tick)
        self._pace += (self._recorded / TICK_SECONDS - self._pace) / 2
        self._recorded = 0
        oldest = self._loop.time() - HELD_SECONDS
        some_up = any(lane.can_send for lane in self._lanes)
        for ways, line in self._lines.items():
            way_up = any(lane.can_send for operator in ways for lane in self._lanes_of.get(operator, ()))
            stale: list[Held] = []
            for queue in (line.urgent, line.others):
                while queue and queue[0].since < oldest:
                    stale.append(queue.popleft())
            self._queued -= len(stale)
            self._return(stale, NO_WAY_PAUSE if some_up and not way_up else timedelta(0))
        self.pump()

    def _return(self, helds: Sequence[Held], pause: timedelta) -> None:
        if helds:
            ids = [held.message.message_id for held in helds]
            for message_id in ids:
                self._held.pop(message_id, None)
            self._give_back(ids, pause)
