"""Which lessons a teacher has on a day, and what they teach at all, in the year that counts."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from db.models import TeachingAssignment, TimetableDay
from school import setup
from school.timetable.day import Lesson, lessons_on
from school.timetable.taught import TaughtClass, taught_classes
from school.years.plans import standard_plan
from tests.school.students.small_schools import NOW, TODAY, SmallSchool
from tests.school.timetable.in_use import lesson, timetable

DAY = timedelta(days=1)


def teaches(here: SmallSchool, staff_id: int, class_id: int, subject_id: int) -> None:
    row = {"school_id": here.id, "class_id": class_id, "subject_id": subject_id, "staff_id": staff_id}
    here.session.execute(insert(TeachingAssignment).values(row))


def numbers(here: SmallSchool, on: date = TODAY) -> list[tuple[int, str]]:
    return [(one.lesson, one.class_name) for one in lessons_on(here.session, here.id, here.teacher, on)]


class TestLessons:
    def test_those_of_the_weekday_in_the_order_of_the_day(self, here: SmallSchool) -> None:
        lesson(here, 3)
        lesson(here, 1, class_id=here.other)
        lesson(here, 2, weekday=3)
        lesson(here, 4, staff_id=here.idle)
        assert numbers(here) == [(1, "8б"), (3, "8а")]
        assert numbers(here, TODAY + DAY) == [(2, "8а")]
        assert numbers(here, TODAY + 5 * DAY) == []  # a Sunday

    def test_two_classes_at_once_are_two_lessons(self, here: SmallSchool) -> None:
        lesson(here, 1, class_id=here.other)
        lesson(here, 1)
        assert numbers(here) == [(1, "8а"), (1, "8б")]

    def test_a_school_without_a_timetable_has_none(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        lesson(elsewhere, 1)
        assert numbers(here) == []
        assert lessons_on(here.session, here.id, elsewhere.teacher, TODAY) == ()

    def test_of_a_past_years_class_there_are_none_any_more(self, here: SmallSchool) -> None:
        lesson(here, 1)
        setup.add_year(here.session, here.id, standard_plan(2026), by=here.leader, now=NOW)
        assert numbers(here, date(2026, 6, 2)) == [(1, "8а")]
        assert numbers(here, date(2026, 9, 8)) == []  # the Tuesday before the new year begins: no term runs
        assert numbers(here, date(2026, 9, 15)) == []

    def test_there_are_none_in_a_vacation_or_when_the_level_has_finished(self, here: SmallSchool) -> None:
        lesson(here, 1)
        assert numbers(here, date(2025, 12, 30)) == []
        assert numbers(here, date(2026, 6, 30)) == [(1, "8а")]  # level 8 has lessons until the end of June
        assert numbers(here, date(2026, 7, 7)) == []

    def test_weeks_a_and_b_alternate_from_the_named_one(self, here: SmallSchool) -> None:
        version = timetable(here, weeks=2, week_a_on=TODAY - 7 * DAY)
        for week, number in ((0, 1), (1, 2), (2, 3)):
            lesson(here, number, week=week, timetable_id=version)
        assert numbers(here, TODAY - 7 * DAY) == [(1, "8а"), (2, "8а")]
        assert numbers(here) == [(1, "8а"), (3, "8а")]
        assert numbers(here, TODAY + 7 * DAY) == [(1, "8а"), (2, "8а")]

    def test_a_date_that_follows_another_day_has_its_lessons(self, here: SmallSchool) -> None:
        lesson(here, 1)
        saturday = TODAY + 4 * DAY
        assert numbers(here, saturday) == []
        here.session.execute(insert(TimetableDay).values(school_id=here.id, on_date=saturday, weekday=2))
        assert numbers(here, saturday) == [(1, "8а")]

    def test_a_later_version_replaces_the_earlier_from_its_day_and_a_passing_one_gives_way(
        self, here: SmallSchool
    ) -> None:
        autumn = timetable(here)
        passing = timetable(here, TODAY, ends_on=TODAY + 6 * DAY)
        draft = timetable(here, TODAY, published_at=None)
        for number, version in enumerate((autumn, passing, draft), 1):
            lesson(here, number, timetable_id=version)
        assert numbers(here, TODAY - 7 * DAY) == [(1, "8а")]
        assert numbers(here) == [(2, "8а")]
        assert numbers(here, TODAY + 7 * DAY) == [(1, "8а")]


class TestEntered:
    def of_first(self, here: SmallSchool) -> Lesson:
        return lessons_on(here.session, here.id, here.teacher, TODAY)[0]

    def test_a_lesson_is_empty_until_something_is_entered(self, here: SmallSchool) -> None:
        lesson(here, 1)
        assert self.of_first(here) == Lesson(here.own, "8а", here.maths, "Математика", 1, has_entries=False)
        here.grade(on=TODAY - DAY)
        here.absence(lesson=2)
        here.absence(lesson=1, on=TODAY - DAY)
        assert not self.of_first(here).has_entries

    @pytest.mark.parametrize("what", ["grade", "absence"])
    def test_a_grade_or_an_absence_of_that_day_fills_it(self, here: SmallSchool, what: str) -> None:
        lesson(here, 1)
        getattr(here, what)()
        assert self.of_first(here).has_entries

    @pytest.mark.parametrize("what", ["grade", "absence"])
    def test_what_somebody_else_entered_does_not(self, here: SmallSchool, what: str) -> None:
        lesson(here, 1)
        getattr(here, what)(by=here.leader)
        assert not self.of_first(here).has_entries


class TestTaught:
    def test_a_teacher_is_shown_their_own_and_a_leader_everything_once(self, here: SmallSchool) -> None:
        teaches(here, here.idle, here.own, here.maths)  # two teach it
        teaches(here, here.idle, here.other, here.history)
        maths = TaughtClass(here.own, "8а", 8, here.maths, "Математика")
        history = TaughtClass(here.other, "8б", 8, here.history, "История и цивилизации")
        assert taught_classes(here.session, here.id, here.teacher, TODAY) == (maths,)
        assert taught_classes(here.session, here.id, here.idle, TODAY) == (maths, history)
        assert taught_classes(here.session, here.id, here.leader, TODAY) == ()
        assert taught_classes(here.session, here.id, here.leader, TODAY, everything=True) == (maths, history)

    def test_another_schools_and_a_past_years_are_not(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        assert taught_classes(here.session, here.id, elsewhere.teacher, TODAY) == ()
        found = taught_classes(here.session, here.id, here.leader, TODAY, everything=True)
        assert {one.class_id for one in found} == {here.own}
        setup.add_year(here.session, here.id, standard_plan(2026), by=here.leader, now=NOW)
        assert taught_classes(here.session, here.id, here.teacher, date(2026, 9, 15)) == ()
