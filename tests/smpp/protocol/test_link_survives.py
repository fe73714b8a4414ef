"""What an SMSC may do wrong, one test each: the bind lives on or is made anew, nothing is lost or misunderstood."""

import asyncio

import pytest

from devtools.smsc import Event, Smsc, running_smsc
from smpp.protocol.outcomes import Sent
from smpp.protocol.receipts import is_receipt
from smpp.protocol.session import LinkState
from tests.smpp.protocol.application import Application, in_a_loop, linked, submitted, text, until
from tests.smpp.protocol.octets import DATA_SM, DELIVER_SM, data_body, deliver_body, pdu, tlv

QUICK = {"enquire_seconds": 0.2, "response_seconds": 0.4}

ESME_RINVMSGLEN, ESME_RINVCMDLEN, ESME_RINVCMDID, ESME_RINVSRCADR = 0x01, 0x02, 0x03, 0x0A
ESME_RINVDSTADR, ESME_RINVOPTPARSTREAM, ESME_RINVPARLEN = 0x0B, 0xC0, 0xC2


async def send_raw(smsc: Smsc, *pieces: bytes, pause: int = 0) -> None:
    await smsc.do("raw", pieces=[piece.hex() for piece in pieces], pause=pause)


async def answer_to(smsc: Smsc, sequence: int) -> Event:
    return (await smsc.saw("answer", sequence=sequence))[0]


@in_a_loop
async def test_half_a_pdu_and_a_pause_longer_than_the_enquiry_timer_lose_nothing() -> None:
    application = Application()
    async with running_smsc() as smsc, linked(smsc, application, enquire_seconds=0.3, response_seconds=1) as link:
        await smsc.behave(deaf=True)  # its answers would stand in the middle of our PDU
        first, second = pdu(DELIVER_SM, 71, deliver_body(b"first")), pdu(DELIVER_SM, 72, deliver_body(b"second"))
        await send_raw(smsc, first[:3], first[3:20], first[20:] + second[:18], second[18:], pause=500)
        assert (await answer_to(smsc, 72))["status"] == 0
        assert [message.payload for message in application.messages] == [b"first", b"second"]
        assert link.binds == 1


@in_a_loop
async def test_many_pdus_in_one_segment_are_all_understood() -> None:
    application = Application()
    async with running_smsc() as smsc, linked(smsc, application):
        await send_raw(smsc, b"".join(pdu(DELIVER_SM, n, deliver_body(b"%d" % n)) for n in range(1, 101)))
        await smsc.saw("answer", 100, command="deliver_sm_resp", status=0)
        assert [message.payload for message in application.messages] == [b"%d" % n for n in range(1, 101)]


@pytest.mark.parametrize("length", [0, 8, 15, 64 * 1024 + 1, 0x7FFFFFFF])
def test_a_command_length_that_cannot_be_is_nacked_and_the_bind_made_anew(length: int) -> None:
    @in_a_loop
    async def scenario() -> None:
        application = Application()
        async with running_smsc() as smsc, linked(smsc, application) as link:
            good = pdu(DELIVER_SM, 5, deliver_body(b"good"))
            await send_raw(smsc, good + pdu(DELIVER_SM, 6, deliver_body(), length=length))
            nack = (await smsc.saw("answer", command="generic_nack"))[0]
            assert nack["status"] == ESME_RINVCMDLEN
            assert nack["sequence"] == (6 if length > 16 else 0)
            await until(lambda: link.binds == 2)
            assert [message.payload for message in application.messages] == [b"good"]
            assert (await submitted(link, text())).sent is Sent.ACCEPTED

    scenario()


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (pdu(DELIVER_SM, 9, deliver_body(b"abc", sm_length=200)), ESME_RINVMSGLEN),
        (pdu(DELIVER_SM, 9, b""), 0x15),
        (pdu(DELIVER_SM, 9, deliver_body()[:20]), ESME_RINVCMDLEN),
        (pdu(DELIVER_SM, 9, b"\0\x01\x01359888"), ESME_RINVSRCADR),
        (pdu(DELIVER_SM, 9, deliver_body(source="3" * 21)), ESME_RINVSRCADR),
        (pdu(DELIVER_SM, 9, b"\0\x01\x011\0\x03\x001987"), ESME_RINVDSTADR),
        (pdu(DELIVER_SM, 9, deliver_body(b"", esm_class=4, tlvs=tlv(0x0427, b"\0\0\0\2"))), ESME_RINVPARLEN),
        (pdu(DATA_SM, 9, data_body(tlv(0x0424, b"12", length=9))), ESME_RINVOPTPARSTREAM),
    ],
    ids=[
        "sm_length beyond the body", "no body", "a body cut off", "a source without end", "a source too long",
        "a destination without end", "message_state of four octets and nothing else", "message_payload beyond the body",
    ],
)  # fmt: skip
def test_a_malformed_delivery_gets_an_error_and_the_bind_lives_on(wrong: bytes, status: int) -> None:
    @in_a_loop
    async def scenario() -> None:
        application = Application()
        async with running_smsc() as smsc, linked(smsc, application) as link:
            await send_raw(smsc, wrong + pdu(DELIVER_SM, 10, deliver_body(b"next")))
            assert (await answer_to(smsc, 9))["status"] == status
            assert (await answer_to(smsc, 10))["status"] == 0
            assert [message.payload for message in application.messages] == [b"next"]
            assert link.binds == 1

    scenario()


