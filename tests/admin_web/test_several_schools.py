"""A teacher of two schools in the browser: confirming the second, choosing, changing schools, and another address."""

import re
from collections.abc import Callable

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from db.kinds import LinkPurpose, Role
from db.models import Audit, Message, School, Staff
from db.session import Database
from demonstration.secrets import password_of
from devtools.site import SECRET_KEY
from school import accounts, setup
from school.security.crypto import vault_of
from tests.admin_web.conftest import ADMINISTRATOR, DOMAIN, MATHS, Browser
from tests.admin_web.test_setting_up import link_to
from tests.school.conftest import NOW
from tests.school.joined import Joined, joined

SignedIn = Callable[[str], Browser]
EMAIL = MATHS + DOMAIN
OTHER = "Основно училище „Васил Левски“"
NEW_EMAIL = "ognyan.petkov@school.example"


def password(email: str = EMAIL) -> str:
    return password_of(vault_of(SECRET_KEY.encode()), email)


@pytest.fixture
def stranger(demonstration: Database) -> Joined:
    """Another school, which has invited the teacher of mathematics of the demonstration school."""
    with demonstration.session() as session:
        other = joined(session)
        row = setup.add_staff(
            session, other.school, first_name="Огнян", last_name="Петков", email=EMAIL, roles=[Role.TEACHER],
            by=other.administrator, now=NOW,
        )  # fmt: skip
        accounts.send_links(
            session, other.school, [row], LinkPurpose.INVITATION, root="http://localhost", by=other.administrator,
            now=NOW,
        )  # fmt: skip
    return other


@pytest.fixture
def both(stranger: Joined, browser: Browser, demonstration: Database) -> Joined:
    """He has confirmed it, and is signed in at the second school."""
    address = link_to(demonstration, EMAIL)
    browser.get(address, status=302)
    page = browser.get(address + "/confirm")
    assert OTHER in page
    assert EMAIL in page
    assert 'autocomplete="new-password"' not in page
    assert "грешни" in browser.post(address + "/confirm", status=200, password="не е тази")
    browser.post(address + "/confirm", password=password())
    return stranger


def test_he_is_at_the_school_that_he_confirmed_and_changes_to_the_other(
    both: Joined, browser: Browser, demonstration: Database
) -> None:
    page = browser.get("/")
    assert f"Огнян Петков, {OTHER}" in page
    choice = browser.get("/schools")
    rows = re.findall(r'action="(/schools/\d+)[^"]*"', choice)
    assert len(rows) == 2
    with demonstration.reading() as session:
        own = session.scalars(select(Staff.id).where(Staff.email == EMAIL, Staff.account_id.is_(None))).one()
    browser.post(f"/schools/{own}")
    page = browser.get("/")
    assert "Демонстрационно" in page
    assert OTHER not in page
    browser.get("/schools")
    browser.post(f"/schools/{both.administrator}", status=404)
    with demonstration.reading() as session:
        acted = session.execute(
            select(Audit.school_id, Audit.staff_id).where(Audit.action.in_(("staff.joined", "staff.signed_in")))
        ).all()
        schools = dict(session.execute(select(Staff.id, Staff.school_id)).all())
        assert all(schools[row.staff_id] == row.school_id for row in acted)  # to each school what was done there


def test_a_form_of_one_school_is_not_sent_to_the_other(both: Joined, browser: Browser, demonstration: Database) -> None:
    browser.get("/schools")
    stale = browser._token
    with demonstration.reading() as session:
        own = session.scalars(select(Staff.id).where(Staff.email == EMAIL, Staff.account_id.is_(None))).one()
    browser.post(f"/schools/{own}")
    browser._token = stale
    browser.post("/profile/sessions/end-others", status=400)
    browser.get("/profile")
    browser.post("/profile/sessions/end-others", status=302)  # it was the form, and not the address


def test_signing_in_asks_where(both: Joined, app: OpenAPI) -> None:
    one = Browser(app.test_client())
    one.get("/sign-in")
    answer = one.answer(
        "POST", "/sign-in?next=/profile", data={"email": EMAIL, "password": password(), "csrf_token": one._token}
    )
    assert answer.status_code == 302
    assert answer.location.startswith("/schools?next=")
    page = one.get(answer.location)
    assert OTHER in page
    assert "next=%2Fprofile" in page or "next=/profile" in page


def test_an_invitation_is_of_one_person(stranger: Joined, signed_in: SignedIn, demonstration: Database) -> None:
    address = link_to(demonstration, EMAIL) + "/confirm"
    assert "друг човек" in signed_in(ADMINISTRATOR).get(address, status=403)
    his = signed_in(MATHS)
    assert 'type="password"' not in his.get(address)
    his.post(address)
    assert OTHER in his.get("/")
    his.get(address, status=404)


def test_the_school_that_invites_is_not_told_that_he_has_an_account(
    signed_in: SignedIn, demonstration: Database
) -> None:
    with demonstration.session() as session:
        other = joined(session)
        address = session.scalars(select(Staff.email).where(Staff.id == other.administrator)).one()
    leader = signed_in(ADMINISTRATOR)
    pages = []
    for email in (address, "nobody.knows@school.example"):
        leader.get("/school/staff")
        page = leader.post(
            "/school/staff", status=200, first_name="Радка", last_name="Иванова", email=email, roles="teacher"
        )
        listed = leader.get("/school/staff")
        row = next(line for line in listed.split("<tr") if email in line)
        one = leader.get(re.search(r"/school/staff/\d+", row)[0])  # type: ignore[index]
        pages.append(
            [re.sub(r"\d+|[\w.-]+@school\.example|csrf_token.*|[\w-]{60,}", "", text) for text in (page, row, one)]
        )
    assert pages[0] == pages[1]


def test_another_address_is_confirmed_with_a_button(signed_in: SignedIn, app: OpenAPI, demonstration: Database) -> None:
    his = signed_in(MATHS)
    his.get("/profile/email")
    assert "не са верни" in his.post("/profile/email", status=200, email=NEW_EMAIL, password="не е тази")
    his.post("/profile/email", email=NEW_EMAIL, password=password())
    address = link_to(demonstration, NEW_EMAIL).replace("/password/", "/new-email/")
    assert NEW_EMAIL in his.get(address)
    with demonstration.reading() as session:  # opening it changes nothing: programs open links too
        assert session.scalar(select(Staff.id).where(Staff.email == EMAIL)) is not None
    his.post(address)
    his.get("/lessons/", status=302)
    again = Browser(app.test_client())
    again.sign_in_as(NEW_EMAIL, password())
    his.get(address, status=404)
    with demonstration.reading() as session:
        told = session.scalars(select(Message.text).where(Message.address == EMAIL).order_by(Message.id)).all()
    assert [text.partition("\n")[0] for text in told] == ["Поискан е друг имейл за вход", "Имейлът за вход е сменен"]


def test_a_school_gets_another_name(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    leader.get("/school/name")
    leader.post("/school/name", name="СУ „Иван Вазов“", town="Русе")
    assert "СУ „Иван Вазов“" in leader.get("/")
    with demonstration.reading() as session:
        assert "СУ „Иван Вазов“" in session.scalars(select(School.name)).all()
    leader.get("/school/name")
    leader.post("/school/name", status=200, name=" ", town="Русе")
