"""Delivery receipts as SMSCs send them."""

from types import MappingProxyType

import pytest

from smpp.protocol.pdus import Address, Command, Message
from smpp.protocol.receipts import DeliveryState, IdFormat, is_receipt, normal_id, read_receipt

TEXT = (
    "id:{id} sub:001 dlvrd:001 submit date:2611240153 done date:2611240154 stat:{stat} err:{err} text:id:1 stat:DELIVRD"
)


def receipt(text: str = "", tlvs: dict[int, bytes] | None = None, data_coding: int = 0, esm_class: int = 4) -> Message:
    payload = text.encode("utf-16-be" if data_coding == 8 else "latin-1")
    there, here = Address("359888123456", 1, 1), Address("1987", 3, 0)
    tags = MappingProxyType(tlvs or {})
    return Message(Command.DELIVER_SM, 1, there, here, esm_class, data_coding, payload, "", 0, tags)


def text(message_id: str = "77", stat: str = "DELIVRD", err: str = "000") -> str:
    return TEXT.format(id=message_id, stat=stat, err=err)


@pytest.mark.parametrize(
    ("esm_class", "is_one"),
    [(0x00, False), (0x04, True), (0x44, True), (0x20, True), (0x07, True), (0x03, False), (0x40, False), (0x08, False),
     (0x10, False), (0xC0, False)],
)  # fmt: skip
def test_esm_class_decides_what_is_a_receipt(esm_class: int, is_one: bool) -> None:
    assert is_receipt(receipt(text(), esm_class=esm_class)) == is_one


@pytest.mark.parametrize(
    ("esm_class", "tlvs", "is_one"),
    [
        (0, {0x001E: b"77\0", 0x0427: b"\2"}, True),
        (0, {0x001E: b"77\0"}, True),
        (0, {0x0427: b"\2"}, True),
        (0, {0x001E: b"\0"}, False),
        (0, {0x0204: b"\0\1"}, False),
        (0x08, {0x001E: b"77\0"}, False),
    ],
)
def test_or_a_parameter_that_no_telephone_can_send(esm_class: int, tlvs: dict[int, bytes], is_one: bool) -> None:
    assert is_receipt(receipt("СТОП", tlvs, 8, esm_class)) == is_one


def test_a_receipt_by_its_text() -> None:
    read = read_receipt(receipt(text()), IdFormat.TEXT)
    assert (read.message_id, read.state, read.error) == ("77", DeliveryState.DELIVERED, None)
    assert read.final


def test_a_receipt_by_its_parameters_alone() -> None:
    read = read_receipt(receipt(tlvs={0x001E: b"77\0", 0x0427: b"\5", 0x0423: b"\3\0\1"}), IdFormat.TEXT)
    assert (read.message_id, read.state, read.error) == ("77", DeliveryState.UNDELIVERABLE, "3:1")


def test_a_parameter_without_its_nul_keeps_its_last_character() -> None:
    assert read_receipt(receipt(tlvs={0x001E: b"77"}), IdFormat.TEXT).message_id == "77"


def test_parameters_come_before_the_text() -> None:
    read = read_receipt(receipt(text("1", "ENROUTE"), {0x001E: b"77\0", 0x0427: b"\2"}), IdFormat.TEXT)
    assert (read.message_id, read.state) == ("77", DeliveryState.DELIVERED)


@pytest.mark.parametrize(
    ("stat", "state", "final"),
    [
        ("DELIVRD", DeliveryState.DELIVERED, True),
        ("delivrd", DeliveryState.DELIVERED, True),
        ("EXPIRED", DeliveryState.EXPIRED, True),
        ("DELETED", DeliveryState.DELETED, True),
        ("UNDELIV", DeliveryState.UNDELIVERABLE, True),
        ("REJECTD", DeliveryState.REJECTED, True),
        ("ACCEPTD", DeliveryState.ACCEPTED, False),
        ("ENROUTE", DeliveryState.ENROUTE, False),
        ("UNKNOWN", DeliveryState.UNKNOWN, False),
        ("whatever", DeliveryState.UNKNOWN, False),
    ],
)
def test_every_state_is_understood(stat: str, state: DeliveryState, final: bool) -> None:
    read = read_receipt(receipt(text(stat=stat)), IdFormat.TEXT)
    assert (read.state, read.final) == (state, final)


@pytest.mark.parametrize(
    ("written", "message_id", "error"),
    [
        ("id:77 stat:DELIVRD err:null", "77", None),
        ("ID:77 STAT:DELIVRD ERR:069 Text:", "77", "069"),
        ("id: 77 sub:1 stat: DELIVRD done date:garbage", "77", None),
        ("id:0a-b7.c stat:DELIVRD", "0a-b7.c", None),
        ("stat:DELIVRD", None, None),
        ("", None, None),
        ("Доставено".encode().decode("latin-1"), None, None),
    ],
)
def test_texts_that_differ_from_the_book_are_read_as_far_as_they_go(
    written: str, message_id: str | None, error: str | None
) -> None:
    read = read_receipt(receipt(written), IdFormat.TEXT)
    assert (read.message_id, read.error) == (message_id, error)


def test_a_receipt_in_ucs_2_is_read() -> None:
    assert read_receipt(receipt(text(), data_coding=8), IdFormat.TEXT).message_id == "77"


@pytest.mark.parametrize(
    ("response", "in_response", "receipts", "in_receipt"),
    [
        ("1A2B3C", IdFormat.HEX, "1715004", IdFormat.DECIMAL),
        ("1a2b3c", IdFormat.HEX, "001A2B3C", IdFormat.HEX),
        ("0x1a2b3c", IdFormat.HEX, "0001715004", IdFormat.DECIMAL),
        ("1715004", IdFormat.DECIMAL, "1A2B3C", IdFormat.HEX),
        ("a1-77", IdFormat.TEXT, " a1-77", IdFormat.TEXT),
        ("000A1B2C", IdFormat.TEXT, "a1b2c", IdFormat.TEXT),
        ("77", IdFormat.TEXT, "0000000077", IdFormat.TEXT),
        ("0X1A2B3C", IdFormat.HEX, "1715004", IdFormat.DECIMAL),
        ("3F2504E0-4F89-11D3-9A0C-0305E82C3301", IdFormat.TEXT, "3f2504e0-4f89-11d3-9a0c-0305e82c3301", IdFormat.TEXT),
    ],
)
def test_an_id_is_the_same_in_response_and_receipt(
    response: str, in_response: IdFormat, receipts: str, in_receipt: IdFormat
) -> None:
    assert normal_id(response, in_response) == read_receipt(receipt(text(receipts)), in_receipt).message_id


def test_an_id_that_is_no_number_is_kept() -> None:
    assert normal_id("x-1", IdFormat.HEX) == "x-1"
    assert normal_id("m-007Ab", IdFormat.TEXT) == "m-007Ab"
    assert normal_id("0000", IdFormat.TEXT) == "0"


def test_an_id_is_read_as_ascii_whatever_the_gsm_alphabet_would_make_of_it() -> None:
    read = read_receipt(receipt(text("a_1@x")), IdFormat.TEXT)
    assert (read.message_id, read.state) == ("a_1@x", DeliveryState.DELIVERED)
