"""Packets and checksums, against vectors that others captured and against what public modules get wrong."""

import base64
import hashlib
import hmac
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epay.protocol.packets import Packet, lines_of, packed, received, text_of
from epay.protocol.requests import (
    Page,
    PaymentRequest,
    amount,
    browser_form,
    cash_code,
    cents_of,
    check_changed,
    expiry,
    expiry_of,
    new_expiry,
)
from epay.protocol.signing import checksum, checksum_of_fields, is_right
from errors import InputError, OperationError

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))
SECRET = "a secret word"
EXPIRES = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
KEYS = st.text(st.characters(categories=("Lu", "Nd")), min_size=1, max_size=12)
VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=60).map(str.strip)


def request(**more: object) -> PaymentRequest:
    given: dict[str, object] = {
        "merchant": "1000000001", "invoice": "260001", "cents": 183, "currency": "EUR", "expires_at": EXPIRES,
        "description": "InfoServ e-School, 3 месеца", **more,
    }  # fmt: skip
    return PaymentRequest(**given)  # type: ignore[arg-type]


class TestVectors:
    """Captured by others (boyko/epaybg-node-utils)."""

    @pytest.mark.parametrize("vector", VECTORS["hmac"])
    def test_a_checksum_is_theirs(self, vector: dict[str, str]) -> None:
        assert checksum(vector["secret"], vector["message"]) == vector["checksum"]

    @pytest.mark.parametrize("vector", VECTORS["request"])
    def test_a_packet_is_theirs(self, vector: dict[str, str]) -> None:
        lines = [(key, value) for key, _, value in (line.partition("=") for line in vector["lines"])]
        assert packed(lines, vector["secret"]) == Packet(vector["encoded"], vector["checksum"])

    def test_fields_of_billing_are_signed_as_they_publish_it(self) -> None:
        fields = {"MERCHANTID": "1000001", "IDN": "12345", "CHECKSUM": "is left out"}
        text = "IDN12345\nMERCHANTID1000001\n"
        assert (
            checksum_of_fields("3EA1ABD845C3D684", fields)
            == hmac.new(b"3EA1ABD845C3D684", text.encode(), hashlib.sha1).hexdigest()
        )


class TestPackets:
    @given(st.lists(st.tuples(KEYS, VALUES), max_size=8, unique_by=lambda line: line[0]))
    def test_what_is_packed_is_read_again(self, lines: list[tuple[str, str]]) -> None:
        packet = packed(lines, SECRET)
        assert packet.is_of(SECRET)
        assert lines_of(packet) == dict(lines)

    @given(st.lists(st.tuples(KEYS, VALUES), max_size=30, unique_by=lambda line: line[0]))
    def test_what_is_sent_has_no_line_breaks(self, lines: list[tuple[str, str]]) -> None:
        assert not set(packed(lines, SECRET).encoded) & set(" \r\n")

    @given(st.text(), st.text())
    def test_no_text_is_taken_for_a_checksum(self, encoded: str, given_checksum: str) -> None:
        packet = received(encoded, given_checksum)
        assert not packet.is_of(SECRET) or given_checksum.strip().lower() == checksum(SECRET, packet.encoded)

    @given(st.text())
    def test_a_packet_of_anything_is_read_or_refused_in_words(self, encoded: str) -> None:
        with suppress(InputError):
            assert isinstance(text_of(received(encoded, "")), str)

    @pytest.mark.parametrize("smuggled", ["1\nAMOUNT=0.01", "1\rAMOUNT=0.01"])
    def test_a_value_cannot_begin_a_line_of_its_own(self, smuggled: str) -> None:
        with pytest.raises(ValueError, match="line break"):
            packed([("DESCR", smuggled)], SECRET)

    def test_what_is_received_may_have_line_breaks_and_lost_plus_signs(self) -> None:
        text = "INVOICE=1:STATUS=PAID\n" + "ѝ" * 40
        encoded = base64.encodebytes(text.encode()).decode()
        assert text_of(received(encoded, checksum(SECRET, encoded))) == text
        plus = base64.b64encode("ы>ы>".encode()).decode()
        assert "+" in plus
        packet = received(plus.replace("+", " "), checksum(SECRET, plus))
        assert packet.is_of(SECRET)

    @pytest.mark.parametrize("wrong", ["", "0" * 40, "ы" * 40, "0" * 39, "g" * 40])
    def test_a_wrong_checksum_is_wrong_whatever_it_is_made_of(self, wrong: str) -> None:
        assert not is_right(checksum(SECRET, "text"), wrong)

    def test_a_checksum_in_capitals_is_right(self) -> None:
        assert is_right(checksum(SECRET, "text"), checksum(SECRET, "text").upper())


