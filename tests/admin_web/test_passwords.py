"""Changing one's password, and getting in again after forgetting it."""

from collections.abc import Callable

from sqlalchemy import select

from db.kinds import Channel
from db.models import Message
from db.session import Database
from demonstration.secrets import password_of
from devtools.site import SECRET_KEY
from school.security.crypto import vault, vault_of
from tests.admin_web.conftest import DOMAIN, MATHS, Browser

SignedIn = Callable[[str], Browser]
NEW = "три зелени хълма"


def old() -> str:
    """The demonstration's password of the teacher."""
    return password_of(vault_of(SECRET_KEY.encode()), MATHS + DOMAIN)


def letters(database: Database) -> list[tuple[str, str]]:
    """The e-mails on their way: the text, and what is filled in when it goes out."""
    with database.reading() as session:
        rows = session.execute(
            select(Message.text, Message.pin_encrypted).where(
                Message.channel == Channel.EMAIL, Message.address == MATHS + DOMAIN
            )
        )
        return [(text, vault(session).decrypt("message pin", hidden)) for text, hidden in rows if hidden]


class TestOwnPassword:
    def test_the_old_one_is_proved_and_other_sessions_end(self, signed_in: SignedIn, browser: Browser) -> None:
        here, elsewhere = signed_in(MATHS), signed_in(MATHS)
        here.get("/profile/password")
        wrong = {"old": "не е тази", "password": NEW, "again": NEW}
        assert "не е тази" in here.post("/profile/password", wrong, status=200)
        assert "различни" in here.post("/profile/password", wrong | {"old": old(), "again": "друго"}, status=200)
        here.post("/profile/password", wrong | {"old": old()})
        assert "Паролата е сменена" in here.get("/profile")
        elsewhere.get("/", status=302)
        browser.sign_in(MATHS, status=200)
        browser.sign_in(MATHS, NEW)

    def test_guessing_the_old_one_locks_as_signing_in_does(self, signed_in: SignedIn) -> None:
        here = signed_in(MATHS)
        here.get("/profile/password")
        for _ in range(4):
            here.post("/profile/password", status=200, old="не е тази", password=NEW, again=NEW)
        assert "твърде много" in here.post("/profile/password", status=200, old=old(), password=NEW, again=NEW)


class TestForgotten:
    def test_a_link_comes_by_e_mail_and_works_once(self, browser: Browser, demonstration: Database) -> None:
        browser.get("/forgotten")
        browser.post("/forgotten", email=MATHS + DOMAIN)
        ((text, link),) = letters(demonstration)
        assert "{pin}" in text
        address = link[link.index("/password/") :]
        browser.get(address)
        browser.post(address, password=NEW, again=NEW)
        browser.get(address, status=404)
        browser.sign_in(MATHS, NEW)

    def test_the_letter_is_in_the_language_of_the_page(self, browser: Browser, demonstration: Database) -> None:
        browser.get("/forgotten")
        browser.post("/forgotten?lang=en", email=MATHS + DOMAIN)
        ((text, _),) = letters(demonstration)
        assert text.startswith("A new password for InfoServ e-School\n\nHello, ")
        assert text.count("{pin}") == 1

    def test_who_asks_does_not_learn_who_has_an_account(self, browser: Browser, demonstration: Database) -> None:
        answers = set()
        for email in (MATHS + DOMAIN, "nobody@demo-school.example"):
            browser.get("/forgotten")
            browser.post("/forgotten", email=email)
            page = browser.get("/sign-in")
            answers.add(page[page.index('<p class="notice') : page.index("<h1>")])
        assert len(answers) == 1
        assert len(letters(demonstration)) == 1
