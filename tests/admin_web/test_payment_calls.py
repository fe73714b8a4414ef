"""What ePay.bg and cash desks call, over HTTP: the checksum first, an answer in their words whatever happens."""

import base64
import json
from urllib.parse import urlencode

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select, text

from db.kinds import Language, OrderState, PaymentWay
from db.models import Payer, Payment, PaymentNotice, PaymentOrder, Subscriber
from db.session import Database
from demonstration.plan.people import FIRST_PHONE
from epay.merchant import Merchant, merchant
from epay.protocol.billing import Outcome, signed
from epay.protocol.signing import checksum
from school.billing import entering, orders, payer_numbers
from tests.admin_web.conftest import Browser
from tests.school.conftest import NOW

NOTIFICATION = "/pay/epay/notification"
TID = "20261124180500012345654321"


@pytest.fixture
def us(app: OpenAPI) -> Merchant:
    """The merchant that the application takes payments for."""
    return merchant(app.config["ESCHOOL"])


@pytest.fixture
def payer(demonstration: Database) -> int:
    """A mother of the demonstration school."""
    with demonstration.session() as session:
        subscriber_id = session.scalars(select(Subscriber.id).where(Subscriber.phone == FIRST_PHONE)).one()
        return entering.by_subscriber(session, subscriber_id, NOW)


def place(database: Database, payer: int, months: int = 1) -> str:
    with database.session() as session:
        return orders.place(
            session, payer, months=months, way=PaymentWay.EPAY, language=Language.BULGARIAN, now=NOW
        ).invoice


def tell(browser: Browser, us: Merchant, content: str, *, capitals: bool = False, wrong: bool = False) -> str:
    encoded = base64.b64encode(content.encode()).decode()
    fields = {"encoded": encoded, "checksum": checksum("another" if wrong else us.secret, encoded)}
    fields = {name.upper() if capitals else name: value for name, value in fields.items()}
    answer = browser.answer("POST", NOTIFICATION, data=fields)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return answer.text


def payments(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(Payment)).one()


@pytest.mark.parametrize("capitals", [False, True])
def test_a_notification_is_answered_line_by_line(
    browser: Browser, us: Merchant, demonstration: Database, payer: int, capitals: bool
) -> None:
    first, second = place(demonstration, payer, 1), place(demonstration, payer, 3)
    content = (
        f"INVOICE={first}:STATUS=PAID:PAY_TIME=20261124180000:STAN=012345:BCODE=A1B2C3\n"
        f"INVOICE={second}:STATUS=DENIED\nINVOICE=77:STATUS=PAID:PAY_TIME=20261124180000:STAN=1:BCODE=2\n"
    )
    expected = f"INVOICE={first}:STATUS=OK\nINVOICE={second}:STATUS=OK\nINVOICE=77:STATUS=NO\n"
    for _ in range(3):
        assert tell(browser, us, content, capitals=capitals) == expected
    assert payments(demonstration) == 1


def test_a_wrong_checksum_is_found_before_any_order_is_looked_at(
    browser: Browser, us: Merchant, demonstration: Database, payer: int
) -> None:
    invoice = place(demonstration, payer)
    for content in (f"INVOICE={invoice}:STATUS=PAID", "INVOICE=77:STATUS=PAID", "nonsense"):
        answer = tell(browser, us, content, wrong=True)
        assert answer.startswith("ERR=")
        assert "INVOICE" not in answer
    with demonstration.reading() as session:
        assert not session.scalars(select(PaymentNotice)).all()
        assert session.scalars(select(PaymentOrder.state)).one() is OrderState.WAITING


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"encoded": "x"},
        {"checksum": "x"},
        {"encoded": "ы", "checksum": "ы"},
        {"encoded": "\0", "checksum": "0" * 40},
    ],
)
def test_whatever_comes_is_answered_in_their_words(browser: Browser, fields: dict[str, str]) -> None:
    answer = browser.answer("POST", NOTIFICATION, data=fields)
    assert (answer.status_code, answer.text[:4]) == (200, "ERR=")


def test_a_body_that_is_too_large_is_answered_too(browser: Browser) -> None:
    answer = browser.answer("POST", NOTIFICATION, data={"encoded": "A" * 2_000_000, "checksum": ""})
    assert (answer.status_code, answer.text[:4]) == (200, "ERR=")


def test_signed_nonsense_is_refused_in_words(browser: Browser, us: Merchant) -> None:
    assert tell(browser, us, "what is this").startswith("ERR=")


def test_our_own_trouble_has_them_come_again(
    browser: Browser, us: Merchant, demonstration: Database, payer: int
) -> None:
    invoice = place(demonstration, payer)
    with demonstration.session() as session:
        session.execute(text("ALTER TABLE payment RENAME TO payment_away"))
    content = f"INVOICE={invoice}:STATUS=PAID:PAY_TIME=20261124180000:STAN=1:BCODE=2"
    assert tell(browser, us, content) == f"INVOICE={invoice}:STATUS=ERR\n"
    with demonstration.session() as session:
        session.execute(text("ALTER TABLE payment_away RENAME TO payment"))
    assert tell(browser, us, content) == f"INVOICE={invoice}:STATUS=OK\n"
    assert payments(demonstration) == 1


def test_no_other_page_does_without_a_token_of_its_form(app: OpenAPI, browser: Browser) -> None:
    for address in ("/pay/", "/pay/code", "/pay/choose", "/pay/leave", "/pay/card/forget", "/pay/order/1/cancel"):
        assert browser.answer("POST", address, data={}).status_code == 400, address


