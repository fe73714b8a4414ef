"""What all dialogues have in common: (position, event) -> position, and what each position asks for.

Whatever the step: `9` repeats, `*` goes back, `0` leads to the main menu; silence and wrong keys are told apart,
each may happen three times in a row, then the call ends politely. No key and no silence leads nowhere.
"""

from dataclasses import dataclass, replace

from agi.dialogue.steps import (
    Action,
    Ask,
    Bye,
    Enter,
    Event,
    Goto,
    HangUp,
    Hear,
    Menu,
    Play,
    Pressed,
    Query,
    QueryResult,
    Record,
    SchoolAway,
    Silent,
    Speak,
    Speech,
    Spoken,
    Step,
    Tell,
)
from db.events import EventRef
from db.kinds import CallOutcome, InputKind
from prompts.speech import phrase

TRIES = 3
MENU_WAIT = 5.0
ENTRY_WAIT = 7.0
BETWEEN_DIGITS = 3.0


@dataclass(frozen=True)
class Position:
    """Where a caller is: the step, what must be said first, and how often nothing useful came in a row."""

    step: Step
    notice: Speech = ()
    silences: int = 0
    wrongs: int = 0
    flush: bool = False
    repeated: bool = False

    def action(self) -> Action:
        """What the line or the school must do now."""
        step = self.step
        match step:
            case Tell():
                return Play(step.say, digits=1, wait=0.0, flush=self.flush)
            case Menu():
                intro = () if self.repeated else step.intro
                said = self.notice + intro + step.say
                return Play(said, digits=1, wait=MENU_WAIT, flush=self.flush, sounds=step.sounds)
            case Speak():
                return Record(self.notice + step.say, step.longest, step.silence, step.on_hang_up)
            case Enter():
                intro = () if self.repeated else step.intro
                return Play(
                    self.notice + intro + step.say,
                    digits=step.longest,
                    wait=ENTRY_WAIT,
                    between=BETWEEN_DIGITS,
                    flush=self.flush,
                )
            case Hear():
                return Play(self.notice + step.items[step.at].speech, digits=1, wait=0.0, flush=self.flush)
            case Ask():
                return Query(step.question)
            case Bye():
                return HangUp(self.notice + step.say, step.outcome)


@dataclass(frozen=True)
class Moved:
    """The result of one event.

    heard: what was heard to its end; input_kind: how the event counts in the trace; unread: the last so many keys
    were not for this step and count for the next (type-ahead).
    """

    position: Position
    input_kind: InputKind
    heard: EventRef | None = None
    unread: int = 0


def start(step: Step, *, flush: bool = False) -> Position:
    """The position at a dialogue's first step. `flush`: keys that were pressed before its first word do not count."""
    return Position(_skip_empty(step), flush=flush)


def advance(position: Position, event: Event) -> Moved:
    """Where `event` leads from `position`."""
    if isinstance(event, SchoolAway):
        return Moved(Position(Bye("school-away", (phrase("apology"),), CallOutcome.FAILED)), InputKind.NONE)
    step = position.step
    if isinstance(step, Ask):
        assert isinstance(event, QueryResult)
        return Moved(_go(step.on_answer(event.value)), InputKind.NONE)
    if isinstance(step, Speak):
        assert isinstance(event, Spoken)
        return Moved(_go(step.on_take(event.path)), InputKind.SILENCE if event.path is None else InputKind.NONE)
    assert isinstance(event, Pressed | Silent)
    if isinstance(step, Tell):
        ahead = len(event.keys) if isinstance(event, Pressed) else 0
        return Moved(_go(step.then()), InputKind.KEY if ahead else InputKind.NONE, unread=ahead)
    if isinstance(step, Enter):
        return _entered(position, step, event)
    if isinstance(step, Hear):
        return _heard(position, step, event)
    assert isinstance(step, Menu)
    if isinstance(event, Silent):
        return Moved(_go(step.silence()), InputKind.SILENCE) if step.silence else _nothing_came(position)
    target = step.keys.get(event.keys) or _common_target(step, event.keys)
    if target is not None:
        return Moved(_go(target()), InputKind.KEY)
    if event.keys == "9":
        return Moved(Position(step, repeated=True), InputKind.KEY)
    return _wrong(position)


def _entered(position: Position, step: Enter, event: Pressed | Silent) -> Moved:
    if isinstance(event, Silent):
        return _nothing_came(position)
    if "*" in event.keys:
        return Moved(replace(position, notice=(), repeated=True, flush=False), InputKind.KEY)
    digits = event.keys.removesuffix("#")
    if not (digits.isdecimal() and step.shortest <= len(digits) <= step.longest):
        return _wrong(position, "too-few-digits")
    return Moved(_go(step.on_digits(digits)), InputKind.KEY)


def _heard(position: Position, step: Hear, event: Pressed | Silent) -> Moved:
    ref = step.items[step.at].ref
    if isinstance(event, Silent):
        return Moved(_next_item(step), InputKind.NONE, heard=ref)
    heard = ref if event.played_out else None
    if event.keys == "#":
        return Moved(_next_item(step), InputKind.KEY, heard)
    if event.keys == "9" and "9" not in step.keys:
        return Moved(Position(step), InputKind.KEY, heard)
    target = step.keys.get(event.keys) or _common_target(step, event.keys)
    if target is not None:
        return Moved(_go(target()), InputKind.KEY, heard)
    return replace(_wrong(position), heard=heard)


def _next_item(step: Hear) -> Position:
    if step.at + 1 < len(step.items):
        return Position(replace(step, at=step.at + 1))
    return _go(step.then())


def _common_target(step: Menu | Hear, key: str) -> Goto | None:
    if key == "0":
        return step.home
    if key == "*":
        return step.back
    return None


def _nothing_came(position: Position) -> Moved:
    silences = position.silences + 1
    if silences >= TRIES:
        return Moved(Position(_farewell(CallOutcome.SILENT)), InputKind.SILENCE)
    again = replace(position, notice=(phrase("no-input"),), silences=silences, repeated=True, flush=False)
    return Moved(again, InputKind.SILENCE)


def _wrong(position: Position, notice: str = "invalid-key") -> Moved:
    wrongs = position.wrongs + 1
    if wrongs >= TRIES:
        return Moved(Position(_farewell(CallOutcome.SILENT)), InputKind.INVALID)
    again = replace(position, notice=(phrase(notice),), wrongs=wrongs, repeated=True, flush=True)
    return Moved(again, InputKind.INVALID)


def _farewell(outcome: CallOutcome) -> Bye:
    return Bye("too-many-tries", (phrase("goodbye-no-choice"),), outcome)


def _go(step: Step) -> Position:
    return Position(_skip_empty(step))


def _skip_empty(step: Step) -> Step:
    """A list without items is no place to be."""
    while isinstance(step, Hear) and not step.items:
        step = step.then()
    return step
