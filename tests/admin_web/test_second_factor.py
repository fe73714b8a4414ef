"""The pages of the second factor: what a person, and who sits down at their computer, can do with them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import select, update

from db.kinds import LinkPurpose, Role
from db.models import Staff
from db.session import Database
from demonstration.secrets import password_of
from devtools.site import SECRET_KEY
from errors import InputError
from school import accounts, setup
from school.security.crypto import vault_of
from tests.admin_web.conftest import DOMAIN, MATHS, OPERATOR, PRINCIPAL, Browser
from tests.school.conftest import NOW

SignedIn = Callable[[str], Browser]
STEP = timedelta(seconds=30)
WRONG = "Имейлът, паролата или кодът са грешни."
NOT_PROVED = "Паролата или кодът не са верни"
ATTACKERS = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def password(login: str = MATHS) -> str:
    return password_of(vault_of(SECRET_KEY.encode()), login + DOMAIN)


def secret_of(page: str) -> str:
    found = re.search(r'<code class="key">([A-Z2-7]{32})</code>', page)
    assert found
    return found[1]


def switched_on(one: Browser, login: str = MATHS) -> tuple[str, list[str]]:
    """The secret, and the recovery codes that were shown."""
    secret = secret_of(one.get("/profile/second-factor"))
    shown = one.post("/profile/second-factor", status=200, password=password(login), code=pyotp.TOTP(secret).now())
    return secret, re.findall(r'<code class="key">([\w-]{14})</code>', shown)


def test_once_switched_on_a_code_is_asked_for_and_works_once(
    signed_in: SignedIn, browser: Browser, at_school: time_machine.Traveller
) -> None:
    secret, codes = switched_on(signed_in(MATHS))
    assert len(codes) == 10
    assert "Код от телефона" in browser.sign_in(MATHS, status=200)
    assert WRONG in browser.sign_in(MATHS, status=200, code=pyotp.TOTP(secret).now())  # used up by switching it on
    at_school.shift(STEP)
    code = pyotp.TOTP(secret).now()
    browser.sign_in(MATHS, code=code)
    browser.get("/")
    browser.post("/sign-out")
    assert WRONG in browser.sign_in(MATHS, status=200, code=code)


def test_a_recovery_code_stands_in_once(signed_in: SignedIn, browser: Browser) -> None:
    one = signed_in(MATHS)
    _, codes = switched_on(one)
    browser.sign_in(MATHS, code=codes[0])
    browser.get("/")
    browser.post("/sign-out")
    assert WRONG in browser.sign_in(MATHS, status=200, code=codes[0])
    assert "остават 9" in one.get("/profile")


def test_a_secret_that_an_attacker_chose_is_never_taken(signed_in: SignedIn) -> None:
    one = signed_in(MATHS)
    page = one.get("/profile/second-factor")
    assert 'name="secret"' not in page
    forged = one.post(
        "/profile/second-factor", status=200, secret=ATTACKERS, password=password(), code=pyotp.TOTP(ATTACKERS).now()
    )
    assert "Кодът е грешен" in forged
    assert secret_of(forged) == secret_of(page)
    assert "Изключен." in one.get("/profile")


def test_it_is_not_switched_on_without_the_password(signed_in: SignedIn) -> None:
    one = signed_in(MATHS)
    code = pyotp.TOTP(secret_of(one.get("/profile/second-factor"))).now()
    assert NOT_PROVED in one.post("/profile/second-factor", status=200, password="не е тази", code=code)
    assert "Изключен." in one.get("/profile")


def test_it_is_removed_with_password_and_code_only(
    signed_in: SignedIn, browser: Browser, at_school: time_machine.Traveller
) -> None:
    one = signed_in(MATHS)
    secret, _ = switched_on(one)
    address = "/profile/second-factor/remove"
    one.get(address)
    at_school.shift(STEP)
    code = pyotp.TOTP(secret).now()
    for wrong in ({}, {"password": password()}, {"code": code}, {"password": "не е тази", "code": code}):
        one.post(address, wrong, status=200)
        assert "освен паролата се иска и код" in one.get("/profile")
        one.get(address)
    at_school.shift(STEP)
    one.post(address, password=password(), code=pyotp.TOTP(secret).now())
    browser.sign_in(MATHS)


def test_a_leader_of_whom_it_is_demanded_can_do_nothing_before(signed_in: SignedIn, browser: Browser) -> None:
    leader = signed_in(PRINCIPAL)
    leader.get("/school/second-factor")
    leader.post("/school/second-factor", demanded="y")
    for address in ("/", "/school/", "/profile", "/reports/", "/profile/password"):
        answer = leader.answer("GET", address)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/profile/second-factor"), address
    assert "За Вашата роля се иска втори фактор" in leader.get("/profile/second-factor")
    leader.post("/school/second-factor", status=403)
    switched_on(leader, PRINCIPAL)
    leader.get("/")
    browser.sign_in(MATHS)
    browser.get("/")


def test_a_leader_lets_in_again_who_lost_the_telephone(
    signed_in: SignedIn, browser: Browser, demonstration: Database
) -> None:
    teacher = signed_in(MATHS)
    switched_on(teacher)
    with demonstration.reading() as session:
        staff_id = session.scalars(select(Staff.id).where(Staff.email == MATHS + DOMAIN)).one()
    leader = signed_in(PRINCIPAL)
    assert "Нулирай втория фактор" in leader.get(f"/school/staff/{staff_id}")
    leader.post(f"/school/staff/{staff_id}/second-factor/reset")
    teacher.get("/", status=302)
    browser.sign_in(MATHS)


def test_an_operator_lets_in_a_leader(signed_in: SignedIn, browser: Browser) -> None:
    switched_on(signed_in(PRINCIPAL), PRINCIPAL)
    operator = signed_in(OPERATOR)
    operator.get("/platform/second-factor")
    operator.post("/platform/second-factor/reset", email=PRINCIPAL + DOMAIN)
    browser.sign_in(PRINCIPAL)


def test_a_password_of_ones_own_name_is_refused(signed_in: SignedIn) -> None:
    one = signed_in(MATHS)
    one.get("/profile/password")
    page = one.post("/profile/password", status=200, old=password(), password="ogni@nPetkov", again="ogni@nPetkov")
    assert "Паролата е" in page
    assert "от името Ви" in one.post(
        "/profile/password", status=200, old=password(), password="ОгнянПетков12", again="ОгнянПетков12"
    )


def test_a_role_that_was_taken_opens_nothing_any_more_in_a_running_session(
    signed_in: SignedIn, demonstration: Database
) -> None:
    leader = signed_in("administrator")
    leader.get("/school/")
    with demonstration.session() as session:
        one = session.scalars(select(Staff).where(Staff.email == "administrator" + DOMAIN)).one()
        principal = session.scalars(select(Staff.id).where(Staff.email == PRINCIPAL + DOMAIN)).one()
        assert one.school_id is not None
        setup.change_staff(
            session, one.school_id, one.id, first_name="Ана", last_name="Иванова", roles=[Role.TEACHER],
            is_active=True, by=principal, now=NOW,
        )  # fmt: skip
    leader.get("/school/", status=403)


def test_a_link_that_was_sent_works_no_more_after_switching_off_and_on(demonstration: Database) -> None:
    with demonstration.session() as session:
        one = session.scalars(select(Staff).where(Staff.email == "administrator" + DOMAIN)).one()
        principal = session.scalars(select(Staff.id).where(Staff.email == PRINCIPAL + DOMAIN)).one()
        assert one.school_id is not None
        token = accounts.make_link(session, one.id, LinkPurpose.RESET, NOW)
        setup.change_staff(
            session, one.school_id, one.id, first_name="Ана", last_name="Иванова", roles=[Role.TEACHER],
            is_active=False, by=principal, now=NOW,
        )  # fmt: skip
        session.execute(update(Staff).where(Staff.id == one.id).values(is_active=True))
        with pytest.raises(InputError, match="too old"):
            accounts.opened(session, token, NOW)
