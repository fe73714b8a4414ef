"""One link: a bind to an SMSC that is kept up, and the queue of messages waiting for their turn on it.

All methods are called in the event loop's thread; from another thread go through `loop.call_soon_threadsafe`.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

from smpplib import consts

import logs
from smpp.protocol.connection import Connection
from smpp.protocol.outcomes import Sent, SubmitOutcome, status_name
from smpp.protocol.pdus import Message, Submit
from smpp.protocol.session import BindKind, LinkSettings, LinkState, Submission
from smpp.protocol.throttle import SLOW_DOWN, Throttle

log = logs.get(__name__)

FIRST_RETRY_SECONDS = 0.5
STABLE_SECONDS = 10.0
"""A bind that lived so long was a good one: after it the first retry is quick again."""


class Arrival:
    """A message that came in. The SMSC gets no answer before the application calls one of these, and then only once."""

    __slots__ = ("_connection", "message")

    def __init__(self, connection: Connection, message: Message) -> None:
        self._connection = connection
        self.message = message

    @property
    def connection(self) -> str:
        """The token of the connection it came by."""
        return self._connection.token

    def stored(self) -> None:
        """It is in the database: the SMSC may forget it."""
        self._connection.respond(self.message, consts.SMPP_ESME_ROK)

    def refuse(self, status: int = consts.SMPP_ESME_RSYSERR) -> None:
        """It could not be stored: the SMSC is to deliver it again."""
        self._connection.respond(self.message, status)


class Handler(Protocol):
    """The application behind the links. It must not block: the loop serves every link."""

    def arrived(self, link: "Link", arrival: Arrival) -> None:
        """A text, a part of one or a receipt came. An exception refuses it."""

    def late_response(self, link: "Link", submit: Submit, outcome: SubmitOutcome) -> None:
        """The true outcome of a message whose outcome had been told as unknown."""

    def changed(self, link: "Link") -> None:
        """The link's state is another."""


