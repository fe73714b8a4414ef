"""What SMSCs do beside the specification: slow answers, ids written in two ways, receipts that look like texts, wrong
codings. Nothing is sent twice, no parent's text is lost, and nothing stays unknown that was told."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.kinds import MessageState
from db.session import Database
from devtools.smsc import Smsc, running_smsc
from school.subscriptions import inbox
from settings import Settings
from smpp.gateway import maintenance
from smpp.gateway.operators import Operator
from tests.smpp.gateway.running import PHONE, operator, running, text_in
from tests.smpp.gateway.test_texts import HELP, words_of
from tests.smpp.protocol.application import in_a_loop, until
from tests.smpp.protocol.octets import DELIVER_SM, deliver_body, pdu

SLOW: dict[str, Any] = {"response_seconds": 1, "enquire_seconds": 1}
LONG = "Родителска среща в събота, 28 ноември. " * 5


@in_a_loop
async def test_an_smsc_slower_than_its_time_gets_each_message_once(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(delay=2500, receipts="after")
        async with running(settings, database, operator(smsc, window=3, **SLOW)) as found:
            for number in range(6):
                found.put(f"Text {number}")
            await found.all_become(MessageState.DELIVERED, 6)
            assert (await smsc.counts())["submits"] == 6
            assert (found.gateway.links[0].binds, found.gateway.links[0].unknown) == (1, 0)


@in_a_loop
async def test_one_answer_that_is_lost_leaves_its_message_unknown_and_the_others_go_on(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(mute=True)
        async with running(settings, database, operator(smsc, **SLOW)) as found:
            lost = found.put("lost")
            await smsc.saw("submit")
            await smsc.behave(mute=False)
            await found.becomes(found.put("next"), MessageState.SENT)
            assert (await found.becomes(lost, MessageState.UNKNOWN)).attempts == 1
            await asyncio.sleep(1.5)
            assert (await smsc.counts())["submits"] == 2
            assert found.gateway.links[0].binds == 1


@in_a_loop
async def test_an_answer_later_than_all_patience_still_makes_it_sent(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(delay=4000)
        async with running(settings, database, operator(smsc, **SLOW)) as found:
            slow = found.put("slow")
            await smsc.saw("submit")
            await smsc.behave(delay=0)
            await found.becomes(found.put("next"), MessageState.SENT)
            await found.becomes(slow, MessageState.UNKNOWN)
            message = await found.becomes(slow, MessageState.SENT)
            assert (message.attempts, (await smsc.counts())["submits"]) == (1, 2)


@in_a_loop
async def test_what_a_slow_smsc_may_have_is_not_sent_again_after_the_link_was_lost(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(mute=True)
        async with running(settings, database, operator(smsc, **SLOW)) as found:
            message_id = found.put("slow")
            await smsc.saw("submit")
            await asyncio.sleep(2.5)
            await smsc.behave(mute=False)
            await smsc.do("drop")
            await found.becomes(message_id, MessageState.UNKNOWN)
            await until(lambda: found.gateway.links[0].binds == 2)
            await asyncio.sleep(1.5)
            assert (await smsc.counts())["submits"] == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        {"resp_id": "padded", "receipt_id": "capital"},
        {"resp_id": "capital", "receipt_id": "padded"},
        {"resp_id": "zeros", "receipt_id": "decimal"},
        {"resp_id": "decimal", "receipt_id": "zeros", "receipt_form": "text"},
        {"receipt_esm_class": 0},
        {"receipt_esm_class": 0, "receipt_form": "tlv"},
    ],
    ids=lambda one: " ".join(map(str, one.values())),
)
def test_receipts_fit_whatever_their_zeros_case_and_class(
    settings: Settings, database: Database, behaviour: dict[str, Any]
) -> None:
    @in_a_loop
    async def scenario() -> None:
        async with running_smsc() as smsc:
            await smsc.behave(receipts="after", **behaviour)
            async with running(settings, database, operator(smsc)) as found:
                await found.becomes(found.put(LONG), MessageState.DELIVERED)
                assert not found.inbox(), "no receipt is a parent's text"

    scenario()


@in_a_loop
async def test_receipts_of_the_last_part_alone_are_enough_where_the_operator_sends_no_others(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(receipts="after", receipts_of="last")
        both = [operator(smsc, "a1", receipts="last"), operator(smsc, "vivacom", prefixes=("+35987",))]
        async with running(settings, database, *both) as found:
            other = found.put(LONG, "+359878123456")
            await found.becomes(found.put(LONG), MessageState.DELIVERED)
            await found.becomes(found.put("short"), MessageState.DELIVERED)
            assert found.message(other).state is MessageState.SENT


@in_a_loop
async def test_a_failure_of_the_last_part_is_one_of_the_message(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(receipts="early", receipts_of="last", state=5, stat="UNDELIV")
        async with running(settings, database, operator(smsc, receipts="last")) as found:
            await found.becomes(found.put(LONG), MessageState.FAILED)


@in_a_loop
async def test_receipts_that_fit_nothing_are_counted_and_warned_of(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(maintenance, "FITS", timedelta(seconds=0.2))
    monkeypatch.setattr(maintenance, "OVERDUE_SECONDS", 0.3)
    from school.monitoring import health

    def figure() -> int:
        with database.reading() as session:
            (told,) = health.found(session, datetime.now(UTC), health.Process.GATEWAY)
            return int(told.figures["unfit_receipts"])

    async with running_smsc() as smsc:
        await smsc.behave(receipts="after", receipt_id="foreign")
        async with running(settings, database, operator(smsc)) as found:
            await found.becomes(found.put("one"), MessageState.SENT)
            await found.becomes(found.put("two"), MessageState.SENT)
            await until(lambda: figure() == 2, 20)
    assert "receipts.fit_nothing" in capsys.readouterr().out


@in_a_loop
async def test_no_validity_is_asked_for_where_it_is_nought(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc, validity_hours=0)) as found:
        await found.becomes(found.put("text"), MessageState.SENT)
        assert not smsc.seen("submit")[0]["validity"]


def test_the_file_may_say_nought() -> None:
    assert Operator(name="a1", host="h", system_id="s", password="p", validity_hours=0).validity_hours == 0


@pytest.mark.parametrize("rest", [b"\0", b"\r\n\0", b"\xff" * 7, b"\x02\x0c\x00\x01\x07"])
def test_octets_behind_a_stop_cost_no_stop(settings: Settings, database: Database, rest: bytes) -> None:
    @in_a_loop
    async def scenario() -> None:
        async with running_smsc() as smsc, running(settings, database, operator(smsc)):
            body = deliver_body("СТОП".encode("utf-16-be"), source=PHONE[1:], data_coding=8, tlvs=rest)
            await smsc.do("raw", pieces=[pdu(DELIVER_SM, 9, body).hex()])
            assert (await smsc.saw("answer", command="deliver_sm_resp"))[0]["status"] == 0
            await smsc.saw("submit")
            assert words_of(database) == {PHONE: ["СТОП"]}

    scenario()


async def said(smsc: Smsc, octets: bytes, data_coding: int, number: int) -> None:
    """A text from a telephone of its own."""
    await text_in(smsc, "", f"+35988800{number:04}", data_coding=data_coding, short_message={"hex": octets.hex()})


@in_a_loop
async def test_texts_in_another_coding_than_is_named_are_read(settings: Settings, database: Database) -> None:
    texts = {
        "cp1251": ("ПОМОЩ", (0, 1, 3, 4, 6, 8)),
        "utf-8": ("помощ", (0, 1, 3, 6, 8)),
        "utf-16-le": ("Помощ", (0, 3, 8)),
        "utf-16-be": ("ПОМОЩ", (0, 1, 3, 4, 6)),
        "ascii": ("POMOSHT", (0, 1, 3, 8)),
    }
    sent = [(words, words.encode(codec), coding) for codec, (words, codings) in texts.items() for coding in codings]
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        for number, (_, octets, coding) in enumerate(sent):
            await said(smsc, octets, coding, number)
        await smsc.saw("answer", len(sent), command="deliver_sm_resp", status=0)
        assert [words_of(database)[f"+35988800{number:04}"] for number in range(len(sent))] == [
            [words] for words, _, _ in sent
        ]
        await until(lambda: all(row.command == "help" for row in found.inbox()))


@in_a_loop
async def test_a_text_kept_at_a_crash_is_answered_within_five_seconds(settings: Settings, database: Database) -> None:
    with database.session() as session:
        inbox.store(session, "a1", "a connection of before", PHONE, "ПОМОЩ", datetime.now(UTC))
    async with running_smsc() as smsc, running(settings, database, operator(smsc)):
        began = asyncio.get_running_loop().time()
        assert (await smsc.saw("submit"))[0]["text"].startswith(HELP)
        assert asyncio.get_running_loop().time() - began < 5


@in_a_loop
async def test_a_huge_text_holds_up_nobody(settings: Settings, database: Database) -> None:
    """64 K of a text in message_payload: another parent's answer leaves at once, and the links live on."""
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        for number, piece in enumerate((b"1", b"* ", b"\x04\x41", b"a@", b"\xd1\x81")):
            octets = (piece * 32_000)[:58_000]
            await text_in(
                smsc, "", f"+35988800{number:04}", message_payload={"hex": octets.hex()}, short_message={"hex": ""}
            )
        await text_in(smsc, "ПОМОЩ")
        await smsc.saw("submit", destination=PHONE[1:], seconds=10)
        await until(lambda: all(row.handled_at for row in found.inbox()), 10)
        assert found.gateway.links[0].binds == 1
