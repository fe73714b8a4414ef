"""From a school's request to the first grade; and nothing of one school is reached from another."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import GradeKind, Role
from db.models import Grade, Student
from errors import InputError
from school import roster, setup
from school.classbook import recording
from tests.school.joined import NOW, TODAY, approved, joined, operator


class TestAnotherSchool:
    def test_nothing_of_one_school_is_reached_from_another(self, session: Session) -> None:
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

    def test_a_teacher_sets_nothing_up(self, session: Session) -> None:
        school = joined(session)
        teacher = _teacher(session, school.school, school.administrator)
        with pytest.raises(InputError, match="principal or administrator"):
            setup.add_subjects(session, school.school, ["Музика"], by=teacher, now=NOW)


def test_from_the_request_to_the_first_grade(session: Session) -> None:
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
