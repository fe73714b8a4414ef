"""From a school's request to the first grade."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import GradeKind, Role, SchoolRequestStatus
from db.models import Audit, Grade, Student
from db.session import Database
from errors import InputError
from school import roster, setup
from school.classbook import recording
from tests.school.joined import NOW, SUBJECTS, TODAY, approved, joined, operator


def count(session: Session, action: str) -> int:
    return session.scalar(select(func.count(Audit.id)).where(Audit.action == action)) or 0


class TestRequests:
    def test_an_approved_school_has_an_administrator_without_a_password(self, database: Database) -> None:
        with database.session() as session:
            new = approved(session, operator(session))
            (row,) = setup.requests(session)
            assert row.status is SchoolRequestStatus.APPROVED
            assert row.made_school_id == new.school_id
            assert row.phone == "+359888123456"
            (administrator,) = setup.staff(session, new.school_id)
            assert administrator.roles == (Role.SCHOOL_ADMINISTRATOR,)
            assert not administrator.has_password
            assert count(session, "school.created") == 1

    def test_only_an_operator_decides_and_only_once(self, database: Database) -> None:
        with database.session() as session:
            by = operator(session)
            new = approved(session, by)
            (row,) = setup.requests(session)
            with pytest.raises(InputError, match="operator"):
                setup.approve(session, row.id, by=new.administrator_id, now=NOW)
            with pytest.raises(InputError, match="decided already"):
                setup.refuse(session, row.id, by=by, now=NOW)

    def test_the_same_school_cannot_ask_twice(self, database: Database) -> None:
        with database.session() as session:
            approved(session, operator(session))
            with pytest.raises(InputError, match="on the platform already"):
                approved(session, 0)

    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("institution_code", "12", "6 or 7 digits"),
            ("school_name", "  ", "name of the school is missing"),
            ("email", "radka@", "not an e-mail"),
            ("phone", "12", "not a telephone number"),
            ("first_name", "R2D2", "not a name"),
        ],
    )
    def test_a_wrong_field_is_told(self, database: Database, field: str, value: str, says: str) -> None:
        fields: dict[str, Any] = {
            "institution_code": "169018",
            "school_name": "ОУ „Отец Паисий“",
            "town": "Лом",
            "first_name": "Ана",
            "last_name": "Тодорова",
            "email": "ana@school.example",
        }
        with database.session() as session, pytest.raises(InputError, match=says):
            setup.ask_to_join(session, **(fields | {field: value}), now=NOW)


class TestClassesAndSubjects:
    def test_names_for_levels(self) -> None:
        assert setup.names_for({8: 2, 1: 1}) == ("1а", "8а", "8б")

    def test_classes_are_made_once(self, database: Database) -> None:
        with database.session() as session:
            school = joined(session)
            again = setup.add_classes(
                session, school.school, school.year, ["8А", "VIII б", "8в"], by=school.administrator, now=NOW
            )
            assert len(again) == 1
            names = [one.name for one in setup.classes(session, school.school, school.year)]
            assert names == ["7а", "8а", "8б", "8в", "11а"]
            setup.remove_class(session, school.school, again[0], by=school.administrator, now=NOW)

    def test_a_class_with_a_teacher_stays(self, database: Database) -> None:
        with database.session() as session:
            school = joined(session)
            teacher = _teacher(session, school.school, school.administrator)
            taught: dict[str, Any] = {"subject_id": school.subjects["Математика"], "classes": [school.classes["8а"]]}
            first = setup.assign(
                session,
                school.school,
                school.year,
                staff_id=teacher,
                **taught,
                by=school.administrator,
                now=NOW,
            )
            again = setup.assign(
                session,
                school.school,
                school.year,
                staff_id=teacher,
                **taught,
                by=school.administrator,
                now=NOW,
            )
            assert len(first) == 1
            assert again == ()
            with pytest.raises(InputError, match="8а"):
                setup.remove_class(session, school.school, school.classes["8а"], by=school.administrator, now=NOW)
            with pytest.raises(InputError, match="Математика"):
                setup.remove_subject(
                    session, school.school, school.subjects["Математика"], by=school.administrator, now=NOW
                )
            setup.end_assignment(session, school.school, first[0], by=school.administrator, now=NOW)
            setup.remove_class(session, school.school, school.classes["8а"], by=school.administrator, now=NOW)

    def test_standard_subjects_are_those_of_the_levels(self) -> None:
        names = {one.name for one in setup.standard_subjects([1, 2])}
        assert "Роден край" in names
        assert "Химия и опазване на околната среда" not in names

    def test_subjects_are_made_once_whatever_their_case(self, database: Database) -> None:
        with database.session() as session:
            school = joined(session)
            more = ["математика ", "Музика", "музика"]
            assert len(setup.add_subjects(session, school.school, more, by=school.administrator, now=NOW)) == 1
            assert len(setup.subjects(session, school.school)) == len(SUBJECTS) + 1


class TestStaff:
    def test_an_address_belongs_to_one_person(self, database: Database) -> None:
        with database.session() as session:
            school = joined(session)
            _teacher(session, school.school, school.administrator)
            with pytest.raises(InputError, match="signs in with the address"):
                _teacher(session, school.school, school.administrator)

    def test_nobody_makes_an_operator(self, database: Database) -> None:
        with database.session() as session:
            school = joined(session)
            with pytest.raises(InputError, match="cannot give"):
                setup.add_staff(
                    session, school.school, first_name="А", last_name="Б", email="a@b.example",
                    roles=[Role.PLATFORM_OPERATOR], by=school.administrator, now=NOW,
                )  # fmt: skip

    def test_who_leads_cannot_switch_themselves_off(self, database: Database) -> None:
        with database.session() as session:
            school = joined(session)
            with pytest.raises(InputError, match="your own rights"):
                setup.change_staff(
                    session, school.school, school.administrator, first_name="Радка", last_name="Иванова",
                    roles=[Role.SCHOOL_ADMINISTRATOR], is_active=False, by=school.administrator, now=NOW,
                )  # fmt: skip

    def test_a_teacher_is_renamed_and_switched_off(self, database: Database) -> None:
        with database.session() as session:
            school = joined(session)
            teacher = _teacher(session, school.school, school.administrator)
            setup.change_staff(
                session, school.school, teacher, first_name="Мария", last_name="Георгиева",
                roles=[Role.TEACHER, Role.PRINCIPAL], is_active=False, by=school.administrator, now=NOW,
            )  # fmt: skip
            one = next(one for one in setup.staff(session, school.school) if one.id == teacher)
            assert (one.last_name, one.is_active, one.roles) == ("Георгиева", False, (Role.PRINCIPAL, Role.TEACHER))
            with pytest.raises(InputError, match="no such teacher"):
                setup.set_class_teacher(
                    session, school.school, school.classes["8а"], teacher, by=school.administrator, now=NOW
                )


class TestAnotherSchool:
    def test_nothing_of_one_school_is_reached_from_another(self, database: Database) -> None:
        with database.session() as session:
            ours, theirs = joined(session, "1690180"), joined(session, "1690181")
            by, of = ours.administrator, theirs.school
            teacher = _teacher(session, ours.school, by)
            plan = setup.standard_plan(2026)
            attempts: list[Callable[[], object]] = [
                lambda: setup.add_year(session, of, plan, by=by, now=NOW),
                lambda: setup.change_year(session, ours.school, theirs.year, plan, by=by, now=NOW),
                lambda: setup.remove_year(session, ours.school, theirs.year, by=by, now=NOW),
                lambda: setup.add_classes(session, ours.school, theirs.year, ["9а"], by=by, now=NOW),
                lambda: setup.remove_class(session, ours.school, theirs.classes["8а"], by=by, now=NOW),
                lambda: setup.set_class_teacher(session, ours.school, theirs.classes["8а"], teacher, by=by, now=NOW),
                lambda: setup.remove_subject(session, ours.school, theirs.subjects["Математика"], by=by, now=NOW),
                lambda: setup.assign(
                    session, ours.school, ours.year, staff_id=teacher, subject_id=theirs.subjects["Математика"],
                    classes=[ours.classes["8а"]], by=by, now=NOW,
                ),
                lambda: setup.assign(
                    session, ours.school, ours.year, staff_id=teacher, subject_id=ours.subjects["Математика"],
                    classes=[theirs.classes["8а"]], by=by, now=NOW,
                ),
                lambda: setup.assign(
                    session, ours.school, theirs.year, staff_id=teacher, subject_id=ours.subjects["Математика"],
                    classes=[ours.classes["8а"]], by=by, now=NOW,
                ),
                lambda: setup.plan_of(session, ours.school, theirs.year),
                lambda: setup.add_subjects(session, of, ["Музика"], by=by, now=NOW),
            ]  # fmt: skip
            for attempt in attempts:
                with pytest.raises(InputError):
                    attempt()
            assert setup.assignments(session, ours.school, theirs.year) == ()

    def test_a_teacher_sets_nothing_up(self, database: Database) -> None:
        with database.session() as session:
            school = joined(session)
            teacher = _teacher(session, school.school, school.administrator)
            with pytest.raises(InputError, match="principal or administrator"):
                setup.add_subjects(session, school.school, ["Музика"], by=teacher, now=NOW)


def test_from_the_request_to_the_first_grade(database: Database) -> None:
    with database.session() as session:
        new = approved(session, operator(session))
        of, by = new.school_id, new.administrator_id
        assert setup.progress(session, of, TODAY).next_step == "year"
        year = setup.add_year(session, of, setup.standard_plan(2025), by=by, now=NOW)
        assert setup.progress(session, of, TODAY).next_step == "classes"
        setup.add_classes(session, of, year, setup.names_for({8: 2}), by=by, now=NOW)
        assert setup.progress(session, of, TODAY).next_step == "subjects"
        (subject,) = setup.add_subjects(session, of, ["Математика"], by=by, now=NOW)
        assert setup.progress(session, of, TODAY).next_step == "staff"
        teacher = _teacher(session, of, by)
        assert setup.progress(session, of, TODAY).next_step == "assignments"
        first = setup.classes(session, of, year)[0].id
        setup.assign(session, of, year, staff_id=teacher, subject_id=subject, classes=[first], by=by, now=NOW)
        setup.set_class_teacher(session, of, first, teacher, by=by, now=NOW)
        assert setup.progress(session, of, TODAY).next_step == "students"
        data = "Клас;Име;Фамилия;ЕГН\r\n8а;Иван;Петров;1141017506\r\n".encode("cp1251")
        read = roster.read(data, "ученици.csv", TODAY)
        shown = roster.prepare(session, of, read, TODAY).preview
        assert [problem.text for problem in shown.problems] == []
        roster.carry_out(session, of, read, by=by, now=NOW, shown=shown.fingerprint)
        assert setup.progress(session, of, TODAY).next_step is None
        student = session.scalars(select(Student.id).where(Student.school_id == of)).one()
        later = NOW.replace(month=10)
        recording.record_grade(
            session, by=teacher, student_id=student, subject_id=subject, kind=GradeKind.CURRENT,
            grade=Decimal(6), on=later.date(), now=later,
        )  # fmt: skip
        assert session.scalars(select(Grade.value).where(Grade.school_id == of)).all() == [Decimal(6)]


def _teacher(session: Session, school_id: int, by: int) -> int:
    return setup.add_staff(
        session, school_id, first_name="Мария", last_name="Стоянова", email="M.Stoyanova@school.example",
        roles=[Role.TEACHER], by=by, now=NOW,
    )  # fmt: skip