class TestBilling:
    """Cash desks ask what a payer owes, and tell that it was paid."""

    @staticmethod
    def ask(browser: Browser, us: Merchant, path: str, *, secret: str = "", **fields: str) -> dict[str, str]:
        assert us.billing
        query = signed({"MERCHANTID": us.billing.merchant, **fields}, secret or us.billing.secret)
        answer = browser.answer("GET", f"/pay/{path}?{urlencode(query)}")
        assert answer.status_code == 200
        found: dict[str, str] = json.loads(answer.text)
        return found

    @pytest.fixture
    def idn(self, demonstration: Database, payer: int) -> str:
        with demonstration.session() as session:
            session.get_one(Payer, payer).paid_until = None
            return payer_numbers.number_of(session, payer, NOW)

    def test_what_is_owed_is_told_and_paid_once(
        self, browser: Browser, us: Merchant, demonstration: Database, idn: str
    ) -> None:
        told = self.ask(browser, us, "init", IDN=idn, TYPE="BILLING")
        assert (told["STATUS"], told["IDN"], told["VALIDTO"]) == ("00", idn, "20261130")
        assert len(told["SHORTDESC"]) <= 40
        for _ in range(3):
            paid = self.ask(browser, us, "confirm", IDN=idn, TID=TID, TOTAL=told["AMOUNT"], TYPE="BILLING")
            assert paid == {"STATUS": "00"}
        assert payments(demonstration) == 1
        with demonstration.reading() as session:
            assert session.scalars(select(Payment.method)).one() == "easypay"
        assert us.billing
        assert (
            self.ask(browser, us, "init", IDN=idn, TYPE="CHECK")["STATUS"]
            == us.billing.statuses.numbers[Outcome.NOTHING]
        )

    def test_a_cash_desk_is_answered_whatever_strangers_ordered_on_the_pages(
        self, browser: Browser, us: Merchant, demonstration: Database, payer: int, idn: str
    ) -> None:
        for _ in range(orders.MOST_WAITING):
            place(demonstration, payer)
        told = self.ask(browser, us, "init", IDN=idn, TYPE="BILLING")
        paid = self.ask(browser, us, "confirm", IDN=idn, TID=TID, TOTAL=told["AMOUNT"], TYPE="BILLING")
        assert paid == {"STATUS": "00"}
        assert payments(demonstration) == 1

    @pytest.mark.parametrize("months", [1, 3, 10, 12])
    def test_a_deposit_pays_for_as_many_months_as_are_offered(
        self, browser: Browser, us: Merchant, demonstration: Database, idn: str, months: int
    ) -> None:
        month = int(self.ask(browser, us, "init", IDN=idn, TYPE="DEPOSIT")["AMOUNT"])
        paid = self.ask(browser, us, "confirm", IDN=idn, TID=TID, TOTAL=str(months * month), TYPE="DEPOSIT")
        assert paid["STATUS"] == "00"
        with demonstration.reading() as session:
            assert session.scalars(select(Payment.months)).one() == months

    @pytest.mark.parametrize(
        ("path", "fields", "outcome"),
        [
            ("init", {"IDN": "1234567897"}, "unknown"),
            ("init", {"TYPE": "PARTIAL"}, "amount"),
            ("init", {"IDN": "x"}, "error"),
            ("init", {"secret": "another"}, "checksum"),
            ("confirm", {"TID": TID, "TOTAL": "60"}, "amount"),
            ("confirm", {"TID": "1", "TOTAL": "61"}, "error"),
            ("confirm", {"TID": TID, "TOTAL": "61", "secret": "another"}, "checksum"),
        ],
    )
    def test_everything_else_has_a_number_of_the_contract(
        self, browser: Browser, us: Merchant, demonstration: Database, idn: str, path: str, fields: dict[str, str],
        outcome: str,
    ) -> None:  # fmt: skip
        assert us.billing
        answer = self.ask(browser, us, path, **{"IDN": idn} | fields)
        assert answer == {"STATUS": us.billing.statuses.numbers[Outcome(outcome)]}
        assert not payments(demonstration)

    def test_a_transaction_of_another_payment_is_a_duplicate(
        self, browser: Browser, us: Merchant, demonstration: Database, idn: str
    ) -> None:
        month = int(self.ask(browser, us, "init", IDN=idn, TYPE="BILLING")["AMOUNT"])
        self.ask(browser, us, "confirm", IDN=idn, TID=TID, TOTAL=str(month))
        again = self.ask(browser, us, "confirm", IDN=idn, TID=TID, TOTAL=str(3 * month))
        assert us.billing
        assert again == {"STATUS": us.billing.statuses.numbers[Outcome.DUPLICATE]}
        assert payments(demonstration) == 1

    def test_what_was_told_holds_though_the_price_changes_meanwhile(
        self, browser: Browser, us: Merchant, demonstration: Database, idn: str
    ) -> None:
        told = self.ask(browser, us, "init", IDN=idn, TYPE="BILLING")
        with demonstration.session() as session:
            session.execute(text("UPDATE price SET first_cents = 99 WHERE currency = 'EUR'"))
        paid = self.ask(browser, us, "confirm", IDN=idn, TID=TID, TOTAL=told["AMOUNT"])
        assert paid["STATUS"] == "00"
        assert payments(demonstration) == 1
