"""Who is calling: a recognised number goes on at once, anybody else enters the ID-code and the PIN.

A wrong code and a wrong PIN sound alike; a code whose check digit is wrong is told at once, since anybody can
compute the check digit and a mistyped code is the commonest mistake.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from agi.dialogue.queries import AdmitByCode, AdmitToChild, Caller, NotAdmitted, WhoIsCalling
from agi.dialogue.steps import Ask, Bye, Enter, Goto, Menu, Speech, Step, Tell
from agi.dialogue.walk import TRIES
from agi.dialogue.wording import child_of_class, wait_minutes
from db.kinds import CallOutcome
from prompts.entered import entered
from prompts.speech import Sentence, phrase
from school.hearing.access import Admitted, Child
from school.students.student_code import is_valid

CODE_LENGTH = 8
PIN_LENGTHS = (4, 6)

CHILDREN_BY_KEY = 8
"""A family's children are picked with keys 1-8; 9 repeats."""


Another = Callable[[tuple[Child, ...]], Step]
"""Lets the caller choose among these children."""


@dataclass(frozen=True)
class Identified:
    """A child the caller may hear about, whether a PIN proved it, and where „another child“ leads.

    `children`: those among which „another child“ lets choose, as they are followed now. `hears_bill`: parents pay, and
    the number is known; the bill is told to nobody else's telephone.
    """

    child: Child
    by_pin: bool
    another: Another | None
    children: tuple[Child, ...] = ()
    hears_bill: bool = False


Opened = Callable[[Identified], Step]


def begin(opened: Opened) -> Step:
    """The first step of an inbound call; `opened` makes the main menu once the caller may hear a child's records."""

    def told(caller: Caller) -> Step:
        if caller.locked_for is not None and not caller.children:
            return _locked(caller.locked_for)
        if not caller.children:
            return by_code(opened)
        with_bill = _with_bill(opened) if caller.parents_pay else opened
        return _greeted(caller.children, lambda: _recognised(caller.children, with_bill))

    return Tell("greeting", (phrase("greeting"),), lambda: Ask("recognise", WhoIsCalling(), told))


def _with_bill(opened: Opened) -> Opened:
    return lambda identified: opened(replace(identified, hears_bill=True))


def by_code(opened: Opened, failures: int = 0, intro: Speech = ()) -> Step:
    """Ask for the student's code, then the PIN."""

    def code_entered(code: str) -> Step:
        if not is_valid(code):
            if failures + 1 >= TRIES:
                return _not_admitted()
            return by_code(opened, failures + 1, (phrase("code-mistyped"),))
        return Enter("enter-pin", (phrase("enter-pin"),), *PIN_LENGTHS, on_digits=lambda pin: _admit(code, pin))

    def _admit(code: str, pin: str) -> Step:
        return Ask("admit", AdmitByCode(code, pin), admitted)

    def admitted(answer: Admitted | NotAdmitted) -> Step:
        if isinstance(answer, Admitted):
            identified = Identified(answer.child, by_pin=True, another=lambda _: by_code(opened))
            return opened(identified)
        if answer.locked_for is not None:
            return _locked(answer.locked_for)
        if failures + 1 >= TRIES:
            return _not_admitted()
        return by_code(opened, failures + 1, (phrase("not-admitted"),))

    return Enter("enter-code", (phrase("enter-code"),), CODE_LENGTH, CODE_LENGTH, code_entered, intro)


def prove(child: Child, proved: Goto, failures: int = 0, intro: Speech = ()) -> Step:
    """Ask for the PIN of a child's subscription; `proved` follows when it is right."""

    def answered(answer: Admitted | NotAdmitted) -> Step:
        if isinstance(answer, Admitted):
            return proved()
        if answer.locked_for is not None:
            return _locked(answer.locked_for)
        if failures + 1 >= TRIES:
            return _not_admitted()
        return prove(child, proved, failures + 1, (phrase("pin-wrong"),))

    return Enter(
        "enter-own-pin",
        (phrase("enter-pin"),),
        *PIN_LENGTHS,
        on_digits=lambda pin: Ask("admit", AdmitToChild(child, pin), answered),
        intro=intro,
    )


def _recognised(children: tuple[Child, ...], opened: Opened) -> Step:
    return _chosen(children[0], children, None, opened) if len(children) == 1 else _choose(children, opened)


def _greeted(children: tuple[Child, ...], then: Goto) -> Step:
    """The greeting of the school that all children go to, where it has one, before `then`."""
    greeting = children[0].greeting
    if not greeting or len({child.school_id for child in children}) > 1:
        return then()
    return Tell("school-greeting", (entered(greeting),), then)


def _choose(children: tuple[Child, ...], opened: Opened) -> Step:
    def again() -> Step:
        return _choose(children, opened)

    listed = children[:CHILDREN_BY_KEY]
    choices = tuple(_offered(child) + phrase(f"press-{key}") for key, child in enumerate(listed, start=1))
    another: Another = partial(_choose, opened=opened)
    keys: dict[str, Goto] = {
        str(key): partial(_chosen, child, children, another, opened) for key, child in enumerate(listed, start=1)
    }
    return Menu("choose-child", choices, keys, intro=(phrase("choose-child"),), home=again)


def _offered(child: Child) -> Sentence:
    """A child to choose; of one whose school always asks for the PIN not even the name is said before it."""
    return phrase("child-with-pin") if child.needs_pin else child_of_class(child)


def _chosen(child: Child, children: tuple[Child, ...], another: Another | None, opened: Opened) -> Step:
    if child.needs_pin:
        return prove(child, lambda: opened(Identified(child, True, another, children)))
    return opened(Identified(child, False, another, children))


def _locked(wait: timedelta) -> Step:
    return Bye("locked", (wait_minutes(wait), phrase("goodbye")), CallOutcome.REFUSED)


def _not_admitted() -> Step:
    said: Speech = (phrase("not-admitted"), phrase("goodbye-not-admitted"))
    return Bye("not-admitted", said, CallOutcome.REFUSED)