@pytest.mark.parametrize(
    "rest",
    [b"\0", b"\r\n", b"\x14\x00\x00", b"\xff" * 9, tlv(0x1400, b"ab", length=300), tlv(0x020C, b"\7"),
     tlv(0x0427, b"\0\2"), tlv(0x0424, b"x", length=9)],
)  # fmt: skip
def test_what_is_wrong_behind_a_text_does_not_cost_the_text(rest: bytes) -> None:
    @in_a_loop
    async def scenario() -> None:
        application = Application()
        async with running_smsc() as smsc, linked(smsc, application):
            await send_raw(smsc, pdu(DELIVER_SM, 9, deliver_body("СТОП".encode("utf-16-be"), tlvs=rest)))
            assert (await answer_to(smsc, 9))["status"] == 0
            (message,) = application.messages
            assert message.payload == "СТОП".encode("utf-16-be")
            assert not is_receipt(message)

    scenario()


@in_a_loop
async def test_an_unknown_parameter_is_passed_over() -> None:
    application = Application()
    async with running_smsc() as smsc, linked(smsc, application):
        unknown = tlv(0x1501, b"operator's own") + tlv(0x0030, b"") + tlv(0x0423, b"\3")
        await send_raw(smsc, pdu(DELIVER_SM, 9, deliver_body(b"12345674", tlvs=unknown)))
        assert (await answer_to(smsc, 9))["status"] == 0
        assert [message.payload for message in application.messages] == [b"12345674"]


@pytest.mark.parametrize("command_id", [0x0000000C, 0x00000112, 0x00010200, 0x00000004, 0x00000003])
def test_an_unknown_request_is_nacked_and_the_bind_lives_on(command_id: int) -> None:
    @in_a_loop
    async def scenario() -> None:
        application = Application()
        async with running_smsc() as smsc, linked(smsc, application) as link:
            await send_raw(smsc, pdu(command_id, 33, b"anything"))
            answer = await answer_to(smsc, 33)
            assert (answer["command"], answer["status"]) == ("generic_nack", ESME_RINVCMDID)
            assert (await submitted(link, text())).sent is Sent.ACCEPTED
            assert link.binds == 1

    scenario()


@in_a_loop
async def test_answers_to_nothing_that_was_asked_are_passed_over() -> None:
    async with running_smsc() as smsc, linked(smsc, Application()) as link:
        for command_id in (0x80000004, 0x80000005, 0x80000006, 0x80000009, 0x80000103, 0x80000112, 0x80000000):
            await send_raw(smsc, pdu(command_id, 4711, b"7\0"), pdu(command_id, 4712, status=8))
        assert (await submitted(link, text())).sent is Sent.ACCEPTED
        assert link.binds == 1
        assert not smsc.seen("answer")


@in_a_loop
async def test_requests_without_an_answer_get_none() -> None:
    async with running_smsc() as smsc, linked(smsc, Application()) as link:
        await send_raw(smsc, pdu(0x102, 21, b"\0\0" + b"1\0" + b"\0\0" + b"1\0"), pdu(0x0B, 22, b"smsc\0x\0"))
        assert (await submitted(link, text())).sent is Sent.ACCEPTED
        assert not smsc.seen("answer")


@in_a_loop
async def test_an_error_in_submit_sm_resp_belongs_to_its_message_alone() -> None:
    async with running_smsc() as smsc, linked(smsc, Application()) as link:
        await smsc.behave(status=0x0B)
        refused = await submitted(link, text())
        await smsc.behave(status=0)
        accepted = await submitted(link, text())
        assert (refused.sent, refused.reason, refused.permanent) == (Sent.REFUSED, "ESME_RINVDSTADR", True)
        assert accepted.sent is Sent.ACCEPTED
        assert link.binds == 1


@in_a_loop
async def test_answers_in_any_order_reach_the_right_message() -> None:
    async with running_smsc() as smsc, linked(smsc, Application()) as link:
        await smsc.behave(mute=True)
        futures = [submitted(link, text()) for _ in range(4)]  # the bind was sequence 1
        await smsc.saw("submit", 4)
        await send_raw(
            smsc,
            pdu(0x80000004, 5, b"fourth\0"),
            pdu(0x80000004, 3, status=0x45),
            pdu(0x80000000, 4, status=ESME_RINVCMDLEN),
            pdu(0x80000004, 2, b"no NUL at the end"),
        )
        first, second, third, fourth = await asyncio.gather(*futures)
        assert (first.sent, first.message_id) == (Sent.ACCEPTED, "no NUL at the end")
        assert (second.sent, second.reason, second.permanent) == (Sent.REFUSED, "ESME_RSUBMITFAIL", False)
        assert (third.sent, third.reason) == (Sent.REFUSED, "ESME_RINVCMDLEN")
        assert (fourth.sent, fourth.message_id) == (Sent.ACCEPTED, "fourth")


