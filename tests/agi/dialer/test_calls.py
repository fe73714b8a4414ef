"""Three layers of result put together: the answer to Originate, its event, and the hang-up."""

import pytest

from agi.dialer import causes
from agi.dialer.calls import CHANNEL_SECONDS, TALKS_ON_SECONDS, Calls
from agi.dialer.numbers import as_dialled
from db.kinds import CallResult
from school.dialling.attempts import Ended
from settings import Numbers


class Told:
    """Calls, and what they told."""

    def __init__(self) -> None:
        self.answered: list[str] = []
        self.ended: list[Ended] = []
        self.machines: list[str] = []
        self.calls = Calls(self.answered.append, self.ended.append, self.machines.append)

    def event(self, name: str, channel: str = "a", now: float = 0.0, **headers: str) -> None:
        self.calls.event({"Event": name, "Uniqueid": channel, **headers}, now)


@pytest.fixture
def told() -> Told:
    made = Told()
    made.calls.begins("a", 5)
    return made


def test_a_busy_telephone_ends_with_its_cause(told: Told) -> None:
    told.event("Newchannel")
    told.event("Hangup", Cause="17")
    told.event("OriginateResponse", ActionID="a", Reason="5")
    assert told.ended == [Ended("a", CallResult.BUSY, 17)]
    assert told.calls.outbound == told.calls.inbound == 0


def test_an_answered_call_leaves_its_result_to_who_speaks(told: Told) -> None:
    told.event("OriginateResponse", ActionID="a", Reason="4")
    told.event("Newstate", ChannelState="6")
    told.event("Hangup", Cause="16")
    assert told.answered == ["a"]
    assert told.ended == [Ended("a", None, 16)]


@pytest.mark.parametrize("channel", ["<null>", "a"])
def test_a_call_that_never_had_a_channel_ends_by_its_reason(told: Told, channel: str) -> None:
    """Asterisk 22 names the channel that was asked for while the trunk cannot be reached, though it made none."""
    told.event("OriginateResponse", channel=channel, ActionID="a", Reason="0")
    told.calls.tick(CHANNEL_SECONDS)
    assert told.ended == [Ended("a", CallResult.TRUNK, None)]
    assert told.calls.outbound == 0


def test_a_call_that_has_a_channel_ends_when_it_hangs_up(told: Told) -> None:
    told.event("Newchannel")
    told.event("OriginateResponse", ActionID="a", Reason="5")
    assert told.ended == []
    told.event("Hangup", Cause="17")
    assert told.ended == [Ended("a", CallResult.BUSY, 17)]


def test_a_channel_may_be_told_of_after_the_answer_about_it(told: Told) -> None:
    told.event("OriginateResponse", ActionID="a", Reason="5")
    told.calls.tick(CHANNEL_SECONDS - 0.1)
    assert told.ended == []
    told.event("Newchannel")
    told.calls.tick(2 * CHANNEL_SECONDS)
    told.event("Hangup", Cause="17")
    assert told.ended == [Ended("a", CallResult.BUSY, 17)]


def test_others_channels_are_counted_as_inbound(told: Told) -> None:
    told.event("Newchannel", "x")
    told.event("Newchannel", "a")
    assert (told.calls.outbound, told.calls.inbound) == (1, 1)
    told.event("Hangup", "x", Cause="16")
    assert told.calls.inbound == 0
    assert told.ended == []


def test_after_a_connection_those_that_live_are_followed_and_those_hung_up_meanwhile_are_not() -> None:
    told = Told()
    told.event("Hangup", "gone", Cause="16")
    alive = told.calls.there_are(
        [
            {"Uniqueid": "mine", "ChannelState": "6"},
            {"Uniqueid": "gone", "ChannelState": "6"},
            {"Uniqueid": "parent", "ChannelState": "6"},
        ],
        {"mine": 3, "gone": None, "lost": None},
    )
    assert alive == {"mine"}
    assert told.calls.message_ids == [3]
    assert told.calls.inbound == 1
    told.event("Hangup", "mine", Cause="16")
    assert told.ended == [Ended("mine", None, 16)]


def test_who_talks_without_a_pause_sounds_like_a_machine_once(told: Told) -> None:
    told.event("ChannelTalkingStart", now=1.0)
    told.calls.tick(1.0 + TALKS_ON_SECONDS / 2)
    assert told.machines == []
    told.calls.tick(1.0 + TALKS_ON_SECONDS)
    told.calls.tick(9.0)
    assert told.machines == ["a"]


def test_a_long_hello_is_no_machine(told: Told) -> None:
    told.event("ChannelTalkingStart", now=0.0)
    told.event("ChannelTalkingStop", now=TALKS_ON_SECONDS - 0.1)
    told.calls.tick(60.0)
    assert told.machines == []


@pytest.mark.parametrize(
    ("reason", "cause", "result"),
    [
        ("5", 17, CallResult.BUSY),
        ("3", 19, CallResult.NO_ANSWER),
        ("3", 0, CallResult.NO_ANSWER),
        ("8", 21, CallResult.REJECTED),
        ("8", 1, CallResult.BAD_NUMBER),
        ("8", 28, CallResult.BAD_NUMBER),
        ("8", 34, CallResult.TRUNK),
        ("8", 38, CallResult.TRUNK),
        ("0", None, CallResult.TRUNK),
        (None, None, CallResult.NO_ANSWER),
    ],
)
def test_the_cause_says_more_than_the_reason(reason: str | None, cause: int | None, result: CallResult) -> None:
    assert causes.result_of(reason, cause) is result


@pytest.mark.parametrize(
    ("phone", "form", "dialled"),
    [
        ("+359888123456", Numbers.NATIONAL, "0888123456"),
        ("+359888123456", Numbers.INTERNATIONAL, "359888123456"),
        ("+359888123456", Numbers.PLUS, "+359888123456"),
        ("+4930901820", Numbers.NATIONAL, "004930901820"),
    ],
)
def test_numbers_are_dialled_as_the_trunk_wants_them(phone: str, form: Numbers, dialled: str) -> None:
    assert as_dialled(phone, form) == dialled


@pytest.mark.parametrize("phone", ["+359888\r\nAction: Command", "PJSIP/x", "", "+", "+٣٥٩"])
def test_what_is_no_number_is_never_put_into_a_channel(phone: str) -> None:
    with pytest.raises(ValueError, match="not a telephone number"):
        as_dialled(phone, Numbers.NATIONAL)
