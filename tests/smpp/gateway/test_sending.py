"""From the outbox to an SMSC that is not ours, and what its answers and receipts make of a message."""

import asyncio
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

import pytest

from db.kinds import MessageState
from db.session import Database
from devtools.smsc import running_smsc
from settings import Settings
from smpp.gateway.operators import Operator
from smpp.protocol.receipts import IdFormat
from tests.smpp.gateway.running import OTHER_PHONE, PHONE, operator, put_many, running
from tests.smpp.protocol.application import in_a_loop, until

LONG = "Мария: Математика – Отличен (6), контролна работа; Родителска среща 😀 " * 6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("behaviour", "formats"),
    [
        ({"receipts": "after"}, {}),
        ({"receipts": "early"}, {}),
        ({"receipts": "after", "receipt_form": "text"}, {}),
        ({"receipts": "after", "receipt_form": "tlv"}, {}),
        ({"receipts": "early", "receipt_form": "text", "err": "null"}, {}),
        (
            {"receipts": "after", "resp_id": "hex", "receipt_id": "decimal"},
            {"response_ids": IdFormat.HEX, "receipt_ids": IdFormat.DECIMAL},
        ),
        (
            {"receipts": "early", "resp_id": "decimal", "receipt_id": "hex"},
            {"response_ids": IdFormat.DECIMAL, "receipt_ids": IdFormat.HEX},
        ),
        ({"receipts": "after", "resp_id": "text", "receipt_id": "text"}, {}),
    ],
    ids=["after", "early", "no TLVs", "TLVs only", "err null", "hex, decimal", "decimal, hex", "text ids"],
)
def test_a_long_message_arrives_as_it_was_written_and_is_known_to_be_delivered(
    settings: Settings, database: Database, behaviour: dict[str, Any], formats: dict[str, Any]
) -> None:
    @in_a_loop
    async def scenario() -> None:
        async with running_smsc() as smsc:
            await smsc.behave(**behaviour)
            async with running(settings, database, operator(smsc, **formats)) as found:
                message_id = found.put(LONG)
                message = await found.becomes(message_id, MessageState.DELIVERED)
                parts = sorted(smsc.seen("submit"), key=lambda part: str(part["udh"][0][-2:]))
                assert "".join(part["text"] for part in parts) == LONG
                assert {(part["source"], part["destination"]) for part in parts} == {("1987", PHONE[1:])}
                assert (message.attempts, message.operator, message.error) == (1, "a1", None)

    scenario()


