"""Lessons a week, from which the minimum of grades follows."""

from datetime import date, timedelta

import pytest

from db.kinds import GroupKind
from school.reports.missing import expected_a_term
from school.timetable import groups
from school.timetable.hours import hours_on
from tests.school.students.small_schools import NOW, TODAY, SmallSchool
from tests.school.timetable.in_use import lesson, timetable


def hours(here: SmallSchool, on: date = TODAY) -> float:
    found = {(row.class_id, row.subject_id): row.halves for row in here.session.execute(hours_on(here.id, on))}
    return float(found.get((here.own, here.maths), 0)) / 2


def test_weeks_a_and_b_make_halves(here: SmallSchool) -> None:
    timetable(here, weeks=2, week_a_on=TODAY)
    lesson(here, 1)
    lesson(here, 2)
    lesson(here, 3, week=1)
    assert hours(here) == 2.5
    lesson(here, 3, week=2)
    assert hours(here) == 3


def test_each_student_is_in_one_group_and_two_teachers_are_in_one_lesson(here: SmallSchool) -> None:
    timetable(here)
    first, second, own = (
        groups.save(here.session, here.id, here.own, None, name, [], kind=kind, by=here.leader, now=NOW)
        for name, kind in (("1", GroupKind.GROUP), ("2", GroupKind.GROUP), ("ИУП", GroupKind.INDIVIDUAL))
    )
    lesson(here, 1)
    lesson(here, 1, staff_id=here.idle)
    assert hours(here) == 1
    for number in (2, 3):
        lesson(here, number, group_id=first)
    lesson(here, 4, group_id=second)
    assert hours(here) == 3
    for number in (5, 6, 7):
        lesson(here, number, group_id=own)
    assert hours(here) == 3


def test_each_date_has_its_own_version(here: SmallSchool) -> None:
    autumn, spring = timetable(here), timetable(here, TODAY)
    lesson(here, 1, timetable_id=autumn)
    for number in (1, 2):
        lesson(here, number, timetable_id=spring)
    before = TODAY - timedelta(days=1)
    assert [hours(here, on) for on in (before, TODAY)] == [1, 2]
    assert hours(here, date(2025, 9, 1)) == 0


@pytest.mark.parametrize(
    ("weekly", "grades"), [(0, 0), (0.5, 2), (1, 2), (2, 2), (2.5, 3), (3, 3), (3.5, 3), (4, 4), (5.5, 4)]
)
def test_the_minimum_of_grades_by_lessons_a_week(weekly: float, grades: int) -> None:
    assert expected_a_term(weekly) == grades
