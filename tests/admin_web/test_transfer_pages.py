"""A student goes to another school of the platform, page by page."""

import re
from collections.abc import Callable

from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select, update

from db.models import School, SchoolClass, Staff, Student
from db.session import Database
from school.security import passwords
from tests.admin_web.conftest import ADMINISTRATOR, Browser
from tests.school.joined import joined

SignedIn = Callable[[str], Browser]
PASSWORD = "три зелени хълма"


def test_one_school_lets_a_student_go_and_the_other_admits_them(
    signed_in: SignedIn, app: OpenAPI, demonstration: Database
) -> None:
    with demonstration.session() as session:
        other = joined(session)
        email = session.scalars(select(Staff.email).where(Staff.id == other.administrator)).one()
        hashed = passwords.hash_password(PASSWORD, is_random=True)
        session.execute(update(Staff).where(Staff.id == other.administrator).values(password_hash=hashed))
        code = session.scalars(select(School.institution_code).where(School.id == other.school)).one()
        one = session.scalars(
            select(Student.id).join(SchoolClass, SchoolClass.id == Student.class_id).where(SchoolClass.level == 8)
        ).first()
        assert one is not None
        in_8b = session.scalars(select(SchoolClass.id).where(SchoolClass.level == 8, SchoolClass.letter == "б")).first()
        name, was_in = session.get_one(Student, one).first_name, session.get_one(Student, one).class_id
    theirs = Browser(app.test_client())
    theirs.sign_in_as(email, PASSWORD)
    assert "Никой не чака" in theirs.get("/school/transfers")
    ours = signed_in(ADMINISTRATOR)
    ours.get(f"/class/student/{one}")
    ours.post(f"/school/students/{one}/offer", to_school="9999999")
    assert "No other school" not in ours.get(f"/class/student/{one}")  # told in Bulgarian, and nothing is done
    ours.post(f"/school/students/{one}/offer", to_school=code, last_day="вчера")
    assert "„вчера“ не е дата" in ours.get(f"/class/student/{one}")
    ours.post(f"/school/students/{one}/move", class_id=in_8b, since="31.02.2026")
    assert "не е дата" in ours.get(f"/class/student/{one}")  # and they are not moved today instead
    with demonstration.reading() as session:
        assert session.get_one(Student, one).class_id == was_in
    ours.post(f"/school/students/{one}/offer", to_school=code)
    assert "може да го приеме" in ours.get("/school/students")
    page = theirs.get("/school/transfers")
    assert name in page
    form = re.search(r'action="(/school/transfers/\d+)"', page)
    assert form
    going = ours.get("/school/transfers")
    assert "Никой не чака" in going
    assert f"<b>{name} " in going
    theirs.post(f"{form[1]}/withdraw", status=404)
    ours.get("/school/transfers")
    ours.post(f"{form[1]}/withdraw")
    assert f"<b>{name} " not in theirs.get("/school/transfers")
    assert f"<b>{name} " not in ours.get("/school/transfers")
    ours.get("/school/students")
    ours.post(f"/school/students/{one}/move", class_id=was_in)
    ours.post(f"/school/students/{one}/offer", to_school=code)
    form = re.search(r'action="(/school/transfers/\d+)"', theirs.get("/school/transfers"))
    assert form
    ours.get("/school/transfers")
    ours.post(form[1], status=404, class_id=other.classes["8а"])
    theirs.get("/school/transfers")
    theirs.post(form[1], class_id=other.classes["8а"])
    assert "има ID-код" in theirs.get("/school/transfers")
    with demonstration.reading() as session:
        assert session.scalars(select(Student.class_id).where(Student.school_id == other.school)).all() == [
            other.classes["8а"]
        ]
