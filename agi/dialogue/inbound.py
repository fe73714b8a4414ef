"""The call of a parent to the school's number: identify, main menu, listening, settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from agi.dialogue import excusing, wording
from agi.dialogue import queries as q
from agi.dialogue.identify import Identified, begin
from agi.dialogue.settings_menu import settings_menu
from agi.dialogue.steps import Ask, Goto, Hear, Item, Menu, Speech, Step
from agi.dialogue.to_teacher import to_teacher
from prompts.speech import phrase
from runtime.localtime import today
from school.hearing.records import GradeRow, News, NewsCounts, SubjectAverage

PAGE = 10
"""Items of a long list before the caller is asked whether to go on to the older ones."""

NO_KEYS: Mapping[str, Goto] = {}


def inbound(now: datetime) -> Step:
    """The dialogue's first step. `now` is aware; days are told as a person in Sofia sees them."""
    return begin(lambda identified: _arrive(Visit(identified, now)))


@dataclass(frozen=True)
class Visit:
    """A caller who may hear one child's records, at one time."""

    identified: Identified
    now: datetime

    @property
    def today(self) -> date:
        """The day in Sofia."""
        return today(self.now)

    def home(self) -> Step:
        """The main menu again."""
        return main_menu(self)


def _arrive(visit: Visit) -> Step:
    """The first time in the main menu: the child's name and what is new stand before the choices, the news first."""
    child = visit.identified.child

    def told(new: NewsCounts) -> Step:
        intro = (wording.child_of_class(child) + wording.PAUSE, wording.news_summary(new))
        return main_menu(visit, intro, news_first=new != NewsCounts())

    return Ask("news-count", q.HowMuchIsNew(child), told)


def main_menu(visit: Visit, intro: Speech = (), *, news_first: bool = False) -> Step:
    """What can be heard, by key; `*` leaves a message, `8` picks another child, `9` tells again how much is new."""
    child, another = visit.identified.child, visit.identified.another
    keys: dict[str, Goto] = {
        "1": lambda: Ask("grades", q.LatestGrades(child), lambda rows: _grades(visit, rows)),
        "2": lambda: Ask("absences", q.LatestAbsences(child), lambda told: _absences(visit, q.AbsencesTold(*told))),
        "3": lambda: Ask("remarks", q.LatestRemarks(child), lambda rows: _list(visit, "remarks", rows)),
        "4": lambda: Ask("health", q.HealthNotes(child), lambda rows: _list(visit, "health", rows)),
        "5": lambda: Ask("meetings", q.MeetingsAhead(child), lambda rows: _list(visit, "meetings", rows)),
        "6": lambda: Ask("news", q.WhatIsNew(child), lambda news: _news(visit, news)),
        "7": lambda: settings_menu(
            visit.identified, visit.today, lambda changed: replace(visit, identified=changed).home()
        ),
        "9": lambda: _arrive(visit),
        "*": lambda: to_teacher(child, visit.today, lambda said: main_menu(visit, said)),
        "#": lambda: Ask("day-at-school", q.DayAtSchool(child), lambda day: main_menu(visit, excusing.day_told(day))),
    }
    choices = [
        "menu-day",
        "menu-grades",
        "menu-absences",
        "menu-remarks",
        "menu-health",
        "menu-meetings",
        "menu-news",
        "menu-settings-bill" if visit.identified.hears_bill else "menu-settings",
    ]
    if news_first:
        choices.remove("menu-news")
        choices.insert(0, "menu-news-first")
    if another is not None:
        keys["8"] = lambda: another(visit.identified.children)
        choices.append("menu-other-child")
    choices += ["menu-message", "menu-repeat"]
    say = tuple(phrase(choice) for choice in choices)
    return Menu("main-menu", say, keys, intro=intro, home=visit.home)


def _list(
    visit: Visit,
    name: str,
    rows: Sequence[wording.Row],
    intro: Speech = (),
    keys: Mapping[str, Goto] = NO_KEYS,
    page: int = 0,
    told_keys: Speech = (),
) -> Step:
    """Hear a page of `rows`; at its end choose: `keys` (`told_keys` says them), again, older ones, or the main menu."""
    if not rows:
        return main_menu(visit, (phrase(f"{name}-none"),))
    shown = rows[page * PAGE : (page + 1) * PAGE]
    older = len(rows) > (page + 1) * PAGE

    def again() -> Step:
        return _list(visit, name, rows, intro, keys, page, told_keys)

    def end() -> Step:
        ways: dict[str, Goto] = {**keys, "9": again}
        say: Speech = (*told_keys, phrase("list-end-choices"))
        if older:
            ways["#"] = lambda: _list(visit, name, rows, (), keys, page + 1, told_keys)
            say = (phrase("list-older"), *say)
        said = () if older else (phrase("list-end"),)
        return Menu(f"{name}-end", say, ways, intro=said, back=visit.home, home=visit.home)

    heading = (Item(intro),) if intro else ()
    items = (*heading, *(wording.item(row, visit.today) for row in shown))
    return Hear(name, items, end, keys, back=visit.home, home=visit.home)


def _news(visit: Visit, news: News) -> Step:
    """All that is new. Who hears it is not rung about it again: the warning that goes with an absence is said too."""
    warning = excusing.benefit(news.benefit) if news.benefit else ()
    return _list(visit, "news", wording.news_rows(news), warning)


def _grades(visit: Visit, rows: Sequence[GradeRow]) -> Step:
    def by_subject() -> Step:
        return Ask("grades-by-subject", q.GradesBySubject(visit.identified.child), told)

    def told(subjects: Sequence[SubjectAverage]) -> Step:
        return _list(visit, "grades-by-subject", subjects, (phrase("grades-by-subject"),))

    to_subjects = (phrase("grades-to-subjects"),)
    return _list(visit, "grades", rows, (phrase("grades-latest"),), {"1": by_subject}, told_keys=to_subjects)


def _absences(visit: Visit, told: q.AbsencesTold) -> Step:
    """All there is of absences; key 1 excuses some at any time, also where there are none yet."""
    excuse = excusing.excuse(visit.identified.child, visit.today, lambda said: main_menu(visit, said))
    to_excuse = phrase("absences-to-excuse")
    standing = excusing.standing(told, visit.today)
    if not told.rows:
        said = (phrase("absences-none"), *standing)
        choices = (to_excuse, phrase("list-end-choices"))
        return Menu("absences-end", choices, {"1": excuse}, intro=said, back=visit.home, home=visit.home)
    heading = (*wording.absence_totals(told.totals), *standing, to_excuse, phrase("absences-latest"))
    return _list(visit, "absences", told.rows, heading, {"1": excuse}, told_keys=(to_excuse,))
