"""What a link and its connection share: kinds of bind, session states, settings, a message under way."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from smpp.protocol.outcomes import SubmitOutcome
from smpp.protocol.pdus import Submit


class BindKind(StrEnum):
    """What a bind may do."""

    TRANSCEIVER = "transceiver"
    TRANSMITTER = "transmitter"
    RECEIVER = "receiver"


class LinkState(StrEnum):
    """The session states of SMPP 3.4, 2.2, with the two on the way in and out."""

    CLOSED = "closed"
    OPEN = "open"
    BOUND = "bound"
    UNBINDING = "unbinding"


NEXT_STATES: dict[LinkState, frozenset[LinkState]] = {
    LinkState.CLOSED: frozenset({LinkState.OPEN}),
    LinkState.OPEN: frozenset({LinkState.BOUND, LinkState.UNBINDING, LinkState.CLOSED}),
    LinkState.BOUND: frozenset({LinkState.UNBINDING, LinkState.CLOSED}),
    LinkState.UNBINDING: frozenset({LinkState.CLOSED}),
}
"""Where each state leads."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Where a link goes and how it behaves; times in seconds. `name` tells links of one operator apart."""

    name: str
    operator: str
    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    kind: BindKind = BindKind.TRANSCEIVER
    system_type: str = ""
    tls: ssl.SSLContext | None = None
    window: int = 10
    messages_per_second: float | None = None
    enquire_seconds: float = 30.0
    response_seconds: float = 20.0
    connect_seconds: float = 10.0
    queue_seconds: float = 20.0
    longest_retry_seconds: float = 60.0


@dataclass(slots=True)
class Submission:
    """A submit_sm on its way through a link. `ended` gets how it ended, once."""

    submit: Submit
    ended: Callable[[SubmitOutcome], None]
    deadline: float
