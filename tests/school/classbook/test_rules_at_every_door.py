"""Every rule of the class book, tried through every door that can offer what it forbids: each gives the same answer.

Pages answer in Bulgarian, programs and commands in English; nothing of what was refused is kept.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from db.kinds import Language
from db.session import open_database
from devtools.postgres import PostgresServer
from errors import InputError
from school.wording.translation import told
from tests.conftest import settings_for
from tests.school.classbook.doors import DAY, FREE_LESSON, TODAY, World
from tests.school.conftest import NOW

AT_A_PAGE = ("form", "sheet", "excuse")
LAST_WEEK = TODAY - 7 * DAY
SUNDAY = date(2026, 11, 22)
VACATION = date(2026, 10, 30)
SUMMER = date(2026, 8, 3)
LONG, LONG_TITLE = "а" * 1001, "а" * 161

Door = Callable[[World], str]


@dataclass(frozen=True)
class Rule:
    """A rule's sentence and how each door is offered what it forbids."""

    sentence: InputError
    doors: dict[str, Door]


def rule(sentence: str, /, values: dict[str, Any] | None = None, **doors: Door) -> Rule:
    """Doors are named `form`, `sheet`, `api`, `command`, `excuse`, with a word more where one is tried twice."""
    return Rule(InputError(sentence, **(values or {})), doors)


def a_day(on: date) -> str:
    return on.isoformat()


def grade_command(w: World, *more: str, grade: str = "5", who: str = "teacher", student: str = "student") -> str:
    return w.command("grade", "--subject", "Математика", "--grade", grade, *more, who=who, student=student)


def absence_command(w: World, *more: str, lesson: int = FREE_LESSON, who: str = "teacher") -> str:
    return w.command("absence", "--subject", "Математика", "--lesson", str(lesson), *more, who=who)


def remark_command(w: World, *more: str, text: str = "Помага.", who: str = "teacher") -> str:
    return w.command("remark", "--text", text, *more, who=who)


def health_command(w: World, text: str = "Грип.", *more: str, who: str = "class teacher") -> str:
    return w.command("health", "--text", text, *more, who=who)


def meeting_command(w: World, title: str = "Среща", place: str = "Стая 1", at: str = "2026-12-01 18:30") -> str:
    return w.command(
        *("meeting", "--class", "8а", "--title", title, "--place", place, "--at", at), student=None, who="class teacher"
    )


def health_form(w: World, student: str = "student", who: str = "class teacher", **fields: object) -> str:
    whole = {"health-starts_on": a_day(TODAY), "health-ends_on": a_day(TODAY), "health-text": "Грип."}
    return w.form(f"/class/student/{{{student}}}/health", who, **whole | fields)


def health_api(w: World, student: str = "student", who: str = "class teacher", **fields: object) -> str:
    whole = {"starts_on": a_day(TODAY), "ends_on": a_day(TODAY), "note": "Грип."}
    return w.api("health-notes", student, who=who, **whole | fields)


def meeting_form(w: World, **fields: object) -> str:
    whole = {"kind": "meeting", "title": "Среща", "place": "Стая 1", "on": "2026-12-01", "at": "18:30"}
    return w.form("/events/new", "class teacher", **whole | {"invited": f"class-{w.ids['class']}"} | fields)


def meeting_api(w: World, who: str = "class teacher", **fields: object) -> str:
    whole = {"kind": "meeting", "title": "Среща", "place": "Стая 1", "starts_at": "2026-12-01T18:30:00+02:00"}
    return w.api("meetings", None, who=who, **whole | {"class_id": w.ids["class"]} | fields)


def excuse(w: World, student: str = "student", who: str = "class teacher", **fields: object) -> str:
    whole = {"kind": "medical", "starts_on": a_day(LAST_WEEK), "ends_on": a_day(LAST_WEEK)}
    return w.form(f"/class/student/{{{student}}}/excuse", who, **whole | fields)


