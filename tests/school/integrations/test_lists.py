"""The lists that a school's other systems read: of their own school, of the year that counts, little about people."""

from dataclasses import asdict
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import School, Staff, StaffRole, Student, TeachingAssignment
from school import setup
from school.integrations import lists
from school.integrations.lists import StudentRow, TeachingRow
from school.security.crypto import vault
from school.students import national_ids
from school.years.plans import standard_plan
from tests.school.students.small_schools import NOW, TODAY, SmallSchool

NEXT_AUTUMN = date(2026, 9, 15)


@pytest.fixture
def next_year(here: SmallSchool) -> int:
    """The year after, with one class that somebody teaches."""
    year = setup.add_year(here.session, here.id, standard_plan(2026), by=here.leader, now=NOW)
    setup.add_classes(here.session, here.id, year, ["9а"], by=here.leader, now=NOW)
    (added,) = setup.classes(here.session, here.id, year)
    row = {"school_id": here.id, "class_id": added.id, "subject_id": here.maths, "staff_id": here.idle}
    here.session.execute(insert(TeachingAssignment).values(row))
    return year


class TestYear:
    @pytest.mark.parametrize(
        ("on", "names"),
        [
            (date(2025, 9, 14), []),
            (date(2025, 9, 15), ["7а", "8а", "8б", "11а"]),
            (date(2026, 9, 14), ["7а", "8а", "8б", "11а"]),
            (NEXT_AUTUMN, ["9а"]),
            (date(2028, 1, 1), ["9а"]),  # nobody entered a later year
        ],
    )
    def test_classes_are_those_of_the_year_that_runs_or_began_last(
        self, here: SmallSchool, next_year: int, on: date, names: list[str]
    ) -> None:
        assert [one.name for one in lists.classes(here.session, here.id, on)] == names

    def test_who_teaches_what_is_of_that_year_too(self, here: SmallSchool, next_year: int) -> None:
        assert lists.teaching(here.session, here.id, TODAY) == (TeachingRow(here.own, here.maths, here.teacher),)
        assert [one.teacher_id for one in lists.teaching(here.session, here.id, NEXT_AUTUMN)] == [here.idle]

    def test_the_school_says_its_year(self, here: SmallSchool, next_year: int) -> None:
        assert lists.school(here.session, here.id, TODAY).year_starts_on == date(2025, 9, 15)
        assert lists.school(here.session, here.id, NEXT_AUTUMN).year_starts_on == NEXT_AUTUMN

    def test_a_school_without_a_year_is_still_told(self, session: Session) -> None:
        values = {"institution_code": "7654321", "name": "Ново", "town": "Видин", "created_at": NOW}
        id_ = session.scalars(insert(School).values(values).returning(School.id)).one()
        found = lists.school(session, id_, TODAY)
        assert (found.institution_code, found.year_starts_on, found.year_ends_on) == ("7654321", None, None)
        assert not lists.classes(session, id_, TODAY)
        assert not lists.teaching(session, id_, TODAY)


def test_each_school_reads_its_own(here: SmallSchool, elsewhere: SmallSchool) -> None:
    session = here.session
    assert {one.id for one in lists.classes(session, here.id, TODAY)}.isdisjoint(
        one.id for one in lists.classes(session, elsewhere.id, TODAY)
    )
    assert {one.teacher_id for one in lists.teaching(session, here.id, TODAY)} == {here.teacher}
    assert {one.id for one in lists.teachers(session, here.id)} == {
        here.leader, here.class_teacher, here.teacher, here.idle,
    }  # fmt: skip
    assert {one.id for one in lists.students(session, here.id, limit=10)} == {here.student, here.classmate}
    assert lists.students(session, here.id, class_id=elsewhere.own, limit=10) == ()
    mine = [one.id for one in lists.subjects(session, here.id)]
    assert {here.maths, here.history} <= set(mine)
    assert elsewhere.maths not in mine


def test_who_is_switched_off_or_has_no_role_is_no_teacher(here: SmallSchool) -> None:
    here.session.get_one(Staff, here.idle).is_active = False
    here.session.flush()
    here.session.execute(delete(StaffRole).where(StaffRole.staff_id == here.teacher))
    assert [one.id for one in lists.teachers(here.session, here.id)] == [here.leader, here.class_teacher]


def test_a_class_says_its_class_teacher(here: SmallSchool) -> None:
    found = {one.name: one.class_teacher_id for one in lists.classes(here.session, here.id, TODAY)}
    assert found == {"7а": None, "8а": here.class_teacher, "8б": None, "11а": None}


class TestStudents:
    def test_a_row_says_no_more_than_is_needed(self, here: SmallSchool) -> None:
        (row, _) = lists.students(here.session, here.id, limit=10)
        assert row == StudentRow(here.student, here.own, "8а", 1, "Мария", "Петрова", "Колева")
        assert asdict(row).keys() == {
            "id", "class_id", "class_name", "number", "first_name", "middle_name", "last_name",
        }  # fmt: skip

    def test_pages_follow_each_other_without_gap_or_repetition(self, here: SmallSchool) -> None:
        for number in range(5):
            here.add_student(f"Ученик{number}", here.other)
        everybody = [one.id for one in lists.students(here.session, here.id, limit=100)]
        read: list[int] = []
        while page := lists.students(here.session, here.id, after=read[-1] if read else 0, limit=3):
            assert len(page) <= 3
            read += [one.id for one in page]
        assert read == everybody
        assert len(everybody) == 7

    def test_a_class_narrows_them_and_who_left_is_in_none(self, here: SmallSchool) -> None:
        other = here.add_student("Елена", here.other)
        here.add_student("Напуснал", None, left_on=TODAY)
        assert [one.id for one in lists.students(here.session, here.id, class_id=here.other, limit=9)] == [other]
        assert len(lists.students(here.session, here.id, limit=9)) == 3


class TestFinding:
    def number(self, here: SmallSchool, student: int) -> str:
        encrypted = here.session.scalars(select(Student.national_id_encrypted).where(Student.id == student)).one()
        return national_ids.decrypt(vault(here.session), encrypted).number

    def test_numbers_are_answered_in_the_order_given(self, here: SmallSchool) -> None:
        first, second = self.number(here, here.student), self.number(here, here.classmate)
        given = [second, "1234567890", "не е номер", f" {first[:6]} {first[6:]} ", second]
        found = lists.find_students(here.session, here.id, given, TODAY)
        assert found == (here.classmate, None, None, here.student, here.classmate)

    def test_another_schools_student_and_one_who_left_are_nobody(
        self, here: SmallSchool, elsewhere: SmallSchool
    ) -> None:
        gone = here.add_student("Напуснал", None, left_on=TODAY)
        given = [self.number(here, elsewhere.student), self.number(here, gone)]
        assert lists.find_students(here.session, here.id, given, TODAY) == (None, None)

    def test_a_birth_in_the_future_is_no_number(self, here: SmallSchool) -> None:
        number = self.number(here, here.student)
        before_birth = date(2012, 1, 5) - timedelta(days=1)
        assert lists.find_students(here.session, here.id, [number], before_birth) == (None,)

    def test_no_numbers_find_nobody(self, here: SmallSchool) -> None:
        assert lists.find_students(here.session, here.id, [], TODAY) == ()


def test_classes_come_by_level_and_letter(here: SmallSchool) -> None:
    found = [(one.level, one.name[-1]) for one in lists.classes(here.session, here.id, TODAY)]
    assert found == sorted(found)
