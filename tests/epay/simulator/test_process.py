"""The stand-in as a process on a real socket, asked as our own side asks ePay.bg."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import pytest

from devtools.pbx import eschool_process
from devtools.site import SECRET_KEY
from devtools.telephone.free_ports import free_port
from epay import asking
from epay.merchant import Merchant, merchant
from epay.protocol.requests import PaymentRequest, cash_code, check_changed, new_expiry, query
from epay.simulator import endpoint
from errors import OperationError
from settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    """The stand-in, running; the merchant's own pages are not there."""
    home = tmp_path_factory.mktemp("epay")
    variables = {
        "ESCHOOL_HOME": str(home),
        "ESCHOOL_SECRET_KEY": SECRET_KEY,
        "ESCHOOL_EPAY_SIMULATOR_PORT": str(free_port()),
        "ESCHOOL_WEB_PORT": str(free_port()),
    }
    settings = Settings(
        home=home, secret_key=SECRET_KEY, epay_simulator_port=int(variables["ESCHOOL_EPAY_SIMULATOR_PORT"])
    )
    with eschool_process(variables, "epay", "simulate", log=home / "epay.log"):
        deadline = time.monotonic() + 30
        while not endpoint.is_running(settings):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield merchant(settings)


def packet(there: Merchant, invoice: str, secret: str | None = None) -> str:
    asked = PaymentRequest(
        there.number, invoice, 61, "EUR", datetime.now(UTC) + timedelta(days=7), "InfoServ e-School, 1 месец"
    )
    return query(there.site.codes, asked.packet(secret or there.secret))


def pay(there: Merchant, code: str) -> str:
    return asking.get(f"{there.site.page}ezp/pay_bill.cgi?ACTION=PAY&IDN={code}").strip()


def test_a_code_is_given_once_and_paid_once(there: Merchant) -> None:
    code = cash_code(asking.get(packet(there, "1001")))
    with pytest.raises(OperationError):
        cash_code(asking.get(packet(there, "1001")))
    assert pay(there, code) == "OK"
    assert pay(there, code).startswith("ERR")


def test_a_strangers_request_is_refused(there: Merchant) -> None:
    assert asking.get(packet(there, "1002", "another secret")).startswith("ERR=")


def test_a_code_is_ended_by_an_expiry_of_the_past(there: Merchant) -> None:
    code = cash_code(asking.get(packet(there, "1003")))
    longer = new_expiry(there.number, "1003", datetime.now(UTC) + timedelta(days=20), there.secret)
    check_changed(asking.get(query(there.site.expiry, longer)))
    ended = new_expiry(there.number, "1003", datetime.now(UTC) - timedelta(days=1), there.secret)
    check_changed(asking.get(query(there.site.expiry, ended)))
    assert pay(there, code).startswith("ERR")
    time.sleep(1)  # it looks once in a while for what has expired
    with pytest.raises(OperationError):
        check_changed(asking.get(query(there.site.expiry, longer)))


def test_it_tells_again_while_nobody_answers(there: Merchant) -> None:
    pay(there, cash_code(asking.get(packet(there, "1004"))))
    deadline = time.monotonic() + 20
    while len(answers(there)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def answers(there: Merchant) -> list[str]:
    asked = Request(f"{there.site.page}control", b"{}", {"Content-Type": "application/json"})
    with urlopen(asked, timeout=5) as answer:
        found: list[str] = json.loads(answer.read())["answers"]
    return found


def test_what_does_not_answer_is_said_in_words() -> None:
    with pytest.raises(OperationError, match=r"ePay\.bg does not answer"):
        asking.get(f"http://127.0.0.1:{free_port()}/")
