"""Substitutions: who has the lesson that day, who may record it, and that nothing else may be recorded."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from db.kinds import AbsenceKind, GradeKind, GroupKind, SubstitutionKind
from errors import ForbiddenError, InputError
from school.classbook import correcting
from school.classbook.sheet import read_sheet
from school.classbook.sheet_entries import SheetEntry, SheetSubmission
from school.classbook.sheet_saving import save_lesson
from school.timetable import groups, substitutions
from school.timetable.day import lessons_on
from school.timetable.substitutions import CIVIC_EDUCATION, Choice, Order
from tests.school.students.small_schools import NOW, TODAY, SmallSchool
from tests.school.timetable.in_use import lesson, timetable

DAY = timedelta(days=1)
ORDER = Order("отпуск", "РД-12", date(2025, 11, 24))


def substitute(
    here: SmallSchool, kind: SubstitutionKind = SubstitutionKind.SPECIALIST, *, number: int = 3, **more: Any
) -> None:
    """The idle teacher gives the third lesson of 8а in place of the teacher of mathematics, unless told otherwise."""
    who = None if kind is SubstitutionKind.EMPTY else here.idle
    choice = Choice(here.own, number, kind, **{"substitute_id": who} | more)
    substitutions.record(here.session, here.id, TODAY, here.teacher, [choice], ORDER, by=here.leader, now=NOW)


def today(here: SmallSchool, staff_id: int) -> list[tuple[int, str, str]]:
    return [(one.lesson, one.subject, one.instead_of) for one in lessons_on(here.session, here.id, staff_id, TODAY)]


def save(here: SmallSchool, entry: SheetEntry, by: int, *, number: int = 3, **more: Any) -> None:
    given: dict[str, Any] = {"class_id": here.own, "subject_id": here.maths, "on": TODAY, "lesson": number}
    given["kind"] = GradeKind.ORAL
    submission = SheetSubmission(key=uuid4(), entries=(entry,), **given | more)
    save_lesson(here.session, by=by, submission=submission, now=NOW)


@pytest.fixture
def lessons(here: SmallSchool) -> int:
    timetable(here)
    lesson(here, 3)
    lesson(here, 5)
    return 3


class TestToday:
    def test_the_lesson_is_the_substitutes_and_the_others_stay(self, here: SmallSchool, lessons: int) -> None:
        substitute(here)
        assert today(here, here.teacher) == [(5, "Математика", "")]
        assert today(here, here.idle) == [(3, "Математика", "Орлин Учителова")]
        (row,) = substitutions.of_date(here.session, here.id, TODAY)
        assert (row.reason, row.order_number, row.substitute) == ("отпуск", "РД-12", "Калина Учителова")

    def test_without_a_specialist_it_is_civic_education(self, here: SmallSchool, lessons: int) -> None:
        substitute(here, SubstitutionKind.NON_SPECIALIST)
        assert today(here, here.idle) == [(3, CIVIC_EDUCATION, "Орлин Учителова")]

    def test_an_empty_hour_is_nobodys(self, here: SmallSchool, lessons: int) -> None:
        substitute(here, SubstitutionKind.EMPTY)
        assert today(here, here.teacher) == [(5, "Математика", "")]

    def test_saying_it_again_replaces_it_and_removing_it_gives_the_lesson_back(
        self, here: SmallSchool, lessons: int
    ) -> None:
        substitute(here)
        substitute(here, SubstitutionKind.EXTERNAL, substitute_id=here.class_teacher)
        assert today(here, here.idle) == []
        (row,) = substitutions.of_date(here.session, here.id, TODAY)
        assert substitutions.remove(here.session, here.id, row.id, by=here.leader, now=NOW) == TODAY
        assert [one[0] for one in today(here, here.teacher)] == [3, 5]
        assert len(here.audited("substitution.recorded")) == 2
        assert here.audited("substitution.removed")


class TestRights:
    def test_the_substitute_records_that_lesson(self, here: SmallSchool, lessons: int) -> None:
        substitute(here)
        entry = SheetEntry(here.student, Decimal(5), AbsenceKind.LATE, None, "", "Помага.")
        save(here, entry, here.idle)
        for kind in ("grade", "absence"):
            assert here.audited(f"{kind}.recorded")[-1].details["substitution"]
        assert read_sheet(here.session, here.idle, here.own, here.maths, TODAY, 3, NOW).is_substituted

    @pytest.mark.parametrize(
        "wrong",
        [
            {"number": 5},
            {"on": TODAY - DAY},
            {"number": 4},
            {"kind": GradeKind.TERM},
        ],
        ids=["another lesson", "another day", "no lesson", "a term grade"],
    )
    def test_and_nothing_else(self, here: SmallSchool, lessons: int, wrong: dict[str, Any]) -> None:
        substitute(here)
        with pytest.raises(InputError):
            save(here, SheetEntry(here.student, Decimal(5)), here.idle, **wrong)
        with pytest.raises(InputError):
            save(here, SheetEntry(here.student, Decimal(5)), here.idle, subject_id=here.history)
        with pytest.raises(InputError):
            save(here, SheetEntry(here.student, Decimal(5)), here.idle, class_id=here.other)

    def test_the_sheet_of_another_lesson_is_not_theirs_to_see(self, here: SmallSchool, lessons: int) -> None:
        substitute(here)
        for on, number in ((TODAY, 5), (TODAY - DAY, 3)):
            with pytest.raises(ForbiddenError):
                read_sheet(here.session, here.idle, here.own, here.maths, on, number, NOW)

    def test_without_the_substitution_nothing_is_left_of_the_right(self, here: SmallSchool, lessons: int) -> None:
        substitute(here)
        (row,) = substitutions.of_date(here.session, here.id, TODAY)
        substitutions.remove(here.session, here.id, row.id, by=here.leader, now=NOW)
        with pytest.raises(ForbiddenError):
            save(here, SheetEntry(here.student, Decimal(5)), here.idle)

    def test_they_correct_their_own_grades_and_no_others(self, here: SmallSchool, lessons: int) -> None:
        substitute(here)
        theirs = here.grade(by=here.idle)
        others = here.grade("4")
        correct: dict[str, Any] = {"by": here.idle, "grade": Decimal(4), "now": NOW}
        correcting.correct_grade(here.session, grade_id=theirs.id, **correct)
        with pytest.raises(ForbiddenError):
            correcting.correct_grade(here.session, grade_id=others.id, **correct)
        absence = here.absence(lesson=3)
        correcting.delete_absence(here.session, by=here.idle, absence_id=absence.id, now=NOW)
        with pytest.raises(ForbiddenError):
            correcting.delete_absence(here.session, by=here.idle, absence_id=here.absence(lesson=5).id, now=NOW)

    def test_civic_education_is_recorded_though_nobody_teaches_it(self, here: SmallSchool, lessons: int) -> None:
        substitute(here, SubstitutionKind.NON_SPECIALIST)
        civic = substitutions.civic_education(here.session, here.id)
        save(here, SheetEntry(here.student, absence=AbsenceKind.UNEXCUSED), here.idle, subject_id=civic)
        with pytest.raises(InputError):
            save(here, SheetEntry(here.classmate, absence=AbsenceKind.UNEXCUSED), here.idle)
        save(here, SheetEntry(here.classmate, absence=AbsenceKind.LATE), here.leader, subject_id=civic)
        with pytest.raises(InputError):
            save(here, SheetEntry(here.classmate, absence=AbsenceKind.LATE), here.class_teacher, subject_id=civic)

    def test_of_a_group_only_its_students(self, here: SmallSchool) -> None:
        timetable(here)
        group = groups.save(here.session, here.id, here.own, None, "1 гр.", [here.student], by=here.leader, now=NOW)
        lesson(here, 3, group_id=group)
        substitute(here)
        assert [
            one.student_id for one in read_sheet(here.session, here.idle, here.own, here.maths, TODAY, 3, NOW).rows
        ] == [here.student]
        save(here, SheetEntry(here.student, Decimal(5)), here.idle)
        with pytest.raises(InputError, match="not in the group"):
            save(here, SheetEntry(here.classmate, Decimal(5)), here.idle)


class TestRefused:
    def test_a_substitute_who_is_with_another_class_then_unless_they_are_merged(
        self, here: SmallSchool, lessons: int
    ) -> None:
        lesson(here, 3, class_id=here.other, staff_id=here.idle, subject_id=here.history)
        with pytest.raises(InputError, match="8б in lesson 3"):
            substitute(here)
        substitute(here, knowingly=True)
        assert today(here, here.idle) == [(3, "Математика", "Орлин Учителова"), (3, "История и цивилизации", "")]

    def test_a_substitute_of_two_lessons_at_once(self, here: SmallSchool, lessons: int) -> None:
        lesson(here, 3, class_id=here.other, staff_id=here.class_teacher, subject_id=here.history)
        substitute(here)
        choice = Choice(here.other, 3, SubstitutionKind.SPECIALIST, here.idle)
        with pytest.raises(InputError, match="8а in lesson 3"):
            substitutions.record(
                here.session, here.id, TODAY, here.class_teacher, [choice], ORDER, by=here.leader, now=NOW
            )

    @pytest.mark.parametrize(
        ("choice", "order"),
        [
            ({"lesson": 4}, ORDER),
            ({"substitute_id": None}, ORDER),
            ({"kind": SubstitutionKind.EMPTY}, ORDER),
            ({}, Order("")),
            ({}, Order("отпуск", "РД-1")),
            ({}, Order("отпуск", "", TODAY)),
        ],
    )
    def test_what_is_incomplete(self, here: SmallSchool, lessons: int, choice: dict[str, Any], order: Order) -> None:
        given: dict[str, Any] = {"class_id": here.own, "lesson": 3, "substitute_id": here.idle}
        given["kind"] = SubstitutionKind.SPECIALIST
        with pytest.raises(InputError):
            substitutions.record(
                here.session, here.id, TODAY, here.teacher, [Choice(**given | choice)], order, by=here.leader, now=NOW
            )

    def test_who_is_no_leader_or_of_another_school(
        self, here: SmallSchool, elsewhere: SmallSchool, lessons: int
    ) -> None:
        with pytest.raises(InputError):
            substitute(here, substitute_id=elsewhere.idle)
        with pytest.raises(InputError):
            substitute(here, substitute_id=here.teacher)
        choice = Choice(here.own, 3, SubstitutionKind.SPECIALIST, here.idle)
        for by in (here.teacher, elsewhere.leader):
            with pytest.raises(ForbiddenError):
                substitutions.record(here.session, here.id, TODAY, here.teacher, [choice], ORDER, by=by, now=NOW)


class TestParts:
    def test_a_groups_teacher_sees_its_students_and_leaders_the_class(self, here: SmallSchool) -> None:
        timetable(here)
        first, second = (
            groups.save(here.session, here.id, here.own, None, name, [who], by=here.leader, now=NOW)
            for name, who in (("1 гр.", here.student), ("2 гр.", here.classmate))
        )
        lesson(here, 3, group_id=first)
        lesson(here, 3, group_id=second, staff_id=here.idle)

        def seen(by: int, number: int = 3) -> tuple[str, list[int]]:
            sheet = read_sheet(here.session, by, here.own, here.maths, TODAY, number, NOW)
            return sheet.group, [one.student_id for one in sheet.rows]

        assert seen(here.teacher) == ("1 гр.", [here.student])
        assert seen(here.teacher, 6) == ("1 гр.", [here.student])  # at another hour too: it is the group they teach
        assert seen(here.leader) == ("", [here.student, here.classmate])
        groups.save(here.session, here.id, here.own, first, "1 гр.", [], by=here.leader, now=NOW)
        assert seen(here.teacher) == ("1 гр.", [here.student, here.classmate])

    def test_who_has_a_schedule_of_their_own_is_not_with_the_class(self, here: SmallSchool) -> None:
        timetable(here)
        own = groups.save(
            here.session, here.id, here.own, None, "ИУП", [here.student], kind=GroupKind.INDIVIDUAL,
            by=here.leader, now=NOW,
        )  # fmt: skip
        lesson(here, 3)
        lesson(here, 4, staff_id=here.idle, group_id=own)
        sheet = read_sheet(here.session, here.teacher, here.own, here.maths, TODAY, 3, NOW)
        assert [one.student_id for one in sheet.rows] == [here.classmate]
