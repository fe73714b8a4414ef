"""Real calls with the headers that telephone networks send: whom the product takes for the caller."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from logs import masked_phone
from tests.calls.bare_telephone import BareTelephone
from tests.calls.product import Product

pytestmark = pytest.mark.calls


def call(product: Product, caller: str, headers: str, seconds: float = 6.0) -> None:
    """A call from `caller` (the user of From) with more header lines, hung up after some seconds."""
    with BareTelephone(product.settings, caller, headers) as telephone:
        telephone.call()
        time.sleep(seconds)


def test_the_number_that_the_network_asserts_is_recognised_unless_it_is_to_be_hidden(
    product_without_server: Product,
) -> None:
    product = product_without_server
    phones = [parent.phone for parent in product.parents_of_one[-5:]]
    stranger = "0888777001"
    asserted = {
        phones[0]: "P-Asserted-Identity: <sip:maria@ims.example>, <tel:{0}>\r\n",
        phones[1]: "P-Asserted-Identity: <tel:{0}>,\r\n  <sip:{0}@ims.example;user=phone>\r\n",
        phones[2]: "P-Asserted-Identity: <sip:maria@ims.example>\r\nP-Asserted-Identity: tel:{0}\r\nPrivacy: none\r\n",
    }
    hidden = {
        phones[3]: "P-Asserted-Identity: <tel:{0}>\r\nPrivacy: user;id\r\n",
        phones[4]: "Privacy: id\r\n",
    }
    began = datetime.now(UTC)
    with product.voice_server(), ThreadPoolExecutor(5) as lines:
        made = [
            lines.submit(call, product, stranger if phone in phones[:4] else phone, headers.format(phone))
            for phone, headers in {**asserted, **hidden}.items()
        ]
        for one in made:
            one.result(timeout=60)
        deadline = time.monotonic() + 20
        while len(found := product.steps_by_caller(began)) < len(made):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    recognised = sorted(caller or "" for caller, states in found if "news-count" in states)
    assert recognised == sorted(masked_phone(phone) for phone in asserted)
    assert [caller for caller, states in found if "enter-code" in states] == [None] * len(hidden)


@pytest.mark.parametrize(
    "headers", ["", 'P-Asserted-Identity: "{name}" <sip:{phone}@ims.example>\r\n'], ids=["from", "asserted"]
)
def test_a_name_of_any_length_brings_no_number_into_a_log(product_without_server: Product, headers: str) -> None:
    product = product_without_server
    # Asterisk keeps 79 bytes of a name, and the fortieth Cyrillic letter lies across their end.
    phone, name = product.parents_of_one[-7 if headers else -8].phone, "Ж" * 400
    began = datetime.now(UTC)
    with product.voice_server(), BareTelephone(
        product.settings, phone, headers.format(name=name, phone=phone), name
    ) as telephone:  # fmt: skip
        telephone.call()
        time.sleep(6)
    assert [caller for caller, states in until_recorded(product, began) if "news-count" in states] == [
        masked_phone(phone)
    ]
    logs = [path for path in product.settings.home_path.rglob("*") if "log" in path.name and path.is_file()]
    assert {"asterisk.log", "agi.log"} <= {path.name for path in logs}
    for path in logs:
        assert phone.removeprefix("+359") not in path.read_text("utf-8", "replace"), path


def until_recorded(product: Product, since: datetime) -> list[tuple[str | None, list[str]]]:
    deadline = time.monotonic() + 20
    while not (found := product.steps_by_caller(since)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found
