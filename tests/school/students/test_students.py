"""Students one by one: found by what a person types, moved to another class, and leaving the school."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from db.models import SchoolClass, Student
from errors import ForbiddenError, InputError, MissingError
from school.students import student_code, students
from tests.school.students.small_schools import NOW, TODAY, SmallSchool

NO_STUDENT = "There is no such student in this school."


def names(here: SmallSchool, text: str) -> list[str]:
    return [one.name for one in students.find(here.session, here.id, text)]


class TestFinding:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Мар", ["Мария Петрова Колева"]),
            ("мар", ["Мария Петрова Колева"]),
            ("  кол  мар ", ["Мария Петрова Колева"]),  # in any order, by any of the names
            ("петров", ["Иван Петров", "Мария Петрова Колева"]),
            ("иван петрова", []),  # every word has to fit the same student
            ("ария", []),
            ("Мар%", []),  # what is typed is no pattern
            ("М_рия", []),
            ("", []),
            ("  ", []),
        ],
    )
    def test_by_the_beginnings_of_names(self, here: SmallSchool, text: str, found: list[str]) -> None:
        assert names(here, text) == found

    def test_by_the_code_in_force_written_with_spaces_too(self, here: SmallSchool) -> None:
        old = student_code.in_force(here.session, here.student)
        code = student_code.issue(here.session, here.student, NOW)
        assert old is not None
        assert names(here, f"{code[:4]} {code[4:]}") == ["Мария Петрова Колева"]
        assert names(here, code[:7]) == names(here, old) == []

    def test_who_has_left_is_found_without_a_class_after_the_others(self, here: SmallSchool) -> None:
        here.add_student("Мартин", None, left_on=TODAY)
        here.add_student("Марина", here.other)
        found = students.find(here.session, here.id, "Мар")
        known = {one.name.split()[0]: one.class_name for one in found}
        assert known == {"Мария": "8а", "Марина": "8б", "Мартин": None}

    def test_another_schools_students_are_not_found(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        code = student_code.in_force(here.session, elsewhere.student)
        assert code is not None
        assert names(here, code) == []
        assert [one.student_id for one in students.find(here.session, here.id, "Мария")] == [here.student]

    def test_no_more_than_sixty_are_listed(self, here: SmallSchool) -> None:
        for _ in range(students.MOST + 1):
            here.add_student("Яна", here.other)
        assert len(names(here, "Яна")) == students.MOST


def move(here: SmallSchool, student: int, to: int, by: int) -> None:
    students.move(here.session, here.id, student, to, by=by, now=NOW)


def leave(here: SmallSchool, student: int, by: int, now: datetime = NOW) -> None:
    students.leave(here.session, here.id, student, by=by, now=now)


class TestMoving:
    def test_the_code_stays_and_the_number_in_class_does_not(self, here: SmallSchool) -> None:
        code = student_code.in_force(here.session, here.student)
        move(here, here.student, here.other, here.leader)
        row = here.session.get_one(Student, here.student)
        assert (row.class_id, row.number_in_class) == (here.other, None)
        assert student_code.in_force(here.session, here.student) == code
        (audited,) = here.audited("student.changed")
        assert (audited.entity_id, audited.staff_id) == (here.student, here.leader)
        assert audited.details == {"class_id": [here.own, here.other]}

    def test_into_the_same_class_is_no_change(self, here: SmallSchool) -> None:
        move(here, here.student, here.own, here.leader)
        assert here.session.get_one(Student, here.student).number_in_class == 1
        assert here.audited("student.changed") == []

    def test_who_had_left_comes_back(self, here: SmallSchool) -> None:
        leave(here, here.student, here.leader)
        move(here, here.student, here.other, here.leader)
        row = here.session.get_one(Student, here.student)
        assert (row.class_id, row.left_on) == (here.other, None)

    def test_another_schools_class_is_none(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        for class_id in (elsewhere.own, 999_999):
            with pytest.raises(InputError, match="There is no such class in this school"):
                move(here, here.student, class_id, here.leader)


def test_who_is_in_a_class_without_a_letter_has_not_left(here: SmallSchool) -> None:
    here.session.get_one(SchoolClass, here.own).letter = ""
    here.session.flush()
    (found,) = (one for one in students.find(here.session, here.id, "Мария") if one.student_id == here.student)
    assert found.class_name == "8"


class TestLeaving:
    def test_the_code_opens_nothing_any_more(self, here: SmallSchool) -> None:
        leave(here, here.student, here.leader)
        row = here.session.get_one(Student, here.student)
        assert (row.class_id, row.number_in_class, row.left_on) == (None, None, TODAY)
        assert student_code.in_force(here.session, here.student) is None
        assert [one.entity_id for one in here.audited("student_code.revoked")] == [here.student]
        (audited,) = here.audited("student.left")
        assert audited.details == {"on": str(TODAY), "class_id": here.own}

    def test_the_day_is_sofias(self, here: SmallSchool) -> None:
        leave(here, here.student, here.leader, datetime(2025, 11, 25, 22, 30, tzinfo=UTC))
        assert here.session.get_one(Student, here.student).left_on == date(2025, 11, 26)

    def test_nobody_leaves_twice(self, here: SmallSchool) -> None:
        leave(here, here.student, here.leader)
        with pytest.raises(InputError, match="has left already"):
            leave(here, here.student, here.leader)
        assert len(here.audited("student.left")) == 1


ACTS: list[Callable[[SmallSchool, int, int], Any]] = [
    lambda here, student, by: move(here, student, here.other, by),
    leave,
]


@pytest.mark.parametrize("act", ACTS, ids=["move", "leave"])
class TestWhoMay:
    @pytest.mark.parametrize("who", ["class_teacher", "teacher", "idle"])
    def test_only_leaders(self, here: SmallSchool, who: str, act: Callable[..., Any]) -> None:
        with pytest.raises(ForbiddenError, match="principal or administrator"):
            act(here, here.student, getattr(here, who))

    def test_a_leader_of_another_school_may_not(
        self, here: SmallSchool, elsewhere: SmallSchool, act: Callable[..., Any]
    ) -> None:
        with pytest.raises(ForbiddenError, match="principal or administrator"):
            act(here, here.student, elsewhere.leader)

    def test_a_student_of_another_school_is_not_there(
        self, here: SmallSchool, elsewhere: SmallSchool, act: Callable[..., Any]
    ) -> None:
        with pytest.raises(MissingError, match=NO_STUDENT):
            act(here, elsewhere.student, here.leader)
        assert here.session.get_one(Student, elsewhere.student).class_id == elsewhere.own
