"""An event in one line, without the child's name.

On SMS the name and the line of one grade or one absence fit one part: 70 UTF-16 units (3GPP TS 23.040); a remark or a
meeting fits two. What is too long is said shorter step by step: first how the grade was earned, then the subject.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from db.kinds import (
    AbsenceKind,
    AbsenceReason,
    Channel,
    EventChange,
    GradeKind,
    Language,
    Mark,
    RemarkKind,
    SchoolEventKind,
)
from runtime.localtime import SOFIA
from school.wording.translation import SOURCE, gettext
from school.wording.words import (
    BANDS,
    CHANGES,
    GRADE_KINDS,
    MARKS,
    REASONS,
    REMARKS,
    REMINDER,
    SHORT_WEEKDAYS,
    WEEKDAYS,
    absence_words,
    overall,
    short_date,
    short_for,
    short_subject,
    usual_name,
    with_comma,
)

ONE_PART = 70
TWO_PARTS = 2 * 67
LONGEST_LINE = 1500
LONGEST_NAME = 16
"""Units of a given name that are written; of a longer one so many, with an ellipsis."""
ELLIPSIS = "…"
LEFT_TO_TELL = 30
"""Units of a text that must be left to be told before it is said where the rest is."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade: a number (2, 3.00-6.00) or a mark; `subject` None: the overall result of level 1."""

    subject: str | None
    kind: GradeKind
    value: Decimal | None
    mark: Mark | None
    on: date


@dataclass(frozen=True, slots=True)
class Absence:
    """An absence from one lesson."""

    subject: str
    kind: AbsenceKind
    reason: AbsenceReason | None
    on: date
    lesson: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A teacher's note."""

    kind: RemarkKind
    subject: str | None
    text: str
    on: date


@dataclass(frozen=True, slots=True)
class Health:
    """That there is a health note, and its dates: never what it says."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class SchoolEventDetails:
    """A parents' meeting or a school event; `starts_at` aware."""

    kind: SchoolEventKind
    title: str
    place: str
    starts_at: datetime


Happening = Grade | Absence | Remark | Health | SchoolEventDetails


def line(
    happening: Happening,
    *,
    language: Language = SOURCE,
    channel: Channel = Channel.SMS,
    child: str = "",
    change: EventChange = EventChange.RECORDED,
    longest: int | None = None,
    reminding: bool = False,
) -> str:
    """„Математика – Отличен (6), контролна работа, 23.11“; on SMS as short as the given name `child` makes needful.

    `longest`: UTF-16 units to keep within, where that is less. `reminding`: of what was told before.
    """
    before = gettext(language, REMINDER if reminding else CHANGES[change])
    room = LONGEST_LINE
    if channel is Channel.SMS:
        parts = ONE_PART if isinstance(happening, Grade | Absence | Health) else TWO_PARTS
        room = min(parts - units(f"{called(child)}: "), longest or parts)
        happening = _usually_called(happening, language)
    ways = _ways(happening, language, room - units(before))
    return before + next(way for way in ways if units(way) + units(before) <= room)


def _usually_called(happening: Happening, language: Language) -> Happening:
    """With its subject's usual name, „БЕЛ“: the same in every SMS, not the full one where there happens to be room."""
    if isinstance(happening, Grade | Absence | Remark) and happening.subject:
        usual = usual_name(language, happening.subject)
        if usual != happening.subject:
            return replace(happening, subject=usual)
    return happening


def short_event(details: SchoolEventDetails, language: Language = SOURCE) -> str:
    """„Родителска среща, пон. 30.11, 18:30, Кабинет 12“: where several are told together."""
    local = details.starts_at.astimezone(SOFIA)
    day = gettext(language, SHORT_WEEKDAYS[local.weekday()])
    return _listed(
        cut(_title(details, language), 40),
        f"{day} {short_date(local.date())}",
        f"{local:%H:%M}",
        cut(details.place, 20),
    )


def called(given_name: str) -> str:
    """A child's given name as a message begins with it."""
    return cut(given_name, LONGEST_NAME)


