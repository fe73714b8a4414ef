"""Walks a dialogue without a telephone: answers its questions from given rows and collects the words said."""

from collections.abc import Mapping

from agi.dialogue.steps import (
    Event,
    HangUp,
    Play,
    Pressed,
    Query,
    QueryResult,
    Record,
    SchoolAway,
    Silent,
    Speech,
    Spoken,
    Step,
)
from agi.dialogue.walk import Moved, Position, advance, start
from db.events import EventRef
from db.kinds import CallOutcome

AWAY = object()
"""As an answer: the school's database is away."""


def words(speech: Speech) -> str:
    """What a caller hears, as text; a breath as a comma."""
    return " ".join(piece for sentence in speech for piece in sentence).replace(" ,", ",")


class Walkthrough:
    """A caller in a dialogue. `answers` maps a question's type to its answer, or to a list answered in turn."""

    def __init__(self, first: Step, answers: Mapping[type, object]) -> None:
        self.answers = dict(answers)
        self.asked: list[object] = []
        self.heard: list[EventRef] = []
        self.outcome: CallOutcome | None = None
        self.position: Position = start(first)
        self.said = ""
        self._settle()

    @property
    def step(self) -> str:
        """The name of the step the caller is in."""
        return self.position.step.name

    def press(self, *entries: str) -> str:
        """Press keys, each entry for one prompt; returns what is said then."""
        for entry in entries:
            self._take(Pressed(entry))
        return self.said

    def wait(self, times: int = 1) -> str:
        """Press nothing; returns what is said then."""
        for _ in range(times):
            self._take(Silent())
        return self.said

    def _take(self, event: Event) -> None:
        assert self.outcome is None, "the call is over"
        self._moved(advance(self.position, event))
        self._settle()

    def _moved(self, moved: Moved) -> None:
        self.position = moved.position
        if moved.heard is not None:
            self.heard.append(moved.heard)

    def _settle(self) -> None:
        """Answer questions, and speak where there is something to record, until something is said."""
        while isinstance(action := self.position.action(), Query | Record):
            if isinstance(action, Record):
                self._moved(advance(self.position, Spoken("recorded")))
                continue
            self.asked.append(action.question)
            answer = self.answers[type(action.question)]
            if isinstance(answer, list):
                answer = answer.pop(0)
            self._moved(advance(self.position, SchoolAway() if answer is AWAY else QueryResult(answer)))
        assert isinstance(action, Play | HangUp)
        self.said = words(action.speech)
        if isinstance(action, HangUp):
            self.outcome = action.outcome
