"""One short code at three operators: an operators.toml with three SMSCs that differ as real ones do."""

import shutil
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from sqlalchemy import select

from db.kinds import MessagePurpose, MessageState
from db.models import Message
from db.session import Database, open_database
from devtools.smsc import Smsc, running_smsc
from smpp.gateway.operators import load
from tests.conftest import settings_for
from tests.school.people import known
from tests.smpp.gateway.running import running, text_in
from tests.smpp.protocol.application import in_a_loop, until
from tests.smpp.texts.parent import pin_in

FILE = """
default = "a1"

[operators.a1]
port = {0}
host = "127.0.0.1"
system_id = "eschool"
password = "secret"
prefixes = ["+35988"]
response_ids = "hex"
receipt_ids = "decimal"

[operators.vivacom]
port = {1}
host = "127.0.0.1"
system_id = "infoserv"
password = "other"
prefixes = ["+35987"]
bind = "transmitter+receiver"

[operators.yettel]
port = {2}
host = "127.0.0.1"
system_id = "1987"
password = "third"
prefixes = ["+35989"]
binds = 2
wide_reference = true
"""

HABITS: tuple[dict[str, str], ...] = (
    {"receipts": "after", "resp_id": "hex", "receipt_id": "decimal", "receipt_form": "text"},
    {"receipts": "early", "resp_id": "text", "receipt_id": "text"},
    {"receipts": "after", "receipt_form": "tlv"},
)

PHONES = ("+359881700001", "+359871700002", "+359891700003")
KEPT_THE_NUMBER = "+359881700004"
"""A number of the first operator's range whose owner moved to the third."""

LINKS = 1 + 2 + 2


def test_subscriptions_come_by_each_operator_and_what_is_said_leaves_by_the_same(
    sqlite_demonstration: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_demonstration, tmp_path / "demonstration.db")
    settings = settings_for(tmp_path, f"sqlite:///{tmp_path / 'demonstration.db'}")
    database = open_database(settings)
    code = known(database).code

    @in_a_loop
    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            smscs = [await stack.enter_async_context(running_smsc()) for _ in HABITS]
            for smsc, habits in zip(smscs, HABITS, strict=True):
                await smsc.behave(**habits)
            file = tmp_path / "operators.toml"
            file.write_text(FILE.format(*(smsc.port for smsc in smscs)), "utf-8")
            operators = load(file).operators.values()
            found = await stack.enter_async_context(running(settings, database, *operators, bound=False))
            await found.bound(LINKS - 1)  # the receiver sends nothing

            writers = [(smscs[2], KEPT_THE_NUMBER), *zip(smscs, PHONES, strict=True)]
            for smsc, phone in writers:
                await text_in(smsc, code, phone)
                await until(partial(has_come, smsc, phone, "СТОП на 1987"))
                assert pin_in(told(smsc, phone))
            # Earlier followers hear of each later one: that too leaves by the operator they wrote by.
            await until(lambda: told(smscs[2], KEPT_THE_NUMBER).count("Нов номер") == len(PHONES))
            await until(lambda: answered(database) == {phone for _, phone in writers})
            for smsc, phone in writers:
                assert not any(told(other, phone) for other in smscs if other is not smsc)

    scenario()
    database.dispose()


def told(smsc: Smsc, phone: str) -> str:
    """All that an SMSC was given for a telephone so far, the parts of each message in their order."""
    parts = sorted(smsc.seen("submit", destination=phone[1:]), key=lambda part: part["udh"])
    return "".join(part["text"] for part in parts)


def has_come(smsc: Smsc, phone: str, words: str) -> bool:
    """Whether these words are among it."""
    return words in told(smsc, phone)


def answered(database: Database) -> set[str]:
    """The telephones that are known to have got their answer."""
    with database.reading() as session:
        return set(
            session.scalars(
                select(Message.address).where(
                    Message.state == MessageState.DELIVERED, Message.purpose == MessagePurpose.ANSWER
                )
            )
        )