def excuse_command(w: World, *more: str, who: str = "class teacher") -> str:
    return w.command("excuse", "--from", a_day(LAST_WEEK), *more, who=who)


def dated(on: date) -> dict[str, Door]:
    """Every door with this date."""
    return {
        "sheet": lambda w: w.sheet(on=on, g="5"),
        "api": lambda w: w.lesson("grades", kind="current", value=5, on=a_day(on)),
        "api_absence": lambda w: w.lesson("absences", kind="late", lesson=FREE_LESSON, on=a_day(on)),
        "api_remark": lambda w: w.lesson("remarks", kind="praise", text="Помага.", on=a_day(on)),
        "command": lambda w: grade_command(w, "--on", a_day(on)),
        "command_absence": lambda w: absence_command(w, "--on", a_day(on)),
        "command_remark": lambda w: remark_command(w, "--on", a_day(on)),
    }


def off(on: date) -> dict[str, Door]:
    """Absences only: on a day without school nobody is absent."""
    return {
        "sheet": lambda w: w.sheet(on=on, a="unexcused"),
        "api": lambda w: w.lesson("absences", kind="late", lesson=FREE_LESSON, on=a_day(on)),
        "command": lambda w: absence_command(w, "--on", a_day(on)),
    }


def no_lesson(lesson: int) -> dict[str, Door]:
    return {
        "sheet": lambda w: w.sheet(lesson=lesson, a="late"),
        "sheet_of_grades": lambda w: w.sheet(lesson=lesson, g="5"),
        "api": lambda w: w.lesson("absences", kind="late", lesson=lesson),
        "command": lambda w: absence_command(w, lesson=lesson),
    }


