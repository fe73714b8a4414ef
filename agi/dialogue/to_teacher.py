"""A parent leaves a message for the class teacher, and hears what became of the one before."""

from collections.abc import Callable
from datetime import date

from agi.dialogue import message_queries as q
from agi.dialogue.steps import Ask, Menu, Speak, Speech, Step
from agi.dialogue.wording import PAUSE
from prompts.speech import on_day, phrase
from runtime import localtime
from school.hearing.access import Child
from school.voicemail.keeping import LONGEST, Desk, Last, Refusal

SILENCE = 6
"""Seconds that end a message: people think while they speak."""

Home = Callable[[Speech], Step]
"""Makes the main menu with something said before it."""


def to_teacher(child: Child, today: date, home: Home) -> Step:
    """The first step: how the last message stands, then the recording."""

    def told(answer: Desk | q.NoRoom) -> Step:
        if isinstance(answer, q.NoRoom):
            return home((phrase("message-no-room"),))
        before = _became_of(answer.last, today) if answer.last else ()
        if answer.refusal is not None:
            return home((*before, phrase(_REFUSED[answer.refusal])))
        return record(before)

    def record(before: Speech = ()) -> Step:
        return Speak(
            "message-record",
            (*before, phrase("message-after-tone")),
            LONGEST,
            taken,
            on_hang_up=lambda path: q.KeepMessage(child, path),
            silence=SILENCE,
        )

    def taken(path: str | None) -> Step:
        return nothing() if path is None else Ask("message-keep", q.KeepMessage(child, path), kept)

    def kept(answer: Refusal | q.NoRoom | q.NothingHeard | None) -> Step:
        if isinstance(answer, q.NothingHeard):
            return nothing()
        if isinstance(answer, q.NoRoom):
            return home((phrase("message-no-room"),))
        return home((phrase("message-kept" if answer is None else _REFUSED[answer]),))

    def nothing() -> Step:
        return Menu("message-unheard", (phrase("message-unheard"),), {"1": record}, back=leave, home=leave)

    def leave() -> Step:
        return home(())

    return Ask("message-desk", q.OpenMessageDesk(child), told)


_REFUSED = {Refusal.OFF: "message-not-taken", Refusal.TOO_MANY: "message-too-many"}


def _became_of(last: Last, today: date) -> Speech:
    became = "message-answered" if last.is_answered else "message-heard" if last.is_heard else "message-waits"
    return (phrase("message-last") + on_day(localtime.today(last.recorded_at), today) + PAUSE, phrase(became))
