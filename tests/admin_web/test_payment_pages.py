"""The payment pages: who may see what, and what an order's page says, against the stand-in on a real socket."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select

from admin_web.application import create_app
from admin_web.even_time import SECONDS
from db.kinds import Channel, OrderState
from db.models import Message, PayerNumber, PaymentOrder, StoredCard, Subscriber
from db.session import Database
from demonstration.plan.people import FIRST_PHONE
from epay import asking
from errors import OperationError
from school.billing import entering, epay_methods, orders, payer_numbers
from school.outbox.enqueue import PIN_PURPOSE
from school.security.crypto import vault
from tests.admin_web.conftest import Browser
from tests.admin_web.structure.test_weight import MOST_STATEMENTS, statements
from tests.conftest import settings_for
from tests.epay.simulator.running import Running, running
from tests.school.conftest import NOW
from tests.school.people import known

STRANGE = "0888 654 321"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Running]:
    """The stand-in for ePay.bg."""
    with running(settings_for(tmp_path, "sqlite:///unused")) as found:
        yield found


@pytest.fixture
def app(demonstration: Database, at_school: time_machine.Traveller, there: Running) -> OpenAPI:
    """The application, whose merchant is the stand-in's."""
    application = create_app(there.settings, demonstration)
    application.config["RATELIMIT_ENABLED"] = False
    return application


def sms(database: Database) -> list[str]:
    """What the first mother's telephone got, secrets in place."""
    with database.reading() as session:
        rows = session.scalars(
            select(Message)
            .where(Message.address == FIRST_PHONE, Message.channel == Channel.SMS, Message.created_at >= NOW)
            .order_by(Message.id)
        ).all()
        keys = vault(session)
        return [
            row.text.replace("{pin}", keys.decrypt(PIN_PURPOSE, row.pin_encrypted) if row.pin_encrypted else "")
            for row in rows
        ]


def enter(browser: Browser, database: Database) -> str:
    """Prove by SMS to be the first mother; gives the page of prices."""
    browser.get("/pay/")
    browser.post("/pay/", phone=FIRST_PHONE)
    code = re.match(r"\d{6}", sms(database)[-1])
    assert code
    browser.get("/pay/code")
    browser.post("/pay/code", code=code[0])
    return browser.get("/pay/choose")


def latest(database: Database) -> PaymentOrder:
    with database.reading() as session:
        return session.scalars(select(PaymentOrder).order_by(PaymentOrder.id.desc())).first()  # type: ignore[return-value]


class TestEntering:
    def test_a_telephone_opens_the_page_with_what_is_the_payers(
        self, browser: Browser, demonstration: Database
    ) -> None:
        page = enter(browser, demonstration)
        assert "0,61 € (1,20 лв.)" in page
        assert "12 месеца" in page
        with demonstration.reading() as session:
            assert session.scalars(select(PayerNumber.number)).one() in page

    def test_an_unknown_number_sees_the_same_in_the_same_time(self, browser: Browser, demonstration: Database) -> None:
        pages, times = [], []
        for phone in (FIRST_PHONE, STRANGE):
            browser.get("/pay/")
            began = time.perf_counter()
            browser.post("/pay/", phone=phone)
            times.append(time.perf_counter() - began)
            browser.get("/pay/code")
            pages.append(re.sub(r'value="[^"]+"', "", browser.post("/pay/code", code="000000", status=200)))
        assert pages[0] == pages[1]
        assert min(times) >= SECONDS
        assert len(sms(demonstration)) == 1

    def test_the_childs_code_lets_pay_and_shows_nothing_of_the_payer(
        self, browser: Browser, demonstration: Database
    ) -> None:
        with demonstration.session() as session:
            mother = session.scalars(select(Subscriber.id).where(Subscriber.phone == FIRST_PHONE)).one()
            payer = entering.by_subscriber(session, mother, NOW)
            number = payer_numbers.number_of(session, payer, NOW)
        child = known(demonstration)
        for code in (child.code, number, f" {number[:4]} {number[4:]} "):
            browser.get("/pay/")
            browser.post("/pay/", code=code)
            page = browser.get("/pay/choose")
            assert "3 месеца" in page
            for secret in (child.given_name, number, FIRST_PHONE[-6:], "Платено е до", "запазване"):
                assert secret not in page
            browser.post("/pay/leave")

    @pytest.mark.parametrize("code", ["12345678", "abc", "1", "1234567890123", "٠٠٠٠٠٠٠٠"])
    def test_what_can_be_no_code_is_said(self, browser: Browser, code: str) -> None:
        browser.get("/pay/")
        assert "Кодът има 8 цифри" in browser.post("/pay/", code=code, status=200)

    def test_wrong_codes_are_locked_out(self, browser: Browser) -> None:
        browser.get("/pay/")
        for _ in range(12):
            browser.post("/pay/", code="00000000")
        assert "Твърде много опити" in browser.get("/pay/")

    def test_what_is_no_telephone_is_said_in_the_readers_language(self, browser: Browser) -> None:
        browser.get("/pay/?lang=en")
        assert "This is no telephone number" in browser.post("/pay/?lang=en", phone="12", status=200)

    def test_after_half_an_hour_the_browser_is_nobodys(
        self, browser: Browser, demonstration: Database, at_school: time_machine.Traveller
    ) -> None:
        enter(browser, demonstration)
        at_school.shift(timedelta(minutes=29))
        browser.get("/pay/choose")
        at_school.shift(timedelta(minutes=31))
        browser.get("/pay/choose", status=302)

    def test_whoever_is_nobody_is_asked_who_they_are(self, browser: Browser) -> None:
        for address in ("/pay/choose", "/pay/order/1", "/pay/card/back", "/pay/code"):
            assert browser.answer("GET", address).location == "/pay/"


