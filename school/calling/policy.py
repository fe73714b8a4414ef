"""What follows when a call has ended: one table, for campaigns and for the outbox alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from db.kinds import CallResult


@dataclass(frozen=True, slots=True)
class Policy:
    """What to do with a telephone after a call to it.

    again: the pause before it is rung again, doubled after each further such attempt; None: never again.
    most: attempts after which it is rung no more (the campaign may allow fewer).
    counts: whether the attempt counts; one that our own side failed does not, as long as that does not go on.
    """

    again: timedelta | None
    most: int = 9
    counts: bool = True


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


POLICIES: dict[CallResult, Policy] = {
    CallResult.REACHED: Policy(None),
    CallResult.MACHINE: Policy(None),
    CallResult.CUT_SHORT: Policy(_minutes(30), most=2),
    CallResult.BUSY: Policy(_minutes(5)),
    CallResult.NO_ANSWER: Policy(_minutes(30)),
    CallResult.REJECTED: Policy(_minutes(60), most=2),
    CallResult.BAD_NUMBER: Policy(None),
    CallResult.TRUNK: Policy(_minutes(2), counts=False),
    CallResult.FAILED: Policy(_minutes(5), counts=False),
    CallResult.UNKNOWN: Policy(None),
    CallResult.NOT_ALLOWED: Policy(None),
}
"""Busy: again in 5 to 10 minutes. No answer: in half an hour to an hour. Rejected: once more, later."""

IsSpoken = Callable[[Iterable[str]], bool]
"""Whether a host's voice can say all these pieces of speech: whether their clips are on its disk."""


def everything_is_spoken(_pieces: Iterable[str]) -> bool:
    """For those who do not dial."""
    return True


CLIPS_TAKE = timedelta(seconds=10)
"""How long a call waits whose words are not all there yet. The voice server looks for new ones every 20 seconds."""

LINE_BUSY = timedelta(minutes=1)
"""How long a call waits while its telephone is in use by another call of the platform."""
LONGEST_PAUSE = timedelta(hours=1)
MOST_UNCOUNTED = 5
"""After so many attempts that our side failed they count: something is wrong with this one telephone."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long the pauses are here: `scale` 1 is what the table says, less is for trying it out."""

    scale: float = 1.0

    def after(self, result: CallResult, counted: int) -> timedelta | None:
        """The pause before the next attempt after `counted` (1..) such ones; None: there is none."""
        again = POLICIES[result].again
        if again is None:
            return None
        doubled: int = 2 ** min(max(counted, 1) - 1, 8)
        return min(again * doubled, LONGEST_PAUSE) * self.scale