class TestRequests:
    def test_the_currency_is_always_sent_because_theirs_would_be_the_lev(self) -> None:
        assert lines_of(request().packet(SECRET)) == {
            "MIN": "1000000001", "INVOICE": "260001", "AMOUNT": "1.83", "CURRENCY": "EUR",
            "EXP_TIME": "01.12.2026 12:00:00", "DESCR": "InfoServ e-School, 3 месеца", "ENCODING": "utf-8",
        }  # fmt: skip

    def test_a_description_is_one_line_of_at_most_100_characters(self) -> None:
        lines = lines_of(request(description="ред\nAMOUNT=0.02 " + "я" * 200).packet(SECRET))
        assert len(lines["DESCR"]) == 100
        assert lines["AMOUNT"] == "1.83"

    @pytest.mark.parametrize("wrong", [{"invoice": "А1"}, {"invoice": ""}, {"cents": 1}, {"currency": "GBP"}])
    def test_what_they_do_not_take_is_not_sent(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ValueError, match=r"digits|least|currency"):
            request(**wrong).packet(SECRET)

    def test_a_browser_is_sent_to_the_page_of_the_way_it_pays_by(self) -> None:
        form = browser_form(
            "https://demo.epay.bg/", request().packet(SECRET), Page.CARD,
            returns_to="https://e.example/ok", cancels_to="https://e.example/no", language="en",
        )  # fmt: skip
        assert dict(form.fields)["PAGE"] == "credit_paydirect"
        assert dict(form.fields)["LANG"] == "en"

    @pytest.mark.parametrize("answer", ["IDN=0012345678", "IDN=0012345678\r\n", "\nIDN=0012345678 \n"])
    def test_a_code_is_ten_digits(self, answer: str) -> None:
        assert cash_code(answer) == "0012345678"

    @pytest.mark.parametrize(
        "answer", ["", "ERR=no", "IDN=123", "IDN=12345678901", "<html>IDN=1234567890", "IDN=١٢٣٤٥٦٧٨٩٠"]
    )
    def test_anything_else_is_an_error(self, answer: str) -> None:
        with pytest.raises(OperationError):
            cash_code(answer)

    def test_a_code_gets_another_expiry(self) -> None:
        packet = new_expiry("1000000001", "260001", EXPIRES + timedelta(days=2), SECRET)
        assert lines_of(packet) == {"MIN": "1000000001", "INVOICE": "260001", "EXP_TIME": "03.12.2026 12:00:00"}
        check_changed("SYS_CODE=OK")
        with pytest.raises(OperationError):
            check_changed("ERR=no such invoice")

    @given(st.integers(0, 10**9 - 1))
    def test_amounts_are_read_as_they_are_written(self, cents: int) -> None:
        assert cents_of(amount(cents)) == cents

    @pytest.mark.parametrize(
        ("text", "cents"),
        [("22", 2200), ("22.8", 2280), ("22,80", 2280), ("-1", None), ("1.234", None), ("", None), ("٢", None)],
    )
    def test_amounts_are_read_as_others_write_them(self, text: str, cents: int | None) -> None:
        assert cents_of(text) == cents

    @given(st.integers(0, 9 * 365 * 86400))
    def test_moments_are_read_as_they_are_written_but_for_the_hour_that_comes_twice(self, seconds: int) -> None:
        moment = EXPIRES + timedelta(seconds=seconds)
        read = expiry_of(expiry(moment))
        assert read is not None
        assert moment - read.astimezone(UTC) in (timedelta(), timedelta(hours=1))
