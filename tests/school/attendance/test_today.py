"""Present is said only of a lesson of which something shows that it was entered."""

from datetime import datetime, timedelta

from sqlalchemy import insert, update

from db.kinds import AbsenceKind, GradeKind, SubstitutionKind
from db.models import ClassGroup, ClassGroupStudent, School, Substitution
from school.attendance import today, wording
from school.attendance.today import Stretch, Today
from school.wording.translation import FOREIGN, SOURCE
from tests.school.students.small_schools import NOW, TODAY, SmallSchool, elsewhere, here, session
from tests.school.timetable.in_use import lesson

__all__ = ["elsewhere", "here", "session"]


def read(here: SmallSchool, now: datetime = NOW) -> Today:
    return today.read(here.session, here.id, here.student, now)


def told(here: SmallSchool) -> str:
    return wording.today(SOURCE, "Мария", read(here))


def test_nothing_entered_is_not_present(here: SmallSchool) -> None:
    for number in (1, 2, 3):
        lesson(here, number)
    assert read(here).stretches == (Stretch(1, 3, False, None),)
    assert not read(here).knows_anything
    assert told(here) == "Мария: за днес още няма нищо въведено."


def test_a_classmates_absence_shows_that_the_lesson_was_entered(here: SmallSchool) -> None:
    for number in (1, 2, 3):
        lesson(here, number)
    here.absence(student_id=here.classmate, lesson=2)
    here.absence(AbsenceKind.LATE, lesson=3)
    assert told(here) == ("Мария днес: 1. час – още няма въведено; 2. час – в час; 3. час – закъснение")
    assert wording.today(FOREIGN, "Мария", read(here)) == (
        "Мария today: lesson 1. nothing entered yet; lesson 2. present; lesson 3. late"
    )


def test_lessons_alike_are_told_together(here: SmallSchool) -> None:
    for number in range(1, 6):
        lesson(here, number)
        if number < 4:
            here.absence(student_id=here.classmate, lesson=number)
    assert told(here) == "Мария днес: 1.–3. час – в час; 4.–5. час – още няма въведено"


def test_a_grade_shows_the_only_lesson_of_its_subject_and_neither_of_two(here: SmallSchool) -> None:
    lesson(here, 1)
    lesson(here, 2, subject_id=here.history, staff_id=here.idle)
    here.grade(student_id=here.classmate)
    assert read(here).stretches == (Stretch(1, 1, True, None), Stretch(2, 2, False, None))
    lesson(here, 4)
    assert read(here).stretches == (Stretch(1, 2, False, None), Stretch(4, 4, False, None))


def test_a_term_grade_shows_no_lesson(here: SmallSchool) -> None:
    lesson(here, 1)
    here.grade(student_id=here.classmate, kind=GradeKind.TERM)
    assert not read(here).knows_anything


def test_what_another_group_entered_says_nothing_of_this_one(here: SmallSchool) -> None:
    groups = [
        here.session.scalars(
            insert(ClassGroup)
            .values(school_id=here.id, class_id=here.own, name=name, kind="group")
            .returning(ClassGroup.id)
        ).one()
        for name in ("първа", "втора")
    ]
    here.session.execute(
        insert(ClassGroupStudent).values(school_id=here.id, group_id=groups[1], student_id=here.student)
    )
    lesson(here, 1, group_id=groups[0])
    lesson(here, 1, group_id=groups[1], staff_id=here.idle)
    here.absence(student_id=here.classmate, lesson=1)
    assert not read(here).knows_anything
    lesson(here, 2, group_id=groups[0])
    assert [one.first for one in read(here).stretches] == [1]


def test_a_lesson_that_is_not_given_is_not_told_and_a_substitutes_is(here: SmallSchool) -> None:
    for number in (1, 2):
        lesson(here, number)
    row = {
        "school_id": here.id, "on_date": TODAY, "class_id": here.own, "absent_id": here.teacher,
        "reason": "болен", "order_number": "", "recorded_at": NOW, "subject_id": here.maths,
    }  # fmt: skip
    here.session.execute(
        insert(Substitution),
        [
            row | {"lesson": 1, "kind": SubstitutionKind.EMPTY, "substitute_id": None},
            row | {"lesson": 2, "kind": SubstitutionKind.SPECIALIST, "substitute_id": here.idle},
        ],
    )
    here.absence(student_id=here.classmate, lesson=2)
    assert told(here) == "Мария днес: 2. час – в час"


def test_without_a_timetable_what_was_entered_is_told(here: SmallSchool) -> None:
    here.absence(lesson=3)
    here.absence(student_id=here.classmate, lesson=1)
    assert told(here) == "Мария днес: 1. час – в час; 3. час – отсъства"


def test_before_the_schools_hour_the_day_is_not_told(here: SmallSchool) -> None:
    here.session.execute(update(School).where(School.id == here.id).values(today_from_hour=13))
    here.absence(lesson=1)
    assert told(here) == "Мария: за деня казваме след 13 ч. Опитайте тогава."
    assert read(here, NOW + timedelta(hours=1)).stretches == (Stretch(1, 1, True, AbsenceKind.UNEXCUSED),)


def test_another_days_entries_and_classes_say_nothing(here: SmallSchool, elsewhere: SmallSchool) -> None:
    lesson(here, 1)
    here.absence(student_id=here.classmate, lesson=1, on=TODAY - timedelta(days=1))
    elsewhere.absence(lesson=1)
    assert not read(here).knows_anything
