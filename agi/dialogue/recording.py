"""The line of staff: recording the voice, or hearing what parents said. The code from the page tells which.

To record, a text is played, the person reads it after the tone, hears it and keeps it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from agi.dialogue import queries as q
from agi.dialogue.steps import Ask, Bye, Enter, Menu, Speak, Speech, Step
from agi.dialogue.to_hear import to_hear
from agi.dialogue.walk import TRIES
from agi.dialogue.wording import wait_minutes
from db.kinds import CallOutcome, PassPurpose
from prompts.recording.script import Line
from prompts.speech import phrase
from runtime import localtime
from school.recordings.passes import DIGITS, Desk

LONGEST_LINE = 45
"""Seconds; no phrase takes as long."""


def recording(now: datetime) -> Step:
    """The dialogue's first step."""
    return _pass(0, localtime.today(now), (phrase("record-greeting"),))


@dataclass(frozen=True)
class _At:
    """Where a person is in the script."""

    desk: Desk
    line: Line


def _pass(failures: int, today: date, intro: Speech) -> Step:
    def answered(answer: Desk | q.NotAdmitted) -> Step:
        if isinstance(answer, Desk):
            if answer.purpose is PassPurpose.MESSAGES:
                return to_hear(answer, today)
            return _next(answer, 0, (phrase("record-begin"),))
        if answer.locked_for is not None:
            said = (wait_minutes(answer.locked_for), phrase("goodbye"))
            return Bye("locked", said, CallOutcome.REFUSED)
        if failures + 1 >= TRIES:
            return Bye("no-pass", (phrase("record-no-pass"), phrase("outbound-goodbye")), CallOutcome.REFUSED)
        return _pass(failures + 1, today, (phrase("record-no-pass"),))

    return Enter(
        "record-pass",
        (phrase("record-enter-pass"),),
        DIGITS,
        DIGITS,
        on_digits=lambda digits: Ask("record-open", q.OpenDesk(digits), answered),
        intro=intro,
    )


def _next(desk: Desk, after: int, intro: Speech = ()) -> Step:
    """The first line beyond this number that is not recorded yet."""

    def found(line: Line | None) -> Step:
        if line is None:
            return Bye("record-done", (phrase("record-done"), phrase("outbound-goodbye")), CallOutcome.FINISHED)
        return _read(_At(desk, line), intro)

    return Ask("record-next", q.NextLine(desk, after), found)


def _read(at: _At, intro: Speech = ()) -> Step:
    def taken(path: str | None) -> Step:
        if path is None:
            return _again(at)
        return Ask("record-check", q.CheckTake(path), lambda heard: _decide(at, path, heard))

    return Speak("record-line", (*intro, phrase("record-read"), (at.line.text,)), LONGEST_LINE, taken)


def _decide(at: _At, path: str, heard: str | None) -> Step:
    """`heard` is the take as callers would hear it; None: nothing could be heard in it."""
    if heard is None:
        return _again(at)

    def keep() -> Step:
        return Ask("record-keep", q.KeepTake(at.desk, at.line.name, path), lambda _: _next(at.desk, at.line.number))

    return Menu(
        "record-choose",
        (phrase("record-choices"),),
        {
            "1": keep,
            "2": lambda: _read(at),
            "#": lambda: _next(at.desk, at.line.number),
        },
        sounds=(heard,),
        home=lambda: Bye("record-stop", (phrase("record-stop"), phrase("outbound-goodbye")), CallOutcome.FINISHED),
    )


def _again(at: _At) -> Step:
    """Nothing was heard: once more, or on to the next line."""
    return Menu(
        "record-unheard",
        (phrase("record-unheard"),),
        {"2": lambda: _read(at), "#": lambda: _next(at.desk, at.line.number)},
        home=lambda: Bye("record-stop", (phrase("record-stop"), phrase("outbound-goodbye")), CallOutcome.FINISHED),
    )
