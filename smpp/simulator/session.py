"""One connection of a gateway to the simulator: the SMSC's side of SMPP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from smpplib import consts

import logs
from smpp.protocol.framing import Frame, FrameBuffer, FramingError
from smpp.protocol.pdus import (
    RESPONSE,
    Address,
    Command,
    MalformedError,
    Message,
    bare,
    deliver_request,
    read_bind,
    read_message,
)
from smpp.protocol.session import BindKind
from smpp.protocol.window import Window, sequence_numbers

log = logs.get(__name__)

DELIVERY_WINDOW = 50
"""deliver_sm that may be out without an answer."""

_KINDS = {
    Command.BIND_TRANSCEIVER: BindKind.TRANSCEIVER,
    Command.BIND_TRANSMITTER: BindKind.TRANSMITTER,
    Command.BIND_RECEIVER: BindKind.RECEIVER,
}


@dataclass(eq=False, slots=True)
class Delivery:
    """A deliver_sm to be. `taken` is called once the gateway has it."""

    source: Address
    destination: Address
    payload: bytes = field(repr=False)
    esm_class: int = 0
    data_coding: int = 0
    parameters: dict[str, Any] = field(default_factory=dict)
    taken: Callable[[], None] = lambda: None
    refusals: int = 0


class Centre(Protocol):
    """The SMSC that sessions belong to."""

    def admits(self, system_id: str, password: str) -> int:
        """The command_status of the answer to a bind."""

    def bound(self, session: "Session") -> None:
        """A session may be used."""

    def submitted(self, message: Message) -> tuple[int, str]:
        """A submit_sm came; returns command_status and message_id of its answer."""

    def refused(self, delivery: Delivery) -> None:
        """The gateway wants it again later."""

    def gone(self, session: "Session", unanswered: list[Delivery]) -> None:
        """A session is over; nobody knows whether the gateway has these."""

    def roomy(self) -> None:
        """A session takes deliveries again."""


class Session(asyncio.Protocol):
    """One connection, from its first octet to its end."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._frames = FrameBuffer()
        self._sequences = sequence_numbers()
        self._out: Window[Delivery] = Window(DELIVERY_WINDOW)
        self._transport: asyncio.Transport | None = None
        self._held_back = False
        self.kind: BindKind | None = None

    @property
    def can_deliver(self) -> bool:
        """Whether a deliver_sm may go out now."""
        receives = self.kind in (BindKind.TRANSCEIVER, BindKind.RECEIVER)
        return receives and self._out.free > 0 and not self._held_back

    def deliver(self, delivery: Delivery) -> None:
        """Send a deliver_sm; `can_deliver` must be true."""
        sequence = next(self._sequences)
        self._out.put(sequence, delivery, asyncio.get_running_loop().time())
        self._write(
            deliver_request(
                sequence,
                source=delivery.source,
                destination=delivery.destination,
                payload=delivery.payload,
                esm_class=delivery.esm_class,
                data_coding=delivery.data_coding,
                **delivery.parameters,
            )
        )

    def close(self) -> None:
        """End it."""
        if self._transport:
            self._transport.close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A gateway connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Octets came: any part of any number of PDUs."""
        try:
            for frame in self._frames.feed(data):
                self._handle(frame)
        except FramingError as error:
            self._write(bare(Command.GENERIC_NACK, error.sequence, consts.SMPP_ESME_RINVCMDLEN))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self.kind = None
        self._centre.gone(self, [entry.item for entry in self._out.drain()])

    def pause_writing(self) -> None:
        """The gateway reads too slowly."""
        self._held_back = True

    def resume_writing(self) -> None:
        """It reads again."""
        self._held_back = False
        self._centre.roomy()

    # What the gateway says

    def _handle(self, frame: Frame) -> None:
        command = frame.command_id
        if command & RESPONSE:
            self._answered(frame)
        elif command in _KINDS:
            self._bind(frame, _KINDS[Command(command)])
        elif command == Command.SUBMIT_SM:
            self._submit(frame)
        elif command == Command.ENQUIRE_LINK:
            self._write(bare(command | RESPONSE, frame.sequence))
        elif command == Command.UNBIND:
            self._write(bare(command | RESPONSE, frame.sequence))
            self.close()
        else:
            self._write(bare(Command.GENERIC_NACK, frame.sequence, consts.SMPP_ESME_RINVCMDID))

    def _bind(self, frame: Frame, kind: BindKind) -> None:
        try:
            asked = read_bind(frame)
        except MalformedError as error:
            status = error.status
        else:
            bound_already: int = consts.SMPP_ESME_RALYBND
            status = bound_already if self.kind else self._centre.admits(asked.system_id, asked.password)
        self._write(bare(frame.command_id | RESPONSE, frame.sequence, status, b"simulator\0" if not status else b"\0"))
        if status == consts.SMPP_ESME_ROK:
            self.kind = kind
            self._centre.bound(self)

    def _submit(self, frame: Frame) -> None:
        message_id = ""
        if self.kind not in (BindKind.TRANSCEIVER, BindKind.TRANSMITTER):
            status = consts.SMPP_ESME_RINVBNDSTS
        else:
            try:
                status, message_id = self._centre.submitted(read_message(frame))
            except MalformedError as error:
                status = error.status
        self._write(bare(frame.command_id | RESPONSE, frame.sequence, status, message_id.encode() + b"\0"))

    def _answered(self, frame: Frame) -> None:
        entry = self._out.take(frame.sequence)
        if entry is None:
            log.warning("answer.unexpected", command=hex(frame.command_id))
        elif frame.status == consts.SMPP_ESME_ROK and frame.command_id != Command.GENERIC_NACK:
            entry.item.taken()
            self._centre.roomy()
        else:
            self._centre.refused(entry.item)

    def _write(self, octets: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(octets)
