"""Friday's letter: each child's week, the year's totals, and what is ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from db.kinds import Language, Mark
from school.wording.lines import value_in_words
from school.wording.plain_letters import Block, Listing, Paragraph, shortened
from school.wording.translation import gettext
from school.wording.words import in_halves, short_date

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
    days = f"{short_date(first)} – {short_date(last)}"
    blocks: list[Block] = []
    for week in weeks:
        title = f"{week.child}, {week.class_name}" if week.class_name else week.child
        lines = week.lines or (gettext(language, "Тази седмица няма нови записи."),)
        blocks.append(Listing(title, (*lines, _totals(language, week.absences))))
    if ahead:
        blocks.append(Listing(gettext(language, "Предстои"), tuple(ahead)))
    subject = gettext(language, "Седмицата в училище: {names}, {days}", names=names, days=days)
    more = gettext(language, "Писмото е съкратено: всичко останало ще чуете по телефона.")
    return shortened(subject, blocks, ROOM, more)


@dataclass(frozen=True, slots=True)
class Annual:
    """An annual grade: a number or a mark."""

    subject: str
    value: Decimal | None
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class LastYear:
    """What is told of a child who leaves the school. `absences` as in `ChildWeek`."""

    child: str
    class_name: str
    annual: tuple[Annual, ...]
    absences: tuple[Decimal, int]


def last_letter(language: Language, children: Sequence[LastYear]) -> str:
    """The last summary: the year's results of children who are at the school no more."""
    names = ", ".join(one.child for one in children)
    blocks: list[Block] = []
    for one in children:
        grades = (f"{grade.subject}: {value_in_words(grade.value, grade.mark, language)}" for grade in one.annual)
        lines = (*grades, _totals(language, one.absences))
        blocks.append(Listing(f"{one.child}, {one.class_name}", lines))
    thanks = gettext(language, "Това е последната сводка. Благодарим Ви, че следяхте училището с нас.")
    blocks.append(Paragraph(thanks))
    more = gettext(language, "Писмото е съкратено: всичко останало ще чуете по телефона.")
    return shortened(gettext(language, "Последна сводка: {names}", names=names), blocks, ROOM, more)


def _totals(language: Language, absences: tuple[Decimal, int]) -> str:
    unexcused, excused = absences
    if not unexcused and not excused:
        return gettext(language, "От началото на годината няма отсъствия.")
    return gettext(
        language,
        "Отсъствия от началото на годината: неизвинени {unexcused}, извинени {excused}.",
        unexcused=in_halves(language, unexcused),
        excused=excused,
    )
