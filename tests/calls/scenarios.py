"""Calls to the running product, one function a call: what a caller does. The tests assert what was heard.

They are made at the same time, so that all of them take as long as the longest. Each has a parent of its own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from stdnum import luhn

from devtools.telephone.heard import Heard
from devtools.telephone.telephone import PAUSE, SILENCES, Telephone
from prompts.catalogue import PHRASES
from tests.calls import bulgarian
from tests.calls.product import Follower, Product


@dataclass(frozen=True)
class Transcript:
    """What was heard, which keys were pressed when (seconds since the answer), and whether the product hung up."""

    heard: list[Heard]
    pressed: list[tuple[float, str]] = field(default_factory=list)
    ended: bool = False

    @property
    def texts(self) -> list[str]:
        """The texts in order, without pauses."""
        return [one.text for one in self.heard if one.text not in SILENCES]

    def first(self, text: str) -> Heard:
        """The first clip with this text."""
        return next(one for one in self.heard if text in one.texts)

    def after(self, text: str) -> list[str]:
        """The texts after the first `text`."""
        return self.texts[self.texts.index(text) + 1 :]

    def sentences_after(self, text: str) -> list[str]:
        """Whole sentences after the first `text`, each up to a pause."""
        sentences, words = [], []
        for one in self.heard[[one.text for one in self.heard].index(text) + 1 :]:
            if one.text != PAUSE:
                words.append(one.text)
            else:
                sentences.append(bulgarian.read(words))
                words = []
        return sentences


class Caller:
    """A telephone and what was pressed on it."""

    def __init__(self, telephone: Telephone) -> None:
        self.telephone = telephone
        self._pressed: list[tuple[float, str]] = []

    def press(self, keys: str) -> None:
        """Press keys now."""
        self._pressed.append((self.telephone.since_answer(), keys))
        self.telephone.press(keys)

    def hears(self, phrase_id: str, *, whole: bool = True, seconds: float = 30) -> None:
        """Wait until a phrase of the catalogue was heard."""
        self.telephone.wait_for(PHRASES[phrase_id], seconds, whole=whole)

    def transcript(self) -> Transcript:
        """All so far."""
        return Transcript(self.telephone.heard(), self._pressed, self.telephone.ended)


def recognised_parent(product: Product) -> Transcript:
    """Calls from the subscribed number, listens to the whole menu, and hangs up."""
    with product.telephone(product.parents_of_one[0].phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.hears("menu-repeat", seconds=60)
        telephone.hang_up()
        return caller.transcript()


def grades_by_code_and_pin(product: Product) -> Transcript:
    """Calls from a number nobody knows, gives code and PIN, and listens to three grades."""
    follower = product.parents_of_one[1]
    product.forget_what_was_heard(follower)
    with product.telephone("0888000001") as telephone:
        caller = Caller(telephone)
        _give_code_and_pin(caller, follower.student["student_code"], follower.pin, product)
        caller.hears("menu-grades", whole=False)
        caller.press("1")
        caller.hears("grades-latest")
        wait_for_sentences(telephone, PHRASES["grades-latest"], 3)
        telephone.hang_up()
        telephone.wait_for_end(5)
        return caller.transcript()


def wrong_pin_until_the_goodbye(product: Product) -> Transcript:
    """Gives a code and a wrong PIN three times."""
    follower = product.parents_of_one[2]
    return _wrong_until_the_goodbye(product, "0888000002", follower.student["student_code"], another(follower.pin))


def wrong_code_until_the_goodbye(product: Product) -> Transcript:
    """Gives a code nobody has (its check digit is right) three times."""
    codes = {student["student_code"] for student in product.demo["students"]}
    unknown = next(code for code in map(_luhn_code, range(1_000_000, 1_000_100)) if code not in codes)
    return _wrong_until_the_goodbye(product, "0888000003", unknown, "1234")


def locked_out(product: Product) -> Transcript:
    """Gives wrong PINs in two calls, then the right one in the second: what the second hears."""
    follower = product.parents_of_one[3]
    code, wrong = follower.student["student_code"], another(follower.pin)
    wrong_three_times(product, "0888000004", code, wrong)
    with product.telephone("0888000004") as telephone:
        caller = Caller(telephone)
        _give_code_and_pin(caller, code, wrong, product)
        telephone.wait_for_end(30)
        return caller.transcript()


def locked_out_with_the_right_pin(product: Product) -> Transcript:
    """After four wrong PINs gives the right one."""
    follower = product.parents_of_one[4]
    code, wrong = follower.student["student_code"], another(follower.pin)
    wrong_three_times(product, "0888000005", code, wrong)
    with product.telephone("0888000005") as telephone:
        _give_code_and_pin(Caller(telephone), code, wrong, product)
        telephone.wait_for_end(30)
    with product.telephone("0888000005") as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        telephone.press(f"{code}{follower.pin}#")
        telephone.wait_for_end(30)
        return caller.transcript()


def two_children(product: Product) -> Transcript:
    """Picks the second child, then the other one."""
    phone, _ = product.parent_of_two
    with product.telephone(phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.hears("choose-child", whole=False)
        telephone.wait_for_quiet()
        caller.press("2")
        caller.hears("menu-grades", whole=False)
        caller.press("8")
        telephone.wait_for_count(PHRASES["choose-child"], 2)
        telephone.wait_for_count(PHRASES["press-2"], 2)
        telephone.hang_up()
        return caller.transcript()


def hidden_number(product: Product) -> Transcript:
    """Calls with a hidden number and gives code and PIN."""
    follower = product.parents_of_one[5]
    with product.telephone(None) as telephone:
        caller = Caller(telephone)
        _give_code_and_pin(caller, follower.student["student_code"], follower.pin, product)
        caller.hears("menu-grades", whole=False)
        telephone.hang_up()
        return caller.transcript()


def barge_in(product: Product) -> Transcript:
    """Presses keys in the middle of the menu and of what follows."""
    with product.telephone(product.parents_of_one[6].phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.hears("menu-remarks", whole=False)
        time.sleep(0.5)
        caller.press("1")
        caller.hears("grades-latest", whole=False)
        time.sleep(1.0)
        caller.press("0")
        telephone.wait_for_count(PHRASES["menu-grades"], 2)
        telephone.hang_up()
        return caller.transcript()


def every_key_of_a_list(product: Product) -> Transcript:
    """Asks for the first grade again and hears it out, skips the second, leaves in the third."""
    with product.telephone(product.parents_of_one[9].phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("1")
        caller.hears("grades-latest")
        _wait_for_more(telephone, PHRASES["grades-latest"])
        caller.press("9")
        _wait_for_more(telephone, PAUSE)
        caller.press("#")
        time.sleep(1.0)
        caller.press("*")
        caller.hears("menu-grades", whole=False)
        telephone.hang_up()
        return caller.transcript()


def a_new_pin(product: Product) -> Transcript:
    """Changes the PIN and, from a number nobody knows, gives the old one and then the new one."""
    follower = product.parents_of_one[10]
    new, code = "918273", follower.student["student_code"]
    with product.telephone(follower.phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("7")
        caller.hears("sms-is-on", whole=False)
        caller.press("2")
        caller.hears("enter-pin", whole=False)
        caller.press(f"{follower.pin}#")
        caller.hears("new-pin", whole=False)
        caller.press(new)
        caller.hears("new-pin-again", whole=False)
        caller.press(new)
        caller.hears("pin-changed")
        telephone.hang_up()
    with product.telephone("0888000008") as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press(f"{code}{follower.pin}#")
        caller.hears("not-admitted", whole=False)
        caller.press(f"{code}{new}")
        caller.hears("menu-grades", whole=False)
        telephone.hang_up()
        return caller.transcript()


def type_ahead(product: Product) -> Transcript:
    """Presses the key of the absences while still being greeted."""
    with product.telephone(late_and_absent(product).phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        time.sleep(0.4)
        caller.press("2")
        caller.hears("absences-latest")
        telephone.hang_up()
        return caller.transcript()


def type_ahead_of_code_and_pin(product: Product) -> Transcript:
    """Types everything at once: code, PIN, the grades."""
    follower = product.parents_of_one[7]
    with product.telephone("0888000006") as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press(f"{follower.student['student_code']}{follower.pin}#1")
        caller.hears("grades-latest")
        telephone.hang_up()
        return caller.transcript()


def silence(product: Product) -> Transcript:
    """Says and presses nothing."""
    with product.telephone("0888000007") as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        telephone.wait_for_end(90)
        return caller.transcript()


def hangup_in_the_middle(product: Product) -> Transcript:
    """Hangs up while the first grade is being told."""
    with product.telephone(product.parents_of_one[8].phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("1")
        caller.hears("grades-latest")
        time.sleep(1)
        telephone.hang_up()
        telephone.wait_for_end(5)
        return caller.transcript()


ALL: tuple[Callable[[Product], Transcript], ...] = (
    recognised_parent,
    grades_by_code_and_pin,
    wrong_pin_until_the_goodbye,
    wrong_code_until_the_goodbye,
    locked_out,
    locked_out_with_the_right_pin,
    two_children,
    hidden_number,
    barge_in,
    every_key_of_a_list,
    a_new_pin,
    type_ahead,
    type_ahead_of_code_and_pin,
    silence,
    hangup_in_the_middle,
)


def late_and_absent(product: Product) -> Follower:
    """A parent whose child has up to ten unexcused absences and was late an odd number of times."""
    for follower in product.parents_of_one[11:]:
        counts = bulgarian.absence_counts(follower.student)
        if counts["unexcused"] in range(1, 10) and counts["late"] % 2 and counts["late"] < 10:
            return follower
    raise AssertionError("the demonstration school has no such student")


def _give_code_and_pin(caller: Caller, code: str, pin: str, product: Product) -> None:
    caller.telephone.dial(product.settings.inbound_number)
    caller.hears("enter-code", whole=False)
    caller.press(code)
    caller.hears("enter-pin", whole=False)
    caller.press(f"{pin}#")


def wrong_three_times(product: Product, number: str, code: str, pin: str) -> None:
    """Types a code and a wrong PIN three times, as fast as the keys go."""
    with product.telephone(number) as telephone:
        telephone.dial(product.settings.inbound_number)
        for tries in range(1, 4):
            telephone.press(f"{code}{pin}#")
            telephone.wait_for_count(PHRASES["not-admitted"], tries)
        telephone.hang_up()
        telephone.wait_for_end(5)


def _wrong_until_the_goodbye(product: Product, number: str, code: str, pin: str) -> Transcript:
    """Answers each question as it is asked, three times, and listens to the end."""
    with product.telephone(number) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        for tries in range(1, 4):
            telephone.wait_for_count(PHRASES["enter-code"], tries)
            caller.press(code)
            telephone.wait_for_count(PHRASES["enter-pin"], tries)
            caller.press(f"{pin}#")
            telephone.wait_for_count(PHRASES["not-admitted"], tries)
        telephone.wait_for_end(60)
        return caller.transcript()


def wait_for_sentences(telephone: Telephone, after: str, count: int) -> None:
    """Wait until so many sentences after a text were heard to their end and the next one has begun."""
    deadline = time.monotonic() + 60
    while not telephone.ended and time.monotonic() < deadline:
        texts = [one.text for one in telephone.heard()]
        if after in texts and texts[texts.index(after) :].count(PAUSE) >= count and texts[-1] != PAUSE:
            return
        time.sleep(0.05)


def _wait_for_more(telephone: Telephone, after: str) -> None:
    """Wait until something is said after a text."""
    deadline = time.monotonic() + 60
    while not telephone.ended and time.monotonic() < deadline:
        texts = [one.text for one in telephone.heard()]
        if after in texts[:-1]:
            return
        time.sleep(0.05)


def _luhn_code(number: int) -> str:
    """Seven digits and their check digit."""
    return f"{number}{luhn.calc_check_digit(str(number))}"


def another(pin: str) -> str:
    """A PIN of the same length that is not `pin`."""
    return pin[:-1] + str((int(pin[-1]) + 1) % 10)
