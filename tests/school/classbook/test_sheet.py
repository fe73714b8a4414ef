"""One lesson's sheet: the class with what stands in the class book, for who may enter the lesson."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from db.kinds import AbsenceKind, AbsenceReason, RemarkKind, SubscriptionStatus
from db.models import RemarkPhrase, SchoolClass, Student, TeachingAssignment
from errors import EschoolError, ForbiddenError, InputError, MissingError
from school.classbook.sheet import Sheet, SheetRow, read_sheet
from tests.school.students.small_schools import FATHER, NOW, TODAY, SmallSchool

DAY = timedelta(days=1)


def read(here: SmallSchool, **given: Any) -> Sheet:
    """The first lesson of mathematics of 8а today, for its teacher."""
    asked: dict[str, Any] = {"by": here.teacher, "class_id": here.own, "subject_id": here.maths}
    asked |= {"on": TODAY, "lesson": 1, "now": NOW}
    return read_sheet(here.session, **asked | given)


def row(here: SmallSchool, **given: Any) -> SheetRow:
    return next(one for one in read(here, **given).rows if one.student_id == here.student)


def test_it_says_which_lesson_and_lists_the_class_by_number(here: SmallSchool) -> None:
    here.add_student("Напуснал", None, left_on=TODAY)
    here.add_student("Елена", here.other)
    found = read(here)
    assert (found.class_name, found.subject, found.term, found.is_in_words) == ("8а", "Математика", 1, False)
    assert [(one.number, one.name) for one in found.rows] == [(1, "Мария Колева"), (2, "Иван Петров")]


@pytest.mark.parametrize(("level", "in_words"), [(1, True), (3, True), (4, False), (12, False)])
def test_the_lowest_levels_are_graded_in_words(here: SmallSchool, level: int, in_words: bool) -> None:
    here.session.execute(update(SchoolClass).where(SchoolClass.id == here.own).values(level=level))
    assert read(here).is_in_words is in_words


def test_grades_are_those_of_this_subject_and_term_in_the_order_of_the_days(here: SmallSchool) -> None:
    assignment = {"school_id": here.id, "class_id": here.own, "subject_id": here.history, "staff_id": here.teacher}
    here.session.execute(insert(TeachingAssignment).values(assignment))
    later, earlier = here.grade("6"), here.grade("3", on=TODAY - DAY)
    here.grade("2", subject_id=here.history)
    here.grade("4", student_id=here.classmate)
    assert [(one.grade_id, str(one.value), one.on) for one in row(here).grades] == [
        (earlier.id, "3.00", TODAY - DAY), (later.id, "6.00", TODAY),
    ]  # fmt: skip
    second_term = NOW + 90 * DAY
    sheet = read(here, on=second_term.date(), now=second_term)
    assert sheet.term == 2
    assert [one.grades for one in sheet.rows] == [(), ()]


def test_an_absence_is_that_of_this_lesson_with_who_entered_it(here: SmallSchool) -> None:
    here.absence(AbsenceKind.EXCUSED, 1, reason=AbsenceReason.HEALTH)
    here.absence(lesson=2, by=here.leader)
    assert [(one.absence, one.absence_by) for one in read(here).rows] == [
        (AbsenceKind.EXCUSED, "Орлин Учителова"), (None, None),
    ]  # fmt: skip
    second = row(here, lesson=2)
    assert (second.absence, second.absence_by) == (AbsenceKind.UNEXCUSED, "Радка Иванова")
    assert row(here, lesson=1, on=TODAY - DAY).absence is None


def test_followers_are_those_who_would_be_told(here: SmallSchool) -> None:
    here.follower()
    here.follower(FATHER, status=SubscriptionStatus.WAITING)
    assert [one.followers for one in read(here).rows] == [1, 0]


def test_special_needs_are_shown(here: SmallSchool) -> None:
    here.session.execute(update(Student).where(Student.id == here.student).values(has_special_needs=True))
    assert [one.has_special_needs for one in read(here).rows] == [True, False]


def test_the_phrases_are_the_schools_own(here: SmallSchool, elsewhere: SmallSchool) -> None:
    for school, text in ((here, "Помага."), (elsewhere, "Пречи.")):
        phrase = {"school_id": school.id, "kind": RemarkKind.PRAISE, "text": text}
        here.session.execute(insert(RemarkPhrase).values(phrase))
    phrases = [text for _, text in read(here).phrases]
    assert "Помага." in phrases
    assert "Пречи." not in phrases


@pytest.mark.parametrize(
    ("given", "kind", "error"),
    [
        ({"lesson": 0}, InputError, "0 is no lesson: give 1 to 15"),
        ({"lesson": 16}, InputError, "16 is no lesson"),
        ({"on": TODAY + DAY}, InputError, "26.11.2025 is in the future"),
        ({"on": date(2025, 9, 14)}, InputError, "in no school year"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused(
    here: SmallSchool, given: dict[str, Any], kind: type[EschoolError], error: str
) -> None:
    with pytest.raises(kind, match=error):
        read(here, **given)


def test_only_who_teaches_the_subject_to_the_class_and_leaders_read_it(
    here: SmallSchool, elsewhere: SmallSchool
) -> None:
    assert read(here, by=here.leader) == read(here)
    for by in (here.idle, here.class_teacher):
        with pytest.raises(ForbiddenError, match="Only who teaches this subject"):
            read(here, by=by)
    for given in ({"subject_id": here.history}, {"subject_id": elsewhere.maths}, {"class_id": here.other}):
        with pytest.raises(MissingError, match="not taught to the student's class"):
            read(here, by=here.leader, **given)
    with pytest.raises(MissingError, match="no such class in this school"):
        read(here, by=here.leader, class_id=elsewhere.own)
