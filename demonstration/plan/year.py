"""The demonstration school's calendar: terms, vacations, public holidays, timetable of bells."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from runtime.localtime import SOFIA
from school.years.easter import orthodox_easter

DAY = timedelta(days=1)
BEGINS_TO_BE_SHOWN = (10, 1)
"""A year that has just begun has nothing to show: until 1 October the past one still stands."""

LEVEL_ENDS = {12: (5, 15), **dict.fromkeys((1, 2, 3), (5, 29)), **dict.fromkeys((4, 5, 6), (6, 15))}
"""Last day of term 2, month and day, of the levels that end before 30 June."""


@dataclass(frozen=True, slots=True)
class Vacation:
    """Days without school, both ends included."""

    starts_on: date
    ends_on: date
    name: str


@dataclass(frozen=True, slots=True)
class Year:
    """A school year, named by the calendar year it starts in."""

    start: int
    ends_on: date

    @property
    def starts_on(self) -> date:
        """15 September."""
        return date(self.start, 9, 15)

    @property
    def terms(self) -> tuple[tuple[date, date], tuple[date, date]]:
        """First and last day of both terms."""
        following = self.start + 1
        return (self.starts_on, date(following, 1, 30)), (date(following, 2, 4), date(following, 6, 30))

    @property
    def term_2_ends(self) -> dict[int, date]:
        """Level -> its last day, where it is before the term's."""
        return {level: date(self.start + 1, month, day) for level, (month, day) in sorted(LEVEL_ENDS.items())}

    @property
    def vacations(self) -> tuple[Vacation, ...]:
        """In their order; public holidays within a vacation are not repeated."""
        first, second = self.start, self.start + 1
        easter = orthodox_easter(second)
        found = [
            Vacation(date(first, 9, 22), date(first, 9, 22), "Ден на независимостта"),
            Vacation(date(first, 10, 30), date(first, 11, 2), "Есенна ваканция"),
            Vacation(date(first, 12, 24), date(second, 1, 3), "Коледна ваканция"),
            Vacation(date(second, 1, 31), date(second, 2, 3), "Междусрочна ваканция"),
            Vacation(date(second, 3, 3), date(second, 3, 3), "Ден на Освобождението"),
            Vacation(easter - 8 * DAY, easter + DAY, "Пролетна ваканция"),
            Vacation(date(second, 5, 1), date(second, 5, 1), "Ден на труда"),
            Vacation(date(second, 5, 6), date(second, 5, 6), "Гергьовден"),
            Vacation(date(second, 5, 24), date(second, 5, 24), "Ден на светите братя Кирил и Методий"),
        ]
        spring = found[5]
        return tuple(one for one in found if one is spring or not spring.starts_on <= one.starts_on <= spring.ends_on)

    def school_days(self, first: date, last: date) -> Iterator[date]:
        """The days with lessons from first to last."""
        free = self.vacations
        day = first
        while day <= last:
            if day.isoweekday() <= 5 and not any(one.starts_on <= day <= one.ends_on for one in free):
                yield day
            day += DAY


def year_shown(today: date) -> Year:
    """The school year that the demonstration shows on a day, closed after that day at the earliest."""
    start = today.year if (today.month, today.day) >= BEGINS_TO_BE_SHOWN else today.year - 1
    return Year(start, max(date(start + 1, 9, 14), today))


def lesson_hours(lesson: int) -> tuple[time, time]:
    """When a lesson begins and ends: 40 minutes each, from 8:00, with breaks of ten minutes."""
    begins = datetime.combine(date.min, time(8)) + timedelta(minutes=50 * (lesson - 1))
    return begins.time(), (begins + timedelta(minutes=40)).time()


def after_lesson(day: date, lesson: int) -> datetime:
    """The moment, in UTC, when the teacher has written down what happened in a lesson: five minutes after its end."""
    return (datetime.combine(day, lesson_hours(lesson)[1], SOFIA) + timedelta(minutes=5)).astimezone(UTC)
