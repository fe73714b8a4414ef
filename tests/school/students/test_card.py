"""What a member of staff sees of a student: all of it as class teacher or leader, their own subject as a teacher."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from db.kinds import AbsenceKind, AbsenceReason, GradeKind, Mark, SubscriptionStatus
from db.models import Student, TeachingAssignment
from errors import ForbiddenError, MissingError
from school import setup
from school.staff import authority
from school.students import card
from school.students.card import StudentCard
from school.years.plans import standard_plan
from tests.school.students.small_schools import FATHER, NOW, TODAY, SmallSchool

DAY = timedelta(days=1)


@pytest.fixture
def filled(here: SmallSchool) -> SmallSchool:
    """Something of every kind in mathematics, in history and about no subject."""
    row = {"school_id": here.id, "class_id": here.own, "subject_id": here.history, "staff_id": here.class_teacher}
    here.session.execute(insert(TeachingAssignment).values(row))
    history = {"by": here.class_teacher, "subject_id": here.history}
    here.grade("5.25", on=TODAY - DAY)
    here.grade("6")
    here.grade("4", **history)
    here.absence(lesson=2)
    here.absence(AbsenceKind.EXCUSED, 1, reason=AbsenceReason.FAMILY, **history)
    here.remark()
    here.remark(subject_id=here.maths, by=here.teacher, text="Решава бързо.")
    here.health_note()
    return here


def read(here: SmallSchool, by: int, student: int | None = None) -> StudentCard:
    return card.read_card(here.session, by, student or here.student, NOW)


@pytest.mark.parametrize("who", ["class_teacher", "leader"])
def test_the_class_teacher_and_leaders_see_everything_the_newest_first(filled: SmallSchool, who: str) -> None:
    found = read(filled, getattr(filled, who))
    assert found.sees_everything
    assert (found.name, found.class_name) == ("Мария Петрова Колева", "8а")
    assert [(one.subject, one.value) for one in found.grades] == [
        ("История и цивилизации", "4"), ("Математика", "6"), ("Математика", "5.25"),
    ]  # fmt: skip
    assert [(one.lesson, one.kind, one.reason) for one in found.absences] == [
        (2, AbsenceKind.UNEXCUSED, None), (1, AbsenceKind.EXCUSED, AbsenceReason.FAMILY),
    ]  # fmt: skip
    assert [one.text for one in found.remarks] == ["Решава бързо.", "Помага на другите."]
    assert [(one.starts_on, one.text) for one in found.health] == [(TODAY, "Ангина.")]


def test_a_subjects_teacher_sees_that_subject_and_nothing_of_health(filled: SmallSchool) -> None:
    found = read(filled, filled.teacher)
    assert not found.sees_everything
    assert {one.subject for one in found.grades + found.absences + found.remarks} == {"Математика"}
    assert (len(found.grades), len(found.absences), len(found.remarks)) == (2, 1, 1)
    assert found.health == ()


def test_health_notes_alone_are_read_by_the_same_people(filled: SmallSchool) -> None:
    known = authority.known_student(filled.session, filled.class_teacher, filled.student)
    assert [one.text for one in card.read_health(filled.session, known, NOW)] == ["Ангина."]
    known = authority.known_student(filled.session, filled.teacher, filled.student)
    with pytest.raises(ForbiddenError, match="Only the class teacher"):
        card.read_health(filled.session, known, NOW)


def test_who_does_not_teach_the_class_sees_no_card(here: SmallSchool) -> None:
    with pytest.raises(ForbiddenError, match="Only who teaches the class"):
        read(here, here.idle)


def test_another_schools_student_and_one_who_left_have_no_card(here: SmallSchool, elsewhere: SmallSchool) -> None:
    gone = here.add_student("Напуснал", None, left_on=TODAY)
    for student in (elsewhere.student, gone, 999_999):
        with pytest.raises(MissingError, match="no such student in a class of this school"):
            read(here, here.leader, student)


def test_the_entries_of_another_student_are_on_another_card(filled: SmallSchool) -> None:
    found = read(filled, filled.leader, filled.classmate)
    assert not any((found.grades, found.absences, found.remarks, found.health, found.followers))


def test_entries_of_a_past_year_are_not_shown(filled: SmallSchool) -> None:
    setup.add_year(filled.session, filled.id, standard_plan(2026), by=filled.leader, now=NOW)
    found = card.read_card(filled.session, filled.leader, filled.student, NOW + 365 * DAY)
    assert not any((found.grades, found.absences, found.remarks, found.health))


@pytest.mark.parametrize(("value", "shown"), [("6", "6"), ("3", "3"), ("5.50", "5.5"), ("4.25", "4.25")])
def test_a_grade_is_shown_without_needless_noughts(here: SmallSchool, value: str, shown: str) -> None:
    here.grade(value)
    assert [one.value for one in read(here, here.teacher).grades] == [shown]


def test_a_grade_in_words_has_no_number(here: SmallSchool) -> None:
    here.session.execute(update(Student).where(Student.id == here.student).values(has_special_needs=True))
    here.grade(grade=Mark.COPES, kind=GradeKind.CURRENT)
    assert [(one.value, one.mark) for one in read(here, here.teacher).grades] == [(None, Mark.COPES)]


def test_followers_are_those_who_follow_now_with_masked_numbers(here: SmallSchool) -> None:
    here.follower(following_since=NOW - DAY)
    here.follower(None, email="silvia@example.org")
    here.follower(FATHER, status=SubscriptionStatus.STOPPED)
    here.follower("+359888999999", status=SubscriptionStatus.WAITING)
    found = read(here, here.teacher).followers
    assert [(one.number, one.since) for one in found] == [("+359 88* *** *56", NOW - DAY), ("@", NOW)]


def test_an_entry_says_how_many_are_still_to_be_told_of_it(here: SmallSchool) -> None:
    here.follower()
    here.follower(FATHER)
    here.grade()
    (grade,) = read(here, here.teacher).grades
    assert (grade.told.waiting, grade.told.sent) == (2, 0)
