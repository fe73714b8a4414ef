"""After a move and after the turn of the year the past reads as before, and can be corrected by those of its class."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, text

from db.events import EventRef
from db.kinds import EventKind
from db.models import Grade, TeachingAssignment
from errors import ForbiddenError, InputError, MissingError
from school import rollover
from school.classbook import correcting, entries
from school.classbook.sheet import read_sheet
from school.digests import farewell
from school.reports import REPORTS, Filters, Report, run
from school.rollover import Wishes
from school.students import card, students
from tests.school.students.small_schools import NOW, TODAY, SmallSchool

JUNE = datetime(2026, 6, 20, 9, 0, tzinfo=UTC)
JULY = datetime(2026, 7, 3, 9, 0, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def report(here: SmallSchool, name: str, filters: Filters, now: datetime) -> Report:
    return run(here.session, here.id, name, filters, now.date())


@pytest.fixture
def moved(here: SmallSchool) -> int:
    """A grade of Мария in 8а, from where she moved to 8б the day after; the grade's id."""
    other_teacher = here.add_teacher("Нов")
    here.session.execute(
        insert(TeachingAssignment).values(
            school_id=here.id, class_id=here.other, subject_id=here.maths, staff_id=other_teacher
        )
    )
    grade = here.grade("6")
    students.move(here.session, here.id, here.student, here.other, by=here.leader, now=LATER)
    here.grade("3", by=other_teacher, now=LATER, on=LATER.date())
    return grade.id


class TestAMove:
    def test_each_class_has_what_was_given_in_it(self, here: SmallSchool, moved: int) -> None:
        found = report(here, "grades_by_class", Filters(), LATER)
        assert {row.cells[0]: row.cells[1:4] for row in found.rows if row.cells[0] in ("8а", "8б")} == {
            "8а": (2, 1, Decimal("6.00")),
            "8б": (1, 1, Decimal("3.00")),
        }
        own = report(here, "grades_by_student", Filters(student_id=here.student), LATER)
        assert [row.cells[1:4] for row in own.rows] == [("8б", 2, Decimal("4.50"))]  # the student's own average
        there = report(here, "grades_by_student", Filters(class_id=here.own), LATER)
        assert {row.target.id: row.cells[1:3] for row in there.rows if row.target} == {
            here.student: ("8а", 1), here.classmate: ("8а", 0),
        }  # fmt: skip

    def test_the_old_classs_teacher_and_the_leaders_correct_it(self, here: SmallSchool, moved: int) -> None:
        for by, value in ((here.teacher, 5), (here.leader, 4)):
            seen = entries.read_entry(here.session, by, EventRef(EventKind.GRADE, moved), LATER)
            assert (seen.class_name, seen.student) == ("8а", "Мария Колева")
            correcting.correct_grade(here.session, by=by, grade_id=moved, grade=Decimal(value), now=LATER)
            here.session.expire_all()
            assert here.session.get_one(Grade, moved).value == Decimal(value)

    def test_the_new_classs_teacher_does_not(self, here: SmallSchool, moved: int) -> None:
        new = here.session.scalars(
            select(TeachingAssignment.staff_id).where(TeachingAssignment.class_id == here.other)
        ).one()
        with pytest.raises(ForbiddenError):
            correcting.correct_grade(here.session, by=new, grade_id=moved, grade=Decimal(2), now=LATER)

    def test_a_lesson_has_the_class_of_its_day(self, here: SmallSchool, moved: int) -> None:
        days = (TODAY, [here.student, here.classmate]), (LATER.date(), [here.classmate])
        for on, expected in days:
            sheet = read_sheet(here.session, here.teacher, here.own, here.maths, on, 1, LATER)
            assert [row.student_id for row in sheet.rows] == expected

    def test_a_grade_of_an_earlier_day_is_the_old_classs_teachers_to_give(self, here: SmallSchool, moved: int) -> None:
        assert here.grade("5", now=LATER, on=TODAY).id
        with pytest.raises(ForbiddenError):
            here.grade("5", now=LATER, on=LATER.date())

    def test_each_teacher_sees_on_the_card_what_is_theirs(self, here: SmallSchool, moved: int) -> None:
        new = here.session.scalars(
            select(TeachingAssignment.staff_id).where(TeachingAssignment.class_id == here.other)
        ).one()
        assert [one.value for one in card.read_card(here.session, new, here.student, LATER).grades] == ["3", "6"]
        assert [one.value for one in card.read_card(here.session, here.teacher, here.student, LATER).grades] == ["6"]

    def test_a_day_before_the_student_came_is_refused(self, here: SmallSchool, moved: int) -> None:
        for day in (TODAY - timedelta(days=400), LATER.date() + timedelta(days=9), LATER.date() - timedelta(days=1)):
            with pytest.raises(InputError):
                students.move(here.session, here.id, here.student, here.own, by=here.leader, now=LATER, since=day)

    def test_it_can_be_dated_back(self, here: SmallSchool) -> None:
        here.grade("6")
        students.move(
            here.session, here.id, here.student, here.other, by=here.leader, now=LATER, since=date(2025, 10, 1)
        )
        found = report(here, "grades_by_class", Filters(), LATER)
        assert {row.cells[0]: row.cells[2] for row in found.rows}["8б"] == 1  # the class of its date


