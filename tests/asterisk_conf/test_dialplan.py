"""What the dialplan does with a call: real telephones, a real Asterisk, and servers that fail in every way."""

import time
from pathlib import Path

import pytest

from agi import asserted
from asterisk_conf import run
from devtools.pbx import exchange_of
from devtools.telephone.heard import ClipBook
from devtools.telephone.telephone import CallRefusedError, Telephone
from prompts.clips import Clips
from settings import Settings
from tests.asterisk_conf.conftest import APOLOGY, GREETING, LONG
from tests.asterisk_conf.fastagi_peer import Visit, serving

pytestmark = pytest.mark.calls

NUMBER = "0882818905"
CALLER = "0888123456"


@pytest.mark.parametrize("dialled", ["0882818905", "882818905", "359882818905", "+359882818905", "00359882818905"])
def test_the_number_is_answered_in_every_form_a_trunk_delivers(
    asterisk: Settings, clip_book: ClipBook, greeting: str, dialled: str
) -> None:
    def greet(visit: Visit) -> None:
        visit.begin()
        visit.play(greeting)
        visit.finish()

    with (
        serving(asterisk.agi_port, greet) as visits,
        Telephone(CALLER, exchange_of(asterisk), clip_book) as telephone,
    ):
        telephone.dial(dialled)
        assert telephone.wait_for_end(10)
        assert [(heard.text, heard.whole) for heard in telephone.heard()] == [(GREETING, True)]
        assert visits[0].environment["agi_network_script"] == "inbound"
        assert caller(visits[0]) == CALLER


@pytest.mark.parametrize("dialled", ["0882818906", "112", "call", "T", "0035988281890", "trunk"])
def test_any_other_number_does_not_exist(asterisk: Settings, clip_book: ClipBook, dialled: str) -> None:
    with (
        Telephone(CALLER, exchange_of(asterisk), clip_book) as telephone,
        pytest.raises(CallRefusedError, match=r"404|484"),  # not found; the beginning of a number
    ):
        telephone.dial(dialled)


@pytest.mark.parametrize(
    ("number", "passed_on"),
    [(None, None), ("+359888123456", "+359888123456"), ("ivan", None), ("088812345x", None)],
)
def test_only_a_number_is_passed_on_as_the_caller(
    asterisk: Settings, clip_book: ClipBook, number: str | None, passed_on: str | None
) -> None:
    with (
        serving(asterisk.agi_port, Visit.finish) as visits,
        Telephone(number, exchange_of(asterisk), clip_book) as telephone,
    ):
        telephone.dial(NUMBER)
        assert telephone.wait_for_end(5)
        assert caller(visits[0]) == passed_on
        assert visits[0].environment["agi_callerid"] == "unknown"


def test_keys_pressed_while_the_server_is_busy_are_kept(
    asterisk: Settings, clip_book: ClipBook, long_text: str
) -> None:
    kept: list[str] = []

    def busy(visit: Visit) -> None:
        visit.begin()
        visit.play(long_text)
        time.sleep(1.8)
        kept.append(visit.tell("GET VARIABLE ESCHOOL_KEYS"))
        visit.finish()

    with serving(asterisk.agi_port, busy), Telephone(CALLER, exchange_of(asterisk), clip_book) as telephone:
        telephone.dial(NUMBER)
        time.sleep(0.5)
        telephone.press("1359#")
        assert telephone.wait_for_end(10)
        assert telephone.heard()[0].whole is False
    assert kept == ["200 result=1 (1359#)"]


def test_without_server_and_plain_script_the_caller_hears_an_apology(
    asterisk: Settings, clip_book: ClipBook, plain_script: Path
) -> None:
    plain_script.unlink()
    with Telephone(CALLER, exchange_of(asterisk), clip_book) as telephone:
        telephone.dial(NUMBER)
        assert telephone.wait_for_end(20)
        assert [(heard.text, heard.whole) for heard in telephone.heard()] == [(APOLOGY, True)]


