"""The calls that we make: a campaign's message, a subscriber's news, and a call back.

Whoever takes the call is told at once who calls; a key proves a person, and until then nothing is said about a child.
Without a key an answering machine is assumed: it is left a short version, once. That somebody talks on and on only
makes that come sooner. `ONLY_UNTIL_A_KEY` is how long such a call lasts at most at the usual speed of speech.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from agi.dialogue import excusing, wording
from agi.dialogue import queries as q
from agi.dialogue.identify import prove
from agi.dialogue.inbound import inbound
from agi.dialogue.steps import Ask, Bye, Goto, Hear, Item, Menu, Speech, Step, Tell
from db.kinds import CallOutcome, CallResult, InputKind, MeetingAnswer
from prompts.speech import digits, phrase
from runtime.localtime import today
from school.campaigns import invitation as words
from school.dialling.about import CallBack, CampaignCall, NewsCall
from school.hearing.access import Child
from school.hearing.call_log import CallStep
from school.hearing.records import News

MACHINE = "machine"
"""The step in which an answering machine is left the short version."""

ONLY_UNTIL_A_KEY = 25
"""Seconds from the answer after which a call ends in which no key was pressed: nobody wants more on a mailbox."""

GOODBYE: Speech = (phrase("outbound-goodbye"),)


def campaign_call(call: CampaignCall, now: datetime, short_code: str) -> Step:
    """Who calls and that there is a message; after a key for which child, the message, and what the keys mean."""
    day = today(now)
    said = call.invitation

    def told() -> Step:
        message = words.message(said, call.children, day)
        return Menu("campaign-message", words.choices(said), answers, intro=message, silence=farewell)

    def farewell() -> Step:
        return Bye("campaign-end", GOODBYE, CallOutcome.FINISHED)

    def noted(answer: MeetingAnswer) -> Goto:
        thanks = "confirmed" if not said.asks else "comes" if answer is MeetingAnswer.COMES else "comes-not"
        return _then(
            "note-answer",
            q.NoteAnswer(call.channel_id, call.family_id, answer) if said.asks else q.PersonAnswered(call.channel_id),
            lambda: Bye(thanks, (phrase(thanks),), CallOutcome.FINISHED),
        )

    opt_out = _then(
        "opt-out",
        q.OptOut(call.channel_id, call.school_id, call.phone),
        lambda: Bye("opted-out", (phrase("opted-out"),), CallOutcome.FINISHED),
    )
    answers: dict[str, Goto] = {"1": noted(MeetingAnswer.COMES), "9": told, "0": opt_out}
    if said.asks:
        answers["2"] = noted(MeetingAnswer.COMES_NOT)
    opening: dict[str, Goto] = {"1": _then("person", q.PersonAnswered(call.channel_id), told), "0": opt_out}
    left = words.short_version(said, day, short_code)
    return _opening("campaign", call.channel_id, words.hello(said), words.offer(said), opening, left)


def news_call(call: NewsCall, now: datetime, inbound_number: str) -> Step:
    """All that is new for the children whom the number follows; not a word about them before a key proves a person."""
    day = today(now)

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
            warning = (Item(excusing.benefit(news.benefit)),) if news.benefit else ()
            items = (heading, *warning, *(wording.item(row, day) for row in rows))
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

    hello, offer = (phrase("news-hello"),), (phrase("news-call"),)
    keys: dict[str, Goto] = {"1": _then("person", q.PersonAnswered(call.channel_id), opened)}
    left = (*hello, phrase("news-machine") + digits(inbound_number) + wording.PAUSE, *GOODBYE)
    return _opening("news-call", call.channel_id, hello, offer, keys, left)


def call_back(call: CallBack, now: datetime) -> Step:
    """A parent asked for it: after a key the dialogue of a call in, as if they had called."""
    hello, offer = (phrase("news-hello"),), (phrase("call-back"),)
    keys: dict[str, Goto] = {"1": _then("person", q.PersonAnswered(call.channel_id), lambda: inbound(now))}
    return _opening("call-back", call.channel_id, hello, offer, keys, (*hello, *GOODBYE))


def _opening(name: str, channel_id: str, hello: Speech, offer: Speech, keys: Mapping[str, Goto], left: Speech) -> Step:
    """Say who calls and which key plays what there is. `left`: what a machine is left.

    It is taken for one when it talks on and on, and when no key comes. A key still proves a person while that is said.
    """

    def listened(sounds_like_machine: bool) -> Step:
        return machine() if sounds_like_machine else Menu(name, offer, keys, silence=machine)

    def machine() -> Step:
        return Hear(MACHINE, tuple(Item((sentence,)) for sentence in left), over, keys)

    def over() -> Step:
        return Bye("machine-end", (), CallOutcome.SILENT)

    return Tell(f"{name}-hello", hello, lambda: Ask("listen-for-machine", q.SoundsLikeMachine(channel_id), listened))


def result_of(
    steps: Sequence[CallStep], outcome: CallOutcome, seconds: float, until_a_key: float = ONLY_UNTIL_A_KEY
) -> CallResult:
    """What a call of ours that lasted `seconds` came to: a key proves a person, all the time without one a machine.

    `until_a_key`: how long it could last without a key.
    """
    if outcome is CallOutcome.FAILED:
        return CallResult.FAILED
    if any(step.input_kind in (InputKind.KEY, InputKind.INVALID) for step in steps):
        return CallResult.REACHED
    told_all = any(step.input_kind is InputKind.SILENCE or step.state == MACHINE for step in steps)
    if told_all or seconds >= until_a_key:
        return CallResult.MACHINE
    return CallResult.CUT_SHORT


def _then(name: str, question: object, step: Callable[[], Step]) -> Goto:
    """Tell the school something, then go there."""
    return lambda: Ask(name, question, lambda _told: step())
