"""A payer hears the bill behind key 7; nobody else's telephone does, and nobody hears who pays."""

from datetime import date

import pytest

from agi.dialogue import queries as q
from agi.dialogue.bill import bill_speech
from db.kinds import ChargeOutcome, PayerState
from prompts.speech import inventory
from school.billing.money import Money
from school.billing.standing import Became, Coming, Kind, Last, Standing
from school.hearing.access import Child
from tests.agi import rows
from tests.agi.test_inbound_dialogue import CODE, call
from tests.agi.walkthrough import Walkthrough, words

PRICE = Money(61, "EUR")
TODAY = date(2026, 11, 23)


def standing(**values: object) -> Standing:
    known: dict[str, object] = {
        "state": PayerState.ACTIVE,
        "price": PRICE,
        "in_leva": None,
        "new_price": None,
        "new_from": None,
        "is_free": False,
        "paid_until": date(2026, 10, 31),
        "last": Last(Became.CHARGED, date(2026, 11, 3), PRICE, date(2026, 10, 1)),
        "payments": (),
        "next": Coming(Kind.CHARGE, date(2026, 12, 3), PRICE, date(2026, 11, 1)),
        "on_web": True,
    }
    return Standing(**{**known, **values})  # type: ignore[arg-type]


def payer_calls(found: Standing | None, children: tuple[Child, ...] = (rows.MARIA,)) -> Walkthrough:
    return call(
        children, WhoIsCalling=q.Caller(children, None, parents_pay=True), HearBill=q.BillTold(found, "1987")
    )  # fmt: skip


def heard(walk: Walkthrough, *keys: str) -> str:
    """All items of the bill, to the choices after them."""
    said = [walk.press(*keys)]
    while walk.step == "bill":
        said.append(walk.wait())
    return " ".join(said)


def test_a_payer_hears_the_bill_behind_key_7() -> None:
    walk = payer_calls(standing())
    assert "За настройки и за сметката - седем." in walk.said
    assert "За настройки - седем." not in walk.said
    assert "За сметката - четири." in walk.press("7")
    assert q.HearBill() not in walk.asked
    assert heard(walk, "4") == (
        "На месец плащате шестдесет и един цента … "
        "Платено е до тридесет и първи октомври две хиляди двадесет и шеста година … "
        "Последно платихте шестдесет и един цента за октомври, във вторник, трети ноември … "
        "Следващото таксуване е в четвъртък, трети декември, шестдесет и един цента за ноември … "
        "За повторение натиснете девет. За главното меню - нула."
    )
    assert walk.press("9").startswith("На месец плащате")
    assert walk.press("*").startswith("Съобщенията на мобилния телефон са включени.")
    assert walk.press("4", "0").startswith("За да чуете дали детето")


def test_nothing_is_asked_of_the_bill_before_its_key() -> None:
    walk = payer_calls(standing())
    asked = [type(one) for one in walk.asked]
    assert asked == [q.WhoIsCalling, q.HowMuchIsNew]
    walk.press("7")
    assert [type(one) for one in walk.asked] == asked
    walk.press("4")
    assert [type(one) for one in walk.asked] == [*asked, q.HearBill]


def test_another_guardian_hears_that_somebody_else_pays_and_nothing_more() -> None:
    assert heard(payer_calls(None), "7", "4") == (
        "Не плащате нищо. За детето плаща друг. За повторение натиснете девет. За главното меню - нула."
    )


def test_it_is_not_offered_where_parents_pay_nothing() -> None:
    walk = call(HearBill=q.BillTold(standing(), "1987"))
    assert "сметката" not in walk.said
    assert "сметката" not in walk.press("7")
    assert walk.press("4").startswith("Няма такъв избор.")


def test_it_is_not_offered_to_a_telephone_that_gave_a_code() -> None:
    walk = call((), WhoIsCalling=q.Caller((), None, parents_pay=True), HearBill=q.BillTold(standing(), "1987"))
    walk.press(CODE, "1234#")
    assert walk.step == "main-menu"
    assert "сметката" not in walk.said
    assert walk.press("7", "4").startswith("Няма такъв избор.")


def test_a_known_number_of_a_school_that_asks_for_the_pin_hears_it_after_the_pin() -> None:
    walk = payer_calls(standing(), (rows.GUARDED,))
    assert "цента" not in walk.said
    assert heard(walk, "1234#", "7", "4").startswith("На месец плащате")


