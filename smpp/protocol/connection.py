"""One connection to an SMSC, from bind to its end: requests, responses, and when the connection is dead.

An asyncio protocol: the loop's one thread owns the socket, and nothing here blocks.
"""

import asyncio
import secrets
from typing import Protocol

from smpplib import consts

import logs
from smpp.protocol.framing import Frame, FrameBuffer, FramingError
from smpp.protocol.outcomes import status_name
from smpp.protocol.pdus import (
    RESPONSE,
    Command,
    MalformedError,
    Message,
    bare,
    bind_request,
    read_message,
    read_message_id,
    submit_request,
)
from smpp.protocol.session import NEXT_STATES, LinkSettings, LinkState, Submission
from smpp.protocol.window import Window, sequence_numbers

log = logs.get(__name__)

MOST_UNANSWERED = 5000
"""Deliveries that may wait for the application; more are refused for now, so that memory has a bound."""

CLOSING_SECONDS = 1.0
"""How long a peer that unbound may take to close."""

TIMES_SLOW = 10
"""How many times its time an answer is waited for while the link lives: as long as it is out its place in the window is
taken, so that a slow SMSC is given no more than it answers."""


class Owner(Protocol):
    """The link that a connection belongs to."""

    def state_changed(self, connection: "Connection") -> None:
        """The connection is in another state."""

    def response(self, submission: Submission, status: int, message_id: str) -> None:
        """The SMSC answered a submit_sm in time."""

    def late_response(self, submission: Submission, status: int, message_id: str) -> None:
        """The SMSC answered a submit_sm whose outcome had been told as unknown."""

    def no_response(self, submission: Submission, reason: str, *, overdue: bool) -> None:
        """No answer will be waited for any longer. `overdue`: its time had passed while the link lived,
        or the link ended in order, so that the SMSC very likely has it."""

    def arrived(self, connection: "Connection", message: Message) -> None:
        """A deliver_sm or data_sm came; `connection.respond` it."""

    def writable(self) -> None:
        """The socket takes more again."""

    def tick(self, now: float) -> None:
        """Time passed: from time to time while the connection lives."""


