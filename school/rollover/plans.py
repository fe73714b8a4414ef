"""What going over to the next school year would do, as a typed plan that a person looks at first."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from school.wording.translation import Words
from school.years.plans import CalendarPlan
from school.years.years import YearRow

FINISHING = frozenset({7, 12})
"""Levels after which a stage of school ends: basic (VII) and secondary education (XII). Classes of level 8
are formed anew, by admission (Закон за предучилищното и училищното образование, чл. 142)."""
DO_NOT_REPEAT = range(1, 5)
"""Students of levels I to IV do not repeat a class (ЗПУО, чл. 126); a plan that says so is warned of, not refused."""


class Fate(StrEnum):
    """What becomes of a student."""

    PROMOTED = "promoted"
    REPEATS = "repeats"
    LEAVES = "leaves"
    GRADUATES = "graduates"

    @property
    def stays(self) -> bool:
        """Whether the student is in a class of the new year."""
        return self in (Fate.PROMOTED, Fate.REPEATS)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person decides; everything else follows from the classes of the year that ends.

    `start` is the calendar year in which the new school year begins. `repeaters` and `leavers` are students, `placed`
    says of students in which class of the new year they are to be („6б“), also of levels that finish. Students of the
    levels `finishing` leave the school. `farewell_on` is the last day of who leaves or graduates; None: the last day of
    the year that ends.
    """

    start: int
    repeaters: frozenset[int] = frozenset()
    leavers: frozenset[int] = frozenset()
    placed: Mapping[int, str] = field(default_factory=dict)
    finishing: frozenset[int] = FINISHING
    farewell_on: date | None = None


@dataclass(frozen=True, slots=True)
class StudentStep:
    """What becomes of one student; `to_class` is None for who leaves or graduates."""

    student_id: int
    name: str = field(repr=False)
    from_class: str
    number: int | None
    fate: Fate
    to_class: str | None


@dataclass(frozen=True, slots=True)
class ClassStep:
    """A class of the new year. `made`: it is not there yet.

    `from_class`: the class whose teacher and teaching are copied, each to be confirmed; None: nothing is copied.
    """

    name: str
    level: int
    letter: str
    from_class: str | None
    from_class_id: int | None
    made: bool
    students: int
    class_teacher_id: int | None
    assignments: int
    """How many assignments of teaching are copied."""


@dataclass(frozen=True, slots=True)
class RolloverPlan:
    """The whole step. `calendar`: the new year is made by it; None: the school has that year already."""

    from_year: YearRow
    starts_on: date
    year_id: int | None
    calendar: CalendarPlan | None
    classes: tuple[ClassStep, ...]
    students: tuple[StudentStep, ...]
    farewell_on: date
    warnings: tuple[Words, ...]

    @property
    def numbers(self) -> Mapping[Fate, int]:
        """How many students have each fate."""
        counted = Counter(one.fate for one in self.students)
        return {fate: counted[fate] for fate in Fate}

    @property
    def fingerprint(self) -> str:
        """The same for two plans that do the same: what was looked at is what is carried out, or nothing is."""
        parts = (
            self.from_year.id,
            self.starts_on,
            self.farewell_on,
            [(one.name, one.from_class_id, one.made, one.class_teacher_id, one.assignments) for one in self.classes],
            [(one.student_id, one.fate, one.to_class) for one in self.students],
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()
