"""When parents may be called: within hours of the day and on days of the week, Sofia time."""

from dataclasses import dataclass
from datetime import datetime

from runtime.localtime import SOFIA
from school.outbox import hours


@dataclass(frozen=True, slots=True)
class CallingHours:
    """From one hour up to, not including, another, on `weekdays` ("12345": Monday to Friday)."""

    from_hour: int
    until_hour: int
    weekdays: str

    def allow(self, moment: datetime) -> bool:
        """Whether a parent may be rung at an aware moment."""
        return hours.is_allowed(moment, self.from_hour, self.until_hour) and self._on_such_a_day(moment)

    def first_from(self, moment: datetime) -> datetime:
        """The moment itself when it is allowed, else the next opening (aware)."""
        found = hours.allowed_from(moment, self.from_hour, self.until_hour)
        while not self._on_such_a_day(found):
            found = hours.allowed_from(hours.next_hour(found, self.from_hour), self.from_hour, self.until_hour)
        return found

    def _on_such_a_day(self, moment: datetime) -> bool:
        return str(moment.astimezone(SOFIA).isoweekday()) in self.weekdays
