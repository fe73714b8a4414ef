"""Who may see a class's codes, and new codes in place of old ones."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import Audit, Student, StudentCode
from db.session import Database
from errors import InputError
from school import roster, setup
from school.students import labels, student_code
from tests.school.joined import NOW, TODAY, Joined, joined
from tests.school.roster.files import as_csv, student

LATER = NOW + timedelta(days=1)


def filled(session: Session, code: str = "1690180") -> Joined:
    """A school with three students in 8а."""
    school = joined(session, code)
    read = roster.read(as_csv([student(one, c1=str(9 - one)) for one in range(3)]), "списък", TODAY)
    shown = roster.prepare(session, school.school, read, TODAY).preview
    roster.carry_out(session, school.school, read, by=school.administrator, now=NOW, shown=shown.fingerprint)
    return school


def teacher(session: Session, school: Joined, email: str = "t@school.example") -> int:
    return setup.add_staff(
        session, school.school, first_name="Мария", last_name="Стоянова", email=email, roles=[Role.TEACHER],
        by=school.administrator, now=NOW,
    )  # fmt: skip


def test_the_class_teacher_sees_the_list_in_its_order(database: Database) -> None:
    with database.session() as session:
        school = filled(session)
        leading, other = teacher(session, school), teacher(session, school, "o@school.example")
        of = school.classes["8а"]
        setup.set_class_teacher(session, school.school, of, leading, by=school.administrator, now=NOW)
        sheet = labels.labels_of(session, school.school, of, by=leading)
        assert (sheet.class_name, [one.number for one in sheet.rows], sheet.without_code) == ("8а", [7, 8, 9], ())
        assert sheet == labels.labels_of(session, school.school, of, by=school.administrator)
        assert sheet.rows[0].code not in repr(sheet)
        with pytest.raises(InputError):
            labels.labels_of(session, school.school, of, by=other)


def test_a_new_code_revokes_the_old_one_and_both_are_in_the_audit_trail(database: Database) -> None:
    with database.session() as session:
        school = filled(session)
        first = labels.labels_of(session, school.school, school.classes["8а"], by=school.administrator).rows[0]
        new = labels.reissue(session, school.school, first.student_id, by=school.administrator, now=LATER)
        assert new.code != first.code
        assert student_code.is_valid(new.code)
        assert student_code.in_force(session, first.student_id) == new.code
        revoked = session.scalar(select(StudentCode.revoked_at).where(StudentCode.code == first.code))
        assert revoked == LATER
        actions = session.scalars(select(Audit.action).where(Audit.at == LATER).order_by(Audit.id)).all()
        assert list(actions) == ["student_code.revoked", "student_code.issued"]


def test_who_has_no_code_gets_one(database: Database) -> None:
    with database.session() as session:
        school = filled(session)
        ids = session.scalars(select(Student.id).order_by(Student.id)).all()
        student_code.revoke(session, ids[0], NOW)
        of = school.classes["8а"]
        sheet = labels.labels_of(session, school.school, of, by=school.administrator)
        assert sheet.without_code == (ids[0],)
        assert labels.give_codes(session, school.school, ids, by=school.administrator, now=LATER) == 1
        assert labels.labels_of(session, school.school, of, by=school.administrator).without_code == ()
        assert labels.give_codes(session, school.school, ids, by=school.administrator, now=LATER) == 0


def test_another_schools_codes_are_out_of_reach(database: Database) -> None:
    with database.session() as session:
        ours, theirs = filled(session, "1690180"), filled(session, "1690181")
        of = theirs.classes["8а"]
        (stranger, *_) = session.scalars(select(Student.id).where(Student.school_id == theirs.school)).all()
        attempts: list[Callable[[], object]] = [
            lambda: labels.labels_of(session, ours.school, of, by=ours.administrator),
            lambda: labels.labels_of(session, theirs.school, of, by=ours.administrator),
            lambda: labels.reissue(session, ours.school, stranger, by=ours.administrator, now=NOW),
            lambda: labels.reissue(session, theirs.school, stranger, by=ours.administrator, now=NOW),
            lambda: labels.give_codes(session, theirs.school, [stranger], by=ours.administrator, now=NOW),
        ]
        for attempt in attempts:
            with pytest.raises(InputError):
                attempt()
        assert labels.give_codes(session, ours.school, [stranger], by=ours.administrator, now=NOW) == 0


def test_many_codes_at_once_are_all_different(database: Database) -> None:
    with database.session() as session:
        school = filled(session)
        ids = list(session.scalars(select(Student.id).order_by(Student.id)))
        for one in ids:
            student_code.revoke(session, one, NOW)
        issued = student_code.issue_many(session, school.school, ids, LATER)
        assert list(issued) == ids
        assert len(set(issued.values())) == 3
        assert student_code.issue_many(session, school.school, [], LATER) == {}
        assert session.scalar(select(func.count()).select_from(StudentCode)) == 6