def test_after_another_child_was_chosen_the_bill_is_still_there() -> None:
    walk = payer_calls(standing(), (rows.MARIA, rows.IVAN))
    assert heard(walk, "1", "8", "2", "7", "4").startswith("На месец плащате")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"in_leva": Money(120, "BGN")},
            "На месец плащате шестдесет и един цента, в левове това е един лев и двадесет стотинки",
        ),
        (
            {"new_price": Money(101, "EUR"), "new_from": date(2027, 1, 1)},
            "Новата цена е едно евро и един цент от първи януари две хиляди двадесет и седма година",
        ),
        (
            {"is_free": True, "paid_until": date(2026, 12, 31)},
            "Безплатно е до тридесет и първи декември две хиляди двадесет и шеста година",
        ),
        (
            {"last": Last(Became.FAILED, TODAY, PRICE, date(2026, 10, 1), ChargeOutcome.CREDIT)},
            "Не успяхме да таксуваме шестдесет и един цента за октомври, днес … Кредитът не стигна.",
        ),
        (
            {"last": Last(Became.PAID, date(2026, 11, 22), Money(732, "EUR"))},
            "Последно платихте седем евро и тридесет и два цента, вчера",
        ),
        (
            {"last": Last(Became.EMPTY, TODAY, Money(0, "EUR"), date(2026, 10, 1))},
            "Нищо не таксувахме за октомври … Училището не е вписало нищо.",
        ),
        (
            {"last": Last(Became.UNKNOWN, TODAY, PRICE, date(2026, 10, 1))},
            "Операторът още не е отчел шестдесет и един цента за октомври",
        ),
        ({"next": Coming(Kind.RETRY, date(2026, 11, 24), PRICE)}, "Новият опит е утре, шестдесет и един цента"),
        (
            {"next": Coming(Kind.EMPTY_SO_FAR, month=date(2026, 11, 1))},
            "Училището още не е вписало нищо за ноември … Ако не впише, не плащате.",
        ),
        (
            {"next": Coming(Kind.EMPTY, month=date(2026, 10, 1))},
            "Няма да таксуваме нищо за октомври … Училището не е вписало нищо.",
        ),
        (
            {"state": PayerState.SUSPENDED, "next": Coming(Kind.SUSPENDED)},
            "Съобщенията са спрени, докато не се плати. За нов опит изпратете съобщение с думата да на номер едно, "
            "девет, осем, седем … Можете да платите на страницата на електронното училище и съобщенията се включват "
            "веднага.",
        ),
        (
            {"state": PayerState.AWAITING_CONSENT, "next": Coming(Kind.AGREE)},
            "Нищо не се таксува без Вашето съгласие. За да се съгласите, изпратете съобщение с думата да на номер",
        ),
        ({"next": Coming(Kind.NOT_BY_TELEPHONE)}, "През Вашия оператор не се таксува. Можете да платите"),
        ({"next": Coming(Kind.NOBODY)}, "Не плащате нищо. За детето плаща друг."),
    ],
)
def test_what_is_said_of_each_state(values: dict[str, object], said: str) -> None:
    told = heard(payer_calls(standing(**values)), "7", "4")
    assert said in told


def test_the_page_is_not_named_where_it_takes_no_payments() -> None:
    suspended = standing(state=PayerState.SUSPENDED, next=Coming(Kind.SUSPENDED), on_web=False)
    assert "страницата" not in heard(payer_calls(suspended), "7", "4")


def test_every_state_has_words_and_every_word_a_clip() -> None:
    day, month = date(2027, 3, 5), date(2027, 2, 1)
    for kind in Kind:
        for became in Became:
            for reason in ChargeOutcome if became is Became.FAILED else (None,):
                if reason in (ChargeOutcome.CHARGED, ChargeOutcome.NO_REPORT):
                    continue
                last = Last(became, day, PRICE, month, reason)
                found = standing(last=last, next=Coming(kind, day, PRICE, month), in_leva=Money(120, "BGN"))
                for speech in bill_speech(found, "1987", TODAY):
                    assert {piece for sentence in speech for piece in sentence} <= inventory(), words(speech)