class TestPaying:
    def test_the_browser_is_sent_to_epay_with_a_signed_form(self, browser: Browser, demonstration: Database) -> None:
        enter(browser, demonstration)
        browser.post("/pay/choose", months="3", way="epay")
        order = latest(demonstration)
        answer = browser.answer("GET", f"/pay/order/{order.invoice}")
        site = re.search(r'action="(http://127\.0\.0\.1:\d+)/"', answer.text)
        assert site
        assert f"form-action 'self' {site[1]};" in answer.headers["Content-Security-Policy"]
        assert 'name="PAGE" value="paylogin"' in answer.text
        assert "form-action 'self';" in browser.answer("GET", "/pay/choose").headers["Content-Security-Policy"]

    def test_coming_back_is_no_proof(self, browser: Browser, demonstration: Database) -> None:
        enter(browser, demonstration)
        browser.post("/pay/choose", months="1", way="card")
        order = latest(demonstration)
        assert "Чакаме ePay.bg" in browser.get(f"/pay/order/{order.invoice}?back=1")
        assert latest(demonstration).state is OrderState.WAITING

    def test_a_code_for_easypay_is_shown_and_sent(
        self, browser: Browser, demonstration: Database, there: Running
    ) -> None:
        with demonstration.session() as session:
            mother = session.scalars(select(Subscriber).where(Subscriber.phone == FIRST_PHONE)).one()
            mother.email = "maika@example.org"
        enter(browser, demonstration)
        browser.post("/pay/choose", months="10", way="easypay")
        order = latest(demonstration)
        page = browser.get(f"/pay/order/{order.invoice}")
        assert order.code
        assert order.code in page
        assert "01.12.2026, 18:00" in page
        assert order.code in sms(demonstration)[-1]
        with demonstration.reading() as session:
            letter = session.scalars(select(Message.text).where(Message.address == "maika@example.org")).one()
        assert order.code in letter
        bill = there.book.by_code(order.code or "")
        assert bill is not None
        assert (bill.cents, bill.currency) == (610, "EUR")
        browser.get("/pay/choose")
        browser.post("/pay/choose", months="10", way="easypay")
        assert latest(demonstration).invoice == order.invoice  # nobody carries two codes for the same

    def test_a_code_is_extended_and_cancelled(
        self, browser: Browser, demonstration: Database, there: Running, at_school: time_machine.Traveller
    ) -> None:
        enter(browser, demonstration)
        browser.post("/pay/choose", months="1", way="easypay")
        order = latest(demonstration)
        browser.get(f"/pay/order/{order.invoice}")
        at_school.shift(timedelta(minutes=20))
        browser.post(f"/pay/order/{order.invoice}/extend")
        assert latest(demonstration).expires_at > order.expires_at
        browser.get(f"/pay/order/{order.invoice}")
        browser.post(f"/pay/order/{order.invoice}/cancel")
        assert "отменено" in browser.get(f"/pay/order/{order.invoice}")
        bill = there.book.by_code(order.code or "")
        assert bill is not None
        assert bill.expires_at < NOW

    @pytest.mark.parametrize("asked_for", ["cancelled", "a code"])
    def test_an_order_that_is_paid_meanwhile_stays_paid(
        self, browser: Browser, demonstration: Database, monkeypatch: pytest.MonkeyPatch, asked_for: str
    ) -> None:
        """The notification comes while ePay.bg is asked about something else."""

        def is_paid(*_: object) -> None:
            with demonstration.session() as session:
                order = orders.locked(session, latest(demonstration).invoice)
                assert order is not None
                orders.pay(session, order, orders.Paid(NOW), NOW)
            if asked_for == "a code":
                raise OperationError("ePay.bg does not answer.")

        enter(browser, demonstration)
        if asked_for == "a code":
            monkeypatch.setattr(epay_methods.CashMethod, "begin", is_paid)
            browser.post("/pay/choose", months="1", way="easypay")
            page = browser.get("/pay/choose")
        else:
            browser.post("/pay/choose", months="1", way="easypay")
            monkeypatch.setattr(epay_methods.CashMethod, "expire", is_paid)
            invoice = latest(demonstration).invoice
            browser.get(f"/pay/order/{invoice}")
            browser.post(f"/pay/order/{invoice}/cancel")
            page = browser.get(f"/pay/order/{invoice}")
        assert latest(demonstration).state is OrderState.PAID
        assert "не може да се плати" not in page

    def test_another_payers_order_is_not_there(self, browser: Browser, demonstration: Database, app: OpenAPI) -> None:
        enter(browser, demonstration)
        browser.post("/pay/choose", months="1", way="easypay")
        invoice = latest(demonstration).invoice
        stranger = Browser(app.test_client())
        stranger.get("/pay/")
        stranger.post("/pay/", code=known(demonstration).code)
        stranger.get("/pay/choose")
        stranger.get(f"/pay/order/{invoice}", status=404)
        stranger.post(f"/pay/order/{invoice}/cancel", status=404)
        assert latest(demonstration).state is OrderState.WAITING

    def test_by_a_childs_code_one_pays_too_and_nobody_is_written_to(
        self, browser: Browser, demonstration: Database
    ) -> None:
        with demonstration.session() as session:
            mother = session.scalars(select(Subscriber.id).where(Subscriber.phone == FIRST_PHONE)).one()
            entering.by_subscriber(session, mother, NOW)
        browser.get("/pay/")
        browser.post("/pay/", code=known(demonstration).code)
        browser.get("/pay/choose")
        browser.post("/pay/choose", months="1", way="easypay")
        order = latest(demonstration)
        assert order.code
        assert order.code in browser.get(f"/pay/order/{order.invoice}")
        assert not sms(demonstration)
        assert "Изберете" in browser.post("/pay/choose", months="1", way="saved_card", status=200)

    @pytest.mark.parametrize(
        ("months", "way"), [("2", "epay"), ("1", "desk"), ("1", "stored_card"), ("", ""), ("x", "epay")]
    )
    def test_only_what_is_offered_is_ordered(
        self, browser: Browser, demonstration: Database, months: str, way: str
    ) -> None:
        enter(browser, demonstration)
        assert "Изберете" in browser.post("/pay/choose", months=months, way=way, status=200)
        with demonstration.reading() as session:
            assert session.scalars(select(func.count()).select_from(PaymentOrder)).one() == 0

    def test_a_card_is_typed_there_stored_here_and_forgotten(
        self, browser: Browser, demonstration: Database, there: Running
    ) -> None:
        enter(browser, demonstration)
        browser.post("/pay/choose", months="1", way="saved_card")
        order = latest(demonstration)
        link = re.search(r'href="(http://127\.0\.0\.1:\d+/mobile/[^"]+)"', browser.get(f"/pay/order/{order.invoice}"))
        assert link
        asking.get(link[1].replace("&amp;", "&"))
        payment = there.book.cards[order.invoice]
        payment.paid, payment.token = True, "9982"
        browser.get("/pay/card/back", status=302)
        assert latest(demonstration).state is OrderState.PAID
        assert "Visa***1111" in browser.get("/pay/choose")
        browser.post("/pay/card/forget")
        with demonstration.reading() as session:
            assert not session.scalars(select(StoredCard)).all()
        assert "Картата вече не е запазена" in browser.get("/pay/choose")

    def test_the_pages_ask_the_database_little(self, browser: Browser, demonstration: Database) -> None:
        enter(browser, demonstration)
        browser.post("/pay/choose", months="1", way="easypay")
        for address in ("/pay/choose", f"/pay/order/{latest(demonstration).invoice}", "/pay/"):
            with statements() as asked:
                answer = browser.answer("GET", address)
            assert len(asked) <= MOST_STATEMENTS, (address, asked)
            assert len(answer.data) < 100_000


def test_a_platform_with_real_operators_and_no_merchant_has_no_payment_pages(
    demonstration: Database, at_school: time_machine.Traveller, there: Running
) -> None:
    settings = there.settings.model_copy(update={"operators_file": "operators.toml"})
    browser = Browser(create_app(settings, demonstration).test_client())
    browser.get("/pay/", status=404)
    assert browser.answer("POST", "/pay/epay/notification", data={}).status_code == 404
    assert browser.answer("GET", "/pay/init").status_code == 404


def test_when_easypay_does_not_answer_the_payer_is_told_and_nothing_waits(
    demonstration: Database, at_school: time_machine.Traveller, tmp_path: Path
) -> None:
    with running(settings_for(tmp_path, "sqlite:///unused")) as there:
        settings = there.settings
    browser = Browser(create_app(settings, demonstration).test_client())
    enter(browser, demonstration)
    browser.post("/pay/choose", months="1", way="easypay")
    assert "EasyPay не отговаря" in browser.get("/pay/choose")
    assert latest(demonstration).state is OrderState.CANCELLED
