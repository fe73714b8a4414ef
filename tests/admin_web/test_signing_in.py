"""Getting in, staying in, getting out."""

import re
from collections.abc import Callable
from datetime import timedelta

import time_machine
from sqlalchemy import select

from db.kinds import LinkPurpose
from db.models import Audit, Staff
from db.session import Database
from school import accounts
from tests.admin_web.conftest import DOMAIN, MATHS, PRINCIPAL, Browser
from tests.school.conftest import NOW

WRONG = "Имейлът, паролата или кодът са грешни."
SignedIn = Callable[[str], Browser]


class TestSignIn:
    def test_a_teacher_lands_on_the_start_page_and_is_called_by_name(self, browser: Browser) -> None:
        browser.sign_in(MATHS)
        assert "Здравейте, Огнян Петков" in browser.get("/")

    def test_who_was_on_the_way_to_a_page_gets_there(self, browser: Browser) -> None:
        assert browser.answer("GET", "/profile").headers["Location"] == "/sign-in?next=/profile"

    def test_nobody_is_sent_to_another_site(self, browser: Browser) -> None:
        browser.sign_in(MATHS)
        for address in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
            answer = browser.answer("GET", "/sign-in", query_string={"next": address})
            assert answer.headers["Location"] == "/"

    def test_a_wrong_password_and_an_unknown_address_sound_alike(self, browser: Browser) -> None:
        assert WRONG in browser.sign_in(MATHS, "not the password", status=200)
        assert WRONG in browser.sign_in("nobody", "not the password", status=200)

    def test_wrong_tries_lock_the_account_also_for_the_right_password(self, browser: Browser) -> None:
        for _ in range(4):
            browser.sign_in(MATHS, "not the password", status=200)
        assert "опитайте отново след 1 минута" in browser.sign_in(MATHS, status=200)

    def test_the_lock_opens_again(self, browser: Browser, at_school: time_machine.Traveller) -> None:
        for _ in range(4):
            browser.sign_in(MATHS, "not the password", status=200)
        at_school.shift(timedelta(minutes=2))
        browser.sign_in(MATHS)

    def test_a_form_from_elsewhere_is_refused(self, browser: Browser) -> None:
        answer = browser.answer("POST", "/sign-in", data={"email": MATHS + DOMAIN, "password": "x"})
        assert answer.status_code == 400
        assert "Формата е остаряла" in answer.text

    def test_a_switched_off_account_stays_out_at_once(self, signed_in: SignedIn, demonstration: Database) -> None:
        browser = signed_in(MATHS)
        with demonstration.session() as session:
            session.scalars(select(Staff).where(Staff.email == MATHS + DOMAIN)).one().is_active = False
        browser.get("/", status=302)
        assert WRONG in browser.sign_in(MATHS, status=200)

    def test_it_is_written_down_who_came(self, browser: Browser, demonstration: Database) -> None:
        browser.sign_in(MATHS)
        with demonstration.reading() as session:
            assert session.scalars(select(Audit).where(Audit.action == "staff.signed_in")).one().staff_id


class TestSessions:
    def test_signing_out_ends_the_session_and_not_only_the_cookie(self, browser: Browser) -> None:
        browser.sign_in(MATHS)
        browser.get("/")
        kept = browser.answer("GET", "/").request.headers["Cookie"]
        browser.post("/sign-out")
        browser.get("/", status=302)
        assert browser.answer("GET", "/", headers={"Cookie": kept}).status_code == 302

    def test_a_session_ends_after_a_school_day_without_use(
        self, browser: Browser, at_school: time_machine.Traveller
    ) -> None:
        browser.sign_in(MATHS)
        at_school.shift(timedelta(hours=11))
        browser.get("/")
        at_school.shift(timedelta(hours=11))
        browser.get("/")
        at_school.shift(timedelta(hours=13))
        browser.get("/", status=302)

    def test_sessions_are_listed_and_the_other_one_can_be_ended(self, signed_in: SignedIn) -> None:
        here, there = signed_in(MATHS), signed_in(MATHS)
        page = here.get("/profile")
        (address,) = re.findall(r'action="(/profile/sessions/\d+/end)"', page)
        here.post(address)
        there.get("/", status=302)
        here.get("/")

    def test_nobody_ends_the_session_of_another(self, signed_in: SignedIn) -> None:
        teacher, principal = signed_in(MATHS), signed_in(PRINCIPAL)
        signed_in(MATHS)
        (address,) = re.findall(r'action="(/profile/sessions/\d+/end)"', teacher.get("/profile"))
        principal.get("/profile")
        principal.post(address, status=404)

    def test_pages_stay_in_no_cache_and_run_no_foreign_script(self, browser: Browser) -> None:
        headers = browser.answer("GET", "/sign-in").headers
        assert headers["Cache-Control"] == "no-store"
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert policy["frame-ancestors"] == "'none'"
        assert "HttpOnly" in headers["Set-Cookie"]
        assert "SameSite=Lax" in headers["Set-Cookie"]


class TestLinks:
    def test_a_link_sets_the_password_once_and_ends_all_sessions(
        self, signed_in: SignedIn, browser: Browser, demonstration: Database
    ) -> None:
        before = signed_in(MATHS)
        address = self.link(demonstration)
        page = browser.get(address)
        assert MATHS + DOMAIN in page
        browser.post(address, password="хубава дълга парола", again="хубава дълга парола")
        before.get("/", status=302)
        browser.sign_in(MATHS, "хубава дълга парола")
        assert "използвана" in browser.get(address, status=404)

    def test_a_weak_password_is_refused_and_the_link_still_works(
        self, browser: Browser, demonstration: Database
    ) -> None:
        address = self.link(demonstration)
        browser.get(address)
        assert "поне 10 знака" in browser.post(address, status=200, password="къса", again="къса")
        assert "различни" in browser.post(address, status=200, password="хубава парола", again="друга парола 1")
        browser.post(address, password="хубава дълга парола", again="хубава дълга парола")

    def test_a_link_is_too_old_after_its_time(
        self, browser: Browser, demonstration: Database, at_school: time_machine.Traveller
    ) -> None:
        address = self.link(demonstration)
        at_school.shift(timedelta(hours=3))
        browser.get(address, status=404)

    def link(self, database: Database) -> str:
        with database.session() as session:
            staff_id = session.scalars(select(Staff.id).where(Staff.email == MATHS + DOMAIN)).one()
            return "/password/" + accounts.make_link(session, staff_id, LinkPurpose.RESET, NOW)


class TestLanguage:
    def test_english_is_a_choice_that_is_kept(self, browser: Browser) -> None:
        assert '<html lang="bg">' in browser.get("/sign-in")
        browser.get("/language/en", status=302)
        page = browser.get("/sign-in")
        assert '<html lang="en">' in page
        assert "Sign in" in page
