"""How many calls may begin, and when: calls per second, channels, a share for inbound calls, a failing trunk.

Pure: the clock is passed in (seconds, monotonic).
"""

import math
from dataclasses import dataclass, field

FAULTS_BEFORE_REST = 3
"""Faults of the trunk in a row; a single one is one telephone's, not the trunk's."""
FIRST_REST = 5.0
LONGEST_REST = 300.0
BURST_SECONDS = 0.25
"""So much of the rate is chosen at once at most: what was asked before a dial is no older."""


class Trunk:
    """Whether the trunk takes calls. After faults in a row it rests, longer each time, and is then tried by one."""

    def __init__(self, scale: float = 1.0) -> None:
        """scale: times the rests, as the pauses of telephones are scaled for trying it out."""
        self._scale = scale
        self._faults = 0
        self._rests = 0
        self._rests_until = 0.0

    @property
    def is_failing(self) -> bool:
        """Whether its last calls failed by its own fault."""
        return self._faults >= FAULTS_BEFORE_REST

    def room(self, now: float, under_way: int) -> int | None:
        """How many calls it may be given; None: no limit of its own."""
        if not self.is_failing:
            return None
        return 0 if now < self._rests_until or under_way else 1

    def failed(self, now: float) -> None:
        """A call did not get through by the trunk's fault."""
        self._faults += 1
        if self.is_failing and now >= self._rests_until:
            self._rests_until = now + self._scale * min(LONGEST_REST, FIRST_REST * 2**self._rests)
            self._rests += 1

    def worked(self) -> None:
        """A telephone rang, was busy or answered: the trunk works."""
        self._faults = self._rests = 0


@dataclass
class Pacer:
    """`rate` calls a second, `channels` in all, `inbound_share` of them kept free for parents who call in."""

    rate: float
    channels: int
    inbound_share: float
    trunk: Trunk = field(default_factory=Trunk)
    _next_slot: float = 0.0

    @property
    def most_outbound(self) -> int:
        """Outbound calls at once when nobody calls in; at least one."""
        return max(1, self.channels - math.ceil(self.channels * self.inbound_share))

    def room(self, now: float, outbound: int, inbound: int) -> int:
        """How many calls may be chosen now; `outbound` and `inbound` are under way."""
        kept = max(self.channels - self.most_outbound, inbound)
        free = self.channels - kept - outbound
        by_trunk = self.trunk.room(now, outbound)
        burst = max(1, int(self.rate * BURST_SECONDS))
        return max(0, min(free, burst, free if by_trunk is None else by_trunk))

    def slot(self, now: float) -> float:
        """Take the next slot: the moment at which the next call may begin, evenly spaced."""
        at = max(now, self._next_slot)
        self._next_slot = at + 1.0 / self.rate
        return at
