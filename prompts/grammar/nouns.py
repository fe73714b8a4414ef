"""What is counted on the telephone, and how Bulgarian counts it: agreement, counted plurals, halves."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from prompts.grammar.numbers import Gender, cardinal


@dataclass(frozen=True)
class Noun:
    """A noun (or an adjective with its noun) as counting needs it.

    counted: the form after a number other than one. For masculine things that is the counted plural
    (бройна форма: „пет урока“, not „уроци“), for persons and the other genders the ordinary plural.
    """

    singular: str
    counted: str
    gender: Gender


GRADE = Noun("оценка", "оценки", Gender.FEMININE)
ABSENCE = Noun("отсъствие", "отсъствия", Gender.NEUTER)
UNEXCUSED_ABSENCE = Noun("неизвинено отсъствие", "неизвинени отсъствия", Gender.NEUTER)
EXCUSED_ABSENCE = Noun("извинено отсъствие", "извинени отсъствия", Gender.NEUTER)
LATENESS = Noun("закъснение", "закъснения", Gender.NEUTER)
CENSURE = Noun("забележка", "забележки", Gender.FEMININE)
PRAISE = Noun("похвала", "похвали", Gender.FEMININE)
LESSON_HOUR = Noun("час", "часа", Gender.MASCULINE)
STUDENT = Noun("ученик", "ученици", Gender.PERSONS)
MESSAGE = Noun("съобщение", "съобщения", Gender.NEUTER)
HEALTH_NOTE = Noun("здравна бележка", "здравни бележки", Gender.FEMININE)
EVENT = Noun("събитие", "събития", Gender.NEUTER)
MEETING = Noun("среща", "срещи", Gender.FEMININE)
PARENTS_MEETING = Noun("родителска среща", "родителски срещи", Gender.FEMININE)
ATTEMPT = Noun("опит", "опита", Gender.MASCULINE)
MINUTE = Noun("минута", "минути", Gender.FEMININE)
SECOND = Noun("секунда", "секунди", Gender.FEMININE)
CHILD = Noun("дете", "деца", Gender.NEUTER)

NOUNS = (
    *(GRADE, ABSENCE, UNEXCUSED_ABSENCE, EXCUSED_ABSENCE, LATENESS, CENSURE, PRAISE, LESSON_HOUR, STUDENT),
    *(MESSAGE, HEALTH_NOTE, EVENT, MEETING, PARENTS_MEETING, ATTEMPT, MINUTE, SECOND, CHILD),
)
"""Every noun the telephone counts; their counts are pre-rendered."""

CURRENCIES = {
    "EUR": (Noun("евро", "евро", Gender.NEUTER), Noun("цент", "цента", Gender.MASCULINE)),
    "BGN": (Noun("лев", "лева", Gender.MASCULINE), Noun("стотинка", "стотинки", Gender.FEMININE)),
}
"""What money is counted in, by its ISO 4217 code: the unit and its hundredth. Amounts are put together of pieces."""

HALVED = (ABSENCE, UNEXCUSED_ABSENCE, LESSON_HOUR)
"""The nouns of which halves are pre-rendered (a lateness is half an absence)."""

HALF = Decimal("0.5")


@cache
def counted(n: int, noun: Noun) -> str:
    """`n` >= 0 of `noun`: „една оценка“, „двадесет и една оценки“, „два часа“, „двама ученици“, „нула отсъствия“."""
    return f"{cardinal(n, noun.gender)} {noun.singular if n == 1 else noun.counted}"


@cache
def halves(value: Decimal, noun: Noun) -> str:
    """`value`, a multiple of one half >= 0, of `noun`: „половин отсъствие“, „две и половина отсъствия“.

    Raises ValueError when it is not a multiple of one half.
    """
    whole, half = split_half(value)
    if not half:
        return counted(whole, noun)
    if whole == 0:
        return f"половин {noun.singular}"
    return f"{cardinal(whole, noun.gender)} и половина {noun.counted}"


def split_half(value: Decimal) -> tuple[int, bool]:
    """(whole part, whether a half follows). Raises ValueError unless `value` is a multiple of one half >= 0."""
    if not value.is_finite() or value < 0 or value % HALF:
        raise ValueError(f"{value} is not a number of halves")
    return int(value), value % 1 != 0
