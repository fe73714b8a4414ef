"""Correcting and deleting what stands in the class book: with a reason, with its history, never blindly."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from db.kinds import AbsenceKind, EventKind, RemarkKind
from db.models import Absence, Audit, Grade, HealthNote, Remark, TeachingAssignment
from db.session import Database
from tests.admin_web.conftest import ADMINISTRATOR, CLASS_TEACHER_OF_8A, MATHS, Browser
from tests.admin_web.test_own_class import of_8a

SignedIn = Callable[[str], Browser]


def grade_by(database: Database, email: str) -> Grade:
    """A grade of 8а in a subject of a teacher."""
    from db.models import Staff

    with database.reading() as session:
        return session.scalars(
            select(Grade)
            .join(Staff, Staff.id == Grade.staff_id)
            .where(Staff.email.like(f"{email}@%"), Grade.student_id.in_(of_8a(database)), Grade.mark.is_(None))
            .order_by(Grade.id.desc())
            .limit(1)
        ).one()


class TestGrades:
    def test_a_wrong_grade_is_corrected_with_its_reason_kept(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        grade = grade_by(demonstration, MATHS)
        teacher = signed_in(MATHS)
        address = f"/entries/grade/{grade.id}"
        teacher.get(address)
        assert "Напишете защо." in teacher.post(address, status=200, grade="3", seen=grade.recorded_at.isoformat())
        page = teacher.post(address, status=200, grade="2,5", why="x", seen=grade.recorded_at.isoformat())
        assert "не е оценка" in page
        teacher.post(address, grade="2", why="Грешно преписана", seen=grade.recorded_at.isoformat())
        page = teacher.get(address)
        assert "Грешно преписана" in page
        assert "<ins>2</ins>" in page
        with demonstration.reading() as session:
            assert session.get_one(Grade, grade.id).value == 2

    def test_two_who_correct_at_once_do_not_overwrite_each_other(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        grade = grade_by(demonstration, MATHS)
        teacher, leader = signed_in(MATHS), signed_in(ADMINISTRATOR)
        address, seen = f"/entries/grade/{grade.id}", grade.recorded_at.isoformat()
        other = "3" if grade.value == 2 else "2"
        teacher.get(address)
        leader.get(address)
        teacher.post(address, grade=other, why="Грешка", seen=seen)
        assert "междувременно" in leader.post(address, status=200, grade="6", why="Грешка", seen=seen)
        with demonstration.reading() as session:
            assert str(session.get_one(Grade, grade.id).value).startswith(other)

    def test_deleting_leaves_a_trace_that_the_class_teacher_sees(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        grade = grade_by(demonstration, MATHS)
        teacher = signed_in(MATHS)
        teacher.get(f"/entries/grade/{grade.id}")
        teacher.post(f"/entries/grade/{grade.id}/delete", why="На друг ученик", seen=grade.recorded_at.isoformat())
        teacher.get(f"/entries/grade/{grade.id}", status=404)
        page = signed_in(CLASS_TEACHER_OF_8A).get(f"/lessons/student/{grade.student_id}")
        assert "Изтрити записи" in page
        assert "На друг ученик" in page

    def test_another_teachers_grade_is_not_theirs_to_correct(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        grade = grade_by(demonstration, MATHS)
        with demonstration.reading() as session:
            teachers = set(
                session.scalars(
                    select(TeachingAssignment.staff_id).where(TeachingAssignment.subject_id == grade.subject_id)
                )
            )
        assert len(teachers) == 1
        signed_in("e.borisova").get(f"/entries/grade/{grade.id}", status=403)
        signed_in("e.borisova").get("/entries/grade/9999999", status=404)
        signed_in("e.borisova").get("/entries/meeting/1", status=404)


def test_an_absence_becomes_lateness(signed_in: SignedIn, demonstration: Database) -> None:
    with demonstration.reading() as session:
        absence = session.scalars(
            select(Absence)
            .where(Absence.kind == AbsenceKind.UNEXCUSED, Absence.student_id.in_(of_8a(demonstration)))
            .limit(1)
        ).one()
    leader = signed_in(ADMINISTRATOR)
    address, seen = f"/entries/absence/{absence.id}", absence.recorded_at.isoformat()
    leader.get(address)
    page = leader.post(address, status=200, kind="excused", reason="", why="Дойде по-късно", seen=seen)
    assert "причина" in page
    leader.post(address, kind="late", reason="health", why="Дойде по-късно", seen=seen)
    with demonstration.reading() as session:
        row = session.get_one(Absence, absence.id)
        assert (row.kind, row.reason) == (AbsenceKind.LATE, None)


def test_a_remark_is_written_anew(signed_in: SignedIn, demonstration: Database) -> None:
    with demonstration.reading() as session:
        remark = session.scalars(select(Remark).where(Remark.student_id.in_(of_8a(demonstration))).limit(1)).one()
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    address = f"/entries/remark/{remark.id}"
    teacher.get(address)
    fields = {"kind": "praise", "text": "Помогна на съученик.", "why": "Бях разбрал погрешно"}
    teacher.post(address, fields | {"seen": remark.recorded_at.isoformat()})
    with demonstration.reading() as session:
        row = session.get_one(Remark, remark.id)
        assert (row.kind, row.text) == (RemarkKind.PRAISE, "Помогна на съученик.")


class TestHealthNotes:
    @pytest.fixture
    def student(self, demonstration: Database) -> int:
        return of_8a(demonstration)[4]

    def test_the_class_teacher_keeps_them_and_parents_get_the_dates_only(
        self, signed_in: SignedIn, demonstration: Database, student: int
    ) -> None:
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        address = f"/class/student/{student}"
        teacher.get(address)
        note = {"health-starts_on": "2026-11-23", "health-ends_on": "2026-11-20", "health-text": "Грип"}
        assert "проверете датите" in teacher.post(f"{address}/health", note, status=200)
        teacher.post(f"{address}/health", note | {"health-ends_on": "2026-11-27"})
        assert "Грип" in teacher.get(address)
        with demonstration.reading() as session:
            row = session.scalars(select(HealthNote).order_by(HealthNote.id.desc()).limit(1)).one()
            details = session.scalars(
                select(Audit.details).where(Audit.entity == EventKind.HEALTH, Audit.entity_id == row.id)
            ).one()
        assert "Грип".encode() not in row.note_encrypted
        assert "Грип" not in str(details)
        page = teacher.get(f"/entries/health/{row.id}")
        assert "Грип" in page
        fields = {"starts_on": "2026-11-23", "ends_on": "2026-11-25", "text": "Грип", "why": "По-кратък болничен"}
        teacher.post(f"/entries/health/{row.id}", fields | {"seen": row.recorded_at.isoformat()})
        assert "25.11.2026" in teacher.get(address)

    def test_a_subjects_teacher_does_not_see_them(
        self, signed_in: SignedIn, demonstration: Database, student: int
    ) -> None:
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        teacher.get(f"/class/student/{student}")
        note = {"health-starts_on": "2026-11-23", "health-ends_on": "2026-11-25", "health-text": "Варицела"}
        teacher.post(f"/class/student/{student}/health", note)
        with demonstration.reading() as session:
            id_ = session.scalars(select(HealthNote.id).order_by(HealthNote.id.desc()).limit(1)).one()
        other = signed_in(MATHS)
        assert "Варицела" not in other.get(f"/lessons/student/{student}")
        other.get(f"/entries/health/{id_}", status=403)
