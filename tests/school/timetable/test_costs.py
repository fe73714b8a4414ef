"""What the timetable costs: nothing when a class is saved by its own teacher, one statement when a sheet is opened."""

from decimal import Decimal

from db.kinds import SubstitutionKind
from school.classbook.sheet import read_sheet
from school.classbook.sheet_entries import SheetEntry
from school.staff.authority import Author
from school.timetable import groups, substitutions
from school.timetable.day import lessons_on
from school.timetable.substitutions import Choice
from tests.school.classbook.counting import statements
from tests.school.students.small_schools import NOW, TODAY, SmallSchool
from tests.school.timetable.in_use import lesson, timetable
from tests.school.timetable.test_handing_over import leave
from tests.school.timetable.test_substitutions import ORDER, save

A_SESSION = 1
MOST_OF_A_PAGE = 10


def test_who_teaches_the_class_saves_it_without_a_question_about_the_timetable(here: SmallSchool) -> None:
    timetable(here)
    lesson(here, 3)
    with statements() as asked:
        save(here, SheetEntry(here.student, Decimal(5)), here.teacher)
    assert not [one for one in asked if "timetable" in one or "substitution" in one]


def test_a_sheet_stays_within_a_pages_questions_for_a_groups_substitute_too(here: SmallSchool) -> None:
    timetable(here)
    group = groups.save(here.session, here.id, here.own, None, "1 гр.", [here.student], by=here.leader, now=NOW)
    lesson(here, 3, group_id=group)
    choice = Choice(here.own, 3, SubstitutionKind.SPECIALIST, here.idle)
    substitutions.record(here.session, here.id, TODAY, here.teacher, [choice], ORDER, by=here.leader, now=NOW)
    for staff_id in (here.teacher, here.idle):
        with statements() as asked:
            read_sheet(here.session, Author(staff_id, here.id, False), here.own, here.maths, TODAY, 3, NOW)
        assert len(asked) <= MOST_OF_A_PAGE - A_SESSION


def test_a_day_is_two_questions_however_many_lessons_it_has(here: SmallSchool) -> None:
    timetable(here)
    for number in range(1, 8):
        lesson(here, number)
        with statements() as asked:
            assert len(lessons_on(here.session, here.id, here.teacher, TODAY)) == number
        assert len(asked) == 2


def test_a_timetable_is_handed_over_by_as_many_statements_however_many_lessons_it_has(here: SmallSchool) -> None:
    timetable(here, TODAY)
    asked_of = []
    for weekday in (1, 2):
        for number in range(1, 8 * weekday - 7 + 1):
            lesson(here, number, weekday=weekday)
        with statements() as asked:
            leave(here, here.idle)
        asked_of.append(len(asked))
    assert asked_of[0] == asked_of[1]


def test_substitutes_of_many_lessons_by_non_specialists_are_said_at_once(here: SmallSchool) -> None:
    timetable(here)
    asked_of = []
    for last in (1, 6):
        for number in range(last, 2 * last):
            lesson(here, number)
        choices = [
            Choice(here.own, number, SubstitutionKind.NON_SPECIALIST, here.idle) for number in range(last, 2 * last)
        ]
        with statements() as asked:
            substitutions.record(here.session, here.id, TODAY, here.teacher, choices, ORDER, by=here.leader, now=NOW)
        asked_of.append(len([one for one in asked if one.startswith("SELECT")]))
    assert asked_of[0] == asked_of[1]