@in_a_loop
async def test_it_is_delivered_only_when_all_its_parts_are_in_whatever_order_the_receipts_come(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(receipts="held")
        async with running(settings, database, operator(smsc)) as found:
            first, second = found.put(LONG), found.put(LONG, OTHER_PHONE)
            await found.becomes(first, MessageState.SENT)
            await found.becomes(second, MessageState.SENT)
            await asyncio.sleep(0.2)
            assert found.states() == {MessageState.SENT: 2}
            await smsc.do("release", reversed=True)
            await found.all_become(MessageState.DELIVERED, 2)


@in_a_loop
async def test_one_part_that_does_not_arrive_makes_the_message_failed_and_says_why(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(receipts="after", state=5, stat="UNDELIV", err="034", receipt_form="text")
        async with running(settings, database, operator(smsc)) as found:
            message = await found.becomes(found.put(LONG), MessageState.FAILED)
            assert message.error == "undeliverable 034"


@in_a_loop
async def test_what_is_refused_for_good_is_not_tried_again(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(status=0x0B)
        async with running(settings, database, operator(smsc)) as found:
            message = await found.becomes(found.put("Здравей"), MessageState.FAILED)
            assert message.error == "ESME_RINVDSTADR"
            await asyncio.sleep(1.5)
            assert (await smsc.counts())["submits"] == 1


@in_a_loop
async def test_what_is_refused_for_now_is_tried_again(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(status=0x08)
        async with running(settings, database, operator(smsc)) as found:
            message_id = found.put("Здравей")
            await until(lambda: found.message(message_id).attempts == 1 and not found.message(message_id).lease_until)
            await smsc.behave(status=0)
            message = await found.becomes(message_id, MessageState.SENT)
            assert message.attempts >= 2


@in_a_loop
async def test_only_the_parts_that_were_not_taken_are_sent_again(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(bucket=1, per_second=2, throttle_status=0x08, receipts="after")
        async with running(settings, database, operator(smsc)) as found:
            words = "я" * 100
            await found.becomes(found.put(words), MessageState.DELIVERED)
            parts = smsc.seen("submit")
            assert sorted(part["udh"][0][-2:] for part in parts) == ["01", "02"]
            assert (await smsc.counts())["refused"] >= 1


@pytest.mark.slow
@in_a_loop
async def test_a_charge_without_an_answer_is_never_sent_again_and_a_notification_is(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(mute=True)
        async with running(settings, database, operator(smsc)) as found:
            charge, plain = found.put("charge", charged=True), found.put("plain", OTHER_PHONE)
            await smsc.saw("submit", 2)
            await smsc.behave(mute=False)
            await smsc.do("drop")
            await found.becomes(plain, MessageState.SENT)
            assert found.message(charge).state is MessageState.UNKNOWN
            await asyncio.sleep(1.5)
            assert [part["text"] for part in smsc.seen("submit") if "text" in part] == ["plain"]
            assert found.message(charge).attempts == 1


@in_a_loop
async def test_a_charge_goes_by_its_own_operator_or_waits_and_a_notification_goes_by_another(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as own, running_smsc() as other:
        await own.behave(bind_status=0x0D)
        operators = [operator(other, "a1"), operator(own, "vivacom", prefixes=("+35987",))]
        async with running(settings, database, *operators, bound=False) as found:
            await found.bound(1)
            charge = found.put("charge", OTHER_PHONE, charged=True)
            plain = found.put("plain", OTHER_PHONE)
            assert (await found.becomes(plain, MessageState.SENT)).operator == "a1"
            await own.behave(bind_status=0)
            assert (await found.becomes(charge, MessageState.SENT, 30)).operator == "vivacom"
            assert [part["text"] for part in other.seen("submit")] == ["plain"]


@in_a_loop
async def test_a_pin_reaches_the_telephone_and_is_nowhere_afterwards(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        message = await found.becomes(found.put("PIN: {pin}", pin="4711"), MessageState.SENT)
        assert smsc.seen("submit")[0]["text"] == "PIN: 4711"
        assert (message.text, message.pin_encrypted) == ("PIN: {pin}", None)


@pytest.mark.slow
@in_a_loop
async def test_answers_go_before_what_can_wait(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(delay=100)
        put_many(database, 300)
        async with running(settings, database, operator(smsc)) as found:
            await smsc.saw("submit", 30)
            began = time.time()
            found.put("answer", urgent=True)
            await until(lambda: bool(smsc.seen("submit", text="answer")), 10)
            came = smsc.seen("submit", text="answer")[0]
            assert came["at"] / 1000 - began < 5.0
            assert smsc.seen("submit").index(came) < 200, "it waits for few of the 300 that were there before it"


@pytest.mark.slow
@in_a_loop
async def test_200_messages_pass_an_smsc_that_takes_50_a_second_in_little_more_than_four_seconds(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(per_second=50, quiet=True, receipts="after")
        put_many(database, 200)
        async with running(settings, database, operator(smsc)) as found:
            await found.all_become(MessageState.DELIVERED, 200)
            counts = await smsc.counts()
            assert counts["taken"] == 200
            assert (counts["last_at"] - counts["first_at"]) / 1000 < 10  # 4 to 5 where nothing else runs


@in_a_loop
async def test_a_message_goes_out_at_its_commit_and_not_at_the_next_look(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        waited = []
        for number in range(20):
            found.put(f"Text {number}")
            committed = time.time()
            await smsc.saw("submit", number + 1)
            waited.append(smsc.seen("submit")[number]["at"] / 1000 - committed)
            await asyncio.sleep(0.03)
        assert median(waited) < 1, waited  # about 0.02 where nothing else runs; a look comes every two seconds


@in_a_loop
async def test_it_starts_without_any_operator_and_sends_once_one_can_be_reached(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        unreachable: Operator = operator(smsc, port=1)
        async with running(settings, database, unreachable, bound=False) as found:
            message_id = found.put("Здравей")
            await until(lambda: "cannot connect" in found.gateway.links[0].last_error)
            assert found.message(message_id).state is MessageState.READY
        async with running(settings, database, operator(smsc)) as found:
            await found.becomes(message_id, MessageState.SENT)


@in_a_loop
async def test_stopping_sends_nothing_more_and_gives_back_what_was_not_sent(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(delay=300, quiet=True)
        put_many(database, 60)
        async with running(settings, database, operator(smsc)) as found:
            await until(lambda: MessageState.CLAIMED in found.states())
            await asyncio.sleep(0.4)
        await smsc.saw("unbound")
        states = found.states()
        assert states[MessageState.SENT] == (await smsc.counts())["taken"]
        assert states == {
            MessageState.SENT: states[MessageState.SENT],
            MessageState.READY: 60 - states[MessageState.SENT],
        }
        assert datetime.now(UTC) > found.message(60).due_at


@in_a_loop
async def test_several_binds_share_an_operators_load(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(delay=100, quiet=True)
        put_many(database, 100)
        async with running(settings, database, operator(smsc, binds=3)) as found:
            await found.all_become(MessageState.SENT, 100)
            assert all(link.accepted > 15 for link in found.gateway.links)
