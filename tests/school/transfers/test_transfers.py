"""A student goes to another school: the old one keeps its own, the new one sees what came along and nothing else."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from db.kinds import AbsenceKind, EnrolmentReason, SubscriptionStatus
from db.models import BroughtGrade, Enrolment, Grade, School, Student, StudentTransfer, Subscription
from errors import ForbiddenError, InputError, MissingError
from school import setup, transfers
from school.reports import Filters, run
from school.students import card, student_code, students
from tests.school.students.small_schools import NOW, TODAY, SmallSchool

LATER = NOW + timedelta(days=1)


def code_of(school: SmallSchool) -> str:
    return school.session.get_one(School, school.id).institution_code


def offer(here: SmallSchool, to: SmallSchool) -> int:
    return transfers.offer(here.session, here.id, here.student, code_of(to), by=here.leader, now=NOW)


def admit(to: SmallSchool, transfer: int) -> int:
    return transfers.admit(to.session, to.id, transfer, to.own, by=to.leader, now=LATER)


@pytest.fixture
def admitted(here: SmallSchool, elsewhere: SmallSchool) -> int:
    """Мария, as the other school knows her."""
    elsewhere.session.get_one(School, elsewhere.id).name = "Друго училище"
    elsewhere.session.flush()
    here.grade("6")
    here.grade("4")
    here.absence(AbsenceKind.UNEXCUSED, 1)
    here.absence(AbsenceKind.LATE, 2)
    return admit(elsewhere, offer(here, elsewhere))


class TestGoing:
    def test_the_student_leaves_and_the_other_school_sees_who_comes(
        self, here: SmallSchool, elsewhere: SmallSchool
    ) -> None:
        _, subscription = here.follower()
        transfer = offer(here, elsewhere)
        here.session.expire_all()
        gone = here.session.get_one(Student, here.student)
        assert (gone.class_id, gone.left_on) == (None, TODAY)
        assert student_code.in_force(here.session, here.student) is None
        assert here.session.get_one(Subscription, subscription).status is SubscriptionStatus.STOPPED
        (seen,) = transfers.offered(elsewhere.session, elsewhere.id, by=elsewhere.leader)
        assert (seen.transfer_id, seen.name, seen.class_name) == (transfer, "Мария Петрова Колева", "8а")
        assert transfers.offered(here.session, here.id, by=here.leader) == ()

    def test_only_leaders_let_go_and_admit(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        for by in (here.teacher, here.class_teacher, elsewhere.leader):
            with pytest.raises(ForbiddenError):
                transfers.offer(here.session, here.id, here.student, code_of(elsewhere), by=by, now=NOW)
        transfer = offer(here, elsewhere)
        for by in (elsewhere.teacher, here.leader):
            with pytest.raises(ForbiddenError):
                transfers.admit(here.session, elsewhere.id, transfer, elsewhere.own, by=by, now=LATER)

    def test_a_third_school_admits_nobody(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        transfer = offer(here, elsewhere)
        with pytest.raises(MissingError, match="on the way to this school"):
            transfers.admit(here.session, here.id, transfer, here.own, by=here.leader, now=LATER)

    def test_nobody_is_admitted_twice_or_after_the_offer_was_withdrawn(
        self, here: SmallSchool, elsewhere: SmallSchool
    ) -> None:
        transfer = offer(here, elsewhere)
        transfers.withdraw(here.session, here.id, transfer, by=here.leader, now=NOW)
        assert transfers.offered(elsewhere.session, elsewhere.id, by=elsewhere.leader) == ()
        with pytest.raises(MissingError):
            admit(elsewhere, transfer)
        with pytest.raises(MissingError):
            transfers.withdraw(here.session, here.id, transfer, by=here.leader, now=NOW)

    def test_who_came_back_goes_nowhere_by_the_old_offer(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        transfer = offer(here, elsewhere)
        assert [one.transfer_id for one in transfers.on_the_way(here.session, here.id, by=here.leader)] == [transfer]
        students.move(here.session, here.id, here.student, here.own, by=here.leader, now=NOW)
        for _ in range(2):  # in their class again, and then left for good the day after
            assert transfers.offered(elsewhere.session, elsewhere.id, by=elsewhere.leader) == ()
            assert transfers.on_the_way(here.session, here.id, by=here.leader) == ()
            with pytest.raises(MissingError, match="on the way to this school"):
                admit(elsewhere, transfer)
            here.session.expire_all()
            if here.session.get_one(Student, here.student).class_id is not None:
                students.leave(here.session, here.id, here.student, by=here.leader, now=LATER)

    def test_a_second_offer_takes_the_place_of_the_first(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        offer(here, elsewhere)
        students.move(here.session, here.id, here.student, here.own, by=here.leader, now=NOW)
        second = offer(here, elsewhere)
        (seen,) = transfers.offered(elsewhere.session, elsewhere.id, by=elsewhere.leader)
        assert (seen.transfer_id, seen.other_school) == (second, here.session.get_one(School, here.id).name)
        assert here.session.scalars(select(StudentTransfer.id)).all() == [second]
        assert len(here.audited("transfer.withdrawn")) == 1
        assert admit(elsewhere, second)

    @pytest.mark.parametrize("code", ["", "9999999", "own"])
    def test_a_school_that_is_none_is_refused(self, here: SmallSchool, code: str) -> None:
        with pytest.raises(InputError, match="has this code"):
            transfers.offer(
                here.session, here.id, here.student, code_of(here) if code == "own" else code, by=here.leader, now=NOW
            )

    @pytest.mark.parametrize("days", [1, -400])
    def test_a_last_day_that_cannot_be_is_refused(self, here: SmallSchool, elsewhere: SmallSchool, days: int) -> None:
        with pytest.raises(InputError, match="last day"):
            transfers.offer(
                here.session, here.id, here.student, code_of(elsewhere),
                by=here.leader, now=NOW, last_day=TODAY + timedelta(days=days),
            )  # fmt: skip


class TestInSummer:
    """After the school went over to the next year the class that a student is in has not begun yet."""

    JULY = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)

    def next_class(self, school: SmallSchool) -> int:
        year = setup.add_year(school.session, school.id, setup.standard_plan(2026), by=school.leader, now=self.JULY)
        setup.add_classes(school.session, school.id, year, ["9а"], by=school.leader, now=self.JULY)
        return setup.classes(school.session, school.id, year)[0].id

    def test_who_is_in_the_coming_years_class_goes_all_the_same(
        self, here: SmallSchool, elsewhere: SmallSchool
    ) -> None:
        session, july = here.session, self.JULY
        students.move(session, here.id, here.student, self.next_class(here), by=here.leader, now=july)
        with pytest.raises(InputError, match="last day"):
            transfers.offer(
                session, here.id, here.student, code_of(elsewhere),
                by=here.leader, now=july, last_day=date(2026, 9, 15),
            )  # fmt: skip
        transfer = transfers.offer(session, here.id, here.student, code_of(elsewhere), by=here.leader, now=july)
        stays = session.execute(
            select(Enrolment.class_id, Enrolment.ends_on).where(Enrolment.student_id == here.student)
        ).all()
        assert [tuple(one) for one in stays] == [(here.own, date(2026, 7, 1))]
        (seen,) = transfers.offered(session, elsewhere.id, by=elsewhere.leader)
        assert (seen.transfer_id, seen.class_name, seen.last_day) == (transfer, "8а", date(2026, 7, 1))
        their_class = self.next_class(elsewhere)
        admitted = transfers.admit(session, elsewhere.id, transfer, their_class, by=elsewhere.leader, now=july)
        first = session.scalars(select(Enrolment.starts_on).where(Enrolment.student_id == admitted)).all()
        assert first == [date(2026, 9, 15)]

    def test_who_was_in_no_class_yet_goes_today(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        new = here.add_student("Нова", self.next_class(here))
        for day in (date(2026, 6, 30), date(2026, 7, 2)):
            with pytest.raises(InputError, match="last day"):
                transfers.offer(
                    here.session, here.id, new, code_of(elsewhere), by=here.leader, now=self.JULY, last_day=day
                )
        transfers.offer(here.session, here.id, new, code_of(elsewhere), by=here.leader, now=self.JULY)
        (seen,) = transfers.offered(here.session, elsewhere.id, by=elsewhere.leader)
        assert (seen.name, seen.class_name) == ("Нова Петрова Колева", "")


class TestWhatComesAlong:
    def test_grades_and_the_terms_absences_marked_as_from_another_school(
        self, here: SmallSchool, elsewhere: SmallSchool, admitted: int
    ) -> None:
        grades, absences = transfers.brought(elsewhere.session, elsewhere.id, admitted, 2025)
        name = here.session.get_one(School, here.id).name
        assert [(one.from_school, one.subject, one.value) for one in grades] == [
            (name, "Математика", Decimal(6)), (name, "Математика", Decimal(4)),
        ]  # fmt: skip
        assert [(one.term, one.excused, one.unexcused, one.late) for one in absences] == [(1, 0, 1, 1)]

    def test_the_student_is_in_the_class_with_a_code_of_the_new_school(
        self, elsewhere: SmallSchool, admitted: int
    ) -> None:
        row = elsewhere.session.execute(
            select(Enrolment.class_id, Enrolment.starts_on, Enrolment.reason).where(Enrolment.student_id == admitted)
        ).one()
        assert tuple(row) == (elsewhere.own, TODAY + timedelta(days=1), EnrolmentReason.TRANSFERRED)
        assert student_code.in_force(elsewhere.session, admitted) is not None

    def test_the_old_school_reads_its_own_and_nothing_new(
        self, here: SmallSchool, elsewhere: SmallSchool, admitted: int
    ) -> None:
        found = card.read_card(here.session, here.leader, here.student, LATER)
        assert (len(found.grades), len(found.absences), found.is_here) == (2, 2, False)
        with pytest.raises(MissingError):
            card.read_card(here.session, here.leader, admitted, LATER)
        with pytest.raises(MissingError):
            card.read_card(elsewhere.session, elsewhere.leader, here.student, LATER)
        assert transfers.brought(here.session, here.id, admitted, 2025) == ((), ())

    def test_what_is_corrected_afterwards_does_not_change_the_copy(
        self, here: SmallSchool, elsewhere: SmallSchool, admitted: int
    ) -> None:
        before = transfers.brought(elsewhere.session, elsewhere.id, admitted, 2025)
        for one in here.session.scalars(select(Grade).where(Grade.student_id == here.student)):
            one.value = Decimal(2)
        here.session.flush()
        assert transfers.brought(elsewhere.session, elsewhere.id, admitted, 2025) == before

    def test_who_comes_back_brings_no_copy_of_what_is_here(
        self, here: SmallSchool, elsewhere: SmallSchool, admitted: int
    ) -> None:
        there = elsewhere.session
        back = transfers.offer(there, elsewhere.id, admitted, code_of(here), by=elsewhere.leader, now=LATER)
        again = transfers.admit(there, here.id, back, here.own, by=here.leader, now=LATER + timedelta(days=1))
        assert again == here.student  # who was here before is the same student
        copies = select(func.count()).select_from(BroughtGrade).where(BroughtGrade.student_id == here.student)
        assert there.scalar(copies) == 0


def test_the_students_own_average_counts_what_came_along(
    here: SmallSchool, elsewhere: SmallSchool, admitted: int
) -> None:
    elsewhere.grade("3", student_id=admitted, now=LATER, on=LATER.date())
    report = run(elsewhere.session, elsewhere.id, "grades_of_student", Filters(student_id=admitted), LATER.date())
    (row,) = report.rows
    assert row.cells[0] == "Математика"
    assert row.cells[1] == "6*, 4*, 3"
    assert row.cells[2] == Decimal("4.33")
    assert any("друго училище" in note for note in report.notes)
    of_class = run(elsewhere.session, elsewhere.id, "grades_by_class", Filters(), LATER.date())
    assert {one.cells[0]: one.cells[2] for one in of_class.rows}["8а"] == 1  # the class's own
