"""What an entry of the class book may contain: its lesson, its reason, its dates, its texts.

Each rule stands here once and asks no database; whichever door an entry comes through, it is refused with the same
sentence. Grades have their rules in `grade_scales`, dates of the school year in `school.years.calendar`.
"""

from datetime import date, datetime, timedelta

from db.kinds import FIRST_LESSON, LAST_LESSON, AbsenceKind, AbsenceReason
from errors import InputError
from school.wording.one_line import on_one_line as on_one_line

HEALTH_NOTE = "health note"
"""What the text of a health note is encrypted as."""
LONGEST_HEALTH_NOTE = timedelta(days=366)
LONGEST_TEXT = 1000
LONGEST_TITLE = 160
LONGEST_REASON = 300


def check_lesson(lesson: int) -> int:
    """The number of a lesson of the day. Raises InputError when no timetable has such a one."""
    if not FIRST_LESSON <= lesson <= LAST_LESSON:
        raise InputError(
            "{lesson} is no lesson: give {first} to {last}.", lesson=lesson, first=FIRST_LESSON, last=LAST_LESSON
        )
    return lesson


def check_reason(kind: AbsenceKind, reason: AbsenceReason | None) -> None:
    """Raises InputError for a reason that is missing, or that nothing needs."""
    if (kind is AbsenceKind.EXCUSED) != (reason is not None):
        raise InputError("An excused absence has a reason, and only an excused one has.")


def check_health_dates(starts_on: date, ends_on: date) -> None:
    """Raises InputError when a health note cannot have these first and last days."""
    if not timedelta() <= ends_on - starts_on <= LONGEST_HEALTH_NOTE:
        raise InputError("A health note ends on its first day or later, within a year: check the dates.")


def check_ahead(starts_at: datetime, now: datetime) -> None:
    """Raises InputError for a meeting or event that nobody could come to any more."""
    if starts_at <= now:
        raise InputError("The meeting or event would be in the past: check its date and hour.")


def check_level(level: int | None) -> None:
    """Raises InputError for a level that no school has."""
    if level is not None and not 1 <= level <= 12:
        raise InputError("{level} is no level: give 1 to 12.", level=level)


def remark_text(text: str) -> str:
    """A remark on one line. Raises InputError when it is empty or longer than LONGEST_TEXT."""
    return _written(
        text,
        LONGEST_TEXT,
        empty="The remark is empty: write it.",
        too_long="The remark is longer than {longest} characters: shorten it.",
    )


def health_text(text: str) -> str:
    """A health note's text on one line. Raises InputError when it is empty or longer than LONGEST_TEXT."""
    return _written(
        text,
        LONGEST_TEXT,
        empty="The health note is empty: write it.",
        too_long="The health note is longer than {longest} characters: shorten it.",
    )


def title_text(text: str) -> str:
    """A meeting's or an event's title on one line. Raises InputError when it is empty or longer than LONGEST_TITLE."""
    return _written(
        text,
        LONGEST_TITLE,
        empty="The title is empty: write it.",
        too_long="The title is longer than {longest} characters: shorten it.",
    )


def place_text(text: str) -> str:
    """The place of one on one line. Raises InputError when it is empty or longer than LONGEST_TITLE."""
    return _written(
        text,
        LONGEST_TITLE,
        empty="The place is empty: write it.",
        too_long="The place is longer than {longest} characters: shorten it.",
    )


def invitation_text(text: str) -> str:
    """What a meeting's or an event's announcement says more, possibly nothing; lines stay lines.

    Raises InputError when it is longer than LONGEST_TEXT.
    """
    text = "\n".join(on_one_line(line) for line in text.strip().splitlines())
    if len(text) > LONGEST_TEXT:
        raise InputError("The announcement is longer than {longest} characters: shorten it.", longest=LONGEST_TEXT)
    return text


def _written(text: str, longest: int, *, empty: str, too_long: str) -> str:
    text = on_one_line(text)
    if not text:
        raise InputError(empty)
    if len(text) > longest:
        raise InputError(too_long, longest=longest)
    return text
