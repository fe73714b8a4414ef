"""What parents text, by way of an SMSC that is not ours: kept before it is acknowledged, acted on once, answered."""

import asyncio
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import func, select

from db.kinds import MessageState
from db.models import InboundPart
from db.session import Database
from devtools.smsc import Smsc, running_smsc
from school.subscriptions import inbox
from settings import Settings
from smpp.gateway.receiver import keep_overdue
from smpp.protocol import reassembly
from smpp.protocol.segmentation import split
from tests.smpp.gateway.running import OTHER_PHONE, PHONE, operator, running, text_in
from tests.smpp.protocol.application import in_a_loop, until

UDHI = 0x40
HELP = "Пратете на 1987"


def words_of(database: Database) -> dict[str, list[str]]:
    """What each number has written, as it is kept."""
    from db.models import InboundText
    from school.security.crypto import vault

    with database.reading() as session:
        found: dict[str, list[str]] = {}
        for row in session.scalars(select(InboundText).order_by(InboundText.id)):
            found.setdefault(row.phone, []).append(vault(session).decrypt(inbox.PURPOSE, row.text_encrypted))
        return found


async def part_in(smsc: Smsc, words: str, number: int, phone: str = PHONE, reference: int = 7) -> None:
    """One part of a long text."""
    part = split(words, reference)[number - 1]
    await text_in(smsc, "", phone, esm_class=UDHI, data_coding=8, short_message={"hex": part.payload.hex()})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"data_coding": 0, "short_message": {"hex": b"POMOSHT".hex()}}, "POMOSHT"),
        ({"data_coding": 1, "short_message": {"hex": b"POMOSHT".hex()}}, "POMOSHT"),
        ({"data_coding": 3, "short_message": {"hex": "Añ".encode("latin-1").hex()}}, "Añ"),
        ({"data_coding": 6, "short_message": {"hex": "ПОМОЩ".encode("iso8859-5").hex()}}, "ПОМОЩ"),
        ({"data_coding": 8, "short_message": {"hex": "ПОМОЩ 😀".encode("utf-16-be").hex()}}, "ПОМОЩ 😀"),
        ({"source_addr": "0888123456", "source_addr_ton": 2}, "ПОМОЩ"),
        ({"source_addr": "+359888123456", "source_addr_ton": 0}, "ПОМОЩ"),
    ],
)
def test_a_text_is_read_in_every_coding_and_answered_by_the_way_it_came(
    settings: Settings, database: Database, fields: dict[str, Any], words: str
) -> None:
    @in_a_loop
    async def scenario() -> None:
        async with running_smsc() as other, running_smsc() as smsc:
            operators = [operator(other, "a1", prefixes=("+35988",)), operator(smsc, "vivacom")]
            async with running(settings, database, *operators) as found:
                await text_in(smsc, "ПОМОЩ", **fields)
                answer = (await smsc.saw("submit"))[0]
                assert answer["destination"] == PHONE[1:]
                assert answer["text"].startswith(HELP)
                assert words_of(database) == {PHONE: [words]}
                (row,) = found.inbox()
                assert (row.operator, row.answered) == ("vivacom", True)
                assert row.handled_at is not None
                assert not other.seen("submit")

    scenario()


@in_a_loop
async def test_the_answer_leaves_within_a_second(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc)):
        loop, waited = asyncio.get_running_loop(), []
        for number in range(1, 6):
            began = loop.time()
            await text_in(smsc, "ПОМОЩ", f"+35988812345{number}")
            await smsc.saw("submit", number)
            waited.append(loop.time() - began)
        assert median(waited) < 1


