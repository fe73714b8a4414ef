"""What stands in the outbox for numbers that our lines do not reach: no SMSC ever sees it."""

import pytest
from sqlalchemy import update

from db.kinds import MessageState
from db.models import Message
from db.session import Database
from devtools.smsc import running_smsc
from school.security import destinations
from settings import Settings
from tests.smpp.gateway.running import PHONE, operator, running
from tests.smpp.protocol.application import in_a_loop

PLANTED = ("+35990123456", "+35970012345", "+870773111632", "+5352345678", "+447012345678", "+35929876543", "1987")


@in_a_loop
async def test_planted_messages_are_not_sent_and_say_why(settings: Settings, database: Database) -> None:
    async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
        ids = [found.put("Здравейте!", phone, urgent=True) for phone in PLANTED]
        last = found.put("Здравейте!")
        await found.becomes(last, MessageState.SENT)
        for message_id in ids:
            message = await found.becomes(message_id, MessageState.FAILED)
            assert message.error == destinations.ERROR
        assert {part["destination"] for part in smsc.seen("submit")} == {PHONE[1:]}


def test_the_gateway_looks_once_more_right_before_it_sends(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was claimed under another setting than the gateway was started with, by the same process here."""

    @in_a_loop
    async def scenario() -> None:
        async with running_smsc() as smsc, running(settings, database, operator(smsc)) as found:
            monkeypatch.setenv("ESCHOOL_DESTINATIONS", "BG:mobile,RO:mobile")
            abroad = found.put("Здравейте!", "+40712345678")
            assert (await found.becomes(abroad, MessageState.FAILED)).error == destinations.ERROR
            await found.becomes(found.put("Здравейте!"), MessageState.SENT)
            assert {part["destination"] for part in smsc.seen("submit")} == {PHONE[1:]}

    scenario()


@in_a_loop
async def test_a_number_that_was_changed_while_it_waited_is_not_written_to(
    settings: Settings, database: Database
) -> None:
    async with running_smsc() as smsc:
        await smsc.behave(receipts="after")
        async with running(settings, database, operator(smsc)) as found:
            message_id = found.put("Здравейте!", hours=(0, 24))
            await found.becomes(message_id, MessageState.DELIVERED)
            with database.session() as session:
                session.execute(
                    update(Message)
                    .where(Message.id == message_id)
                    .values(state=MessageState.READY, address="+35990123456", ended_at=None)
                )
            await found.becomes(message_id, MessageState.FAILED)
            assert len(smsc.seen("submit")) == 1
