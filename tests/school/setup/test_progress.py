"""How far a school's set-up has come."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from school import setup
from school.setup import Progress
from tests.school.joined import NOW, Joined, person, student, switch_off

FULL: dict[str, Any] = {"year_id": 1, "classes": 1, "subjects": 1, "staff": 2, "assignments": 1, "students": 1}


@pytest.mark.parametrize(
    ("lacks", "missing"),
    [
        ({}, ()),
        ({"year_id": None, "classes": 0}, ("year", "classes")),
        ({"staff": 1}, ("staff",)),  # the administrator alone teaches nobody
        ({"subjects": 0, "students": 0}, ("subjects", "students")),
    ],
)
def test_the_first_step_that_is_missing_is_next(lacks: dict[str, Any], missing: tuple[str, ...]) -> None:
    found = Progress(**(FULL | lacks))
    assert found.missing == missing
    assert found.next_step == (missing[0] if missing else None)


def test_what_the_school_has_in_the_year_is_counted(session: Session, school: Joined, stranger: Joined) -> None:
    teacher, gone = person(session, school), person(session, school, "gone")
    switch_off(session, school, gone)
    setup.assign(
        session, school.school, school.year, staff_id=teacher, subject_id=school.subjects["Математика"],
        classes=[school.classes["8а"], school.classes["8б"]], by=school.administrator, now=NOW,
    )  # fmt: skip
    student(session, school)
    student(session, school, None)
    student(session, stranger)
    found = setup.progress(session, school.school, NOW.date())
    assert found == Progress(school.year, classes=4, subjects=4, staff=2, assignments=2, students=1)


def test_a_new_year_begins_with_nothing_the_day_after_the_old_one_ends(session: Session, school: Joined) -> None:
    following = setup.add_year(session, school.school, setup.standard_plan(2026), by=school.administrator, now=NOW)
    student(session, school)
    for on, year, classes, students in (
        (date(2025, 7, 1), school.year, 4, 1),  # before the first year: the next one to come
        (date(2026, 9, 14), school.year, 4, 1),
        (date(2026, 9, 15), following, 0, 0),
        (date(2027, 9, 15), None, 0, 0),
    ):
        found = setup.progress(session, school.school, on)
        assert (found.year_id, found.classes, found.students) == (year, classes, students)
        assert found.subjects == 4
