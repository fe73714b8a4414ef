"""The demonstration school as plain data: who is there and what happened up to a moment.

Everything follows from the school year and fixed seeds, so two installations show the same school on the same day;
nothing here touches a database. The secrets of its people (passwords, PINs) are not here: `school.demonstration`
derives them from the installation's own key.
"""

from db.demonstration import words
from db.demonstration.people import People, people
from db.demonstration.year import Year, year_shown
from db.demonstration.yearbook import Yearbook, yearbook

__all__ = ["People", "Year", "Yearbook", "people", "words", "year_shown", "yearbook"]
