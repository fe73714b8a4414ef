"""Friday's letter: each child's week, how the year stands, and what is ahead; also when all was quiet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from db.kinds import Language
from school.wording.answers import absences_in_halves
from school.wording.plain_letters import Block, Listing, shortened

BG = Language.BULGARIAN
ROOM = 3900


@dataclass(frozen=True, slots=True)
class ChildWeek:
    """What is told of one child. `absences`: this year's unexcused (lateness as halves) and excused ones."""

    child: str
    class_name: str
    lines: tuple[str, ...]
    absences: tuple[Decimal, int]


def letter(language: Language, weeks: Sequence[ChildWeek], ahead: Sequence[str], first: date, last: date) -> str:
    """The text of the message, from the first to the last day of the week."""
    names = ", ".join(week.child for week in weeks)
    days = f"{first:%d.%m} – {last:%d.%m}"
    blocks: list[Block] = []
    for week in weeks:
        title = f"{week.child}, {week.class_name}" if week.class_name else week.child
        blocks.append(Listing(title, (*(week.lines or (_QUIET[language],)), _totals(language, week.absences))))
    if ahead:
        blocks.append(Listing(_AHEAD[language], tuple(ahead)))
    return shortened(_SUBJECT[language].format(names, days), blocks, ROOM, _MORE[language])


def _totals(language: Language, absences: tuple[Decimal, int]) -> str:
    unexcused, excused = absences
    if not unexcused and not excused:
        return _NONE[language]
    return _YEAR[language].format(absences_in_halves(language, unexcused), excused)


_SUBJECT = {BG: "Седмицата в училище: {}, {}", Language.ENGLISH: "The week at school: {}, {}"}
_QUIET = {BG: "Тази седмица няма нови записи.", Language.ENGLISH: "Nothing new was recorded this week."}
_NONE = {BG: "От началото на годината няма отсъствия.", Language.ENGLISH: "No absences this school year."}
_YEAR = {
    BG: "Отсъствия от началото на годината: неизвинени {}, извинени {}.",
    Language.ENGLISH: "Absences this school year: {} unexcused, {} excused.",
}
_AHEAD = {BG: "Предстои", Language.ENGLISH: "Coming up"}
_MORE = {
    BG: "Писмото е съкратено: всичко останало ще чуете по телефона.",
    Language.ENGLISH: "This letter was shortened: by telephone you hear the rest.",
}
