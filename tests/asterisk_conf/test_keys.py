"""Keys reach the dialogue in whatever way the trunk sends them: real telephones, and Asterisks set up for each way."""

import math
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devtools.pbx import exchange_of, free_addresses, running_asterisk, settings_of
from devtools.telephone.heard import ClipBook
from devtools.telephone.telephone import Telephone
from prompts.clips import Clips
from prompts.render import render
from settings import Settings
from tests.asterisk_conf.conftest import APOLOGY, LONG
from tests.asterisk_conf.fastagi_peer import Visit, serving
from tests.calls.bare_telephone import BareTelephone

pytestmark = pytest.mark.calls

NUMBER, CALLER, KEYS = "0882818905", "0888123456", "1359#"
ROWS, COLUMNS, PAD = (697, 770, 852, 941), (1209, 1336, 1477), ("123", "456", "789", "*0#")
"""ITU-T Q.23."""


@pytest.fixture
def asterisk_for(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    variables = {
        "ESCHOOL_HOME": str(tmp_path_factory.mktemp("pbx")),
        "ESCHOOL_SECRET_KEY": "a key for tests that is long enough to be one",
        "ESCHOOL_TRUNK_KEYS": request.param,
        **free_addresses(),
    }
    render(settings_of(variables), [APOLOGY, LONG])
    with running_asterisk(variables) as settings:
        yield settings


def tones(keys: str) -> bytes:
    """A second of silence, then each key for 100 ms with 100 ms after it (16 bit, 8 kHz)."""
    samples = [0.0] * 8000
    for key in keys:
        row = next(row for row, written in enumerate(PAD) if key in written)
        both = ROWS[row], COLUMNS[PAD[row].index(key)]
        samples += [5000 * sum(math.sin(2 * math.pi * hertz * n / 8000) for hertz in both) for n in range(800)]
        samples += [0.0] * 800
    return b"".join(struct.pack("<h", round(sample)) for sample in samples)


@contextmanager
def listening(asterisk: Settings) -> Iterator[list[str]]:
    """A voice server that speaks all the time for four seconds and then asks for the keys; yields what it was told."""
    clip = str(Clips(asterisk).path_of(LONG).with_suffix(""))
    kept: list[str] = []

    def listen(visit: Visit) -> None:
        visit.begin()
        until = time.monotonic() + 4
        while time.monotonic() < until:
            visit.play(clip)
        kept.append(visit.tell("GET VARIABLE ESCHOOL_KEYS"))
        visit.finish()

    with serving(asterisk.agi_port, listen):
        yield kept


@pytest.mark.parametrize("asterisk_for", ["info", "auto_info"], indirect=True)
def test_keys_come_by_sip_info(asterisk_for: Settings) -> None:
    with listening(asterisk_for) as kept, BareTelephone(asterisk_for, CALLER) as telephone:
        telephone.call()
        for key in KEYS:
            time.sleep(0.3)
            telephone.press_by_info(key)
        telephone.wait_for_end()
    assert kept == [f"200 result=1 ({KEYS})"]


@pytest.mark.parametrize("asterisk_for", ["inband"], indirect=True)
def test_keys_come_as_tones_in_the_sound(asterisk_for: Settings) -> None:
    book = ClipBook(asterisk_for.sounds_path)
    with (
        listening(asterisk_for) as kept,
        Telephone(CALLER, exchange_of(asterisk_for), book, says=tones(KEYS)) as telephone,
    ):
        telephone.dial(NUMBER)
        assert telephone.wait_for_end(30)
    assert kept == [f"200 result=1 ({KEYS})"]
