"""What ePay.bg tells of invoices, and what is answered."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epay.protocol.notifications import Answer, Notice, Status, answer_lines, notices_of, refusal
from epay.protocol.packets import Packet, packed
from errors import InputError
from tests.epay.protocol.sent import SECRET, sent

PAID = "INVOICE=260001:STATUS=PAID:PAY_TIME=20261124180500:STAN=012345:BCODE=A1B2C3"
AT = datetime(2026, 11, 24, 16, 5, tzinfo=UTC)


def test_all_invoices_of_a_notification_are_read() -> None:
    told = notices_of(sent(f"{PAID}\nINVOICE=260002:STATUS=DENIED\n\nINVOICE=260003:STATUS=EXPIRED"))
    assert told == (
        Notice("260001", Status.PAID, AT, "012345", "A1B2C3"),
        Notice("260002", Status.DENIED),
        Notice("260003", Status.EXPIRED),
    )


def test_a_discount_tells_what_was_paid() -> None:
    (told,) = notices_of(sent(f"{PAID}:AMOUNT=1.50:BIN=411111"))
    assert (told.cents, told.bin) == (150, "411111")


def test_the_seconds_may_be_missing() -> None:
    (told,) = notices_of(sent("INVOICE=1:STATUS=PAID:PAY_TIME=201806021230:STAN=1:BCODE=2"))
    assert told.paid_at == datetime(2018, 6, 2, 9, 30, tzinfo=UTC)


def test_a_line_with_windows_line_ends_or_in_small_letters_is_read() -> None:
    told = notices_of(sent("invoice=1:status=PAID\r\nINVOICE=2:STATUS=DENIED\r\n"))
    assert [one.status for one in told] == [Status.PAID, Status.DENIED]


def test_a_status_that_is_not_in_the_protocol_is_none() -> None:
    (told,) = notices_of(sent("INVOICE=1:STATUS=MAYBE"))
    assert told.status is None


@pytest.mark.parametrize(
    "text", ["", "STATUS=PAID", "INVOICE=:STATUS=PAID", "INVOICE=1a:STATUS=PAID", "INVOICE=" + "1" * 31]
)
def test_what_names_no_invoice_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        notices_of(sent(text))


def test_every_invoice_is_answered_in_a_line_of_its_own() -> None:
    answers = [("260001", Answer.OK), ("260002", Answer.NO), ("260003", Answer.ERR)]
    assert answer_lines(answers) == ("INVOICE=260001:STATUS=OK\nINVOICE=260002:STATUS=NO\nINVOICE=260003:STATUS=ERR\n")
    assert refusal("wrong\nchecksum") == "ERR=wrong checksum\n"


@given(st.text())
def test_anything_signed_is_read_or_refused(text: str) -> None:
    try:
        told = notices_of(sent(text))
    except InputError:
        return
    assert all(one.invoice.isascii() and one.invoice.isdecimal() for one in told)


@given(st.lists(st.tuples(st.integers(1, 10**18), st.sampled_from(Status)), min_size=1, max_size=20))
def test_as_many_lines_as_are_told_are_read(lines: list[tuple[int, Status]]) -> None:
    told = notices_of(sent("\n".join(f"INVOICE={invoice}:STATUS={status}" for invoice, status in lines)))
    assert [(int(one.invoice), one.status) for one in told] == lines


def test_what_is_no_base64_is_refused() -> None:
    with pytest.raises(InputError):
        notices_of(Packet("%%%", packed([], SECRET).checksum))
