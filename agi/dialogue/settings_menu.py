"""Key 7: messages on or off, a new PIN, texts instead of calls, the bill, and slower speech."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from agi.dialogue import queries as q
from agi.dialogue.bill import bill
from agi.dialogue.identify import PIN_LENGTHS, Identified, prove
from agi.dialogue.steps import Ask, Enter, Goto, Menu, Speech, Step
from prompts.speech import phrase
from school.hearing.access import Child

Home = Callable[[Identified], Step]
"""Makes the main menu, of the children as they are followed then."""


def settings_menu(identified: Identified, today: date, home: Home, intro: Speech = ()) -> Step:
    """What can be changed; `identified` holds how it stands, with what was changed during this call."""
    child = identified.child

    def again(said: str, then: Identified = identified) -> Step:
        return settings_menu(then, today, home, (phrase(said),))

    def leave() -> Step:
        return home(identified)

    def switch() -> Step:
        to = not child.sms_enabled
        said = "sms-now-on" if to else "sms-now-off"
        then = _changed(
            identified,
            lambda one: one.subscription_id == child.subscription_id,
            lambda one: replace(one, sms_enabled=to),
        )
        return Ask("switch-sms", q.SwitchSms(child, to), lambda _: again(said, then))

    def switch_text_only() -> Step:
        to = not child.text_only
        said = "text-only-now-on" if to else "text-only-now-off"
        # Who wants texts gets SMS of every child.
        then = _changed(identified, of_same, lambda one: replace(one, text_only=to, sms_enabled=one.sms_enabled or to))
        return Ask(
            "text-only",
            q.WantTextOnly(child, to),
            lambda done: again(said, then) if done else again("text-only-needs-mobile"),
        )

    def switch_slow_speech() -> Step:
        to = not child.slow_speech
        said = "slow-speech-now-on" if to else "slow-speech-now-off"
        then = _changed(identified, of_same, lambda one: replace(one, slow_speech=to))
        return Ask("slow-speech", q.WantSlowSpeech(child, to), lambda _: again(said, then))

    def is_same(other: Child) -> bool:
        return other.subscription_id == child.subscription_id

    def of_same(other: Child) -> bool:
        return other.subscriber_id == child.subscriber_id

    choices = [
        "sms-is-on" if child.sms_enabled else "sms-is-off",
        "change-pin",
        "text-only-is-on" if child.text_only else "text-only-is-off",
    ]
    keys: dict[str, Goto] = {
        "1": switch,
        "2": lambda: _new_pin(identified, again),
        "3": switch_text_only,
        "5": switch_slow_speech,
    }
    if identified.hears_bill:
        choices.append("settings-bill")
        keys["4"] = lambda: bill(today, lambda: settings_menu(identified, today, home), leave)
    choices.append("slow-speech-is-on" if child.slow_speech else "slow-speech-is-off")
    say = tuple(map(phrase, (*choices, "settings-back")))
    return Menu("settings", say, keys, intro=intro, back=leave, home=leave)


def _changed(identified: Identified, is_meant: Callable[[Child], bool], change: Callable[[Child], Child]) -> Identified:
    """The same caller after a wish of the children that are meant has changed."""

    def changed(one: Child) -> Child:
        return change(one) if is_meant(one) else one

    return replace(identified, child=changed(identified.child), children=tuple(map(changed, identified.children)))


def _new_pin(identified: Identified, again: Callable[[str], Step]) -> Step:
    """Typed twice; `again` is the menu after it is stored, with what it says first.

    A number can be spoofed: who was recognised only by it proves the old PIN first.
    """
    child = identified.child

    def choose(intro: Speech = ()) -> Step:
        return Enter("new-pin", (phrase("new-pin"),), *PIN_LENGTHS, on_digits=repeat, intro=intro)

    def repeat(pin: str) -> Step:
        def compare(second: str) -> Step:
            if second != pin:
                return choose((phrase("pins-differ"),))
            return Ask("change-pin", q.ChangePin(child, pin), changed)

        return Enter("new-pin-again", (phrase("new-pin-again"),), *PIN_LENGTHS, on_digits=compare)

    def changed(accepted: bool) -> Step:
        return again("pin-changed") if accepted else choose((phrase("pin-too-simple"),))

    return choose() if identified.by_pin else prove(child, choose)
