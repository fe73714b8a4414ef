"""ePay Billing: what cash desks ask, and what they are answered."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epay.protocol import billing
from epay.protocol.billing import Asked, ChecksumError, Debt, Outcome, Statuses, Type, signed
from errors import InputError

SECRET, MERCHANT, TID = "3EA1ABD845C3D684", "1000001", "20261124180500" + "012345" + "654321"
STATUSES = Statuses.of("unknown=11,nothing=12,duplicate=13,amount=14,checksum=15,error=16")


def query(**fields: str) -> dict[str, str]:
    return signed({"IDN": "1234567890", "MERCHANTID": MERCHANT, **fields}, SECRET)


def test_a_question_is_read() -> None:
    assert billing.asked_to_init(query(TYPE="BILLING"), MERCHANT, SECRET) == Asked("1234567890", Type.BILLING)
    assert billing.asked_to_init(query(), MERCHANT, SECRET).type is Type.CHECK


def test_a_payment_is_read() -> None:
    asked = billing.asked_to_confirm(query(TID=TID, TOTAL="183", TYPE="BILLING"), MERCHANT, SECRET)
    assert asked == Asked("1234567890", Type.BILLING, TID, 183)


@pytest.mark.parametrize("changed", ["IDN", "TID", "TOTAL", "MERCHANTID", "TYPE"])
def test_a_changed_field_is_found_before_anything_else(changed: str) -> None:
    fields = query(TID=TID, TOTAL="183", TYPE="BILLING") | {changed: "7"}
    with pytest.raises(ChecksumError):
        billing.asked_to_confirm(fields, MERCHANT, SECRET)


@pytest.mark.parametrize(
    "wrong",
    [
        {"IDN": ""}, {"IDN": "1" * 65}, {"IDN": "12a"}, {"TID": "1" * 25}, {"TID": ""}, {"TOTAL": "1.83"},
        {"TOTAL": "-1"}, {"MERCHANTID": "2"}, {"TYPE": "GIFT"},
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError):
        billing.asked_to_confirm(query(**{"TID": TID, "TOTAL": "183"} | wrong), MERCHANT, SECRET)


def test_a_debt_is_told() -> None:
    answer = json.loads(
        billing.debt_answer(STATUSES, "12", Debt(61, date(2026, 12, 31), "е-Училище " * 9, "Един\nдва"))
    )
    assert answer == {
        "STATUS": "00", "IDN": "12", "SHORTDESC": ("е-Училище " * 9)[:40], "LONGDESC": "Един\\nдва", "AMOUNT": "61",
        "VALIDTO": "20261231",
    }  # fmt: skip


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.FOUND])
def test_every_other_number_is_the_contracts(outcome: Outcome) -> None:
    assert json.loads(billing.answer(STATUSES, outcome)) == {"STATUS": STATUSES.numbers[outcome]}


@given(st.text())
def test_a_long_description_keeps_to_their_lengths(text: str) -> None:
    told = billing.long_description(text)
    assert len(told) <= 4000
    assert "\n" not in told
    assert all(len(line) <= 110 for line in told.split("\\n"))


def test_a_description_of_thousands_of_lines_is_cut_at_a_line() -> None:
    told = billing.long_description("\n".join("месец" for _ in range(5000)))
    assert len(told) <= 4000
    assert set(told.split("\\n")) == {"месец"}
