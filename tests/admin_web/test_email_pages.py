"""Subscribing by e-mail and what the links in letters open, from the page to the outbox."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select, update
from stdnum import luhn

from admin_web.even_time import SECONDS
from db.kinds import Channel, EventKind, Language, SubscriptionStatus
from db.models import ChannelTiming, EmailRequest, Message, NotificationSwitch, School, Subscriber, Subscription
from db.session import Database
from demonstration.plan.people import FIRST_PHONE
from school.outbox.enqueue import PIN_PURPOSE
from school.security.crypto import vault
from school.subscriptions import email_links
from tests.admin_web.conftest import MATHS, OPERATOR, Browser
from tests.school.people import known
from tests.smpp.texts.parent import Parent

FATHER = "bashta@example.org"
ON_SQLITE = pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)


def letters(database: Database, address: str = FATHER) -> list[str]:
    """What was put into the outbox for an address, secrets in place."""
    with database.reading() as session:
        rows = session.scalars(select(Message).where(Message.address == address).order_by(Message.id)).all()
        keys = vault(session)
        return [
            row.text.replace("{pin}", keys.decrypt(PIN_PURPOSE, row.pin_encrypted) if row.pin_encrypted else "")
            for row in rows
        ]


def subscribe(browser: Browser, database: Database) -> str:
    """By the page and the letter's link; gives the address of the settings page."""
    with database.session() as session:
        session.execute(update(School).values(new_email_waits=False))
    browser.get("/email/")
    browser.post("/email/", status=200, email=FATHER, code=known(database).code)
    link = re.search(r"Потвърдете: http\S+?(/email/confirm/\S+)", letters(database)[-1])
    assert link
    browser.get(link[1])
    browser.post(link[1])
    return settings_page(database, FATHER)


def of_nobody(number: int) -> str:
    """A code whose check digit is right and that no student has."""
    digits = f"{number:07}"
    return digits + str(luhn.calc_check_digit(digits))


def settings_page(database: Database, address: str) -> str:
    with database.reading() as session:
        subscriber_id = session.scalars(select(Subscriber.id).where(Subscriber.email == address)).one()
        return f"/email/{email_links.token(vault(session), subscriber_id, address)}"


def statuses(database: Database, address: str) -> list[SubscriptionStatus]:
    with database.reading() as session:
        return list(session.scalars(select(Subscription.status).join(Subscriber).where(Subscriber.email == address)))


class TestAddingAnAddress:
    """A telephone that follows asks for letters too, by SMS."""

    def asked(self, database: Database, written: str = f"ИМЕЙЛ {FATHER}", phone: str = FIRST_PHONE) -> str:
        return Parent(database, phone).text(written) or ""

    def link(self, database: Database) -> str:
        found = re.search(r"Потвърдете: http\S+?(/email/confirm/\S+)", letters(database)[-1])
        assert found
        return found[1]

    def test_by_a_text_and_the_letters_link_the_telephone_gets_letters_too(
        self, browser: Browser, demonstration: Database
    ) -> None:
        assert "Пратихме Ви писмо с връзка" in self.asked(demonstration)
        assert len(letters(demonstration)) == 1
        page = browser.get(self.link(demonstration))
        assert f"Новините, които идват на телефона Ви, ще получавате и на адрес {FATHER}" in page
        assert statuses(demonstration, FATHER) == []
        browser.post(self.link(demonstration))
        with demonstration.reading() as session:
            assert session.scalars(select(Subscriber.phone).where(Subscriber.email == FATHER)).all() == [FIRST_PHONE]
        assert statuses(demonstration, FATHER) == [SubscriptionStatus.ACTIVE]
        choices = browser.get(settings_page(demonstration, FATHER))
        assert known(demonstration).given_name in choices
        assert "Обаждане" not in choices  # a letter's link concerns letters alone
        assert "НАСТРОЙ на 1987" in choices
        browser.get(self.link(demonstration), status=404)

    @ON_SQLITE
    def test_who_reads_english_gets_the_link_in_english(self, demonstration: Database) -> None:
        with demonstration.session() as session:
            session.execute(update(Subscriber).where(Subscriber.phone == FIRST_PHONE).values(language=Language.ENGLISH))
        assert "We sent you a letter" in self.asked(demonstration)
        letter = letters(demonstration)[-1]
        assert letter.startswith("Confirm your e-mail address for InfoServ e-School\n\nHello!")
        assert re.search(r"\n\nConfirm: http\S+/email/confirm/\S+\n\n", letter)

    @ON_SQLITE
    def test_a_new_address_takes_the_place_of_the_one_before(self, browser: Browser, demonstration: Database) -> None:
        for address in ("staro@example.org", FATHER):
            self.asked(demonstration, f"EMAIL {address}")
            link = re.search(r"(/email/confirm/\S+)", letters(demonstration, address)[-1])
            assert link
            browser.get(link[1])
            browser.post(link[1])
        assert statuses(demonstration, "staro@example.org") == []
        assert statuses(demonstration, FATHER) == [SubscriptionStatus.ACTIVE]

    @ON_SQLITE
    def test_an_address_that_follows_by_itself_is_not_taken_over(
        self, browser: Browser, demonstration: Database, at_school: time_machine.Traveller
    ) -> None:
        subscribe(browser, demonstration)
        at_school.shift(timedelta(minutes=10))
        parent = Parent(demonstration, FIRST_PHONE, now=datetime.now(UTC))
        parent.text(f"ИМЕЙЛ {FATHER}")
        browser.get(self.link(demonstration))
        assert "отделен абонамент" in browser.post(self.link(demonstration), status=404)
        with demonstration.reading() as session:
            assert session.scalars(select(Subscriber.phone).where(Subscriber.email == FATHER)).all() == [None]

    @ON_SQLITE
    def test_what_is_no_address_and_who_follows_nobody_is_told(self, demonstration: Database) -> None:
        for written in ("ИМЕЙЛ", "имейл иван@абв.бг"):
            assert self.asked(demonstration, written) == "Пратете ИМЕЙЛ и адреса си: ИМЕЙЛ ivanova@example.com"
        assert "не следите ученик" in self.asked(demonstration, phone="+359877000001")
        assert letters(demonstration) == []

    @ON_SQLITE
    def test_one_telephone_does_not_fill_strangers_mailboxes(self, demonstration: Database) -> None:
        parent = Parent(demonstration, FIRST_PHONE)
        answers = [parent.text(f"ИМЕЙЛ chuzhd{number}@example.org") or "" for number in range(7)]
        assert ["много" in answer for answer in answers] == [False] * 5 + [True] * 2
        assert letters(demonstration, "chuzhd6@example.org") == []


