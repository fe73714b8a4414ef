"""Key 7: messages on or off, a new PIN, texts instead of calls, and the bill."""

from dataclasses import dataclass, replace
from datetime import date

from agi.dialogue import queries as q
from agi.dialogue.bill import bill
from agi.dialogue.identify import PIN_LENGTHS, Identified, prove
from agi.dialogue.steps import Ask, Enter, Goto, Menu, Speech, Step
from prompts.speech import phrase


@dataclass(frozen=True, slots=True)
class _Wishes:
    """How it stands now, also where it was changed during this call."""

    sms: bool
    text_only: bool


def settings_menu(
    identified: Identified, today: date, home: Goto, now: _Wishes | None = None, intro: Speech = ()
) -> Step:
    """What can be changed; `now` is how it stands when it was changed during this call."""
    child = identified.child
    stands = now or _Wishes(child.sms_enabled, child.text_only)

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
            then = _Wishes(stands.sms or to, to)  # who wants texts gets SMS
            return again("text-only-now-on" if to else "text-only-now-off", then)

        return Ask("text-only", q.WantTextOnly(child, to), switched)

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
    keys: dict[str, Goto] = {"1": switch, "2": new_pin, "3": switch_text_only}
    if identified.hears_bill:
        choices.append("settings-bill")
        keys["4"] = lambda: bill(today, lambda: settings_menu(identified, today, home, stands), home)
    say = tuple(map(phrase, (*choices, "settings-back")))
    return Menu("settings", say, keys, intro=intro, back=home, home=home)
