"""Grades, marks and averages in words.

The scale is Ordinance 11 of 2016 on assessment (art. 9): from 2.00 to 6.00, a word for each band. The first three
school years are assessed in words alone, and students with special needs on a scale of three.
"""

from decimal import Decimal
from functools import cache

from prompts.grammar.numbers import Gender, cardinal

LOWEST = Decimal(2)
HIGHEST = Decimal(6)

BANDS = (
    (Decimal("5.50"), "Отличен"),
    (Decimal("4.50"), "Много добър"),
    (Decimal("3.50"), "Добър"),
    (Decimal("3.00"), "Среден"),
    (LOWEST, "Слаб"),
)
"""Lowest value of each band and its word, best first."""

MARKS = {
    "excellent": "Отличен",
    "very_good": "Много добър",
    "good": "Добър",
    "average": "Среден",
    "unsatisfactory": "Незадоволителен",
    "struggles": "Среща затруднения",
    "copes": "Справя се",
    "achieves": "Постига изискванията",
}
"""Marks without a number: the qualitative ones of levels 1 to 3, then the special needs scale."""


def check(value: Decimal) -> Decimal:
    """`value` itself. Raises ValueError unless it is 2.00..6.00 in hundredths."""
    if not value.is_finite() or not LOWEST <= value <= HIGHEST or value != round(value, 2):
        raise ValueError(f"{value} is not a grade from 2.00 to 6.00 in hundredths")
    return value


def word(value: Decimal) -> str:
    """The band's word: 5.49 -> „Много добър“, 5.50 -> „Отличен“."""
    return next(word for lowest, word in BANDS if check(value) >= lowest)


@cache
def average(value: Decimal) -> str:
    """5.50 -> „пет цяло и петдесет стотни“, 4.01 -> „четири цяло и една стотна“, 6.00 -> „шест“."""
    whole, hundredths = divmod(int(check(value) * 100), 100)
    if hundredths == 0:
        return cardinal(whole, Gender.MASCULINE)
    fraction = cardinal(hundredths, Gender.FEMININE)
    # „цяло“ is neuter: „две цяло и петдесет стотни“
    return f"{cardinal(whole, Gender.NEUTER)} цяло и {fraction} {'стотна' if hundredths == 1 else 'стотни'}"


def grade(value: Decimal) -> str:
    """„Отличен, шест“; „Много добър, пет цяло и двадесет и пет стотни“."""
    return f"{word(value)}, {average(value)}"


def mark(code: str) -> str:
    """The words of a mark of `MARKS`. Raises ValueError for an unknown code."""
    if code not in MARKS:
        raise ValueError(f"{code!r} is not a mark: one of {', '.join(MARKS)}")
    return MARKS[code]