class TestSubscribing:
    def test_a_code_and_a_confirmed_address_follow_and_the_others_are_told(
        self, browser: Browser, demonstration: Database
    ) -> None:
        page = subscribe(browser, demonstration)
        assert statuses(demonstration, FATHER) == [SubscriptionStatus.ACTIVE]
        welcome = letters(demonstration)[-1]
        assert re.search(r"С ПИН \d{4} и ID-кода", welcome)
        assert "0,61 € (1,20 лв.) на месец" in welcome
        with demonstration.reading() as session:
            others = session.scalars(select(Message.text).where(Message.channel == Channel.SMS)).all()
        assert others
        assert all("Нов имейл b…@example.org вече следи" in text for text in others)
        assert known(demonstration).given_name in browser.get(page)

    @ON_SQLITE
    def test_before_it_is_confirmed_nothing_but_the_question_is_sent(
        self, browser: Browser, demonstration: Database
    ) -> None:
        browser.get("/email/")
        browser.post("/email/", status=200, email=FATHER, code=known(demonstration).code)
        (question,) = letters(demonstration)
        assert known(demonstration).given_name not in question
        assert statuses(demonstration, FATHER) == []

    @ON_SQLITE
    def test_opening_the_link_alone_confirms_nothing(self, browser: Browser, demonstration: Database) -> None:
        browser.get("/email/")
        browser.post("/email/", status=200, email=FATHER, code=known(demonstration).code)
        link = re.search(r"(/email/confirm/\S+)", letters(demonstration)[-1])
        assert link
        assert "Потвърждавам" in browser.get(link[1])
        assert statuses(demonstration, FATHER) == []

    @ON_SQLITE
    def test_a_link_works_once_and_for_two_days(
        self, browser: Browser, demonstration: Database, at_school: time_machine.Traveller
    ) -> None:
        subscribe(browser, demonstration)
        link = re.search(r"(/email/confirm/\S+)", letters(demonstration)[0])
        assert link
        browser.get(link[1], status=404)
        at_school.shift(timedelta(minutes=10))
        browser.get("/email/")
        browser.post("/email/", status=200, email="maika@example.org", code=known(demonstration).code)
        link = re.search(r"(/email/confirm/\S+)", letters(demonstration, "maika@example.org")[0])
        assert link
        at_school.shift(timedelta(days=2, minutes=1))
        assert "Връзката не работи" in browser.get(link[1], status=404)

    @ON_SQLITE
    def test_asking_again_and_again_does_not_fill_a_strangers_mailbox(
        self, browser: Browser, demonstration: Database, at_school: time_machine.Traveller
    ) -> None:
        for _ in range(12):
            browser.get("/email/")
            browser.post("/email/", status=200, email=FATHER, code=known(demonstration).code)
            at_school.shift(timedelta(minutes=4))
        assert 1 < len(letters(demonstration)) <= 5

    @ON_SQLITE
    def test_wrong_codes_lock_the_mailbox_also_for_the_right_one(
        self, browser: Browser, demonstration: Database
    ) -> None:
        browser.get("/email/")
        for number in range(6):
            told = browser.post("/email/", status=200, email=FATHER, code=of_nobody(number))
            assert "Ако кодът е верен" in told
        told = browser.post("/email/", status=200, email=FATHER, code=known(demonstration).code)
        assert "опитайте отново след 15 минути" in told
        assert letters(demonstration) == []

    @ON_SQLITE
    def test_a_right_and_a_wrong_code_are_answered_alike_and_neither_sooner(
        self, browser: Browser, demonstration: Database
    ) -> None:
        def asked(number: int, code: str) -> tuple[str, float]:
            email = f"somebody-{number}@example.org"
            browser.get("/email/")
            began = time.perf_counter()
            page = browser.post("/email/", status=200, email=email, code=code)
            took = time.perf_counter() - began
            return re.sub(r'value="[^"]+"', "", page.replace(email, "")), took

        right = [asked(number, known(demonstration).code) for number in range(3)]
        wrong = [asked(number + 10, of_nobody(number)) for number in range(3)]
        assert {page for page, _ in right} == {page for page, _ in wrong}
        assert min(took for _, took in (*right, *wrong)) >= SECONDS

    @ON_SQLITE
    @pytest.mark.parametrize(("email", "code"), [("баща@пример.бг", "12345674"), (FATHER, "1234"), ("x", "12345674")])
    def test_bad_input_is_told_and_nothing_is_sent(
        self, browser: Browser, demonstration: Database, email: str, code: str
    ) -> None:
        browser.get("/email/")
        told = browser.post("/email/", status=200, email=email, code=code)
        assert "не е имейл адрес" in told or "ID-кодът е от 8 цифри" in told
        with demonstration.reading() as session:
            assert session.scalar(select(EmailRequest.email)) is None


