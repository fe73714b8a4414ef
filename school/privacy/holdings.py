"""What a table may hold of people, and the keys by which the rows of one person are found."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select

Ids = Collection[int] | Select[int]
"""Ids, or the query that gives them: a parent may have thousands of messages."""


@dataclass(frozen=True)
class Keys:
    """By what the rows of one person at one school are found. Phones in E.164."""

    school_id: int
    students: Ids = ()
    guardians: Ids = ()
    subscribers: Ids = ()
    subscriptions: Ids = ()
    families: Ids = ()
    """Families of campaigns."""
    messages: Ids = ()
    calls: Ids = ()
    texts: Ids = ()
    """What was texted."""
    staff: Ids = ()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    events: Mapping[str, Ids] = field(default_factory=dict)
    """Events of the class book, by kind."""


Found = Callable[[Any, Keys], ColumnElement[bool]]
"""From the columns of a table and a person's keys to the condition for that person's rows."""


class Erased(Enum):
    """How the rows of an erased person go. The first three are done from here, for every table that says so."""

    WITH_STUDENT = "every row with the student's `student_id` is deleted"
    WITH_SUBSCRIBER = "every row with the subscriber's `subscriber_id` is deleted"
    WITH_STAFF = "every row with the person's `staff_id` is deleted"
    WITH_PARENT_ROW = "the database deletes it with the row it belongs to (ON DELETE CASCADE)"
    BY_ITS_OWN_RULE = "school.privacy.erasure has a rule of its own for it"
    NOTHING_PERSONAL = "it holds nothing of a person that would have to go"


@dataclass(frozen=True)
class Holding:
    """What one table holds of people.

    `personal`, `technical` and `withheld` together name every column once. Personal columns stand in both parts of an
    export, technical ones (ids, states) in the JSON only, withheld ones nowhere, with the reason.
    """

    about: str
    """For readers of the code and of docs: whose data it is, or why nobody's."""
    erased: Erased
    title: str = ""
    """Heading in an export, in Bulgarian."""
    personal: tuple[str, ...] = ()
    technical: tuple[str, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    of_student: Found | None = None
    of_parent: Found | None = None
    of_staff: Found | None = None
    masked_for_student: tuple[str, ...] = ()
    """Columns with another person's number or address: shown masked where the export is a student's."""

    @property
    def columns(self) -> list[str]:
        """Every column that is classified."""
        return [*self.personal, *self.technical, *self.withheld]


def nobodys(why: str, columns: str) -> Holding:
    """A table without personal data."""
    return Holding(why, Erased.NOTHING_PERSONAL, technical=tuple(columns.split()))
