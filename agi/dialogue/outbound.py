"""The calls that we make: a campaign's message, and a subscriber's news.

Whoever takes the call is spoken to at once; a key proves a person. Without any key an answering machine is assumed: it
is left a short version, once, with nothing about a child. That somebody talks on and on only makes that come sooner.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from agi.dialogue import queries as q
from agi.dialogue import wording
from agi.dialogue.identify import prove
from agi.dialogue.steps import Ask, Bye, Goto, Hear, Item, Menu, Speech, Step
from db.kinds import CallOutcome, CallResult, InputKind, MeetingAnswer
from prompts.speech import digits, phrase
from runtime.localtime import SOFIA
from school.campaigns import invitation as words
from school.dialling.about import CampaignCall, NewsCall
from school.hearing.access import Child
from school.hearing.call_log import CallStep
from school.hearing.records import News

MACHINE = "machine"
"""The step in which an answering machine is left the short version."""

GOODBYE: Speech = (phrase("outbound-goodbye"),)


def campaign_call(call: CampaignCall, now: datetime, short_code: str) -> Step:
    """Who calls and for which child, the message, and what the keys mean."""
    today = now.astimezone(SOFIA).date()
    said = call.invitation
    message = words.message(said, today)

    def menu(name: str, intro: Speech, silence: Goto) -> Step:
        return Menu(name, words.choices(said), keys, intro=intro, silence=silence)

    def again() -> Step:
        return menu("campaign-again", message, farewell)

    def farewell() -> Step:
        return Bye("campaign-end", GOODBYE, CallOutcome.SILENT)

    def nobody_pressed() -> Step:
        return Ask("listen-for-machine", q.SoundsLikeMachine(call.channel_id), told_of_machine)

    def told_of_machine(sounds_like_one: bool) -> Step:
        return machine() if sounds_like_one else menu("campaign-repeated", message, machine)

    def machine() -> Step:
        return Bye(MACHINE, words.short_version(said, today, short_code), CallOutcome.SILENT)

    def noted(answer: MeetingAnswer) -> Goto:
        thanks = "confirmed" if not said.asks else "comes" if answer is MeetingAnswer.COMES else "comes-not"
        return _then(
            "note-answer",
            q.NoteAnswer(call.channel_id, call.family_id, answer) if said.asks else q.PersonAnswered(call.channel_id),
            lambda: Bye(thanks, (phrase(thanks),), CallOutcome.FINISHED),
        )

    keys: dict[str, Goto] = {
        "1": noted(MeetingAnswer.COMES),
        "9": _then("person", q.PersonAnswered(call.channel_id), again),
        "0": _then(
            "opt-out",
            q.OptOut(call.channel_id, call.school_id, call.phone),
            lambda: Bye("opted-out", (phrase("opted-out"),), CallOutcome.FINISHED),
        ),
    }
    if said.asks:
        keys["2"] = noted(MeetingAnswer.COMES_NOT)
    return menu("campaign", (*words.hello(said, call.children), *message), nobody_pressed)


def news_call(call: NewsCall, now: datetime, inbound_number: str) -> Step:
    """All that is new for the children whom the number follows; not a word about them before a key proves a person."""
    today = now.astimezone(SOFIA).date()

    def machine() -> Step:
        left = (phrase("news-machine") + digits(inbound_number) + wording.PAUSE, *GOODBYE)
        return Bye(MACHINE, left, CallOutcome.SILENT)

    def nobody_pressed() -> Step:
        return Ask("listen-for-machine", q.SoundsLikeMachine(call.channel_id), told_of_machine)

    def told_of_machine(sounds_like_one: bool) -> Step:
        return machine() if sounds_like_one else Menu("news-repeated", (phrase("news-call"),), keys, silence=machine)

    def recognised(caller: q.Caller) -> Step:
        return child_by_child(caller.children, heard_any=False)

    def child_by_child(children: Sequence[Child], *, heard_any: bool) -> Step:
        if not children:
            return end(heard_any=heard_any)
        child, others = children[0], children[1:]

        def open_news() -> Step:
            return Ask("news", q.WhatIsNew(child), tell)

        def tell(news: News) -> Step:
            rows = wording.news_rows(news)
            if not rows:
                return child_by_child(others, heard_any=heard_any)
            heading = Item((wording.child_of_class(child) + wording.PAUSE, wording.news_summary(news.counts)))
            items = (heading, *(wording.item(row, today) for row in rows))
            return Hear("news", items, lambda: child_by_child(others, heard_any=True))

        return prove(child, open_news) if child.needs_pin else open_news()

    def end(*, heard_any: bool) -> Step:
        if not heard_any:
            return Bye("nothing-new", (phrase("nothing-new"), *GOODBYE), CallOutcome.FINISHED)
        return Menu(
            "news-end",
            (phrase("news-call-end"),),
            {"9": opened},
            silence=lambda: Bye("news-over", GOODBYE, CallOutcome.FINISHED),
        )

    def opened() -> Step:
        return Ask("recognise", q.WhoIsCalling(), recognised)

    keys: dict[str, Goto] = {"1": _then("person", q.PersonAnswered(call.channel_id), opened)}
    return Menu("news-call", (phrase("news-call"),), keys, silence=nobody_pressed)


def result_of(steps: Sequence[CallStep], outcome: CallOutcome) -> CallResult:
    """What a call of ours came to: a key proves a person, a message told to its end without one a machine."""
    if outcome is CallOutcome.FAILED:
        return CallResult.FAILED
    if any(step.input_kind in (InputKind.KEY, InputKind.INVALID) for step in steps):
        return CallResult.REACHED
    if any(step.input_kind is InputKind.SILENCE for step in steps):
        return CallResult.MACHINE
    return CallResult.CUT_SHORT


def _then(name: str, question: object, step: Callable[[], Step]) -> Goto:
    """Tell the school something, then go there."""
    return lambda: Ask(name, question, lambda _told: step())
