"""A link as the sender sees it: how many messages may be uncertain on it, and their results."""

from dataclasses import dataclass, field
from typing import NamedTuple

from db.kinds import ChargeOutcome, PartState
from school.outbox import Ending, Outgoing, Result, TakenPart
from smpp.gateway.operators import Operator
from smpp.gateway.receiver import LONGEST_ID
from smpp.protocol.link import Link
from smpp.protocol.outcomes import Sent, SubmitOutcome, status_name
from smpp.protocol.receipts import normal_id


class Lane:
    """A link that sends. A message on it is in doubt from its submission until its result is in the database.

    No more than a window of messages are: that is how many a crash can have sent twice.
    """

    def __init__(self, link: Link, operator: Operator) -> None:
        self.link = link
        self.operator = operator
        self.in_doubt = 0

    @property
    def can_send(self) -> bool:
        """Whether the link is up and may submit."""
        return self.link.can_send

    @property
    def room(self) -> int:
        """How many messages it would take now."""
        return max(self.link.settings.window - self.in_doubt, 0) if self.link.can_send else 0

    @property
    def under_way(self) -> int:
        """How many it has in hand."""
        return self.in_doubt


@dataclass(slots=True)
class Held:
    """A claimed message in this process's hands. Times in seconds of the loop's clock.

    `good_until`: from then on the lease is too near its end to submit it. `ways`: operators to try in turn.
    """

    message: Outgoing
    ways: tuple[str, ...]
    since: float
    good_until: float
    lane: Lane | None = None


class Part(NamedTuple):
    """Which part of which message a submit_sm is."""

    message_id: int
    number: int
    total: int


@dataclass(slots=True)
class Attempt:
    """The parts of one message on one lane, and their outcomes so far."""

    held: Held
    lane: Lane
    total: int
    waiting: int
    outcomes: list[tuple[int, SubmitOutcome]] = field(default_factory=list)

    @property
    def untouched(self) -> bool:
        """Whether no octet of it left us, so that any lane may send it as if nothing had been."""
        return all(outcome.sent is Sent.NOT_SENT for _, outcome in self.outcomes)

    def result(self) -> Result:
        """How it ended; all parts have their outcomes."""
        message_id = self.held.message.message_id
        taken: list[TakenPart] = []
        failed: list[SubmitOutcome] = []
        for number, outcome in self.outcomes:
            if outcome.sent is Sent.ACCEPTED:
                taken.append(taken_part(Part(message_id, number, self.total), self.lane.operator, outcome))
            else:
                failed.append(outcome)
        if not failed:
            return Result(message_id, Ending.SENT, tuple(taken))
        if self.held.message.charged:
            return self._result_of_charge(failed, tuple(taken))
        worst = min(failed, key=_order)
        return Result(message_id, _ending(worst), tuple(taken), worst.reason)

    def _result_of_charge(self, failed: list[SubmitOutcome], taken: tuple[TakenPart, ...]) -> Result:
        """What the operator's contract says of its statuses decides whether a charge is tried again at once.

        So a refusal for want of credit ends the attempt: `school.billing` knows when to try again.
        """
        worst = min(failed, key=_order)
        ending, message_id = _ending(worst), self.held.message.message_id
        if worst.sent is not Sent.REFUSED:
            return Result(message_id, ending, taken, worst.reason)
        outcome = self.lane.operator.billing.of_status(status_name(worst.status))
        if outcome is ChargeOutcome.NO_REPORT:
            return Result(message_id, Ending.UNKNOWN, taken, worst.reason, refusal=outcome)
        if outcome not in (None, ChargeOutcome.TEMPORARY):
            return Result(message_id, Ending.REFUSED, taken, worst.reason, refusal=outcome)
        return Result(message_id, ending, taken, worst.reason, refusal=outcome)


def taken_part(part: Part, operator: Operator, outcome: SubmitOutcome) -> TakenPart:
    """A part that the operator's SMSC took."""
    smsc_id = normal_id(outcome.message_id, operator.response_ids)[:LONGEST_ID]
    state = PartState.SENT if operator.reports(part.number, part.total) else PartState.DELIVERED
    return TakenPart(part.number, part.total, operator.name, smsc_id or None, state)


def _ending(outcome: SubmitOutcome) -> Ending:
    if outcome.sent is Sent.OVERDUE:
        return Ending.OVERDUE
    if outcome.sent is Sent.UNKNOWN:
        return Ending.UNKNOWN
    return Ending.REFUSED if outcome.permanent else Ending.RETRY


def _order(outcome: SubmitOutcome) -> int:
    """An unknown part decides before all: what may have gone out must not pass for refused."""
    return (Ending.OVERDUE, Ending.UNKNOWN, Ending.REFUSED, Ending.RETRY).index(_ending(outcome))
