"""The steps of which a dialogue is made, and what each asks of the telephone line and the school.

A dialogue is a graph of steps. A step says something and names where each key leads; the habits every caller
can rely on (repeat, back, main menu, three tries) live in `agi.dialogue.walk`, once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from db.events import EventRef
from db.kinds import CallOutcome
from prompts.speech import Sentence

Goto = Callable[[], "Step"]
"""Where a key leads; called only when the caller goes there."""

Speech = tuple[Sentence, ...]
"""Sentences said one after another."""


@dataclass(frozen=True)
class Tell:
    """Say something and go on; a key cuts it short and counts for the next step (type-ahead)."""

    name: str
    say: Speech
    then: Goto


@dataclass(frozen=True)
class Menu:
    """Say what the keys do and wait for one. `intro` is said once, before the choices; a repeat leaves it out.

    `silence`: where it leads when no key comes; none: it is asked again, as everywhere.
    """

    name: str
    say: Speech
    keys: Mapping[str, Goto]
    intro: Speech = ()
    back: Goto | None = None
    home: Goto | None = None
    silence: Goto | None = None
    sounds: tuple[str, ...] = ()
    """Files (absolute, without extension) that are played before `say`, each time."""


@dataclass(frozen=True)
class Speak:
    """Say something and record what the caller says after a tone, until `#`, a silence, or `longest` seconds."""

    name: str
    say: Speech
    longest: int
    on_take: Callable[[str | None], "Step"]
    """Is given the file that was recorded; None: there is none."""
    on_hang_up: Callable[[str], object] | None = None
    """Who hangs up instead of ending the recording: the question to the school about the file. None: it is dropped."""
    silence: int = 3
    """Seconds of silence that end it."""


@dataclass(frozen=True)
class Enter:
    """Collect `shortest`..`longest` digits; `#` ends them early, `*` starts over."""

    name: str
    say: Speech
    shortest: int
    longest: int
    on_digits: Callable[[str], "Step"]
    intro: Speech = ()


@dataclass(frozen=True)
class Item:
    """One thing to hear; `ref` names the school's event it tells of."""

    speech: Speech
    ref: EventRef | None = None


@dataclass(frozen=True)
class Hear:
    """Play items one after another: `#` next, `9` again, `*` back, `0` main menu; `keys` lead elsewhere at any time.
    When all are heard the caller goes to `then`."""

    name: str
    items: tuple[Item, ...]
    then: Goto
    keys: Mapping[str, Goto] = field(default_factory=dict)
    back: Goto | None = None
    home: Goto | None = None
    at: int = 0


@dataclass(frozen=True)
class Ask:
    """Ask the school; the answer decides the next step."""

    name: str
    question: object
    on_answer: Callable[[Any], "Step"]


@dataclass(frozen=True)
class Bye:
    """Say goodbye and hang up."""

    name: str
    say: Speech
    outcome: CallOutcome


Step = Tell | Menu | Speak | Enter | Hear | Ask | Bye


@dataclass(frozen=True)
class Play:
    """To the line: play `speech`, which any key interrupts, then wait `wait` seconds for up to `digits` keys.

    `between` is how long to wait for the next digit after one came. With `flush`, keys pressed before are dropped:
    they were meant for a menu the caller turned out not to be in.
    """

    speech: Speech
    digits: int
    wait: float
    between: float = 0.0
    flush: bool = False
    sounds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """To the line: say `speech`, then record up to `longest` seconds after a tone, until `silence` seconds of it."""

    speech: Speech
    longest: int
    silence: int = 3
    on_hang_up: Callable[[str], object] | None = None


@dataclass(frozen=True)
class Query:
    """To the school: answer `question`."""

    question: object


@dataclass(frozen=True)
class HangUp:
    """To the line: say this to the end and hang up."""

    speech: Speech
    outcome: CallOutcome


Action = Play | Record | Query | HangUp


@dataclass(frozen=True)
class Pressed:
    """From the line: these keys were pressed, `#` included; `played_out` when all was heard before the first."""

    keys: str
    played_out: bool = False


@dataclass(frozen=True)
class Silent:
    """From the line: everything was played and no key came."""


@dataclass(frozen=True)
class Spoken:
    """From the line: the file with what the caller said; None: nothing was recorded."""

    path: str | None


@dataclass(frozen=True)
class QueryResult:
    """From the school: the answer."""

    value: object


@dataclass(frozen=True)
class SchoolAway:
    """From the school: it cannot answer now (its database is away)."""


Event = Pressed | Silent | Spoken | QueryResult | SchoolAway
