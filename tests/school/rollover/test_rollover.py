"""Going over to the next school year: what the plan says is what is done, as a whole, and is undone as a whole."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.models import (
    BellSchedule,
    ClassGroup,
    Enrolment,
    Rollover,
    SchoolClass,
    SchoolYear,
    Staff,
    Student,
    TeachingAssignment,
    TimetableClass,
)
from errors import ForbiddenError, InputError, MissingError
from school import rollover
from school.enrolments import covers
from school.rollover import Fate, ListedStudent, Wishes, drafts
from school.security.crypto import vault
from school.students import national_ids, students
from school.years.plans import standard_plan
from school.years.years import add_year
from tests.school.students.small_schools import SmallSchool, national_id
from tests.school.timetable.in_use import timetable

JULY = datetime(2026, 7, 3, 9, 0, tzinfo=UTC)
NEW_YEAR = date(2026, 9, 15)
WISH = Wishes(2026)


def class_on(session: Session, student_id: int, day: date) -> str | None:
    row = session.execute(
        select(SchoolClass.level, SchoolClass.letter)
        .join(Enrolment, Enrolment.class_id == SchoolClass.id)
        .where(Enrolment.student_id == student_id, covers(day))
    ).one_or_none()
    return f"{row.level}{row.letter}" if row else None


def present(session: Session, student_id: int) -> str | None:
    session.expire_all()
    class_id = session.get_one(Student, student_id).class_id
    return session.get_one(SchoolClass, class_id).name if class_id else None


def everything(session: Session) -> list[list[tuple[object, ...]]]:
    """All that going over may change."""
    return [
        [tuple(row) for row in session.execute(select(table.__table__).order_by(table.__table__.c.id))]
        for table in (SchoolClass, TeachingAssignment, Enrolment, Student)
    ]


def go(here: SmallSchool, wishes: Wishes = WISH, by: int | None = None) -> rollover.RolloverPlan:
    return rollover.carry_out(here.session, here.id, wishes, by=by or here.leader, now=JULY)


@pytest.fixture
def seventh(here: SmallSchool) -> int:
    """7а, without students."""
    return here.session.scalars(
        select(SchoolClass.id).where(SchoolClass.school_id == here.id, SchoolClass.level == 7)
    ).one()


class TestPlan:
    def test_it_counts_who_is_promoted_repeats_leaves_and_graduates(self, here: SmallSchool, seventh: int) -> None:
        graduate = here.add_student("Петър", seventh)
        repeater, leaver = here.add_student("Ана", here.own), here.add_student("Яна", here.own)
        plan = rollover.plan(
            here.session, here.id, Wishes(2026, repeaters=frozenset({repeater}), leavers=frozenset({leaver}))
        )
        assert plan.numbers == {Fate.PROMOTED: 2, Fate.REPEATS: 1, Fate.LEAVES: 1, Fate.GRADUATES: 1}
        assert {one.student_id: one.to_class for one in plan.students} == {
            here.student: "9а", here.classmate: "9а", repeater: "8а", leaver: None, graduate: None,
        }  # fmt: skip
        assert [(one.name, one.from_class, one.students, one.made) for one in plan.classes] == [
            ("8а", None, 1, True),
            ("9а", "8а", 2, True),
        ]
        assert plan.farewell_on == date(2026, 9, 14)
        assert plan.year_id is None
        assert plan.starts_on == NEW_YEAR

    def test_nothing_is_written(self, here: SmallSchool) -> None:
        before = everything(here.session)
        rollover.plan(here.session, here.id, WISH)
        assert everything(here.session) == before

    def test_what_the_law_knows_not_is_warned_of(self, here: SmallSchool) -> None:
        fourth = here.session.scalars(
            insert(SchoolClass)
            .values(school_id=here.id, school_year_id=here.year, level=4, letter="а")
            .returning(SchoolClass.id)
        ).one()
        small = here.add_student("Ели", fourth)
        plan = rollover.plan(here.session, here.id, Wishes(2026, repeaters=frozenset({small})))
        assert any("не повтаря класа: 1" in str(one) for one in plan.warnings)

    def test_a_wish_about_nobody_is_refused(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        for wishes in (
            Wishes(2026, repeaters=frozenset({elsewhere.student})),
            Wishes(2026, leavers=frozenset({elsewhere.student})),
            Wishes(2026, placed={elsewhere.student: "9б"}),
        ):
            with pytest.raises(InputError, match="in no class of the year that ends"):
                rollover.plan(here.session, here.id, wishes)

    def test_a_year_without_one_before_it_is_refused(self, here: SmallSchool) -> None:
        with pytest.raises(InputError, match="no school year 2026/2027 to go over from"):
            rollover.plan(here.session, here.id, Wishes(2027))


class TestCarryingOut:
    def test_students_are_in_the_new_class_from_the_first_day_of_the_new_year(self, here: SmallSchool) -> None:
        go(here)
        assert class_on(here.session, here.student, date(2026, 9, 14)) == "8а"
        assert class_on(here.session, here.student, NEW_YEAR) == "9а"
        assert present(here.session, here.student) == "9а"

    def test_who_leads_and_teaches_is_copied_to_be_confirmed(self, here: SmallSchool) -> None:
        go(here)
        year = here.session.scalars(select(SchoolYear.id).where(SchoolYear.starts_on == NEW_YEAR)).one()
        open_ = rollover.unconfirmed(here.session, here.id, year)
        assert [(one.class_name, one.staff_id) for one in open_.teachers] == [("9а", here.class_teacher)]
        assert [(one.class_name, one.subject, one.staff_id) for one in open_.teaching] == [
            ("9а", "Математика", here.teacher)
        ]
        confirmed = rollover.confirm(
            here.session, here.id, classes=[open_.teachers[0].class_id],
            assignments=[open_.teaching[0].assignment_id], by=here.leader, now=JULY,
        )  # fmt: skip
        assert confirmed == 2
        assert rollover.unconfirmed(here.session, here.id, year) == rollover.Unconfirmed((), ())

    def test_who_is_switched_off_is_not_copied(self, here: SmallSchool) -> None:
        for id_ in (here.class_teacher, here.teacher):
            here.session.get_one(Staff, id_).is_active = False
        here.session.flush()
        plan = go(here)
        assert any("9а" in str(one) for one in plan.warnings)
        nine = here.session.scalars(
            select(SchoolClass).where(SchoolClass.school_id == here.id, SchoolClass.level == 9)
        ).one()
        assert nine.class_teacher_id is None
        assert not here.session.scalar(select(TeachingAssignment.id).where(TeachingAssignment.class_id == nine.id))

    def test_a_year_and_a_class_that_are_there_are_taken_as_they_are(self, here: SmallSchool) -> None:
        year = add_year(here.session, here.id, standard_plan(2026), by=here.leader, now=JULY)
        here.session.execute(
            insert(SchoolClass).values(
                school_id=here.id, school_year_id=year, level=9, letter="а", class_teacher_id=here.idle
            )
        )
        plan = go(here)
        assert (plan.year_id, [one.made for one in plan.classes]) == (year, [False])
        found = here.session.scalars(select(SchoolClass).where(SchoolClass.school_year_id == year)).one()
        assert (found.class_teacher_id, found.teacher_to_confirm) == (here.idle, False)

    def test_graduates_stay_in_their_class_until_the_farewell(self, here: SmallSchool, seventh: int) -> None:
        graduate = here.add_student("Петър", seventh)
        go(here)
        assert present(here.session, graduate) == "7а"
        standing = rollover.state(here.session, here.id)
        assert standing is not None
        assert (standing.leaving, standing.farewell_on, standing.can_be_undone) == (1, date(2026, 9, 14), True)

    def test_a_plan_that_no_longer_holds_is_not_carried_out(self, here: SmallSchool) -> None:
        seen = rollover.plan(here.session, here.id, WISH).fingerprint
        here.add_student("Нова", here.own)
        before = everything(here.session)
        with pytest.raises(InputError, match="has changed since"):
            rollover.carry_out(here.session, here.id, WISH, by=here.leader, now=JULY, seen=seen)
        assert everything(here.session) == before

    def test_only_a_leader_of_this_very_school_may(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        for by in (here.teacher, here.class_teacher, elsewhere.leader):
            with pytest.raises(ForbiddenError):
                go(here, by=by)

    def test_a_second_time_is_refused(self, here: SmallSchool) -> None:
        go(here)
        with pytest.raises(InputError, match="already"):
            go(here)

    def test_another_school_is_left_alone(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        go(here)
        assert present(here.session, elsewhere.student) == "8а"


class TestWhichYearEnds:
    @staticmethod
    def next_class(here: SmallSchool) -> int:
        year = add_year(here.session, here.id, standard_plan(2026), by=here.leader, now=JULY)
        return here.session.scalars(
            insert(SchoolClass)
            .values(school_id=here.id, school_year_id=year, level=9, letter="а")
            .returning(SchoolClass.id)
        ).one()

    def start(self, here: SmallSchool) -> int:
        found = drafts.turn(here.session, here.id)
        assert found is not None
        return found.start

    def test_who_is_admitted_into_a_class_of_the_next_year_before_the_others_does_not_end_it(
        self, here: SmallSchool
    ) -> None:
        here.add_student("Нова", self.next_class(here))
        assert self.start(here) == 2026
        drafts.decide(here.session, here.id, {here.student: drafts.REPEATS}, by=here.leader, now=JULY)
        go(here)
        assert self.start(here) == 2027

    def test_who_was_left_in_a_class_of_the_year_before_does_not_hold_it_back(self, here: SmallSchool) -> None:
        """A school that began its year by uploading the lists."""
        next_class = self.next_class(here)
        students.move(here.session, here.id, here.student, next_class, by=here.leader, now=JULY)
        here.add_student("Нова", next_class)
        assert self.start(here) == 2027

    def test_graduates_who_wait_for_the_farewell_do_not_either(self, here: SmallSchool, seventh: int) -> None:
        for name in ("Петър", "Ана", "Яна"):
            here.add_student(name, seventh)
        go(here)
        assert self.start(here) == 2027


class TestUndoing:
    def test_everything_is_as_before(self, here: SmallSchool, seventh: int) -> None:
        here.add_student("Петър", seventh)
        repeater = here.add_student("Ана", here.own)
        before = everything(here.session)
        go(here, Wishes(2026, repeaters=frozenset({repeater})))
        assert everything(here.session) != before
        assert rollover.undo(here.session, here.id, by=here.leader, now=JULY) == 3
        here.session.expire_all()
        assert everything(here.session) == before
        assert here.session.scalar(select(func.count()).select_from(Rollover)) == 0
        go(here)  # and it can be done again

    def test_also_after_a_student_changed_classes_in_the_new_year(self, here: SmallSchool) -> None:
        go(here, Wishes(2026, placed={here.classmate: "9б"}))
        nine_b = here.session.scalars(
            select(SchoolClass.id).where(SchoolClass.level == 9, SchoolClass.letter == "б")
        ).one()
        students.move(here.session, here.id, here.student, nine_b, by=here.leader, now=JULY)
        rollover.undo(here.session, here.id, by=here.leader, now=JULY)
        assert present(here.session, here.student) == present(here.session, here.classmate) == "8а"

    def test_a_class_that_somebody_new_is_in_stays(self, here: SmallSchool) -> None:
        go(here)
        nine = here.session.scalars(select(SchoolClass.id).where(SchoolClass.level == 9)).one()
        new = here.add_student("Нова", nine)
        rollover.undo(here.session, here.id, by=here.leader, now=JULY)
        assert present(here.session, new) == "9а"

    def test_so_do_classes_that_are_in_the_new_timetable_or_in_groups(self, here: SmallSchool) -> None:
        go(here, Wishes(2026, placed={here.classmate: "9б"}))
        nine = {
            one.letter: one.id for one in here.session.scalars(select(SchoolClass).where(SchoolClass.level == 9)).all()
        }
        of = {"school_id": here.id}
        here.session.execute(insert(ClassGroup).values(of | {"class_id": nine["а"], "name": "1 гр."}))
        bells = here.session.scalars(
            insert(BellSchedule).values(of | {"name": "Първа смяна"}).returning(BellSchedule.id)
        ).one()
        year = here.session.get_one(SchoolClass, nine["б"]).school_year_id
        follows = {
            "class_id": nine["б"],
            "bell_schedule_id": bells,
            "timetable_id": timetable(here, school_year_id=year),
        }
        here.session.execute(insert(TimetableClass).values(of | follows))
        rollover.undo(here.session, here.id, by=here.leader, now=JULY)
        assert present(here.session, here.student) == present(here.session, here.classmate) == "8а"
        assert set(nine.values()) <= set(here.session.scalars(select(SchoolClass.id)))

    def test_not_once_something_was_entered_in_the_new_year(self, here: SmallSchool) -> None:
        go(here)
        september = datetime(2026, 9, 16, 9, 0, tzinfo=UTC)
        here.grade(now=september, on=september.date())
        with pytest.raises(InputError, match="entered in the new school year"):
            rollover.undo(here.session, here.id, by=here.leader, now=september)
        standing = rollover.state(here.session, here.id)
        assert standing is not None
        assert not standing.can_be_undone

    def test_where_nothing_was_done_there_is_nothing_to_undo(self, here: SmallSchool) -> None:
        with pytest.raises(MissingError):
            rollover.undo(here.session, here.id, by=here.leader, now=JULY)


class TestLists:
    def test_who_is_missing_new_elsewhere_and_not_staying(self, here: SmallSchool, seventh: int) -> None:
        numbers = {"stays": 801, "elsewhere": 802, "graduate": 803, "new": 804, "gone": 805}
        ids = {name: national_ids.parse(national_id(number), NEW_YEAR) for name, number in numbers.items()}

        def add(name: str, class_id: int | None) -> int:
            one = ids[name]
            return here.add_student(
                name, class_id, national_id_kind=one.kind, national_id_hash=one.fingerprint(vault(here.session))
            )

        stays, elsewhere, graduate = add("stays", here.own), add("elsewhere", here.own), add("graduate", seventh)
        add("gone", None)
        plan = rollover.plan(here.session, here.id, WISH)
        rows = [
            ListedStudent(1, ids["stays"], "А", "9 А клас"),
            ListedStudent(2, ids["elsewhere"], "Б", "9б"),
            ListedStudent(3, ids["graduate"], "В", "8а"),
            ListedStudent(4, ids["new"], "Г", "1а"),
            ListedStudent(5, ids["gone"], "Д", "9а"),
        ]
        check = rollover.check_list(here.session, here.id, plan, rows)
        assert {one.student_id for one in check.missing} == {here.student, here.classmate}
        assert [one.row for one in check.new] == [4, 5]
        assert [one.row for one in check.returning] == [5]
        assert [(one.student_id, name) for one, name in check.elsewhere] == [(elsewhere, "9б")]
        assert [(one.student_id, name) for one, name in check.not_staying] == [(graduate, "8а")]
        assert not check.agrees
        assert stays not in {one.student_id for one in check.missing}