@in_a_loop
async def test_a_text_is_acknowledged_only_once_it_is_kept(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        with database.session() as session:
            session.connection().exec_driver_sql("DROP TABLE inbound_text")
            session.commit()
        await text_in(smsc, "ПОМОЩ")
        answer = (await smsc.saw("answer", command="deliver_sm_resp"))[0]
        assert answer["status"] == 0x64, "refused for now: the SMSC is to bring it again"
        assert found.gateway.links[0].binds == 1


@in_a_loop
async def test_the_same_text_delivered_twice_acts_once(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        await text_in(smsc, "ПОМОЩ")
        await text_in(smsc, "ПОМОЩ")
        await smsc.saw("answer", 2, command="deliver_sm_resp", status=0)
        await found.all_become(MessageState.SENT, 1)
        await smsc.do("drop")  # the SMSC did not hear us: it brings it again on a new connection
        await until(lambda: found.gateway.links[0].binds == 2)
        await text_in(smsc, "ПОМОЩ")
        await smsc.saw("answer", 3, command="deliver_sm_resp", status=0)
        assert len(found.inbox()) == 1
        await text_in(smsc, "ОЦЕНКИ")
        await found.all_become(MessageState.SENT, 2)


@in_a_loop
async def test_what_looks_like_a_receipt_is_a_text_all_the_same(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc)):
        await text_in(smsc, "id:1 stat:DELIVRD")
        await smsc.saw("submit")
        assert words_of(database) == {PHONE: ["id:1 stat:DELIVRD"]}


@in_a_loop
async def test_what_nobody_can_be_answered_for_is_acknowledged_and_left(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        await text_in(smsc, "win!", source_addr="BANK", source_addr_ton=5)
        await smsc.saw("answer", command="deliver_sm_resp", status=0)
        assert not found.inbox()


@in_a_loop
async def test_parts_of_two_parents_are_not_mixed_in_any_order_and_repeated(
    settings: Settings, database: Database
) -> None:
    mine, yours = "мама " * 30 + "край", "татко " * 28 + "😀"
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        for number in (3, 1, 1):
            await part_in(smsc, mine, number)
            await part_in(smsc, yours, number, OTHER_PHONE)
        await smsc.saw("answer", 6, command="deliver_sm_resp", status=0)
        assert not found.inbox()
        await part_in(smsc, yours, 2, OTHER_PHONE)
        await part_in(smsc, mine, 2)
        await part_in(smsc, mine, 2)
        await smsc.saw("answer", 9, command="deliver_sm_resp", status=0)
        assert words_of(database) == {PHONE: [mine], OTHER_PHONE: [yours]}
        with database.reading() as session:
            kept = session.scalars(select(InboundPart.octets)).all()
        assert all("мама".encode("utf-16-be") not in octets for octets in kept), "parents write national ids"


@in_a_loop
async def test_parts_outlive_the_gateway(settings: Settings, database: Database) -> None:
    words = "мама " * 30
    async with running_smsc() as smsc:
        async with running(settings, database, operator(smsc)):
            await part_in(smsc, words, 1)
            await part_in(smsc, words, 3)
            await smsc.saw("answer", 2, command="deliver_sm_resp", status=0)
        async with running(settings, database, operator(smsc)):
            await part_in(smsc, words, 2)
            await smsc.saw("answer", 3, command="deliver_sm_resp", status=0)
            assert words_of(database) == {PHONE: [words]}


@in_a_loop
async def test_what_came_of_a_text_whose_rest_never_comes_is_not_lost(settings: Settings, database: Database) -> None:
    words = "мама " * 30
    async with running_smsc() as smsc, running(settings, database, operator(smsc)):
        await part_in(smsc, words, 2)
        await smsc.saw("answer", command="deliver_sm_resp", status=0)
        later = datetime.now(UTC) + reassembly.TIME_LIMIT + timedelta(seconds=1)
        with database.session() as session:
            assert len(keep_overdue(session, {}, later)) == 1
        assert words_of(database) == {PHONE: [f"[…]{words[67:134]}[…]"]}
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(InboundPart)) == 0


@in_a_loop
async def test_a_text_that_a_crash_left_is_acted_on_at_the_start(settings: Settings, database: Database) -> None:
    with database.session() as session:
        inbox.store(session, "a1", "a connection of before", PHONE, "ПОМОЩ", datetime.now(UTC) - timedelta(seconds=9))
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        assert (await smsc.saw("submit"))[0]["text"].startswith(HELP)
        await asyncio.sleep(0.2)
        assert found.inbox()[0].command == "help"
