"""What docs/sms.md and docs/operations.md say of SMS is so."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from db.kinds import Channel, Language, MessageState
from school.following import wording as notices
from school.subscriptions import wish_wording, wording
from school.wording.service import Numbers
from smpp.gateway.operators import Operator
from smpp.texts.commands import Unknown
from smpp.texts.parsing import parse

DOCS = Path(__file__).parents[2] / "docs"
SMS, OPERATIONS = ((DOCS / name).read_text("utf-8") for name in ("sms.md", "operations.md"))
BG, NUMBERS = Language.BULGARIAN, Numbers()
PRICE = "0,61 € (1,20 лв.)"
COMMANDS = [
    text
    for line in SMS.partition("## How the answers read")[0].splitlines()
    if line.startswith("| `")
    for text in re.findall(r"`([^`]+)`", line.split("|")[1])
]


@pytest.mark.parametrize("text", COMMANDS)
def test_each_text_in_the_table_is_understood(text: str) -> None:
    assert not isinstance(parse(text), Unknown)


@pytest.mark.parametrize(
    "answer",
    [
        wording.help_text(BG, NUMBERS, PRICE),
        wording.follows(BG, ["Борис от 8а"], NUMBERS, PRICE).replace("{pin}", "7858"),
        wording.follows_already(BG, ["Борис от 8а"]),
        wording.asked(BG),
        wording.wrong(BG),
        wording.locked(BG, timedelta(minutes=5)),
        wording.stopped(BG, ["Борис от 8а"], NUMBERS),
        wording.new_pin(BG, ["Борис"], NUMBERS).replace("{pin}", "0974"),
        wording.new_follower(BG, "Борис", "8а", "+359 87* *** *22"),
        wording.new_follower(BG, "Борис", "8а", "+359 87* *** *22", removal="22"),
        wording.follower_waits(BG, "Борис", "8а", "+359 87* *** *22"),
        wording.how_to_stop(BG, NUMBERS),
        wording.stops_nobody(BG, NUMBERS),
        wording.price(BG, NUMBERS, PRICE),
        wording.not_at_all(BG, NUMBERS),
        wording.ask_the_teacher(BG, NUMBERS),
        wording.not_understood(BG, NUMBERS),
        wording.not_a_code(BG),
        wish_wording.wrong_hour(BG, Channel.SMS),
        wish_wording.unclear(BG),
        f"SMS: всичко, веднага. Обаждания: не. {wish_wording.what_can_be_changed(BG)}",
        notices.ended(BG, "Борис от 8а"),
        notices.ended_of_others(BG, "Борис от 8а", ["+359 87* *** *22"]),
        notices.address_added(BG, "ivanova@example.com", NUMBERS.short_code),
        notices.sms_off(BG, "Борис от 8а"),
        notices.text_only(BG, NUMBERS.short_code, wanted=True),
        notices.letters_stopped(BG, "ivanova@example.com"),
    ],
)
def test_the_answers_read_so(answer: str) -> None:
    assert f" {answer} |" in SMS


def test_every_setting_of_an_operator_is_described() -> None:
    described = set(re.findall(r"`(\w+)`", OPERATIONS.partition("### Connecting an operator")[2]))
    assert set(Operator.model_fields) - {"name"} <= described


@pytest.mark.parametrize("state", MessageState)
def test_every_state_of_a_message_is_described(state: MessageState) -> None:
    assert f"\n| `{state}` | " in OPERATIONS
