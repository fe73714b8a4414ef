"""Which grades may be given to whom: numbers, words, and what closes a term or a year.

Levels 1-3 are graded in words, have no term grades, and level 1 has one overall annual result (Ordinance 11 of 2016 on
assessment). Students with special needs may be graded by what they achieve, in words of their own, at any level.
"""

from dataclasses import dataclass
from decimal import Decimal

from db.kinds import GradeKind, GradeScale, Mark
from errors import InputError

QUALITATIVE_LEVELS = range(1, 4)


@dataclass(frozen=True, slots=True)
class Graded:
    """Whose grade it is and in what, as far as the rules ask."""

    level: int
    has_special_needs: bool
    kind: GradeKind
    has_subject: bool
    is_profiled: bool


@dataclass(frozen=True, slots=True)
class StoredGrade:
    """A permitted grade as it is stored: a number or a mark."""

    scale: GradeScale
    value: Decimal | None
    mark: Mark | None


def permitted(grade: Decimal | Mark, to: Graded) -> StoredGrade:
    """The grade as it is stored. Raises InputError, saying which rule does not allow it."""
    _check_kind(to)
    if isinstance(grade, Mark):
        return _in_words(grade, to)
    return _in_numbers(grade, to)


def check_number(value: Decimal) -> None:
    """Raises InputError for a number that is no grade at any level."""
    if not (value.is_finite() and (value == 2 or 3 <= value <= 6)):
        raise InputError("{value} is no grade: give 2, or 3.00 to 6.00.", value=value)


def marks_for(level: int, has_special_needs: bool) -> tuple[Mark, ...]:
    """The marks in words that may be given at this level, best first as they stand; none where grades are numbers."""
    scales = {GradeScale.QUALITATIVE} if level in QUALITATIVE_LEVELS else set()
    if has_special_needs:
        scales.add(GradeScale.SPECIAL_NEEDS)
    return tuple(mark for mark in Mark if mark.scale in scales)


def _check_kind(to: Graded) -> None:
    if to.kind is GradeKind.TERM and to.level in QUALITATIVE_LEVELS:
        raise InputError("Levels 1 to 3 have no term grades: give a current or an annual one.")
    overall = to.kind is GradeKind.ANNUAL and to.level == 1
    if overall and to.has_subject:
        raise InputError("Level 1 has one overall annual result: leave the subject out.")
    if not overall and not to.has_subject:
        raise InputError("A grade is in a subject: choose it (only the annual result of level 1 is overall).")


def _in_words(mark: Mark, to: Graded) -> StoredGrade:
    if mark.scale is GradeScale.SPECIAL_NEEDS and not to.has_special_needs:
        raise InputError("This mark is for students with special needs: choose another.")
    if mark.scale is GradeScale.QUALITATIVE and to.level not in QUALITATIVE_LEVELS:
        raise InputError("Levels 4 to 12 are graded from 2 to 6: give a number.")
    return StoredGrade(mark.scale, None, mark)


def _in_numbers(value: Decimal, to: Graded) -> StoredGrade:
    if to.level in QUALITATIVE_LEVELS:
        raise InputError("Levels 1 to 3 are graded in words: choose a mark.")
    check_number(value)
    if value != round(value, 2):
        raise InputError("{value} is too exact: a grade has at most two decimal places.", value=value)
    if to.kind is GradeKind.TERM and value != int(value):
        raise InputError("{value} is no term grade: it is whole, 2 to 6.", value=value)
    if to.kind is GradeKind.ANNUAL and value != int(value) and not to.is_profiled:
        raise InputError("{value} is no annual grade: it is whole, 2 to 6, except in a profiled subject.", value=value)
    return StoredGrade(GradeScale.NUMERIC, value, None)