class TestTheTurn:
    @pytest.fixture
    def turned(self, here: SmallSchool, moved: int) -> dict[str, Report]:
        """Last year's reports as they were in June; then the school went over and took leave of who left."""
        leaver = here.add_student("Яна", here.own)
        here.grade("4", student_id=leaver)
        here.absence()
        before = {name: self.last_year(here, name, JUNE) for name in REPORTS if not REPORTS[name].needs}
        rollover.carry_out(here.session, here.id, Wishes(2026, leavers=frozenset({leaver})), by=here.leader, now=JULY)
        done = here.session.execute(text("SELECT id FROM rollover")).scalar_one()
        assert farewell.of_rollover(here.session, done, OCTOBER) == 1
        return before

    @staticmethod
    def last_year(here: SmallSchool, name: str, now: datetime) -> Report:
        last = Filters(year=2025, until=date(2025, 11, 30) if name == "state_absences" else None)
        return report(here, name, last, now)

    def test_last_years_reports_say_what_they_said_in_june(self, here: SmallSchool, turned: dict[str, Report]) -> None:
        assert any(one.rows for one in turned.values())
        for name, before in turned.items():
            found = self.last_year(here, name, OCTOBER)
            assert (found.rows, found.totals, found.filters) == (before.rows, before.totals, before.filters), name

    def test_this_year_begins_empty_and_stands_beside_the_last(
        self, here: SmallSchool, turned: dict[str, Report]
    ) -> None:
        found = report(here, "last_year_comparison", Filters(), OCTOBER)
        assert {row.cells[0]: row.cells[1:] for row in found.rows} == {
            "9а": (1, 0, None, 0, None, None),
            "9б": (1, 0, None, 2, Decimal("4.50"), None),
        }
        assert found.totals is not None
        assert found.totals[4] == 2

    def test_last_years_grade_is_corrected_by_who_gave_it_and_by_a_leader(
        self, here: SmallSchool, moved: int, turned: dict[str, Report]
    ) -> None:
        for by, value in ((here.teacher, 5), (here.leader, 4)):
            correcting.correct_grade(here.session, by=by, grade_id=moved, grade=Decimal(value), now=OCTOBER)
        with pytest.raises(InputError):
            correcting.correct_grade(here.session, by=here.idle, grade_id=moved, grade=Decimal(2), now=OCTOBER)

    def test_a_card_is_read_by_year_also_of_who_left(self, here: SmallSchool, turned: dict[str, Report]) -> None:
        found = card.read_card(here.session, here.leader, here.student, OCTOBER)
        assert (found.class_name, found.year, found.years, found.grades) == ("9б", 2026, (2026, 2025), ())
        last = card.read_card(here.session, here.leader, here.student, OCTOBER, 2025)
        assert (last.class_name, len(last.grades), len(last.absences)) == ("8а, 8б", 2, 1)
        gone = here.session.execute(text("SELECT id FROM student WHERE left_on IS NOT NULL")).scalar_one()
        assert len(card.read_card(here.session, here.leader, gone, OCTOBER, 2025).grades) == 1
        with pytest.raises(MissingError):
            card.read_card(here.session, here.leader, here.student, OCTOBER, 2019)

    def test_a_class_of_last_year_asks_for_its_own_year(self, here: SmallSchool, turned: dict[str, Report]) -> None:
        found = report(here, "grades_by_student", Filters(class_id=here.own), OCTOBER)
        assert len(found.rows) == 3
        with pytest.raises(InputError, match="another school year"):
            report(here, "grades_by_student", Filters(class_id=here.own, year=2026), OCTOBER)
