"""The demonstration school as plain data: who is there and what happened up to a moment.

Everything follows from the school year and fixed seeds, so two installations show the same school on the same day;
nothing here touches a database. The secrets of its people (passwords, PINs) are not here: `demonstration`
derives them from the installation's own key.
"""

from demonstration.plan import words
from demonstration.plan.people import People, people
from demonstration.plan.year import Year, year_shown
from demonstration.plan.yearbook import Yearbook, yearbook

__all__ = ["People", "Year", "Yearbook", "people", "words", "year_shown", "yearbook"]
