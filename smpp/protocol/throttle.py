"""How fast a link may submit: at most what is configured, and at once less when the SMSC says "too fast".

ESME_RTHROTTLED and ESME_RMSGQFUL say that a rate was exceeded, never which. What the SMSC took in the last second is
the best guess of it: sending pauses, goes on just below that guess, and then feels its way up again.
"""

from collections import deque

from smpplib import consts

SLOW_DOWN = frozenset({consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL})
"""Statuses that refuse a message for now only."""

BELOW = 0.97
"""Share of the guessed rate to go on with."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds of silence after a refusal; doubled with each refusal that follows a pause, until something is taken."""

GROWTH_AFTER = 3.0
"""Seconds without a refusal before the rate grows, and how long it then takes to grow by half."""

BURST = 0.1
"""Seconds' worth of messages that may go out together."""


class Throttle:
    """A token bucket with an adapting rate. Times are seconds of one monotonic clock; not shared between threads."""

    def __init__(self, per_second: float | None, now: float) -> None:
        self._ceiling = per_second or float("inf")
        self.rate = self._ceiling
        self._tokens = 1.0
        self._at = now
        self._paused_until = now
        self._pause = FIRST_PAUSE
        self._refused_at = float("-inf")
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the next message may go; 0: now."""
        if now < self._paused_until:
            return self._paused_until - now
        self._grow(now)
        if self.rate == float("inf"):
            return 0.0
        self._tokens = min(self._tokens + (now - self._at) * self.rate, max(1.0, self.rate * BURST))
        self._at = now
        return 0.0 if self._tokens >= 0.999 else (1 - self._tokens) / self.rate

    def spend(self) -> None:
        """A message goes out; call after `wait` gave 0."""
        self._tokens -= 1

    def accepted(self, now: float) -> None:
        """The SMSC took a message."""
        self._pause = FIRST_PAUSE
        self._taken.append(now)
        while self._taken[0] < now - 1:
            self._taken.popleft()

    def refused(self, now: float) -> None:
        """The SMSC answered one of SLOW_DOWN."""
        while self._taken and self._taken[0] < now - 1:
            self._taken.popleft()
        if now >= self._paused_until:  # the first of a window's refusals; the others tell nothing new
            seen = max(len(self._taken), 1)
            self.rate = min(self.rate, max(seen * BELOW, self.rate / 2 if self.rate < float("inf") else 1.0))
            self._paused_until = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._refused_at = now
        self._tokens, self._at = 1.0, self._paused_until

    def _grow(self, now: float) -> None:
        calm = now - self._refused_at - GROWTH_AFTER
        if calm <= 0 or self.rate >= self._ceiling:
            return
        self.rate = min(self.rate * (1 + 0.5 * calm / GROWTH_AFTER), self._ceiling)
        self._refused_at = now - GROWTH_AFTER
