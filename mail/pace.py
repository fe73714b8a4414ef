"""How fast letters go out: at most what is configured, and slower for a while when the server says "too fast"."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds; doubled with each refusal that follows a pause, until a letter is taken."""


class Pace:
    """Times are seconds of one monotonic clock; not shared between threads. `per_minute` 0: no limit."""

    def __init__(self, per_minute: int, now: float) -> None:
        self._interval = 60.0 / per_minute if per_minute else 0.0
        self._next_at = now
        self._paused_until = now
        self._pause = FIRST_PAUSE

    def wait(self, now: float) -> float:
        """Seconds until the next letter may go; 0: now."""
        return max(self._next_at - now, self._paused_until - now, 0.0)

    def spend(self, now: float) -> None:
        """A letter goes out."""
        self._next_at = max(self._next_at, now) + self._interval

    def taken(self) -> None:
        """The server took a letter."""
        self._pause = FIRST_PAUSE

    def slow_down(self, now: float) -> None:
        """The server wants fewer, or nothing at all for now."""
        if now >= self._paused_until:
            self._paused_until = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
