"""A payer hears the bill: what a month costs, until when it is paid, the last charge or payment, and what is next.

The figures are those of the SMS СМЕТКА: both come from `school.billing.standing`.
"""

from datetime import date

from agi.dialogue import queries as q
from agi.dialogue.steps import Ask, Goto, Hear, Item, Menu, Speech, Step
from agi.dialogue.wording import PAUSE
from prompts.entered import entered
from prompts.speech import Sentence, digits, full_date, on_day, phrase
from prompts.speech import money as spoken_money
from prompts.speech import month as spoken_month
from school.billing.money import Money
from school.billing.standing import Became, Coming, Kind, Last, Standing

BREATH = phrase("breath")


def bill(today: date, back: Goto, home: Goto) -> Step:
    """The first step. `back`: where the caller came from."""

    def told(answer: q.BillTold) -> Step:
        speech = nobody_pays() if answer.standing is None else bill_speech(answer.standing, answer.short_code, today)
        return hear(tuple(map(Item, speech)))

    def hear(items: tuple[Item, ...]) -> Step:
        def end() -> Step:
            say = (phrase("list-end-choices"),)
            return Menu("bill-end", say, {"9": lambda: hear(items)}, back=back, home=home)

        return Hear("bill", items, end, back=back, home=home)

    return Ask("bill", q.HearBill(), told)


def nobody_pays() -> tuple[Speech, ...]:
    """To whom pays for nobody: never who pays, or how."""
    return ((phrase("bill-nobody"),),)


def bill_speech(found: Standing, short_code: str, today: date) -> tuple[Speech, ...]:
    """The items in the order of the SMS."""
    if found.next.kind is Kind.NOBODY:
        last = _last(found.last, today) if found.last else ()
        return ((phrase("bill-nobody"),), *((last,) if last else ()))
    items = [_price(found)]
    if found.paid_until is not None:
        words = "bill-free" if found.is_free else "bill-paid-until"
        items.append((phrase(words) + full_date(found.paid_until) + PAUSE,))
    if found.last is not None:
        items.append(_last(found.last, today))
    items.append(_next(found, short_code, today))
    return tuple(items)


def money(amount: Money) -> Sentence:
    """„шестдесет и един цента“; of a currency that has no pieces, as it is written."""
    try:
        return spoken_money(abs(amount.cents), amount.currency)
    except KeyError:
        return entered(str(amount))


def _price(found: Standing) -> Speech:
    said = phrase("bill-price") + money(found.price)
    if found.in_leva is not None:
        said += BREATH + phrase("bill-in-leva") + money(found.in_leva)
    speech: Speech = (said + PAUSE,)
    if found.new_price is not None and found.new_from is not None:
        new = phrase("bill-new-price") + money(found.new_price)
        speech += (new + phrase("at") + full_date(found.new_from) + PAUSE,)
    return speech


_LAST = {
    Became.CHARGED: "bill-charged",
    Became.PAID: "bill-charged",
    Became.REFUNDED: "bill-refunded",
    Became.UNDER_WAY: "bill-under-way",
    Became.UNKNOWN: "bill-unknown",
    Became.FAILED: "bill-failed",
}


def _last(last: Last, today: date) -> Speech:
    of = phrase("bill-for") + spoken_month(last.month) if last.month else ()
    if last.became is Became.EMPTY and last.month:
        return (phrase("bill-empty") + spoken_month(last.month) + PAUSE, phrase("bill-nothing-entered"))
    said = phrase(_LAST[last.became]) + money(last.amount) + of
    if last.became not in (Became.UNDER_WAY, Became.UNKNOWN):
        said += BREATH + on_day(last.on_day, today)
    return (said + PAUSE, *((phrase(f"bill-{last.reason}"),) if last.reason else ()))


def _next(found: Standing, short_code: str, today: date) -> Speech:
    on_web = (phrase("bill-on-web"),) if found.on_web else ()
    match found.next:
        case Coming(Kind.CHARGE | Kind.CARD as kind, date() as day, Money() as amount, date() as first):
            when = phrase("bill-card" if kind is Kind.CARD else "bill-next") + on_day(day, today) + BREATH
            return (when + money(amount) + phrase("bill-for") + spoken_month(first) + PAUSE,)
        case Coming(Kind.RETRY, date() as day, Money() as amount):
            return (phrase("bill-retry") + on_day(day, today) + BREATH + money(amount) + PAUSE,)
        case Coming(Kind.EMPTY, month=date() as first):
            return (phrase("bill-next-empty") + spoken_month(first) + PAUSE, phrase("bill-nothing-entered"))
        case Coming(Kind.EMPTY_SO_FAR, month=date() as first):
            return (phrase("bill-so-far") + spoken_month(first) + PAUSE, phrase("bill-if-nothing"))
        case Coming(Kind.AGREE):
            return (phrase("bill-agree") + digits(short_code) + PAUSE,)
        case Coming(Kind.SUSPENDED):
            return (phrase("bill-suspended") + digits(short_code) + PAUSE, *on_web)
        case Coming(Kind.NOT_BY_TELEPHONE):
            return (phrase("bill-not-by-telephone"), *on_web)
    return (phrase("bill-left"),)
