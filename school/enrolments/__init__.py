"""Which class a student is in, and was in on any day: the only room that changes it."""

from school.enrolments.days import covers, open_now, to_the_end, within
from school.enrolments.keeping import Placement, end, first_day_in, place

__all__ = ["Placement", "covers", "end", "first_day_in", "open_now", "place", "to_the_end", "within"]
