"""A parent pays in the browser, at the stand-in for ePay.bg and at its cash desk; the telephone gets the receipts."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import select, update

from db.models import Payer, Payment, PaymentNotice
from demonstration.plan.people import FIRST_PHONE
from devtools.browser import Window
from devtools.site import Site
from epay.simulator import endpoint
from smpp.simulator.client import Telephone
from tests.admin_web.browser import axe, html
from tests.admin_web.browser.test_every_page import TELEPHONE, WIDER
from tests.admin_web.browser.test_telling import START_SECONDS, switched_on

Windows = Callable[..., Window]
SMS_SECONDS = 30.0
PATIENCE = 30.0


@pytest.fixture
def telephone(site: Site) -> Iterator[Telephone]:
    """The first mother's, with the SMSC, the gateway and the stand-in for ePay.bg in the site's home."""
    with ExitStack() as processes:
        for command in (("sms", "simulate"), ("sms", "serve"), ("epay", "simulate")):
            processes.enter_context(site.process(*command))
        deadline = time.monotonic() + START_SECONDS
        while not endpoint.is_running(site.settings):
            assert time.monotonic() < deadline, "the stand-in did not start"
            time.sleep(0.2)
        found = switched_on(site)
        try:
            yield found
        finally:
            found.__exit__(None, None, None)


def misbehave(site: Site, **manners: object) -> list[str]:
    """Have the stand-in tell things late, twice or wrongly; gives what it was answered until now."""
    asked = Request(
        f"{endpoint.root(site.settings)}/control", json.dumps(manners).encode(), {"Content-Type": "application/json"}
    )
    with urlopen(asked, timeout=10) as answer:
        found: list[str] = json.loads(answer.read())["answers"]
    return found


def enter(parent: Window, telephone: Telephone) -> None:
    """Prove by SMS whose telephone it is."""
    parent.open("/pay/")
    parent.page.get_by_label("Телефон").fill("0" + FIRST_PHONE.removeprefix("+359"))
    parent.page.get_by_role("button", name="Изпрати ми код").click()
    received = telephone.received(SMS_SECONDS)
    assert received
    code = re.match(r"\d{6}", received.text)
    assert code, received.text
    parent.page.get_by_label("Код от SMS").fill(code[0])
    parent.page.keyboard.press("Enter")
    parent.page.get_by_text("Един месец струва").wait_for()


def choose(parent: Window, months: str, way: str) -> None:
    parent.page.get_by_label(months).check()
    parent.page.get_by_label(way).check()
    parent.page.locator("main form button").first.click()


def wait_until_paid(parent: Window) -> None:
    deadline = time.monotonic() + PATIENCE
    while not parent.page.get_by_text("Получихме плащането").is_visible():
        assert time.monotonic() < deadline
        parent.page.get_by_role("link", name="Провери отново").click()


def told(site: Site) -> dict[str, int]:
    """How often each invoice was told of."""
    with site.database() as database, database.reading() as session:
        rows = session.execute(select(PaymentNotice.invoice, PaymentNotice.times))
        return {row.invoice: row.times for row in rows}


def paid(site: Site) -> list[tuple[str, int, int]]:
    with site.database() as database, database.reading() as session:
        rows = session.execute(select(Payment.method, Payment.months, Payment.cents).order_by(Payment.id))
        return [(row.method, row.months, row.cents) for row in rows]


def look(parent: Window, folder: Path, name: str) -> list[str]:
    """What is wrong with the page as it is; a picture is kept."""
    (folder / f"{name}.html").write_text(parent.page.content(), "utf-8")
    wrong = [f"{name} {fault}" for fault in axe.faults(parent.page)]
    parent.shoot(f"paying-{name}")
    parent.page.set_viewport_size({"width": TELEPHONE, "height": 740})
    if parent.page.evaluate(WIDER):
        wrong.append(f"{name} is wider than a telephone")
    parent.shoot(f"paying-{name}-telephone")
    parent.page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def test_a_parent_pays_by_epay_and_by_a_code_and_gets_one_receipt_for_each(
    window: Windows, site: Site, telephone: Telephone, tmp_path: Path
) -> None:
    parent = window()
    enter(parent, telephone)
    wrong = look(parent, tmp_path, "prices")

    # The notification comes with a wrong checksum at first, then twice.
    misbehave(site, bad_checksums=1, copies=2, delay=1.0)
    choose(parent, "3 месеца", "от сметка в ePay.bg")
    wrong += look(parent, tmp_path, "to-epay")
    parent.page.get_by_role("button", name="Към ePay.bg").click()
    parent.page.get_by_text("1.83 EUR").wait_for()
    parent.page.get_by_role("button", name="Плати").click()
    parent.page.get_by_text("Чакаме ePay.bg").wait_for()
    wrong += look(parent, tmp_path, "waiting")
    wait_until_paid(parent)
    wrong += look(parent, tmp_path, "paid")
    receipt = telephone.received(SMS_SECONDS)
    assert receipt
    assert "1,83" in receipt.text
    deadline = time.monotonic() + PATIENCE
    while max(told(site).values()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    answers = misbehave(site, bad_checksums=0, copies=1, delay=0.0)
    assert answers[0].startswith("ERR=")
    assert len(set(answers[1:3])) == 1
    assert answers[1].endswith(":STATUS=OK\n")
    assert paid(site) == [("epay", 3, 183)]

    parent.open("/pay/choose")
    choose(parent, "1 месец", "в брой на каса")
    code = parent.page.locator(".key").inner_text()
    assert re.fullmatch(r"\d{10}", code)
    wrong += look(parent, tmp_path, "code")
    by_sms = telephone.received(SMS_SECONDS)
    assert by_sms
    assert code in by_sms.text
    with urlopen(f"{endpoint.root(site.settings)}/ezp/pay_bill.cgi?ACTION=PAY&IDN={code}", timeout=10) as answer:
        assert answer.read().strip() == b"OK"
    wait_until_paid(parent)
    receipt = telephone.received(SMS_SECONDS)
    assert receipt
    assert "0,61" in receipt.text
    assert telephone.received(2.0) is None
    assert paid(site) == [("epay", 3, 183), ("easypay", 1, 61)]
    wrong += html.faults(tmp_path)
    assert not wrong, "\n".join(wrong)


def test_a_parent_who_changes_their_mind_comes_back_to_an_order_that_is_refused(
    window: Windows, site: Site, telephone: Telephone
) -> None:
    before = len(paid(site))
    parent = window()
    enter(parent, telephone)
    choose(parent, "12 месеца", "с банкова карта през")
    parent.page.get_by_role("button", name="Към ePay.bg").click()
    parent.page.get_by_role("button", name="Откажи").click()
    deadline = time.monotonic() + PATIENCE
    while not parent.page.get_by_text("отказано").is_visible():
        assert time.monotonic() < deadline
        parent.page.reload()
    assert len(paid(site)) == before


def test_a_card_is_stored_and_forgotten_and_a_cash_desk_takes_money_for_a_payers_number(
    window: Windows, site: Site, telephone: Telephone
) -> None:
    parent = window()
    enter(parent, telephone)
    choose(parent, "1 месец", "и следващите месеци")
    parent.page.get_by_role("link", name="Към ePay.bg").click()
    parent.page.get_by_role("button", name="Плати").click()
    parent.page.get_by_text("Получихме плащането").wait_for()
    assert telephone.received(SMS_SECONDS)
    parent.page.get_by_role("link", name="Ново плащане").click()
    parent.page.get_by_text("Visa***1111").wait_for()
    parent.shoot("paying-card")
    parent.page.get_by_role("button", name="Забрави картата").click()
    parent.page.get_by_text("Картата вече не е запазена").wait_for()

    with site.database() as database, database.session() as session:
        session.execute(update(Payer).values(paid_until=None))
    before = len(paid(site))
    cashier = window()
    cashier.page.goto(f"{endpoint.root(site.settings)}/desk")
    cashier.page.get_by_label("Абонатен номер").fill(parent.page.locator("main .code").inner_text())
    cashier.page.get_by_role("button", name="Провери").click()
    owed = json.loads(cashier.page.locator("pre").inner_text())
    assert owed["STATUS"] == "00"
    cashier.page.get_by_label("Сума в стотни").fill(owed["AMOUNT"])
    cashier.page.get_by_role("button", name="Плати").last.click()
    cashier.page.get_by_text('{"STATUS": "00"}').wait_for()
    assert len(paid(site)) == before + 1
    receipt = telephone.received(SMS_SECONDS)
    assert receipt
    assert "0,61" in receipt.text