@in_a_loop
async def test_the_smscs_unbind_is_answered_and_the_bind_made_anew() -> None:
    async with running_smsc() as smsc, linked(smsc, Application()) as link:
        await send_raw(smsc, pdu(6, 77))
        assert (await answer_to(smsc, 77))["command"] == "unbind_resp"
        await until(lambda: link.binds == 2, 5)
        assert link.last_error == "unbound by the SMSC"
        assert (await submitted(link, text())).sent is Sent.ACCEPTED


@in_a_loop
async def test_a_text_by_data_sm_is_answered_as_data_sm() -> None:
    application = Application()
    async with running_smsc() as smsc, linked(smsc, application):
        await smsc.do(
            "send",
            command="data_sm",
            fields={"source_addr": "359888123456", "destination_addr": "1987", "message_payload": {"hex": "53544f50"}},
        )
        assert (await smsc.saw("answer"))[0]["command"] == "data_sm_resp"
        assert [message.payload for message in application.messages] == [b"STOP"]


@in_a_loop
async def test_a_quiet_link_is_asked_after_and_kept() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), **QUICK) as link:
        await smsc.saw("enquired", 3)
        assert link.binds == 1


@in_a_loop
async def test_the_smscs_own_enquiry_is_answered() -> None:
    async with running_smsc() as smsc, linked(smsc, Application()):
        await smsc.do("send", command="enquire_link", fields={})
        await smsc.saw("answer", command="enquire_link_resp", status=0)


@in_a_loop
async def test_a_silent_link_is_dead_and_the_bind_made_anew() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), **QUICK) as link:
        await smsc.behave(deaf=True)
        await until(lambda: link.state is LinkState.CLOSED, 3)
        assert link.last_error == "silent: enquire_link was not answered"
        await smsc.behave(deaf=False)
        await until(lambda: link.state is LinkState.BOUND, 3)


@in_a_loop
async def test_a_connection_that_nobody_reads_is_dead() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), window=1000, **QUICK) as link:
        await smsc.do("stall")
        futures = [submitted(link, text("x" * 160)) for _ in range(1000)]
        outcomes = await asyncio.wait_for(asyncio.gather(*futures), 5)
        assert {outcome.sent for outcome in outcomes} <= {Sent.UNKNOWN, Sent.NOT_SENT}
        await until(lambda: link.binds == 2, 5)


@in_a_loop
async def test_an_smsc_that_answers_enquiries_but_no_message_is_left() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), **QUICK) as link:
        await smsc.behave(mute=True)
        outcome = await submitted(link, text())
        assert (outcome.sent, outcome.reason) == (Sent.OVERDUE, "no answer in time")
        await until(lambda: link.binds == 2)


@in_a_loop
async def test_a_late_answer_corrects_what_was_told_as_unknown() -> None:
    application = Application()
    async with running_smsc() as smsc, linked(smsc, application, response_seconds=0.4) as link:
        await smsc.behave(delay=900)
        slow = submitted(link, text())
        await smsc.saw("submit")
        await smsc.behave(delay=0)
        for _ in range(6):  # others are answered meanwhile, so the link is not given up
            assert (await submitted(link, text())).sent is Sent.ACCEPTED
            await asyncio.sleep(0.1)
        assert (await slow).sent is Sent.OVERDUE
        await until(lambda: bool(application.late))
        assert application.late[0][1].sent is Sent.ACCEPTED
        assert application.late[0][1].message_id
        assert link.binds == 1


@in_a_loop
async def test_an_smsc_slower_than_its_time_is_waited_for_while_the_link_lives() -> None:
    application = Application()
    async with running_smsc() as smsc, linked(smsc, application, window=4, **QUICK) as link:
        await smsc.behave(delay=900)
        outcomes = await asyncio.gather(*(submitted(link, text(f"text {number}")) for number in range(8)))
        assert {outcome.sent for outcome in outcomes} == {Sent.ACCEPTED}
        assert (await smsc.counts())["submits"] == 8
        assert (link.binds, link.unknown, application.late) == (1, 0, [])


@in_a_loop
async def test_what_a_slow_smsc_was_given_is_overdue_when_the_link_ends_and_what_it_just_got_is_unknown() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), enquire_seconds=0.2, response_seconds=1) as link:
        await smsc.behave(mute=True)
        slow = submitted(link, text("first"))
        await asyncio.sleep(1.3)
        young = submitted(link, text("second"))
        await smsc.saw("submit", 2)
        await smsc.do("drop")
        assert ((await slow).sent, (await young).sent) == (Sent.OVERDUE, Sent.UNKNOWN)
