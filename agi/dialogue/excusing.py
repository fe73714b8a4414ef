"""Excusing absences by keys, how notices and the month stand, and whether the child is at school: no voice is recorded.

The key for a ground is the reason that a parent's application needs (ordinance on inclusive education, art. 62 (1) 3).
"""

from collections.abc import Callable
from datetime import date, time, timedelta

from agi.dialogue import queries as q
from agi.dialogue.steps import Ask, Enter, Goto, Menu, Speech, Step
from agi.dialogue.walk import TRIES
from db.kinds import AbsenceReason, Obstacle
from prompts.entered import about
from prompts.grammar import nouns
from prompts.grammar.numbers import Gender, cardinal
from prompts.speech import Sentence, clock, day, halves, phrase
from school.attendance.dates import nearest
from school.attendance.given import Given, Outcome
from school.attendance.notices import Earlier
from school.attendance.today import Stretch, Today
from school.classbook.benefit import Standing
from school.hearing.access import Child

PAUSE = phrase("pause")
DATE = 4
"""Digits of a day and its month."""
GROUNDS = {"1": AbsenceReason.FAMILY, "2": AbsenceReason.HEALTH, "3": AbsenceReason.OTHER}

Home = Callable[[Speech], Step]
"""The main menu, with something said first."""


def excuse(child: Child, today: date, home: Home) -> Goto:
    """Which days, on what ground, and whether it is meant; `today` is the day in Sofia."""

    def begin() -> Step:
        return Menu(
            "excuse-days",
            (phrase("excuse-days"),),
            {
                "1": lambda: ground(today, today),
                "2": lambda: ground(today + timedelta(days=1), today + timedelta(days=1)),
                "3": lambda: enter("excuse-day", lambda on: ground(on, on)),
                "4": lambda: enter(
                    "excuse-first", lambda first: enter("excuse-last", lambda last: ground(first, last))
                ),
            },
            back=lambda: home(()),
            home=lambda: home(()),
        )

    def enter(name: str, then: Callable[[date], Step], failures: int = 0) -> Step:
        def entered(digits: str) -> Step:
            on = nearest(int(digits[:2]), int(digits[2:]), today)
            if on is not None:
                return then(on)
            if failures + 1 >= TRIES:
                return home((phrase("excuse-no-day"),))
            return enter(name, then, failures + 1)

        intro = (phrase("excuse-no-day"),) if failures else ()
        return Enter(name, (phrase(name),), DATE, DATE, entered, intro)

    def ground(first: date, last: date) -> Step:
        if last < first:
            return home((phrase("excuse-no-day"),))
        keys: dict[str, Goto] = {key: _confirming(child, first, last, one, today, home) for key, one in GROUNDS.items()}
        return Menu("excuse-ground", (phrase("excuse-ground"),), keys, back=begin, home=lambda: home(()))

    return begin


def _confirming(child: Child, first: date, last: date, ground: AbsenceReason, today: date, home: Home) -> Goto:
    def confirm() -> Step:
        said = about(child.given_name) + _days("excuse-for", "excuse-from", first, last, today)
        return Menu(
            "excuse-confirm",
            (said, phrase(f"excuse-{ground}") + PAUSE, phrase("excuse-confirm")),
            {"1": lambda: Ask("excuse", q.GiveNotice(child, first, last, ground), lambda got: home(given(got)))},
            back=lambda: home(()),
            home=lambda: home(()),
        )

    return confirm


def given(notice: Given) -> Speech:
    """What became of a notice, and why."""
    match notice.outcome:
        case Outcome.COUNTED:
            return (phrase("excuse-counted"), phrase("excuse-left") + _number(notice.days_left) + PAUSE)
        case Outcome.EXCUSED_ALREADY:
            return (phrase("excuse-already"),)
        case Outcome.NO_SCHOOL:
            return (phrase("excuse-no-school"),)
        case Outcome.OUTSIDE:
            return (phrase("excuse-outside"),)
        case Outcome.WAITS:
            reasons = (_why(one, notice) for one in notice.obstacles)
            return (*reasons, phrase("excuse-waits"))


def _why(obstacle: Obstacle, notice: Given) -> Sentence:
    match obstacle:
        case Obstacle.LATE:
            return phrase("excuse-late")
        case Obstacle.AT_ONCE:
            assert notice.limits is not None
            return phrase("excuse-at-once") + _number(notice.limits.days_at_once) + PAUSE
        case Obstacle.A_YEAR:
            return phrase("excuse-left") + _number(notice.days_left) + PAUSE
        case Obstacle.NO_REASON:
            return phrase("excuse-no-reason")


def standing(told: q.AbsencesTold, today: date) -> Speech:
    """How the caller's own notices stand, and how near the child benefit is to its end."""
    return (*(_notice(one, today) for one in told.notices), *(benefit(told.month) if told.month else ()))


def _notice(one: Earlier, today: date) -> Sentence:
    said = _days("notice-for", "notice-from", one.starts_on, one.ends_on, today) + phrase(f"notice-{one.state}")
    return said + (_refused_for(one.refused_for) if one.refused_for else ()) + PAUSE


def _refused_for(obstacle: Obstacle) -> Sentence:
    return phrase(
        {
            Obstacle.LATE: "notice-late",
            Obstacle.AT_ONCE: "notice-at-once",
            Obstacle.A_YEAR: "notice-a-year",
            Obstacle.NO_REASON: "excuse-no-reason",
        }[obstacle]
    )


def benefit(month: Standing) -> Speech:
    """The unexcused hours of this month, and how many are left."""
    hours = phrase("benefit-month") + halves(month.hours, nouns.LESSON_HOUR) + PAUSE
    if month.is_lost:
        return (hours, phrase("benefit-lost"))
    return (hours, phrase("benefit-left") + halves(month.left, nouns.LESSON_HOUR) + PAUSE)


def day_told(of: Today) -> Speech:
    """What was entered of today, lesson by lesson."""
    if of.from_hour is not None:
        return (phrase("day-too-early") + clock(time(of.from_hour)) + PAUSE,)
    if not of.knows_anything:
        return (phrase("day-nothing"),)
    return (phrase("day-today"), *(_stretch(one) for one in of.stretches))


def _stretch(one: Stretch) -> Sentence:
    lessons = phrase(f"lesson-{one.first}")
    if one.last > one.first:
        lessons = phrase("at") + lessons + phrase("until") + phrase(f"lesson-{one.last}")
    if one.absence is not None:
        return lessons + phrase(f"day-{one.absence}") + PAUSE
    return lessons + phrase("day-present" if one.was_entered else "day-open") + PAUSE


def _days(of_one: str, of_more: str, first: date, last: date, today: date) -> Sentence:
    if first == last:
        return phrase(of_one) + day(first, today)
    return phrase(of_more) + day(first, today) + phrase("until") + day(last, today)


def _number(count: int) -> Sentence:
    return (cardinal(count, Gender.MASCULINE),)
