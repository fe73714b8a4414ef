"""PDUs written and read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp as theirs

from smpp.protocol.framing import Frame, FrameBuffer
from smpp.protocol.pdus import (
    Address,
    Command,
    MalformedError,
    Message,
    Submit,
    bind_request,
    read_bind,
    read_message,
    relative_time,
    submit_request,
)
from smpp.protocol.user_data_header import Concatenation
from tests.smpp.protocol.octets import DATA_SM, DELIVER_SM, data_body, deliver_body, tlv

TO = Address("359888123456", 1, 1)


def read_or_refused(frame: Frame) -> Message | MalformedError:
    """The message, or why it is none; any other failure is a fault of the reader."""
    try:
        return read_message(frame)
    except MalformedError as error:
        return error


def test_a_submit_sm_reads_as_it_was_written() -> None:
    submit = Submit(
        Address("1987", 3, 0), TO, b"\x05\0\3abc", 8, True, "CHRG", tlvs=((0x1403, b"\0\x3d"), (0x1501, b""))
    )
    (frame,) = FrameBuffer().feed(submit_request(submit, 77))
    message = read_message(frame)
    assert (frame.command_id, message.sequence) == (Command.SUBMIT_SM, 77)
    assert (message.source, message.destination) == (submit.source, submit.destination)
    assert (message.payload, message.data_coding, message.has_header) == (submit.payload, 8, True)
    assert (message.service_type, message.registered_delivery) == ("CHRG", 1)
    assert message.tlvs == {0x1403: b"\0\x3d", 0x1501: b""}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Submit(Address("1" * 21), TO, b""),
        lambda: Submit(TO, Address("1" * 21), b""),
        lambda: Submit(Address("Училище"), TO, b""),
        lambda: Submit(TO, TO, b"", service_type="CHARGE"),
        lambda: Submit(TO, TO, b"x" * 255),
    ],
)
def test_what_does_not_fit_its_place_is_refused_instead_of_cut(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"fit|allowed"):
        wrong()


def test_a_bind_reads_as_it_was_written() -> None:
    (frame,) = FrameBuffer().feed(bind_request("transceiver", 1, system_id="eschool", password="secret"))
    bind = read_bind(frame)
    assert (bind.command_id, bind.system_id, bind.password) == (Command.BIND_TRANSCEIVER, "eschool", "secret")


def test_a_message_payload_stands_for_an_empty_short_message() -> None:
    long = read_message(Frame(DELIVER_SM, 0, 1, deliver_body(b"", tlvs=tlv(0x0424, b"x" * 500))))
    assert long.payload == b"x" * 500
    assert read_message(Frame(DATA_SM, 0, 1, data_body(tlv(0x0424, b"STOP")))).payload == b"STOP"


def test_concatenation_by_parameters_is_read_and_nonsense_in_them_is_none() -> None:
    def sar(number: int) -> Concatenation | None:
        tlvs = tlv(0x020C, b"\x12\x34") + tlv(0x020E, b"\3") + tlv(0x020F, bytes([number]))
        return read_message(Frame(DELIVER_SM, 0, 1, deliver_body(tlvs=tlvs))).sar

    assert sar(2) == Concatenation("sar", 0x1234, 3, 2)
    assert sar(0) is None
    assert sar(4) is None
    assert read_message(Frame(DELIVER_SM, 0, 1, deliver_body())).sar is None


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(hours=48), "000002000000000R"),
        (timedelta(days=1, hours=2, minutes=3, seconds=4), "000001020304000R"),
        (timedelta(days=99), "000030000000000R"),
    ],
)
def test_validity_is_told_as_smpp_writes_a_span(span: timedelta, told: str) -> None:
    assert relative_time(span) == told


@given(st.binary(max_size=120), st.sampled_from([DELIVER_SM, DATA_SM]))
def test_any_octets_are_a_message_or_malformed(body: bytes, command_id: int) -> None:
    read = read_or_refused(Frame(command_id, 0, 1, body))
    if isinstance(read, MalformedError):
        assert read.status
        return
    assert read.receipted_message_id is None or isinstance(read.receipted_message_id, str)
    assert read.network_error is None or ":" in read.network_error


@given(st.integers(0, 200), st.binary(min_size=1, max_size=8))
def test_a_damaged_message_is_a_message_or_malformed(position: int, damage: bytes) -> None:
    whole = deliver_body(b"12345674", esm_class=4, tlvs=tlv(0x001E, b"77\0") + tlv(0x0427, b"\2"))
    position %= len(whole)
    body = whole[:position] + damage + whole[position + len(damage) :]
    read = read_or_refused(Frame(DELIVER_SM, 0, 1, body))
    if isinstance(read, MalformedError):
        assert read.status
    else:
        assert len(read.payload) <= len(body)


ADDRESSES = st.builds(
    Address,
    st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=20),
    st.integers(0, 6),
    st.integers(0, 18),
)


@given(ADDRESSES, ADDRESSES, st.binary(max_size=254), st.sampled_from([0, 8]), st.booleans(), st.integers(1, 2**31 - 1))
def test_the_other_library_writes_the_same_octets(
    source: Address, destination: Address, payload: bytes, coding: int, header: bool, sequence: int
) -> None:
    submit = Submit(source, destination, payload, coding, header, "CHRG", validity=timedelta(days=2))
    pdu = theirs.make_pdu(
        "submit_sm",
        sequence=sequence,
        service_type="CHRG",
        source_addr_ton=source.ton,
        source_addr_npi=source.npi,
        source_addr=source.number,
        dest_addr_ton=destination.ton,
        dest_addr_npi=destination.npi,
        destination_addr=destination.number,
        esm_class=0x40 if header else 0,
        registered_delivery=1,
        validity_period=relative_time(timedelta(days=2)),
        data_coding=coding,
        short_message=payload,
    )
    pdu.sequence = sequence
    assert submit_request(submit, sequence) == pdu.generate()


def test_the_other_library_reads_what_we_write() -> None:
    octets = submit_request(Submit(Address("1987", 3, 0), TO, b"abc", validity=timedelta(hours=1)), 9)
    read = theirs.parse_pdu(octets, client=None, sequence=0)
    assert (read.command, read.sequence, read.short_message) == ("submit_sm", 9, b"abc")
    assert (read.source_addr, read.destination_addr, read.validity_period) == (
        b"1987",
        b"359888123456",
        b"000000010000000R",
    )