class Connection(asyncio.Protocol):
    """One TCP (or TLS) connection. `ended` gets the reason when it is over, whoever ended it;
    `closed` is done when the socket is closed too. `token` tells it from every other connection there ever was."""

    def __init__(self, settings: LinkSettings, owner: Owner) -> None:
        self._settings = settings
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._frames = FrameBuffer()
        self._sequences = sequence_numbers()
        self._window: Window[Submission] = Window(settings.window)
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._held_back = False
        self._unanswered: set[int] = set()
        self._bind_sequence = 0
        now = self._loop.time()
        self._opened_at = self._heard_at = self._spoke_at = self._responded_at = now
        self._answered_to = now
        """When the latest submit_sm that has its answer was sent."""
        self._enquired_at: float | None = None
        self._ticking: asyncio.TimerHandle | None = None
        self._end_reason = "closed by the SMSC"
        self.state = LinkState.CLOSED
        self.token = secrets.token_hex(8)
        self.bound_at: float | None = None
        self.ended: asyncio.Future[str] = self._loop.create_future()
        self.closed: asyncio.Future[None] = self._loop.create_future()

    @property
    def outstanding(self) -> int:
        """submit_sm without an answer."""
        return len(self._window)

    @property
    def can_send(self) -> bool:
        """Whether a submit_sm may go out now."""
        return self.state is LinkState.BOUND and self._window.free > 0 and not self._held_back

    @property
    def awaiting_response(self) -> int:
        """Deliveries that the application has not yet answered."""
        return len(self._unanswered)

    def send(self, submission: Submission) -> None:
        """Send a submit_sm; `can_send` must be true."""
        sequence = next(self._sequences)
        octets = submit_request(submission.submit, sequence)
        self._window.put(sequence, submission, self._loop.time())
        self._write(octets)

    def respond(self, message: Message, status: int) -> None:
        """Answer a delivery; once the connection is over the SMSC will deliver it again, and nothing is to be said."""
        if self.ended.done() or message.sequence not in self._unanswered:
            return
        self._unanswered.discard(message.sequence)
        self._write(bare(message.command_id | RESPONSE, message.sequence, status, b"\0"))

    def unbind(self) -> None:
        """Take leave; the connection ends when the SMSC has answered, or soon."""
        if self.state in (LinkState.BOUND, LinkState.OPEN):
            self._write(bare(Command.UNBIND, next(self._sequences)))
            self._leave("unbound")

    def end(self, reason: str) -> None:
        """Close without ceremony."""
        if self.ended.done():
            return
        self._flush()
        if self._ticking:
            self._ticking.cancel()
        if self._transport:
            self._transport.close()
            self._loop.call_later(CLOSING_SECONDS, self._transport.abort)  # a peer that reads nothing keeps it open
        took_leave = self.state is LinkState.UNBINDING
        self._to(LinkState.CLOSED)
        self.ended.set_result(reason)
        lived = self._heard_at - self._settings.response_seconds
        for submission, sent_at in self._window.drain():
            self._owner.no_response(submission, reason, overdue=took_leave or sent_at < lived)

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected: ask to be bound."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._to(LinkState.OPEN)
        self._bind_sequence = next(self._sequences)
        self._write(
            bind_request(
                self._settings.kind,
                self._bind_sequence,
                system_id=self._settings.system_id,
                password=self._settings.password,
                system_type=self._settings.system_type,
            )
        )
        self._tick()

    def data_received(self, data: bytes) -> None:
        """Octets came: any part of any number of PDUs."""
        self._heard_at = self._loop.time()
        self._enquired_at = None
        try:
            for frame in self._frames.feed(data):
                if frame.command_id & RESPONSE:
                    self._response(frame)
                else:
                    self._request(frame)
                if self.ended.done():
                    return
        except FramingError as error:
            self._write(bare(Command.GENERIC_NACK, error.sequence, consts.SMPP_ESME_RINVCMDLEN))
            self.end(f"the SMSC sent a {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self.end(f"{type(exc).__name__}: connection lost" if exc else self._end_reason)
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        """The SMSC reads too slowly."""
        self._held_back = True

    def resume_writing(self) -> None:
        """It reads again."""
        self._held_back = False
        self._owner.writable()

    # What the SMSC says

    def _response(self, frame: Frame) -> None:
        command = frame.command_id & ~RESPONSE
        if frame.sequence == self._bind_sequence and self.state is LinkState.OPEN:
            self._bind_response(frame.status)
        elif command == Command.SUBMIT_SM or frame.command_id == Command.GENERIC_NACK:
            self._submit_response(frame)
        elif command == Command.UNBIND and self.state is LinkState.UNBINDING:
            self.end(self._end_reason)

    def _bind_response(self, status: int) -> None:
        if status != consts.SMPP_ESME_ROK:
            self.end(f"bind refused: {status_name(status)}")
            return
        self.bound_at = self._loop.time()
        self._to(LinkState.BOUND)

    def _submit_response(self, frame: Frame) -> None:
        """The status of one submit_sm, by its sequence number. A generic_nack says that it was not taken either."""
        nack = frame.command_id == Command.GENERIC_NACK
        status = (frame.status or consts.SMPP_ESME_RUNKNOWNERR) if nack else frame.status
        message_id = "" if status else read_message_id(frame)
        self._responded_at = self._heard_at
        if entry := self._window.take(frame.sequence):
            self._answered_to = max(self._answered_to, entry.sent_at)
            self._owner.response(entry.item, status, message_id)
        elif late := self._window.take_late(frame.sequence):
            self._owner.late_response(late.item, status, message_id)
        else:
            log.warning("response.unexpected", command=hex(frame.command_id), status=status_name(frame.status))

    def _request(self, frame: Frame) -> None:
        command = frame.command_id
        if command == Command.ENQUIRE_LINK:
            self._write(bare(command | RESPONSE, frame.sequence))
        elif command == Command.UNBIND:
            self._write(bare(command | RESPONSE, frame.sequence))
            self._leave("unbound by the SMSC")
        elif command in (Command.DELIVER_SM, Command.DATA_SM):
            self._delivery(frame)
        elif command not in (Command.ALERT_NOTIFICATION, Command.OUTBIND):  # these two have no answer
            log.warning("request.unknown", command=hex(command))
            self._write(bare(Command.GENERIC_NACK, frame.sequence, consts.SMPP_ESME_RINVCMDID))

    def _delivery(self, frame: Frame) -> None:
        status: int = consts.SMPP_ESME_ROK
        try:
            message = read_message(frame)
        except MalformedError as error:
            log.warning("delivery.malformed", reason=str(error), status=status_name(error.status))
            status = error.status
        else:
            if message.flaw:
                log.warning("delivery.flawed", reason=message.flaw)
            if self.state is LinkState.OPEN:
                status = consts.SMPP_ESME_RINVBNDSTS
            elif len(self._unanswered) >= MOST_UNANSWERED:
                status = consts.SMPP_ESME_RMSGQFUL
            else:
                self._unanswered.add(frame.sequence)
                self._owner.arrived(self, message)
                return
        self._write(bare(frame.command_id | RESPONSE, frame.sequence, status, b"\0"))

    # What time says

    def _tick(self) -> None:
        now = self._loop.time()
        self._check(now)
        if not self.ended.done():
            self._owner.tick(now)
            pause = min(self._settings.enquire_seconds, self._settings.response_seconds, 4.0) / 4
            self._ticking = self._loop.call_later(pause, self._tick)

    def _check(self, now: float) -> None:
        patience = self._settings.response_seconds
        if self.state is LinkState.OPEN:
            if now - self._opened_at > patience:
                self.end("the bind was not answered")
            return
        # An answer is lost when its time has passed and a later submit_sm has had its own; where none has, the SMSC is
        # slow, and what it was given is not sent again by anybody.
        longest = TIMES_SLOW * patience
        if given_up := self._window.give_up(max(min(now - patience, self._answered_to), now - longest)):
            for submission in given_up:
                self._owner.no_response(submission, "no answer in time", overdue=True)
            if now - self._responded_at > longest:  # not one lost answer, none at all
                self.end("submit_sm are not answered")
                return
        if self._enquired_at is not None:
            if now - self._enquired_at > patience:
                self.end("silent: enquire_link was not answered")
        elif (
            self.state is LinkState.BOUND
            and now - min(self._heard_at, self._spoke_at) >= self._settings.enquire_seconds
        ):
            self._enquired_at = now
            self._write(bare(Command.ENQUIRE_LINK, next(self._sequences)))

    # Ends and writing

    def _leave(self, reason: str) -> None:
        self._end_reason = reason
        if self.state is not LinkState.UNBINDING:
            self._to(LinkState.UNBINDING)
            self._loop.call_later(CLOSING_SECONDS, self.end, reason)

    def _to(self, state: LinkState) -> None:
        if state is self.state:
            return
        assert state in NEXT_STATES[self.state], f"{self.state} -> {state}"
        self.state = state
        self._owner.state_changed(self)

    def _write(self, octets: bytes) -> None:
        """Collect what one turn of the loop says into one packet."""
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(octets)

    def _flush(self) -> None:
        if self._unsent and self._transport and not self._transport.is_closing():
            self._transport.write(b"".join(self._unsent))
            self._spoke_at = self._loop.time()
        self._unsent.clear()
