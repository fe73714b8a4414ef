"""Key 7: messages on or off, and a new PIN."""

from agi.dialogue import queries as q
from agi.dialogue.identify import PIN_LENGTHS, Identified, prove
from agi.dialogue.steps import Ask, Enter, Goto, Menu, Speech, Step
from prompts.speech import phrase


def settings_menu(identified: Identified, home: Goto, sms_on: bool | None = None, intro: Speech = ()) -> Step:
    """What can be changed; `sms_on` is how it stands now when it was changed during this call."""
    child = identified.child
    on = child.sms_enabled if sms_on is None else sms_on

    def again(said: str, sms_on: bool | None = None) -> Step:
        return settings_menu(identified, home, on if sms_on is None else sms_on, (phrase(said),))

    def switch() -> Step:
        return Ask(
            "switch-sms",
            q.SwitchSms(child, not on),
            lambda _done: again("sms-now-off" if on else "sms-now-on", not on),
        )

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

    say = (phrase("sms-is-on" if on else "sms-is-off"), phrase("change-pin"), phrase("settings-back"))
    return Menu("settings", say, {"1": switch, "2": new_pin}, intro=intro, back=home, home=home)
