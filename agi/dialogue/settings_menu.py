"""Key 7: messages on or off, a new PIN, texts instead of calls, the bill, and slower speech."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from agi.dialogue import queries as q
from agi.dialogue.bill import bill
from agi.dialogue.identify import PIN_LENGTHS, Identified, prove
from agi.dialogue.steps import Ask, Enter, Goto, Menu, Speech, Step
from prompts.speech import phrase
from school.hearing.access import Child


@dataclass(frozen=True, slots=True)
class _Wishes:
    """How it stands now, also where it was changed during this call."""

    sms: bool
    text_only: bool
    slow_speech: bool
    sms_of_all: bool = False
    """SMS were switched on for every child that the subscriber follows."""


Home = Callable[[Identified], Step]
"""Makes the main menu, of the child as it is followed then."""


def settings_menu(
    identified: Identified, today: date, home: Home, now: _Wishes | None = None, intro: Speech = ()
) -> Step:
    """What can be changed; `now` is how it stands when it was changed during this visit to the menu."""
    child = identified.child
    stands = now or _Wishes(child.sms_enabled, child.text_only, child.slow_speech)

    def leave() -> Step:
        changed = replace(child, sms_enabled=stands.sms, text_only=stands.text_only, slow_speech=stands.slow_speech)
        family = tuple(_as_changed(one, changed, sms=stands.sms_of_all) for one in identified.children)
        return home(replace(identified, child=changed, children=family))

    def again(said: str, then: _Wishes = stands) -> Step:
        return settings_menu(identified, today, home, then, (phrase(said),))

    def switch() -> Step:
        to = not stands.sms
        return Ask(
            "switch-sms",
            q.SwitchSms(child, to),
            lambda _done: again("sms-now-on" if to else "sms-now-off", replace(stands, sms=to)),
        )

    def switch_text_only() -> Step:
        to = not stands.text_only

        def switched(done: bool) -> Step:
            if not done:
                return again("text-only-needs-mobile")
            # Who wants texts gets SMS.
            then = replace(stands, sms=stands.sms or to, text_only=to, sms_of_all=stands.sms_of_all or to)
            return again("text-only-now-on" if to else "text-only-now-off", then)

        return Ask("text-only", q.WantTextOnly(child, to), switched)

    def switch_slow_speech() -> Step:
        to = not stands.slow_speech
        said = "slow-speech-now-on" if to else "slow-speech-now-off"
        return Ask("slow-speech", q.WantSlowSpeech(child, to), lambda _: again(said, replace(stands, slow_speech=to)))

    def new_pin() -> Step:
        """A number can be spoofed: who was recognised only by it proves the old PIN first."""
        if identified.by_pin:
            return choose_pin()
        return prove(child, choose_pin)

    def choose_pin(intro: Speech = ()) -> Step:
        return Enter("new-pin", (phrase("new-pin"),), *PIN_LENGTHS, on_digits=repeat_pin, intro=intro)

    def repeat_pin(pin: str) -> Step:
        def compare(second: str) -> Step:
            if second != pin:
                return choose_pin((phrase("pins-differ"),))
            return Ask("change-pin", q.ChangePin(child, pin), changed)

        return Enter("new-pin-again", (phrase("new-pin-again"),), *PIN_LENGTHS, on_digits=compare)

    def changed(accepted: bool) -> Step:
        return again("pin-changed") if accepted else choose_pin((phrase("pin-too-simple"),))

    choices = [
        "sms-is-on" if stands.sms else "sms-is-off",
        "change-pin",
        "text-only-is-on" if stands.text_only else "text-only-is-off",
    ]
    keys: dict[str, Goto] = {"1": switch, "2": new_pin, "3": switch_text_only, "5": switch_slow_speech}
    if identified.hears_bill:
        choices.append("settings-bill")
        keys["4"] = lambda: bill(today, lambda: settings_menu(identified, today, home, stands), leave)
    choices.append("slow-speech-is-on" if stands.slow_speech else "slow-speech-is-off")
    say = tuple(map(phrase, (*choices, "settings-back")))
    return Menu("settings", say, keys, intro=intro, back=leave, home=leave)


def _as_changed(other: Child, changed: Child, *, sms: bool) -> Child:
    """A child of the same call after one was `changed`. `sms`: SMS are on for all of the subscriber's."""
    if other.subscription_id == changed.subscription_id:
        return changed
    if other.subscriber_id != changed.subscriber_id:
        return other
    return replace(
        other,
        sms_enabled=other.sms_enabled or sms,
        text_only=changed.text_only,
        slow_speech=changed.slow_speech,
    )