def test_a_server_that_dies_in_the_middle_is_replaced_by_the_plain_script(
    asterisk: Settings, clip_book: ClipBook, greeting: str, plain_script: Path
) -> None:
    _write_plain_script(plain_script, f'EXEC Playback "{greeting}"', "SET VARIABLE ESCHOOL_RESULT done")

    def die(visit: Visit) -> None:
        visit.begin()
        visit.play(greeting)

    with serving(asterisk.agi_port, die), Telephone(CALLER, exchange_of(asterisk), clip_book) as telephone:
        telephone.dial(NUMBER)
        assert telephone.wait_for_end(20)
        assert [(heard.text, heard.whole) for heard in telephone.heard()] == [(GREETING, True), (GREETING, True)]


def test_a_server_that_accepts_but_says_nothing_does_not_leave_the_caller_in_silence(
    asterisk: Settings, clip_book: ClipBook, plain_script: Path
) -> None:
    _write_plain_script(plain_script)
    with (
        serving(asterisk.agi_port, lambda _: time.sleep(20)),
        Telephone(CALLER, exchange_of(asterisk), clip_book) as telephone,
    ):
        telephone.dial(NUMBER)
        assert telephone.wait_for(APOLOGY, seconds=10, whole=False).at < 6


def test_a_caller_who_hangs_up_starts_nothing_more(
    asterisk: Settings, clip_book: ClipBook, long_text: str, plain_script: Path
) -> None:
    trace = plain_script.with_name("trace")
    plain_script.write_text(f"#!/bin/sh\ntouch {trace}\n", "utf-8")
    answers: list[str] = []

    def listen(visit: Visit) -> None:
        visit.begin()
        answers.append(visit.play(long_text))
        answers.append(visit.read())

    with serving(asterisk.agi_port, listen), Telephone(CALLER, exchange_of(asterisk), clip_book) as telephone:
        telephone.dial(NUMBER)
        time.sleep(0.5)
        telephone.hang_up()
        assert telephone.wait_for_end(5)
        _wait_until_idle(asterisk)
    assert answers == ["200 result=-1", "HANGUP"]
    assert not trace.exists()


def test_more_calls_than_the_plain_script_may_serve_hear_the_apology(
    asterisk: Settings, clip_book: ClipBook, long_text: str, plain_script: Path
) -> None:
    _write_plain_script(plain_script, *[f'EXEC Playback "{long_text}"'], "SET VARIABLE ESCHOOL_RESULT done")
    pbx = exchange_of(asterisk)
    with Telephone(CALLER, pbx, clip_book) as first, Telephone("0888654321", pbx, clip_book) as second:
        first.dial(NUMBER)
        first.wait_for(LONG, whole=False)
        second.dial(NUMBER)
        second.wait_for(APOLOGY, whole=False)
        assert first.wait_for_end(20)
        assert [heard.text for heard in first.heard()] == [LONG]


def test_without_even_the_apology_the_caller_hears_a_tone_and_is_hung_up(
    asterisk: Settings, clip_book: ClipBook, plain_script: Path
) -> None:
    _write_plain_script(plain_script)
    clip = Clips(asterisk).path_of(APOLOGY)
    away = clip.rename(clip.with_suffix(".away"))
    try:
        with Telephone(CALLER, exchange_of(asterisk), clip_book) as telephone:
            telephone.dial(NUMBER)
            assert telephone.wait_for_end(10)
            assert {heard.text for heard in telephone.heard()} == {"?"}  # with silence between
    finally:
        away.rename(clip)


def caller(visit: Visit) -> str | None:
    """Whom the voice server takes for the caller."""
    return asserted.caller(visit.environment["agi_arg_1"])


def _write_plain_script(path: Path, *commands: str) -> None:
    """An AGI program that gives these commands."""
    lines = ["#!/bin/sh", 'while read line && [ -n "$line" ]; do :; done']
    for command in commands:
        lines += [f"echo '{command}'", "read answer"]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _wait_until_idle(asterisk: Settings) -> None:
    deadline = time.monotonic() + 5
    while "running, 0 calls now" not in run.status(asterisk):
        assert time.monotonic() < deadline, "the call goes on after the caller hung up"
        time.sleep(0.05)