def units(text: str) -> int:
    """UTF-16 units: what a Cyrillic SMS is measured in."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, room: int) -> str:
    """The text, or as much of it as leaves place for an ellipsis within `room` units (1..)."""
    if units(text) <= room:
        return text
    while units(text) > room - 1:
        text = text[:-1]
    return text.rstrip(" .,;:–-(") + ELLIPSIS


def cut_short(text: str, room: int, language: Language) -> str:
    """The same, and where there is room for it, where the rest is."""
    rest = gettext(language, "(още: по телефона)")
    if units(text) <= room or room < LEFT_TO_TELL + units(rest):
        return cut(text, room)
    return f"{cut(text, room - units(rest) - 1)} {rest}"


def value_in_words(value: Decimal | None, mark: Mark | None, language: Language) -> str:
    """„Отличен (6)“, „Мн. добър (5.25)“, „Справя се“."""
    if value is None:
        return gettext(language, MARKS[mark]) if mark else ""
    word = next(word for lowest, word in BANDS if value >= lowest)
    return f"{gettext(language, word)} ({with_comma(language, f'{value.normalize():f}')})"


def _ways(happening: Happening, language: Language, room: int) -> Iterator[str]:
    """Ways to say it, the fullest first; the last one fits."""
    match happening:
        case Grade():
            return _grade(happening, language, room)
        case Absence():
            return _absence(happening, language, room)
        case Remark():
            return _remark(happening, language, room)
        case Health():
            return _health(happening, language)
        case SchoolEventDetails():
            return _school_event(happening, language, room)


def _grade(grade: Grade, language: Language, room: int) -> Iterator[str]:
    value = value_in_words(grade.value, grade.mark, language)
    full, short = (gettext(language, kind) for kind in GRADE_KINDS[grade.kind])
    subject = grade.subject or overall(language)
    abbreviated = short_for(language, subject)
    for name in (subject, abbreviated):
        for kind in (full, short):
            yield _listed(f"{name} – {value}", kind, short_date(grade.on))
    # That a grade closes a term or a year is said whatever has to be shortened for it.
    least = short if grade.kind.closes else ""
    for name in (subject, abbreviated):
        yield _listed(f"{name} – {value}", least, short_date(grade.on))
    rest = _listed(f" – {value}", least, short_date(grade.on))
    yield cut(abbreviated, max(1, room - units(rest))) + rest


def _absence(absence: Absence, language: Language, room: int) -> Iterator[str]:
    full, short, lesson = absence_words(language, absence.kind, absence.lesson)
    reason = f" ({gettext(language, REASONS[absence.reason])})" if absence.reason else ""
    abbreviated = short_for(language, absence.subject)
    for what in (full + reason, full, short):
        for subject in (absence.subject, abbreviated):
            yield _listed(f"{what}: {subject}", lesson, short_date(absence.on))
    rest = _listed("", lesson, short_date(absence.on))
    yield cut(f"{short}: {abbreviated}", max(1, room - units(rest))) + rest


def _remark(remark: Remark, language: Language, room: int) -> Iterator[str]:
    what = gettext(language, REMARKS[remark.kind])
    day = f" ({short_date(remark.on)})"
    heads = [f"{what}: "]
    if remark.subject:
        heads = [f"{what}, {remark.subject}: ", f"{what}, {short_subject(remark.subject)}: ", *heads]
    for head in heads[:2]:
        yield head + remark.text + day
    # The teacher's words matter more than the subject's full name, once they do not fit both.
    for head in heads[1:] or heads:
        left = room - units(head + day)
        if left >= 20:
            yield head + cut_short(remark.text, left, language) + day
    yield cut(heads[-1] + remark.text, room)


def _health(health: Health, language: Language) -> Iterator[str]:
    first, last = short_date(health.starts_on), short_date(health.ends_on)
    if health.starts_on == health.ends_on:
        yield gettext(language, "Здравна бележка за {day}", day=first)
    else:
        yield gettext(language, "Здравна бележка от {first} до {last}", first=first, last=last)


def _school_event(school_event: SchoolEventDetails, language: Language, room: int) -> Iterator[str]:
    local = school_event.starts_at.astimezone(SOFIA)
    hour = gettext(language, "{hour} ч.", hour=f"{local:%H:%M}")
    at = f", {gettext(language, WEEKDAYS[local.weekday()])} {short_date(local.date())}, {hour}"
    title = _title(school_event, language)
    place = f", {school_event.place}" if school_event.place else ""
    yield title + at + place
    for place_room in (60, 30):
        shorter = cut(place, place_room)
        if room - units(at + shorter) >= 30:
            yield cut_short(title, room - units(at + shorter), language) + at + shorter
    yield cut(title, max(1, room - units(at))) + at


def _title(school_event: SchoolEventDetails, language: Language) -> str:
    title = school_event.title
    if school_event.kind is SchoolEventKind.MEETING and gettext(language, "среща") not in title.lower():
        title = gettext(language, "Родителска среща: {title}", title=title)
    return title


def _listed(*pieces: str) -> str:
    first, *others = pieces
    return ", ".join([first, *(piece for piece in others if piece)])
