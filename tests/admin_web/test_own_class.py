"""What a class teacher does: excuses, guardians, codes."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from db.kinds import AbsenceKind, AbsenceReason, SubscriptionStatus
from db.models import Absence, Message, SchoolClass, Student, StudentCode, Subscriber, Subscription
from db.session import Database
from tests.admin_web.conftest import ADMINISTRATOR, CLASS_TEACHER_OF_8A, MATHS, Browser
from tests.school.conftest import NOW

SignedIn = Callable[[str], Browser]


def of_8a(database: Database) -> list[int]:
    """The students of 8а by number."""
    with database.reading() as session:
        return list(
            session.scalars(
                select(Student.id)
                .join(SchoolClass, SchoolClass.id == Student.class_id)
                .where(SchoolClass.level == 8)
                .order_by(Student.number_in_class)
            )
        )


def with_unexcused(database: Database) -> tuple[int, date]:
    """A student of 8а and a day of theirs with an unexcused absence."""
    with database.reading() as session:
        row = session.execute(
            select(Absence.student_id, Absence.on_date)
            .where(Absence.kind == AbsenceKind.UNEXCUSED, Absence.student_id.in_(of_8a(database)))
            .order_by(Absence.id)
        ).first()
        assert row
        return row.student_id, row.on_date


class TestClass:
    def test_the_class_teacher_sees_everyone_with_code_and_absences(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        page = signed_in(CLASS_TEACHER_OF_8A).get("/class/")
        assert "Клас 8а" in page
        assert len(re.findall(r'<th scope="row">', page)) == 24
        with demonstration.reading() as session:
            code = session.scalars(
                select(StudentCode.code).where(StudentCode.student_id == of_8a(demonstration)[0])
            ).one()
        assert f"{code[:4]} {code[4:]}" in page

    def test_another_class_is_not_for_them_but_for_the_leaders(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        with demonstration.reading() as session:
            other = session.scalars(select(SchoolClass.id).where(SchoolClass.level == 11)).one()
        signed_in(CLASS_TEACHER_OF_8A).get(f"/class/{other}", status=403)
        assert "Клас 11б" in signed_in(ADMINISTRATOR).get(f"/class/{other}")


class TestExcuses:
    def test_a_medical_note_excuses_the_absences_of_its_days(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        student, day = with_unexcused(demonstration)
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        address = f"/class/student/{student}"
        teacher.get(address)
        teacher.post(f"{address}/excuse", kind="medical", starts_on=f"{day}", ends_on=f"{day}")
        assert "Извинени отсъствия: 1." in teacher.get(address)
        with demonstration.reading() as session:
            kinds = set(
                session.scalars(select(Absence.kind).where(Absence.student_id == student, Absence.on_date == day))
            )
        assert AbsenceKind.UNEXCUSED not in kinds

    def test_parents_notes_are_limited_to_five_days_at_once_and_fifteen_a_year(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        student = of_8a(demonstration)[0]
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        address = f"/class/student/{student}"
        teacher.get(address)

        def ingest(first: str, last: str, status: int) -> str:
            return teacher.post(f"{address}/excuse", status=status, kind="parent", starts_on=first, ends_on=last)

        assert "най-много 5 учебни дни наведнъж" in ingest("2026-09-28", "2026-10-05", 200)
        for first, last in (("2026-09-28", "2026-10-02"), ("2026-10-05", "2026-10-09"), ("2026-10-12", "2026-10-16")):
            ingest(first, last, 302)
        assert "остават 0 учебни дни" in teacher.get(address)
        assert "още само 0 учебни дни" in ingest("2026-10-19", "2026-10-19", 200)

    def test_a_competition_excuses_once_the_parent_has_confirmed_it(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        student, day = with_unexcused(demonstration)
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        address = f"/class/student/{student}"
        page = teacher.get(address)
        assert "до 15 учебни дни в годината, най-много 5 наведнъж" in page
        days = {"kind": "organiser", "starts_on": f"{day}", "ends_on": f"{day}"}
        assert "само с потвърждение от родителя" in teacher.post(f"{address}/excuse", days, status=200)
        teacher.post(f"{address}/excuse", days, parent_confirmed_on=f"{day}")
        page = teacher.get(address)
        assert "Остават 15 дни." in page
        assert "документ от организатор на състезание, концерт и подобни, 1 учебен ден" in page
        with demonstration.reading() as session:
            reasons = session.scalars(
                select(Absence.reason).where(
                    Absence.student_id == student, Absence.on_date == day, Absence.kind == AbsenceKind.EXCUSED
                )
            ).all()
        assert AbsenceReason.OTHER in reasons

    def test_a_subject_teacher_excuses_nothing(self, signed_in: SignedIn, demonstration: Database) -> None:
        student, day = with_unexcused(demonstration)
        teacher = signed_in(MATHS)  # class teacher of 11б
        teacher.get("/class/")
        teacher.get("/profile")
        page = teacher.post(
            f"/class/student/{student}/excuse", status=403, kind="medical", starts_on=f"{day}", ends_on=f"{day}"
        )
        assert "не е за Вас" in page
        with demonstration.reading() as session:
            kinds = set(
                session.scalars(select(Absence.kind).where(Absence.student_id == student, Absence.on_date == day))
            )
        assert AbsenceKind.UNEXCUSED in kinds


class TestGuardians:
    def test_a_guardian_is_added_corrected_and_removed(self, signed_in: SignedIn, demonstration: Database) -> None:
        address = f"/class/student/{of_8a(demonstration)[0]}"
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        teacher.get(address)
        whole: dict[str, Any] = {"first_name": "Тодор", "last_name": "Живков", "relation": "grandparent", "email": ""}
        assert "не е телефонен номер" in teacher.post(f"{address}/guardians", status=200, phone="12", **whole)
        teacher.post(f"{address}/guardians", phone="0888 765 432", **whole)
        page = teacher.get(address)
        assert "+359888765432" in page
        found = re.search(rf'Тодор Живков.*?href="({address}/guardians/\d+)"', page, re.DOTALL)
        assert found
        teacher.get(found[1])
        teacher.post(found[1], phone="0888765433", **whole)
        assert "+359888765433" in teacher.get(address)
        teacher.get(found[1])
        teacher.post(f"{found[1]}/remove")
        assert "Живков" not in teacher.get(address)


class TestCodes:
    def test_a_new_code_takes_the_place_of_the_old(self, signed_in: SignedIn, demonstration: Database) -> None:
        student = of_8a(demonstration)[0]
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        address = f"/class/student/{student}"
        teacher.get(address)
        teacher.post(f"{address}/code")
        with demonstration.reading() as session:
            codes = session.scalars(select(StudentCode).where(StudentCode.student_id == student)).all()
        assert sorted(code.revoked_at is None for code in codes) == [False, True]


class TestRequests:
    @pytest.fixture
    def asked(self, demonstration: Database) -> int:
        """A number that the school does not know has texted a student's national id."""
        with demonstration.session() as session:
            subscriber = Subscriber(phone="+359877000111", created_at=NOW)
            session.add(subscriber)
            session.flush()
            student = session.get_one(Student, of_8a(demonstration)[2])
            waiting = Subscription(
                school_id=student.school_id,
                student_id=student.id,
                subscriber_id=subscriber.id,
                status=SubscriptionStatus.WAITING,
                created_at=NOW,
            )
            session.add(waiting)
            session.flush()
            return waiting.id

    def status(self, database: Database, subscription_id: int) -> SubscriptionStatus:
        with database.reading() as session:
            return session.get_one(Subscription, subscription_id).status

    def test_the_class_teacher_lets_a_parent_follow_and_the_pin_goes_out(
        self, signed_in: SignedIn, demonstration: Database, asked: int
    ) -> None:
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        assert re.search(r"\d родител[и]? чака", teacher.get("/"))
        page = teacher.get("/class/")
        assert f"/class/requests/{asked}" in page
        assert "877000111" not in page
        teacher.post(f"/class/requests/{asked}", decision="approve")
        assert self.status(demonstration, asked) is SubscriptionStatus.ACTIVE
        with demonstration.reading() as session:
            assert session.scalars(select(Message).where(Message.address == "+359877000111")).one().pin_encrypted
        teacher.get("/class/")
        teacher.post(f"/class/requests/{asked}", decision="refuse")
        assert "вече е решена" in teacher.get("/class/")
        assert self.status(demonstration, asked) is SubscriptionStatus.ACTIVE

    def test_who_is_refused_hears_nothing(self, signed_in: SignedIn, demonstration: Database, asked: int) -> None:
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        teacher.get("/class/")
        teacher.post(f"/class/requests/{asked}", decision="refuse")
        assert self.status(demonstration, asked) is SubscriptionStatus.STOPPED
        with demonstration.reading() as session:
            assert not session.scalars(select(Message).where(Message.address == "+359877000111")).all()

    def test_another_class_teacher_decides_nothing(
        self, signed_in: SignedIn, demonstration: Database, asked: int
    ) -> None:
        teacher = signed_in(MATHS)
        assert f"/class/requests/{asked}" not in teacher.get("/class/")
        teacher.post(f"/class/requests/{asked}", status=403, decision="approve")
        assert self.status(demonstration, asked) is SubscriptionStatus.WAITING