class Link:
    """Keeps one bind up, from `start` to `stop`, and submits through it within window and rate."""

    def __init__(self, settings: LinkSettings, handler: Handler) -> None:
        self.settings = settings
        self.last_error = ""
        """Why the link is not bound, or why it last was not; for people, without secrets."""
        self.accepted = self.refused = self.throttled = self.unknown = self.deliveries = self.binds = 0
        """Health figures since the start."""
        self._handler = handler
        self._loop = asyncio.get_running_loop()
        self._throttle = Throttle(settings.messages_per_second, self._loop.time())
        self._queue: deque[Submission] = deque()
        self._connection: Connection | None = None
        self._pump_due = False
        self._pump_timer: asyncio.TimerHandle | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> LinkState:
        """The session's state."""
        return self._connection.state if self._connection else LinkState.CLOSED

    @property
    def connection(self) -> str | None:
        """The token of the connection that is up."""
        return self._connection.token if self._connection else None

    @property
    def can_send(self) -> bool:
        """Whether it is bound, may submit and is not about to stop."""
        return (
            self.state is LinkState.BOUND
            and self.settings.kind is not BindKind.RECEIVER
            and not self._stopping.is_set()
        )

    @property
    def room(self) -> int:
        """How many messages it would take now: a window's worth under way and another one waiting."""
        if not self.can_send or not self._connection:
            return 0
        return max(2 * self.settings.window - self._connection.outstanding - len(self._queue), 0)

    @property
    def under_way(self) -> int:
        """Messages waiting or without an answer."""
        return len(self._queue) + (self._connection.outstanding if self._connection else 0)

    def start(self) -> None:
        """Begin to connect; a link that is not reachable keeps trying."""
        self._task = self._loop.create_task(self._keep_up(), name=f"link {self.settings.name}")

    async def stop(self, drain_seconds: float = 5.0) -> None:
        """Submit no more, wait for answers in both directions, unbind and close. Every future has its outcome then."""
        self._stopping.set()
        self._empty_queue("the link stops")
        deadline = self._loop.time() + drain_seconds
        connection = self._connection
        while connection and (connection.outstanding or connection.awaiting_response) and self._loop.time() < deadline:
            await asyncio.sleep(0.01)
        if connection:
            connection.unbind()
        if self._task:
            if not connection or connection.state is LinkState.CLOSED:
                self._task.cancel()  # it is connecting, or waiting to
            await asyncio.wait([self._task])

    def submit(self, submit: Submit, ended: Callable[[SubmitOutcome], None]) -> None:
        """Hand over a message; `ended` is called once, later. A link that is down says so soon.

        No future, for it would cost as much again as all that the link does for the message.
        """
        if not self.can_send:
            self._loop.call_soon(ended, SubmitOutcome(Sent.NOT_SENT, reason="the link is down"))
            return
        self._queue.append(Submission(submit, ended, self._loop.time() + self.settings.queue_seconds))
        self._pump_soon()

    # The bind

    async def _keep_up(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            self.last_error, bound_seconds = await self._connect_once()
            self._connection = None
            self._empty_queue(self.last_error)
            self._handler.changed(self)
            failures = 0 if bound_seconds >= STABLE_SECONDS else failures + 1
            tell = log.info if self._stopping.is_set() else log.warning
            tell("link.down", link=self.settings.name, reason=self.last_error, bound_seconds=round(bound_seconds))
            pause = min(FIRST_RETRY_SECONDS * 2 ** min(failures, 20), self.settings.longest_retry_seconds)
            # Half of it at random: hosts that lost the same SMSC do not come back at the same moment.
            await self._unless_stopped(pause * random.uniform(0.5, 1.0))  # noqa: S311  # no secret

    async def _connect_once(self) -> tuple[str, float]:
        """Connect, bind and stay until the end; returns why it ended and for how many seconds it was bound."""
        try:
            async with asyncio.timeout(self.settings.connect_seconds):
                _, connection = await self._loop.create_connection(
                    self._made, self.settings.host, self.settings.port, ssl=self.settings.tls
                )
        except TimeoutError:
            return "connecting took too long", 0.0
        except OSError as error:  # refused, unreachable, no such host, a certificate that is not trusted
            return f"cannot connect: {error.strerror or error}", 0.0
        reason = await connection.ended
        await connection.closed
        return reason, self._loop.time() - connection.bound_at if connection.bound_at else 0.0

    def _made(self) -> Connection:
        self._connection = Connection(self.settings, self)
        return self._connection

    async def _unless_stopped(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass

    # The queue

    def _pump_soon(self) -> None:
        """Send once this turn of the loop is over: what was handed over together goes out in one packet."""
        if not self._pump_due:
            self._pump_due = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pump_due = False
        connection = self._connection
        now = self._loop.time()
        while connection and self._queue and connection.can_send:
            if pause := self._throttle.wait(now):
                if not self._pump_timer:
                    self._pump_timer = self._loop.call_later(pause, self._pump_after_pause)
                break
            self._throttle.spend()
            connection.send(self._queue.popleft())

    def _pump_after_pause(self) -> None:
        self._pump_timer = None
        self._pump()

    def _empty_queue(self, reason: str) -> None:
        while self._queue:
            self._queue.popleft().ended(SubmitOutcome(Sent.NOT_SENT, reason=reason))

    # What the connection tells

    def state_changed(self, connection: Connection) -> None:
        """The connection is in another state."""
        if connection is not self._connection:
            return
        if connection.state is LinkState.BOUND:
            self.binds += 1
            log.info("link.bound", link=self.settings.name)
        elif connection.state is not LinkState.OPEN:
            self._empty_queue("the link is down")
        if connection.state is not LinkState.CLOSED:  # that is told when its reason is known
            self._handler.changed(self)

    def response(self, submission: Submission, status: int, message_id: str) -> None:
        """The SMSC answered a submit_sm in time."""
        now = self._loop.time()
        if status in SLOW_DOWN:
            self.throttled += 1
            self._throttle.refused(now)
            self._again(submission, status, now)
        else:
            outcome = _outcome(status, message_id)
            if outcome.sent is Sent.ACCEPTED:
                self.accepted += 1
                self._throttle.accepted(now)
            else:
                self.refused += 1
            submission.ended(outcome)
        self._pump_soon()

    def late_response(self, submission: Submission, status: int, message_id: str) -> None:
        """The SMSC answered after all."""
        self._handler.late_response(self, submission.submit, _outcome(status, message_id))

    def no_response(self, submission: Submission, reason: str, *, overdue: bool) -> None:
        """No answer will come, or none is waited for."""
        self.unknown += 1
        submission.ended(SubmitOutcome(Sent.OVERDUE if overdue else Sent.UNKNOWN, reason=reason))

    def arrived(self, connection: Connection, message: Message) -> None:
        """A deliver_sm or data_sm came."""
        self.deliveries += 1
        arrival = Arrival(connection, message)
        try:
            self._handler.arrived(self, arrival)
        except Exception as error:
            log.error("delivery.failed", link=self.settings.name, error=logs.where(error))
            arrival.refuse()

    def writable(self) -> None:
        """The socket takes more again."""
        self._pump_soon()

    def tick(self, now: float) -> None:
        """Whoever waited too long in the queue is given back: its claim would run out here."""
        while self._queue and self._queue[0].deadline < now:
            self._queue.popleft().ended(SubmitOutcome(Sent.NOT_SENT, reason="its turn did not come in time"))

    def _again(self, submission: Submission, status: int, now: float) -> None:
        if submission.deadline < now or self._stopping.is_set() or self.state is not LinkState.BOUND:
            submission.ended(SubmitOutcome(Sent.NOT_SENT, status=status, reason=status_name(status)))
        else:
            self._queue.appendleft(submission)


def _outcome(status: int, message_id: str) -> SubmitOutcome:
    if status == consts.SMPP_ESME_ROK:
        return SubmitOutcome(Sent.ACCEPTED, message_id)
    return SubmitOutcome(Sent.REFUSED, status=status, reason=status_name(status))
