"""Debian's drive_smpp, the SMSC of Kannel's own tests: sequence number 0, no message ids, dead every few seconds."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from db.kinds import MessageState
from db.session import Database
from devtools.telephone.free_ports import free_port
from smpp.gateway.operators import Operator
from tests.conftest import settings_for
from tests.smpp.gateway.running import put_many, running
from tests.smpp.protocol.application import in_a_loop, until

PROGRAM = "/usr/lib/kannel/test/drive_smpp"
"""It comes with Debian's kannel-extras."""
TEXTS = 3
MESSAGES = 40


@asynccontextmanager
async def driven(log: Path) -> AsyncIterator[int]:
    """drive_smpp on a port, started anew whenever it has died (it wants Kannel's own boxes beside it)."""
    port = free_port()

    async def again_and_again() -> None:
        while True:
            with log.open("ab") as output:
                process = await asyncio.create_subprocess_exec(
                    PROGRAM, "-v", "0", "-p", str(port), "-m", str(TEXTS), stdout=output, stderr=output
                )
            try:
                await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    driving = asyncio.create_task(again_and_again())
    try:
        yield port
    finally:
        driving.cancel()
        await asyncio.wait([driving])


def test_messages_and_texts_pass_by_a_transmitter_and_a_receiver(empty_sqlite: Database, tmp_path: Path) -> None:
    log = tmp_path / "drive_smpp.log"

    @in_a_loop
    async def scenario() -> None:
        async with driven(log) as port:
            link = Operator(
                name="kannel",
                host="127.0.0.1",
                port=port,
                bind="transmitter+receiver",
                system_id="foo",
                password=SecretStr("bar"),
                longest_retry_seconds=1,
            )
            settings = settings_for(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")
            async with running(settings, empty_sqlite, link, bound=False) as found:
                put_many(empty_sqlite, MESSAGES)
                await found.all_become(MessageState.SENT, MESSAGES, 60)
                await until(lambda: told().count("SMPP PDU of type deliver_sm_resp") >= TEXTS)
                await until(lambda: told().count("SMPP PDU of type enquire_link_resp") >= TEXTS)

    def told() -> str:
        return log.read_text("utf-8", "replace")

    scenario()
    came = set(re.findall(r"submit_sm: short_message = <(Text \d+)>", told()))
    assert came == {f"Text {number}" for number in range(MESSAGES)}