@ON_SQLITE
class TestChoices:
    def test_kinds_hours_and_friday_are_kept_and_shown_again(self, browser: Browser, demonstration: Database) -> None:
        page = subscribe(browser, demonstration)
        browser.get(page)
        chosen = {"email-grade": "on", "email-meeting": "on", "email-when": "18"}
        browser.post(page, chosen)
        with demonstration.reading() as session:
            off = set(session.scalars(select(NotificationSwitch.kind)))
            assert off == set(EventKind) - {EventKind.GRADE, EventKind.MEETING}
            assert session.scalars(select(ChannelTiming.daily_hour)).one() == 18
            assert session.scalars(select(Subscriber.friday_summary).where(Subscriber.email == FATHER)).one() is False
        shown = browser.get(page)
        assert 'value="18" selected' in shown
        assert re.search(r'name="email-grade"[^>]*checked', shown)
        assert not re.search(r'name="email-absence"[^>]*checked', shown)

    def test_the_page_shows_no_whole_address_and_no_page_is_found_by_guessing(
        self, browser: Browser, demonstration: Database
    ) -> None:
        page = subscribe(browser, demonstration)
        assert FATHER not in browser.get(page)
        for wrong in (page[:-1] + ("A" if page[-1] != "A" else "B"), "/email/1", "/email/1-", "/email/99999-x"):
            browser.get(wrong, status=404)

    def test_another_address_ends_the_old_links(self, browser: Browser, demonstration: Database) -> None:
        page = subscribe(browser, demonstration)
        with demonstration.session() as session:
            session.execute(update(Subscriber).where(Subscriber.email == FATHER).values(email="nov@example.org"))
        browser.get(page, status=404)


@ON_SQLITE
class TestStopping:
    def test_the_mail_programs_one_click_stops_without_cookies_or_tokens(
        self, app: OpenAPI, browser: Browser, demonstration: Database
    ) -> None:
        page = subscribe(browser, demonstration)
        app.config["WTF_CSRF_ENABLED"] = True
        answer = app.test_client().post(f"{page}/stop", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert statuses(demonstration, FATHER) == [SubscriptionStatus.STOPPED]
        assert app.test_client().post(f"{page}/stop", data={"List-Unsubscribe": "One-Click"}).status_code == 200

    def test_opening_the_link_stops_nothing(self, browser: Browser, demonstration: Database) -> None:
        page = subscribe(browser, demonstration)
        assert "Спрете писмата" in browser.get(f"{page}/stop")
        assert statuses(demonstration, FATHER) == [SubscriptionStatus.ACTIVE]

    def test_who_has_a_telephone_keeps_it_and_can_come_back(self, browser: Browser, demonstration: Database) -> None:
        mother = known(demonstration)
        with demonstration.session() as session:
            session.execute(update(Subscriber).where(Subscriber.phone == mother.phone).values(email=FATHER))
        page = settings_page(demonstration, FATHER)
        browser.get(f"{page}/stop")
        browser.post(f"{page}/stop", status=200)
        assert set(statuses(demonstration, FATHER)) == {SubscriptionStatus.ACTIVE}
        assert "Писмата са спрени." in browser.get(page)
        browser.post(f"{page}/resume")
        assert "Писмата са спрени." not in browser.get(page)


@ON_SQLITE
def test_the_operator_sees_the_clock_and_others_do_not(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in(OPERATOR).get("/platform/clock")
    assert "friday-summary" in page
    assert "не е планирана" in page
    signed_in(MATHS).get("/platform/clock", status=403)
