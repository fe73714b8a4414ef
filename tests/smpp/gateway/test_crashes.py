"""The gateway is killed, the link drops: nothing is lost, only what was in doubt may come twice, and no charge does."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from db.kinds import MessageState
from db.session import Database
from devtools.pbx import eschool_process
from devtools.site import SECRET_KEY
from devtools.smsc import Smsc, running_smsc
from settings import Settings
from tests.smpp.gateway.running import CHARGED, operator, put_plain_and_charged, running, states_of
from tests.smpp.protocol.application import in_a_loop, until

WINDOW = 8
PAIRS = 120
OPERATORS = """
[operators.a1]
host = "127.0.0.1"
port = {port}
system_id = "eschool"
password = "secret"
window = {window}
longest_retry_seconds = 1
"""
DONE = {MessageState.SENT, MessageState.DELIVERED, MessageState.UNKNOWN}


def variables(settings: Settings, smsc: Smsc) -> Mapping[str, str]:
    """The environment of a gateway process with one link to the SMSC."""
    file = settings.home_path / "operators.toml"
    file.write_text(OPERATORS.format(port=smsc.port, window=WINDOW), "utf-8")
    return {
        "ESCHOOL_HOME": str(settings.home_path),
        "ESCHOOL_DATABASE_URL": settings.database,
        "ESCHOOL_SECRET_KEY": SECRET_KEY,
        "ESCHOOL_OPERATORS_FILE": str(file),
        "ESCHOOL_LOG_LEVEL": "WARNING",
    }


@contextmanager
def gateway_process(settings: Settings, smsc: Smsc) -> Iterator[Popen[bytes]]:
    """`eschool sms serve`."""
    log: Path = settings.home_path / "gateway.log"
    with eschool_process(variables(settings, smsc), "sms", "serve", log=log) as process:
        yield process


async def have_come(smsc: Smsc, submits: int) -> None:
    """Wait until the SMSC has seen so many submit_sm."""
    async with asyncio.timeout(60):
        while (await smsc.counts())["submits"] < submits:
            smsc.events.clear()
            await asyncio.sleep(0.01)


async def check(smsc: Smsc, database: Database) -> None:
    """Every message came or is known not to be known; what came twice is little, and free."""
    await until(lambda: set(states_of(database)) <= DONE, 60)
    states = states_of(database)
    unknown = states.get(MessageState.UNKNOWN, 0)
    counts, repeated = await smsc.counts(), await smsc.repeated()
    assert counts["destinations"] >= 2 * PAIRS - unknown, "all that is not unknown has come"
    assert unknown <= WINDOW
    assert counts["submits"] - counts["destinations"] <= WINDOW
    assert not {number for number in repeated if number.startswith(CHARGED)}


@pytest.mark.slow
@in_a_loop
async def test_after_kill_9_nothing_is_lost_and_no_charge_comes_twice(settings: Settings, database: Database) -> None:
    put_plain_and_charged(database, PAIRS)
    async with running_smsc() as smsc:
        await smsc.behave(delay=40, quiet=True, receipts="after")
        with gateway_process(settings, smsc) as first:
            await have_come(smsc, PAIRS)
            first.kill()
            first.wait()
        assert MessageState.CLAIMED in states_of(database), "it was killed in the middle of it"
        with gateway_process(settings, smsc):
            await check(smsc, database)


@pytest.mark.slow
@in_a_loop
async def test_a_link_that_drops_in_the_middle_loses_nothing_and_repeats_no_charge(
    settings: Settings, database: Database
) -> None:
    put_plain_and_charged(database, PAIRS)
    async with running_smsc() as smsc:
        await smsc.behave(delay=40, quiet=True, receipts="after")
        async with running(settings, database, operator(smsc, window=WINDOW)) as found:
            await have_come(smsc, PAIRS)
            await smsc.do("drop")
            await check(smsc, database)
            assert found.gateway.links[0].binds >= 2