RULES = {
    "no such number": rule(
        "{value} is no grade: give 2, or 3.00 to 6.00.",
        {"value": "2.5"},
        sheet=lambda w: w.sheet(g="2,5"),
        form=lambda w: w.correction("grade", grade="2,5"),
        api=lambda w: w.lesson("grades", kind="current", value=2.5),
        command=lambda w: grade_command(w, grade="2.5"),
    ),
    "above the scale": rule(
        "{value} is no grade: give 2, or 3.00 to 6.00.",
        {"value": "7"},
        sheet=lambda w: w.sheet(g="7"),
        form=lambda w: w.correction("grade", grade="7"),
        api=lambda w: w.lesson("grades", kind="current", value=7),
        command=lambda w: grade_command(w, grade="7"),
    ),
    "nought": rule(
        "{value} is no grade: give 2, or 3.00 to 6.00.",
        {"value": "0"},
        sheet=lambda w: w.sheet(g="0"),
        form=lambda w: w.correction("grade", grade="0"),
        api=lambda w: w.lesson("grades", kind="current", value=0),
        command=lambda w: grade_command(w, grade="0"),
    ),
    "too exact": rule(
        "{value} is too exact: a grade has at most two decimal places.",
        {"value": "5.255"},
        sheet=lambda w: w.sheet(g="5.255"),
        form=lambda w: w.correction("grade", grade="5.255"),
        api=lambda w: w.lesson("grades", kind="current", value=5.255),
        command=lambda w: grade_command(w, grade="5.255"),
    ),
    "a term grade is whole": rule(
        "{value} is no term grade: it is whole, 2 to 6.",
        {"value": "5.5"},
        sheet=lambda w: w.sheet("second", kind="term", g="5.5"),
        form=lambda w: w.correction("grade", grade="5.5"),
        api=lambda w: w.lesson("grades", "second", kind="term", value=5.5),
        command=lambda w: grade_command(w, "--kind", "term", grade="5.5", student="second"),
    ),
    "an annual grade is whole": rule(
        "{value} is no annual grade: it is whole, 2 to 6, except in a profiled subject.",
        {"value": "5.5"},
        sheet=lambda w: w.sheet(kind="annual", g="5.5"),
        api=lambda w: w.lesson("grades", kind="annual", value=5.5),
        command=lambda w: grade_command(w, "--kind", "annual", grade="5.5"),
    ),
    "no words in the eighth class": rule(
        "Levels 4 to 12 are graded from 2 to 6: give a number.",
        sheet=lambda w: w.sheet(g="good"),
        form=lambda w: w.correction("grade", grade="good"),
        api=lambda w: w.lesson("grades", kind="current", mark="good"),
        command=lambda w: grade_command(w, grade="good"),
    ),
    "no numbers in the third": rule(
        "Levels 1 to 3 are graded in words: choose a mark.",
        sheet=lambda w: w.sheet("of the third class", of="third class", g="5"),
        api=lambda w: w.lesson("grades", "of the third class", kind="current", value=5),
        command=lambda w: grade_command(w, student="of the third class"),
    ),
    "special needs": rule(
        "This mark is for students with special needs: choose another.",
        sheet=lambda w: w.sheet(g="copes"),
        form=lambda w: w.correction("grade", grade="copes"),
        api=lambda w: w.lesson("grades", kind="current", mark="copes"),
        command=lambda w: grade_command(w, grade="copes"),
    ),
    "no term grades in the third class": rule(
        "Levels 1 to 3 have no term grades: give a current or an annual one.",
        sheet=lambda w: w.sheet("of the third class", of="third class", kind="term", g="good"),
        api=lambda w: w.lesson("grades", "of the third class", kind="term", mark="good"),
        command=lambda w: grade_command(w, "--kind", "term", grade="good", student="of the third class"),
    ),
    "one term grade": rule(
        "This student has such a term or annual grade already: correct that one.",
        sheet=lambda w: w.sheet(kind="term", g="4"),
        api=lambda w: w.lesson("grades", kind="term", value=4),
        command=lambda w: grade_command(w, "--kind", "term", grade="4"),
    ),
    "one absence a lesson": rule(
        "An absence of this student from this lesson is recorded already: change that one.",
        api=lambda w: w.lesson("absences", kind="late", lesson=FREE_LESSON - 1),
        command=lambda w: absence_command(w, lesson=FREE_LESSON - 1),
    ),
    "the term of a term grade": rule(
        "Only a term grade names its term, which must have begun: leave the term out.",
        api=lambda w: w.lesson("grades", "second", kind="term", value=4, term=2),
        api_of_a_current_one=lambda w: w.lesson("grades", kind="current", value=4, term=1),
    ),
    "the future": rule("{on:%d.%m.%Y} is in the future: check the date.", {"on": TODAY + DAY}, **dated(TODAY + DAY)),
    "outside the year": rule(
        "{on:%d.%m.%Y} is in no school year of the school: check the date or enter the year.",
        {"on": SUMMER},
        **dated(SUMMER),
        form=lambda w: health_form(w, **{"health-starts_on": a_day(SUMMER), "health-ends_on": a_day(SUMMER)}),
        excuse=lambda w: excuse(w, starts_on=a_day(SUMMER), ends_on=a_day(SUMMER)),
    ),
    "Sunday": rule("{on:%d.%m.%Y} is a Sunday: check the date.", {"on": SUNDAY}, **off(SUNDAY)),
    "vacation": rule(
        "There is no school on {on:%d.%m.%Y} ({vacation}): check the date.",
        {"on": VACATION, "vacation": "Есенна ваканция"},
        **off(VACATION),
    ),
    "the lesson before the first": rule(
        "{lesson} is no lesson: give {first} to {last}.", {"lesson": 0, "first": 1, "last": 15}, **no_lesson(0)
    ),
    "the lesson after the last": rule(
        "{lesson} is no lesson: give {first} to {last}.", {"lesson": 16, "first": 1, "last": 15}, **no_lesson(16)
    ),
    "an excused absence has a reason": rule(
        "An excused absence has a reason, and only an excused one has.",
        sheet=lambda w: w.sheet(a="excused"),
        form=lambda w: w.correction("absence", kind="excused", reason=""),
        api=lambda w: w.lesson("absences", kind="excused", lesson=FREE_LESSON),
        command=lambda w: absence_command(w, "--kind", "excused"),
        api_of_a_late_one=lambda w: w.lesson("absences", kind="late", reason="health", lesson=FREE_LESSON),
        command_of_a_late_one=lambda w: absence_command(w, "--kind", "late", "--reason", "health"),
    ),
    "an empty remark": rule(
        "The remark is empty: write it.",
        form=lambda w: w.correction("remark", kind="praise", text=" "),
        api=lambda w: w.lesson("remarks", kind="praise", text=""),
        api_of_spaces=lambda w: w.lesson("remarks", kind="praise", text="  "),
        command=lambda w: remark_command(w, text=" "),
    ),
    "a long remark": rule(
        "The remark is longer than {longest} characters: shorten it.",
        {"longest": 1000},
        sheet=lambda w: w.sheet(r=LONG),
        form=lambda w: w.correction("remark", kind="praise", text=LONG),
        api=lambda w: w.lesson("remarks", kind="praise", text=LONG),
        command=lambda w: remark_command(w, text=LONG),
    ),
    "an empty health note": rule(
        "The health note is empty: write it.",
        form=lambda w: health_form(w, **{"health-text": " "}),
        api=lambda w: health_api(w, note=""),
        command=lambda w: health_command(w, " "),
    ),
    "a long health note": rule(
        "The health note is longer than {longest} characters: shorten it.",
        {"longest": 1000},
        form=lambda w: health_form(w, **{"health-text": LONG}),
        form_of_another=lambda w: w.correction(
            "health", "class teacher", starts_on=a_day(TODAY), ends_on=a_day(TODAY), text=LONG
        ),
        api=lambda w: health_api(w, note=LONG),
        command=lambda w: health_command(w, LONG),
    ),
    "dates of a health note": rule(
        "A health note ends on its first day or later, within a year: check the dates.",
        form=lambda w: health_form(w, **{"health-ends_on": a_day(TODAY - DAY)}),
        form_of_another=lambda w: w.correction(
            "health", "class teacher", starts_on=a_day(TODAY), ends_on=a_day(TODAY - DAY), text="Грип."
        ),
        api=lambda w: health_api(w, ends_on=a_day(TODAY - DAY)),
        command=lambda w: health_command(w, "Грип.", "--until", a_day(TODAY - DAY)),
    ),
    "a meeting without a title": rule(
        "The title is empty: write it.",
        form=lambda w: meeting_form(w, title=" "),
        api=lambda w: meeting_api(w, title=""),
        command=lambda w: meeting_command(w, title=" "),
    ),
    "a long title": rule(
        "The title is longer than {longest} characters: shorten it.",
        {"longest": 160},
        form=lambda w: meeting_form(w, title=LONG_TITLE),
        api=lambda w: meeting_api(w, title=LONG_TITLE),
        command=lambda w: meeting_command(w, title=LONG_TITLE),
    ),
    "a meeting without a place": rule(
        "The place is empty: write it.",
        form=lambda w: meeting_form(w, place=" "),
        api=lambda w: meeting_api(w, place=""),
        command=lambda w: meeting_command(w, place=" "),
    ),
    "a long announcement": rule(
        "The announcement is longer than {longest} characters: shorten it.",
        {"longest": 1000},
        form=lambda w: meeting_form(w, text=LONG),
        api=lambda w: meeting_api(w, text=LONG),
    ),
    "a meeting in the past": rule(
        "The meeting or event would be in the past: check its date and hour.",
        form=lambda w: meeting_form(w, on=a_day(TODAY - DAY)),
        form_of_another=lambda w: w.correction(
            "meeting", "principal", title="Среща", place="Стая", on=a_day(TODAY - DAY), at="18:30"
        ),
        api=lambda w: meeting_api(w, starts_at="2026-11-20T18:30:00+02:00"),
        command=lambda w: meeting_command(w, at="2026-11-20 18:30"),
    ),
    "another teacher's subject": rule(
        "Only who teaches this subject to the class may record this, or the school's leaders.",
        sheet=lambda w: w.sheet(who="other", g="5"),
        form=lambda w: w.correction("grade", "other", grade="3"),
        form_of_an_absence=lambda w: w.correction("absence", "other", kind="late"),
        api=lambda w: w.lesson("grades", who="other", kind="current", value=5),
        api_of_an_absence=lambda w: w.lesson("absences", who="other", kind="late", lesson=FREE_LESSON),
        command=lambda w: grade_command(w, who="other"),
        command_of_an_absence=lambda w: absence_command(w, who="other"),
    ),
    "a class that is not theirs": rule(
        "Only who teaches the class may record this, or the school's leaders.",
        api=lambda w: w.api("remarks", "of the third class", who="other", kind="praise", text="!", on=a_day(TODAY)),
        command=lambda w: w.command("remark", "--text", "!", student="of the third class", who="other"),
    ),
    "the class teacher's": rule(
        "Only the class teacher may record this, or the school's leaders.",
        form=lambda w: health_form(w, who="teacher"),
        api=lambda w: health_api(w, who="teacher"),
        command=lambda w: health_command(w, who="teacher"),
        excuse=lambda w: excuse(w, who="teacher"),
        command_of_an_excuse=lambda w: excuse_command(w, who="teacher"),
    ),
    "the whole school is the leaders'": rule(
        "Only the school's leaders invite the whole school: choose a class.",
        api=lambda w: meeting_api(w, class_id=None),
        command=lambda w: w.command(
            *("meeting", "--title", "Среща", "--place", "Стая", "--at", "2026-12-01 18:30"),
            student=None,
            who="class teacher",
        ),
    ),
    "another school's student": rule(
        "There is no such student in a class of this school.",
        sheet=lambda w: w.sheet("stranger", g="5"),
        form=lambda w: health_form(w, "stranger"),
        api=lambda w: w.lesson("grades", "stranger", kind="current", value=5),
        api_of_an_absence=lambda w: w.lesson("absences", "stranger", kind="late", lesson=FREE_LESSON),
        api_of_a_remark=lambda w: w.lesson("remarks", "stranger", kind="praise", text="!"),
        api_of_health=lambda w: health_api(w, "stranger"),
        excuse=lambda w: excuse(w, "stranger"),
    ),
    "who left": rule(
        "There is no such student in a class of this school.",
        sheet=lambda w: w.sheet("leaver", g="5"),
        form=lambda w: health_form(w, "leaver"),
        api=lambda w: w.lesson("grades", "leaver", kind="current", value=5),
        api_of_an_absence=lambda w: w.lesson("absences", "leaver", kind="late", lesson=FREE_LESSON),
        api_of_a_remark=lambda w: w.lesson("remarks", "leaver", kind="praise", text="!"),
        api_of_health=lambda w: health_api(w, "leaver"),
        excuse=lambda w: excuse(w, "leaver"),
    ),
    "another class's student": rule(
        "There is no such student in a class of this school.",
        sheet=lambda w: w.sheet("of the third class", g="5"),
    ),
    "a subject that nobody teaches": rule(
        "This subject is not taught to the student's class: check the subject.",
        sheet=lambda w: w.sheet(subject="nobody's", g="5"),
        api=lambda w: w.lesson("grades", subject_id=w.ids["nobody's"], kind="current", value=5),
        api_of_an_absence=lambda w: w.lesson("absences", subject_id=w.ids["nobody's"], kind="late", lesson=FREE_LESSON),
    ),
    "changed in the meantime": rule(
        "Somebody has changed this in the meantime: look at it as it is now.",
        form=lambda w: w.correction("grade", grade="3", seen=NOW - DAY),
        form_of_an_absence=lambda w: w.correction("absence", kind="late", seen=NOW - DAY),
        form_of_a_remark=lambda w: w.correction("remark", kind="censure", text="Пречи.", seen=NOW - DAY),
        form_of_health=lambda w: w.correction(
            "health", "class teacher", starts_on=a_day(TODAY), ends_on=a_day(TODAY + DAY), text="", seen=NOW - DAY
        ),
        form_of_a_meeting=lambda w: w.correction(
            "meeting", "principal", title="Среща", place="Друга", on="2026-12-01", at="18:30", seen=NOW - DAY
        ),
    ),
    "no school on the days of a note": rule(
        "There is no school on these days: check the dates.",
        excuse=lambda w: excuse(w, starts_on=a_day(SUNDAY), ends_on=a_day(SUNDAY)),
        command=lambda w: w.command("excuse", "--from", a_day(SUNDAY), who="class teacher"),
    ),
    "dates of a note": rule(
        "A note ends on its first day or later, within a year: check the dates.",
        excuse=lambda w: excuse(w, ends_on=a_day(LAST_WEEK - DAY)),
        command=lambda w: excuse_command(w, "--until", a_day(LAST_WEEK - DAY)),
    ),
    "days of an application": rule(
        "A parent's note excuses at most {days} school days at once.",
        {"days": 5},
        excuse=lambda w: excuse(w, kind="parent", ends_on=a_day(LAST_WEEK + timedelta(days=7))),
        command=lambda w: excuse_command(w, "--until", a_day(LAST_WEEK + timedelta(days=7))),
    ),
    "an organiser's document alone": rule(
        "An organiser's document excuses only with the parent's confirmation: give its date.",
        excuse=lambda w: excuse(w, kind="organiser"),
        command=lambda w: excuse_command(w, "--kind", "organiser"),
    ),
    "a confirmation of nothing": rule(
        "Only an organiser's document is confirmed by the parent: leave the confirmation out.",
        excuse=lambda w: excuse(w, parent_confirmed_on=a_day(LAST_WEEK)),
        command=lambda w: excuse_command(w, "--confirmed", a_day(LAST_WEEK)),
    ),
    "a confirmation to come": rule(
        "{on:%d.%m.%Y} is in the future: check the date.",
        {"on": TODAY + DAY},
        excuse=lambda w: excuse(w, kind="organiser", parent_confirmed_on=a_day(TODAY + DAY)),
        command=lambda w: excuse_command(w, "--kind", "organiser", "--confirmed", a_day(TODAY + DAY)),
    ),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One school for all rules: what is refused leaves it as it was."""
    home = tmp_path_factory.mktemp("doors")
    server: PostgresServer | None = None
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_demonstration"), home / "eschool.db")
        url = f"sqlite:///{home / 'eschool.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        server.create("doors", request.getfixturevalue("postgresql_demonstration"))
        url = server.url("doors")
    database = open_database(settings_for(home, url))
    with time_machine.travel(NOW):
        yield World(database, url, home)
    database.dispose()
    if server:
        server.drop("doors")


OFFERS = [pytest.param(name, door, id=f"{door}-{name}") for name, one in RULES.items() for door in one.doors]


@pytest.mark.parametrize(("name", "door"), OFFERS)
def test_a_rule_is_the_same_at_every_door(world: World, name: str, door: str) -> None:
    broken = RULES[name]
    before = world.digest()
    said = broken.doors[door](world)
    english = broken.sentence
    expected = str(english)
    if door.partition("_")[0] in AT_A_PAGE:
        expected = told(Language.BULGARIAN, english)
    assert expected in said, said[:3000]
    assert world.digest() == before
