"""Real calls with the headers that telephone networks send: whom the product takes for the caller."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from logs import masked_phone
from tests.calls.bare_telephone import BareTelephone
from tests.calls.product import Product

pytestmark = pytest.mark.calls


def call(product: Product, caller: str, headers: str, seconds: float = 6.0, name: str = "") -> None:
    """A call from `caller` (the user of From, with this name) with more header lines, hung up after some seconds."""
    with BareTelephone(product.settings, caller, headers, name) as telephone:
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
        found = until_recorded(product, began, len(made))
    recognised = sorted(caller or "" for caller, states in found if "news-count" in states)
    assert recognised == sorted(masked_phone(phone) for phone in asserted)
    assert [caller for caller, states in found if "enter-code" in states] == [None] * len(hidden)


def test_a_name_of_any_length_brings_no_number_into_a_log(product_without_server: Product) -> None:
    product = product_without_server
    # Asterisk keeps 79 bytes of a name, and the fortieth Cyrillic letter lies across their end.
    name = "Ж" * 400
    named = {
        product.parents_of_one[-8].phone: "",
        product.parents_of_one[-7].phone: f'P-Asserted-Identity: "{name}" <sip:{{0}}@ims.example>\r\n',
    }
    began = datetime.now(UTC)
    with product.voice_server(), ThreadPoolExecutor(len(named)) as lines:
        made = [
            lines.submit(call, product, phone, headers.format(phone), name=name) for phone, headers in named.items()
        ]
        for one in made:
            one.result(timeout=60)
        found = until_recorded(product, began, len(named))
    recognised = sorted(caller or "" for caller, states in found if "news-count" in states)
    assert recognised == sorted(masked_phone(phone) for phone in named)
    logs = [path for path in product.settings.home_path.rglob("*") if "log" in path.name and path.is_file()]
    assert {"asterisk.log", "agi.log"} <= {path.name for path in logs}
    for path in logs:
        for phone in named:
            assert phone.removeprefix("+359") not in path.read_text("utf-8", "replace"), path


def until_recorded(product: Product, since: datetime, calls: int) -> list[tuple[str | None, list[str]]]:
    deadline = time.monotonic() + 20
    while len(found := product.steps_by_caller(since)) < calls:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found
