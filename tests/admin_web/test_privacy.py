"""The pages of privacy: finding a person, the copy, and erasing with a confirmation that is typed."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update

from db.models import Audit, Erasure, Guardian, Staff, Student, StudentGuardian, Subscriber, Subscription
from db.session import Database
from tests.admin_web.conftest import CLASS_TEACHER_OF_8A, PRINCIPAL, Browser

SignedIn = Callable[[str], Browser]


@pytest.fixture
def student(demonstration: Database) -> Student:
    """One who has a guardian and a follower."""
    with demonstration.reading() as session:
        return session.scalars(
            select(Student)
            .join(Subscription, Subscription.student_id == Student.id)
            .join(StudentGuardian, StudentGuardian.student_id == Student.id)
            .order_by(Student.id)
        ).first() or pytest.fail("the demonstration school has one")


def is_there(database: Database, student: Student) -> bool:
    with database.reading() as session:
        return session.scalar(select(Student.id).where(Student.id == student.id)) is not None


class TestErasing:
    def test_it_takes_the_name_a_ground_and_the_word_that_the_student_is_here(
        self, demonstration: Database, signed_in: SignedIn, student: Student
    ) -> None:
        browser = signed_in(PRINCIPAL)
        address = f"/school/privacy/student/{student.id}"
        page = browser.get(address)
        assert "Ученикът още е в училището" in page
        assert "срокът за пазене е изтекъл" not in page
        right = {"confirmation": student.last_name, "ground": "unlawful", "still_here": "on"}
        for missing in right:
            page = browser.post(address, {name: value for name, value in right.items() if name != missing}, status=200)
            assert 'role="alert"' in page
        for wrong in ({"confirmation": "Друга"}, {"ground": "expired"}, {"ground": "'"}):
            browser.post(address, right | wrong, status=200)
        assert is_there(demonstration, student)
        browser.post(address, right)
        assert "Изтрито е" in browser.get("/school/privacy/")
        assert not is_there(demonstration, student)
        browser.get(address, status=404)
        assert f"№ {student.id}" in browser.get("/school/privacy/erased")

    def test_who_left_long_ago_is_found_and_erased_at_the_end_of_the_period(
        self, demonstration: Database, signed_in: SignedIn, student: Student
    ) -> None:
        with demonstration.session() as session:
            session.execute(
                update(Student)
                .where(Student.id == student.id)
                .values(class_id=None, number_in_class=None, left_on=date(2019, 6, 30))
            )
        browser = signed_in(PRINCIPAL)
        assert f"/school/privacy/student/{student.id}" in browser.get(
            f"/school/students?q={student.first_name}+{student.last_name}"
        )
        address = f"/school/privacy/student/{student.id}"
        browser.get(address)
        browser.post(address, confirmation=student.last_name.upper(), ground="expired")
        assert not is_there(demonstration, student)

    def test_a_parent_alone_by_the_number(self, demonstration: Database, signed_in: SignedIn, student: Student) -> None:
        with demonstration.reading() as session:
            phone = session.scalars(
                select(Subscriber.phone)
                .join(Subscription)
                .where(Subscription.student_id == student.id, Subscriber.phone.is_not(None))
            ).first()
        assert phone
        browser = signed_in(PRINCIPAL)
        found = browser.get(f"/school/privacy/?q=0{phone[4:]}")
        assert phone not in found
        address = found.split('href="/school/privacy/follower/')[1].split('"')[0]
        browser.get(f"/school/privacy/follower/{address}")
        browser.post(f"/school/privacy/follower/{address}", confirmation=phone[-4:], ground="consent_withdrawn")
        with demonstration.reading() as session:
            assert session.scalar(select(Subscriber.id).where(Subscriber.phone == phone)) is None
            assert session.scalar(select(Guardian.id).where(Guardian.phone == phone)) is None
        assert is_there(demonstration, student)

    def test_staff_only_after_they_cannot_sign_in(self, demonstration: Database, signed_in: SignedIn) -> None:
        with demonstration.reading() as session:
            one = session.scalars(select(Staff).where(Staff.email.startswith(CLASS_TEACHER_OF_8A))).one()
        browser = signed_in(PRINCIPAL)
        address = f"/school/privacy/staff/{one.id}"
        assert "първо изключете профила" in browser.get(address)
        browser.post(address, confirmation=one.last_name, ground="not_needed", status=200)
        with demonstration.session() as session:
            session.execute(update(Staff).where(Staff.id == one.id).values(is_active=False))
        browser.post(address, confirmation=one.last_name, ground="not_needed")
        with demonstration.reading() as session:
            assert session.scalar(select(Staff.last_name).where(Staff.id == one.id)) == "служител"
        assert one.last_name not in browser.get("/school/staff")


class TestCopy:
    def test_it_is_a_zip_without_a_name_in_its_name_and_is_written_down(
        self, demonstration: Database, signed_in: SignedIn, student: Student
    ) -> None:
        browser = signed_in(PRINCIPAL)
        page = browser.get(f"/school/privacy/student/{student.id}")
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = browser.answer("POST", f"/school/privacy/student/{student.id}/copy", data={"csrf_token": token})
        assert answer.content_type == "application/zip"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="personal-data-2026-11-24.zip"'
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            data = json.loads(archive.read("data.json"))
            assert student.last_name in archive.read("data.html").decode()
        assert data["tables"]["student"][0]["last_name"] == student.last_name
        assert data["tables"]["grade"]
        with demonstration.reading() as session:
            noted = session.scalars(select(Audit).where(Audit.action == "personal_data.exported")).one()
        assert (noted.entity, noted.entity_id, noted.details) == ("student", student.id, {})
        assert "лични данни: дадено копие" in browser.get("/school/history")

    def test_a_link_alone_gives_none(self, signed_in: SignedIn, student: Student) -> None:
        browser = signed_in(PRINCIPAL)
        assert browser.answer("GET", f"/school/privacy/student/{student.id}/copy").status_code == 405
        assert browser.answer("POST", f"/school/privacy/student/{student.id}/copy").status_code == 400


@pytest.mark.parametrize("page", ["", "erased", "student/1", "student/1/copy", "staff/1", "guardian/1", "follower/1"])
def test_a_class_teacher_sees_none_of_it(signed_in: SignedIn, page: str) -> None:
    browser = signed_in(CLASS_TEACHER_OF_8A)
    method = "POST" if page.endswith("copy") else "GET"
    assert browser.answer(method, f"/school/privacy/{page}").status_code in (400, 403)


def test_everybody_is_found_by_name_or_number(demonstration: Database, signed_in: SignedIn, student: Student) -> None:
    browser = signed_in(PRINCIPAL)
    with demonstration.reading() as session:
        guardian = session.scalars(
            select(Guardian).join(StudentGuardian, StudentGuardian.guardian_id == Guardian.id)
        ).first()
    assert guardian
    for asked, kind in (
        (student.last_name, f"student/{student.id}"),
        (f"{guardian.first_name} {guardian.last_name}", f"guardian/{guardian.id}"),
        (str(guardian.phone), f"guardian/{guardian.id}"),
    ):
        assert f'/school/privacy/{kind}"' in browser.get("/school/privacy/?q=" + asked.replace("+", "%2B"))
    assert "Няма такъв човек" in browser.get("/school/privacy/?q=Никодим")
    with demonstration.reading() as session:
        assert session.scalars(select(Erasure.id)).all() == []
