"""A teacher leaves: from that day others give the lessons, and days that are over keep those that they had."""

from datetime import date, timedelta
from typing import Any

from db.kinds import SubstitutionKind
from school.timetable import substitutions, versions
from school.timetable.day import planned_on
from school.timetable.handing_over import hand_over, lessons_from
from school.timetable.substitutions import Choice
from tests.school.students.small_schools import NOW, TODAY, SmallSchool
from tests.school.timetable.in_use import lesson, timetable
from tests.school.timetable.test_substitutions import ORDER

WEEK = timedelta(days=7)
"""TODAY is a Tuesday, as are all lessons here."""


def leave(here: SmallSchool, to: int | None, on: date = TODAY) -> None:
    lessons = {(here.own, here.maths): to}
    hand_over(here.session, here.id, here.teacher, lessons, on, by=here.leader, now=NOW)


def given(here: SmallSchool, on: date) -> dict[int, int]:
    """The number of each lesson of a date, and who gives it."""
    return {one.lesson: one.staff_id for one in planned_on(here.session, here.id, on)}


def test_days_that_are_over_keep_their_teacher(here: SmallSchool) -> None:
    timetable(here)
    lesson(here, 3)
    lesson(here, 5, subject_id=here.history, staff_id=here.class_teacher)
    leave(here, here.idle)
    assert given(here, TODAY - WEEK) == {3: here.teacher, 5: here.class_teacher}
    assert given(here, TODAY) == given(here, TODAY + WEEK) == {3: here.idle, 5: here.class_teacher}
    assert here.audited("timetable.continued")


def test_a_lesson_that_nobody_takes_over_is_there_no_more(here: SmallSchool) -> None:
    timetable(here)
    lesson(here, 3)
    leave(here, None)
    assert given(here, TODAY - WEEK) == {3: here.teacher}
    assert given(here, TODAY) == {}


def test_lessons_of_what_was_never_assigned_go_too(here: SmallSchool) -> None:
    """Days ahead have no lesson of somebody who has left, whatever the assignments say."""
    timetable(here)
    lesson(here, 3)
    lesson(here, 5, subject_id=here.history)
    lesson(here, 4, subject_id=here.history, timetable_id=timetable(here, TODAY, published_at=None))
    assert lessons_from(here.session, here.id, here.teacher, TODAY) == {
        (here.own, here.maths), (here.own, here.history),
    }  # fmt: skip
    leave(here, here.idle)
    assert given(here, TODAY - WEEK) == {3: here.teacher, 5: here.teacher}
    assert given(here, TODAY) == {3: here.idle}
    assert lessons_from(here.session, here.id, here.teacher, TODAY) == set()


def test_a_timetable_of_unassigned_lessons_alone_is_continued_without_them(here: SmallSchool) -> None:
    timetable(here)
    lesson(here, 5, subject_id=here.history)
    lesson(here, 6, subject_id=here.history, staff_id=here.class_teacher)
    leave(here, here.idle)
    assert given(here, TODAY - WEEK) == {5: here.teacher, 6: here.class_teacher}
    assert given(here, TODAY) == {6: here.class_teacher}


def test_who_is_in_the_lesson_already_keeps_their_own(here: SmallSchool) -> None:
    timetable(here)
    lesson(here, 3)
    lesson(here, 3, staff_id=here.idle, subject_id=here.history)
    leave(here, here.idle)
    assert [(one.staff_id, one.subject_id) for one in planned_on(here.session, here.id, TODAY)] == [
        (here.idle, here.history)
    ]


def test_drafts_and_what_begins_later_are_changed_as_they_are(here: SmallSchool) -> None:
    ahead, draft = timetable(here, TODAY + WEEK), timetable(here, TODAY, published_at=None)
    for version in (ahead, draft):
        lesson(here, 3, timetable_id=version)
    leave(here, here.idle)
    assert {one.id for one in versions.versions(here.session, here.id)} == {ahead, draft}
    assert given(here, TODAY + WEEK) == {3: here.idle}


def test_each_day_is_still_of_the_version_that_it_was(here: SmallSchool) -> None:
    """Examinations within the autumn, and two weeks of another order that begin while these still run."""
    autumn = timetable(here)
    exams = timetable(here, TODAY - WEEK, ends_on=TODAY + WEEK)
    special = timetable(here, TODAY + WEEK, ends_on=TODAY + 3 * WEEK)
    for number, version in ((1, autumn), (2, exams), (3, special)):
        lesson(here, number, timetable_id=version)
    weeks = [TODAY + count * WEEK for count in range(-2, 5)]
    before = {on: set(given(here, on)) for on in weeks}
    leave(here, here.idle)
    leave(here, here.idle)  # and nothing is left to do
    assert {on: set(given(here, on)) for on in weeks} == before
    assert [set(given(here, on).values()) for on in weeks] == [{here.teacher}] * 2 + [{here.idle}] * 5
    assert len(versions.versions(here.session, here.id)) == 5


def test_a_version_that_was_replaced_for_good_is_left_alone(here: SmallSchool) -> None:
    old, new = timetable(here), timetable(here, TODAY - WEEK)
    lesson(here, 1, timetable_id=old)
    lesson(here, 2, timetable_id=new, staff_id=here.class_teacher)
    leave(here, here.idle)
    assert {one.id for one in versions.versions(here.session, here.id)} == {old, new}


def test_later_substitutions_are_taken_back(here: SmallSchool) -> None:
    timetable(here)
    lesson(here, 3)
    lesson(here, 5, subject_id=here.history, staff_id=here.class_teacher)

    def away(on: date, who: int, number: int, substitute: int) -> None:
        choice = Choice(here.own, number, SubstitutionKind.SPECIALIST, substitute)
        substitutions.record(here.session, here.id, on, who, [choice], ORDER, by=here.leader, now=NOW)

    def there(on: date) -> list[int]:
        return [one.lesson for one in substitutions.of_date(here.session, here.id, on)]

    for on in (TODAY, TODAY + WEEK):
        away(on, here.teacher, 3, here.idle)
        away(on, here.class_teacher, 5, here.teacher)
    leave(here, here.idle)
    assert there(TODAY) == [3, 5]
    assert there(TODAY + WEEK) == []
    removed: list[Any] = here.audited("substitution.removed")
    assert len(removed) == 2


def test_another_teacher_and_another_school_are_left_alone(here: SmallSchool, elsewhere: SmallSchool) -> None:
    for school in (here, elsewhere):
        timetable(school)
        lesson(school, 3)
    lesson(here, 4, staff_id=here.class_teacher)
    leave(here, here.idle)
    assert given(elsewhere, TODAY) == {3: elsewhere.teacher}
    assert given(here, TODAY) == {3: here.idle, 4: here.class_teacher}
