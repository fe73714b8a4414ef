"""One Touch: a card is paid with, stored, and paid with again."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from epay.merchant import merchant
from epay.protocol.onetouch import Application, CardRequest, StoredCard, payment_name, send, told
from epay.protocol.signing import checksum
from errors import OperationError
from settings import EpaySite, Settings

APPLICATION = Application(
    "1" * 64, "secret", "8897458022", "https://w.example/m", "https://w.example/a", frozenset("3")
)
CARD = StoredCard("9982", "UsYGw8", "Visa***1111", "04/2030")


def answer(**more: object) -> str:
    payment = {"STATE": 3, "NO": "2000000000032229", "AMOUNT": 10, "TOKEN": "9982"}
    instrument = {"ID": "UsYGw8", "NAME": "Visa***1111", "EXPIRES": "04/2030"}
    return json.dumps({"status": "OK", "savecard": 1, "payment": payment, "payment_instrument": instrument} | more)


def test_the_page_is_signed_as_they_publish_it() -> None:
    page = CardRequest("device", "124345678", 10, "some descr", save_card=True).page(APPLICATION)
    fields = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    assert fields.pop("CHECKSUM") == checksum("secret", "".join(f"{name}{fields[name]}\n" for name in sorted(fields)))
    assert fields["SAVECARD"] == "1"


def test_a_stored_card_is_told() -> None:
    assert told(answer(), APPLICATION).card == CARD
    assert told(answer(), APPLICATION).paid
    assert told(answer(savecard=0), APPLICATION).card is None


def test_a_state_that_is_not_configured_is_not_paid() -> None:
    assert not told(answer(payment={"STATE": 2}), APPLICATION).paid


@pytest.mark.parametrize(("state", "paid", "failed"), [(2, False, False), (3, True, False), (4, False, True)])
def test_states_mean_what_their_pages_say(state: int, paid: bool, failed: bool) -> None:
    """https://kb.epay.bg: 2 - Обработва се, 3 - Успешно плащане, 4 - Неуспешно плащане."""
    settings = Settings(
        epay_min="D1", epay_secret="s" * 64, epay_app_id="1" * 64, epay_app_secret="s", epay_site=EpaySite.DEMO
    )
    application = merchant(settings).application
    assert application is not None
    found = told(answer(payment={"STATE": state, "NO": "2000000000039033", "AMOUNT": 140}), application)
    assert (found.paid, found.failed) == (paid, failed)


@pytest.mark.parametrize("wrong", ["", "[]", "{}", '{"status": "ERR", "err": "EBADT"}', "<html>"])
def test_anything_else_is_an_error(wrong: str) -> None:
    with pytest.raises(OperationError):
        told(wrong, APPLICATION)
    with pytest.raises(OperationError):
        payment_name(wrong)


def test_a_later_payment_names_the_card() -> None:
    fields = send(APPLICATION, "device", CARD, "payment", 61, "descr")
    assert (fields["TOKEN"], fields["PINS"], fields["ID"], fields["AMOUNT"]) == ("9982", "UsYGw8", "payment", "61")
