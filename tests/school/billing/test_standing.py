"""How a bill stands: what it foretells is what the run then does, and SMS and telephone tell the same figures."""

import re
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from agi.dialogue.bill import bill_speech
from db.kinds import ChargeOutcome, ChargeState, ConsentWay, Language, MessageState, PayerState
from db.models import Charge, Payer, StoredCard, Subscriber
from epay.protocol import onetouch
from prompts import speech
from runtime.localtime import today
from school.billing import bill_wording, consents, kept_cards, leaving, notices, payers, payments, prices, standing
from school.billing.money import Money
from school.billing.standing import Became, Coming, Kind, Standing
from school.wording.service import Numbers
from tests.agi.walkthrough import words
from tests.school.billing.families import Families, day
from tests.school.billing.test_run import agreed, charged_in_february, end, plan

PRICE = Money(61, "EUR")
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def stands(families: Families, payer: int, now: datetime) -> Standing:
    phone = families.session.scalar(
        select(Subscriber.phone).join(Payer, Payer.subscriber_id == Subscriber.id).where(Payer.id == payer)
    )
    found = standing.of_phone(families.session, phone, now)
    assert found is not None
    tells_the_same(found, now)
    return found


def tells_the_same(found: Standing, now: datetime) -> None:
    """Every amount and day of the SMS is heard, but for the payments before the last."""
    read = bill_wording.bill(Language.BULGARIAN, found, Numbers())
    heard = " ".join(words(one) for one in bill_speech(found, "1987", today(now)))
    told = re.sub(r"Плащания: [^.]*(?:\.\d\d[^.]*)*\.", "", read)
    if found.next.kind is not Kind.NOBODY:
        for whole, hundredths in re.findall(r"(\d+),(\d\d) €", told):
            assert " ".join(speech.money(int(whole) * 100 + int(hundredths), "EUR")) in heard, (read, heard)
        for written in re.findall(r"\d\d\.\d\d\.\d{4}", told):
            assert " ".join(speech.full_date(date(*map(int, reversed(written.split(".")))))) in heard, (read, heard)
    if found.next.day is not None:
        assert f"{found.next.day:%d.%m}" in read
        assert words((speech.on_day(found.next.day, today(now)),)) in heard
    assert "None" not in read + heard
    bill_wording.bill(Language.ENGLISH, found, Numbers())


def charge_of(families: Families, payer: int) -> Charge:
    return families.session.scalars(select(Charge).where(Charge.payer_id == payer).order_by(Charge.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def payer(families: Families) -> int:
    """Agreed; a grade was entered in January, so that February charges it."""
    found = agreed(families)
    families.grade(found, day(2026, 1, 15))
    return found


def test_the_next_charge_is_the_one_that_the_run_makes(families: Families, payer: int) -> None:
    coming = stands(families, payer, day(2026, 2, 1)).next
    assert (coming.kind, coming.amount, coming.month) == (Kind.CHARGE, PRICE, JANUARY)
    assert coming.day is not None
    noon = day(2026, 2, coming.day.day)
    assert plan(families, noon - timedelta(days=1)) == 0
    assert plan(families, noon) == 1
    made = charge_of(families, payer)
    assert (made.cents, made.month) == (61, JANUARY)
    under_way = stands(families, payer, noon)
    assert under_way.last is not None
    assert under_way.last.became is Became.UNDER_WAY
    assert (under_way.next.kind, under_way.next.month) == (Kind.EMPTY_SO_FAR, FEBRUARY)


def test_what_was_charged_is_told_with_the_month_and_until_when_it_is_paid(families: Families, payer: int) -> None:
    charged_in_february(families, payer)
    families.grade(payer, day(2026, 2, 10))
    found = stands(families, payer, day(2026, 2, 11))
    assert found.last is not None
    assert (found.last.became, found.last.amount, found.last.month) == (Became.CHARGED, PRICE, JANUARY)
    assert found.paid_until == date(2026, 1, 31)
    expected = date(2026, 3, families.one(payer).day)
    assert found.next == Coming(Kind.CHARGE, expected, PRICE, FEBRUARY)
    read = bill_wording.bill(Language.BULGARIAN, found, Numbers())
    assert f"Следва: 0,61 € за февруари на {expected:%d.%m}." in read
    assert "07.02 0,61 € (януари)" in read


def test_a_month_in_which_the_school_entered_nothing_is_foretold_as_free(families: Families) -> None:
    payer = agreed(families)
    assert stands(families, payer, day(2026, 2, 1)).next == Coming(Kind.EMPTY, month=JANUARY)
    plan(families, day(2026, 2, 7))
    found = stands(families, payer, day(2026, 2, 8))
    assert found.last is not None
    assert (found.last.became, found.last.month) == (Became.EMPTY, JANUARY)
    assert found.next == Coming(Kind.EMPTY_SO_FAR, month=FEBRUARY)


def test_a_charge_that_failed_is_told_with_its_reason_and_the_day_of_the_next_try(
    families: Families, payer: int
) -> None:
    plan(families, day(2026, 2, 7))
    end(families, MessageState.FAILED, day(2026, 2, 7, 10), refusal="credit")
    found = stands(families, payer, day(2026, 2, 8))
    assert families.state(payer) is PayerState.GRACE
    assert found.last is not None
    assert (found.last.became, found.last.reason) == (Became.FAILED, ChargeOutcome.CREDIT)
    assert found.next.kind is Kind.RETRY
    assert found.next.day is not None
    assert plan(families, day(2026, 2, found.next.day.day)) == 1


def test_who_pays_on_the_day_of_a_failed_try_hears_of_the_payment_last(families: Families, payer: int) -> None:
    plan(families, day(2026, 2, 7))
    end(families, MessageState.FAILED, day(2026, 2, 7, 10), refusal="credit")
    paid = {"months": 1, "paid": PRICE, "method": "epay", "reference": "1"}
    payments.receive(families.session, payer, now=day(2026, 2, 7, 11), **paid)  # type: ignore[arg-type]
    last = stands(families, payer, day(2026, 2, 7, 12)).last
    assert last is not None
    assert (last.became, last.amount) == (Became.PAID, PRICE)


def test_who_is_suspended_hears_why_and_how_to_be_back(families: Families, payer: int) -> None:
    plan(families, day(2026, 2, 7))
    end(families, MessageState.FAILED, day(2026, 2, 7, 10), refusal="barred")
    found = stands(families, payer, day(2026, 2, 8))
    assert found.next.kind is Kind.SUSPENDED
    read = bill_wording.bill(Language.BULGARIAN, found, Numbers())
    assert "номерът не позволява" in read
    assert "За нов опит отговорете ДА. С плащане на http://127.0.0.1/pay/ се включват веднага." in read


def test_a_month_that_is_paid_ahead_is_not_charged_and_the_first_after_it_is(families: Families, payer: int) -> None:
    payments.receive(
        families.session, payer, months=3, paid=Money(183, "EUR"), method="epay", reference="1", now=day(2026, 1, 20)
    )
    found = stands(families, payer, day(2026, 2, 1))
    assert found.last is not None
    assert (found.last.became, found.last.amount) == (Became.PAID, Money(183, "EUR"))
    assert found.paid_until is not None
    assert found.next.kind is Kind.CHARGE
    assert found.next.month == found.paid_until + timedelta(days=1)


def test_nothing_is_foretold_without_consent_and_none_is_needed_twice(families: Families) -> None:
    payer = families.payer(day(2025, 11, 3))
    families.grade(payer, day(2025, 11, 20))
    found = stands(families, payer, day(2025, 11, 21))
    assert (found.is_free, found.next.kind) == (True, Kind.AGREE)
    consents.agree(
        families.session, payer, shown="0,61 €", way=ConsentWay.TWO_STEPS, operator="simulator", now=day(2025, 11, 22)
    )
    found = stands(families, payer, day(2025, 11, 23))
    assert found.paid_until is not None
    assert found.next.month == found.paid_until + timedelta(days=1)


def test_a_dearer_price_is_told_and_asks_for_consent(families: Families, payer: int) -> None:
    session = families.session
    prices.add(
        session,
        valid_from=date(2026, 4, 1),
        first=Money(75, "EUR"),
        further=Money(0, "EUR"),
        vat_percent=20,
        now=day(2026, 2, 1),
    )
    assert stands(families, payer, day(2026, 2, 2)).new_price is None
    notices.announce(session, day(2026, 2, 3))
    found = stands(families, payer, day(2026, 2, 4))
    assert (found.price, found.new_price, found.new_from) == (PRICE, Money(75, "EUR"), date(2026, 4, 1))
    assert stands(families, payer, day(2026, 5, 1)).next.kind is Kind.AGREE


def test_an_operator_that_does_not_charge_is_told(families: Families, payer: int) -> None:
    families.session.execute(update(Subscriber).values(operator="vivacom"))
    assert stands(families, payer, day(2026, 2, 1)).next.kind is Kind.NOT_BY_TELEPHONE


@pytest.mark.parametrize("state", [one for one in PayerState if one is not PayerState.CANCELLED])
def test_a_stored_card_is_what_is_charged_next(families: Families, payer: int, state: PayerState) -> None:
    """Whatever the operator, with ДА or without it, and also where a telephone charge is tried again."""
    session, row = families.session, families.one(payer)
    row.state, row.paid_until = state, date(2026, 2, 28)
    session.flush()
    card = onetouch.StoredCard("9982", "1", "Visa***1111", "12/2030")
    assert kept_cards.store(session, payer, "order-1", card, day(2026, 2, 1))
    expected = Coming(Kind.CARD, date(2026, 2, 26), PRICE, MARCH)
    assert stands(families, payer, day(2026, 2, 2)).next == expected
    session.execute(update(Subscriber).values(operator="vivacom"))
    found = stands(families, payer, day(2026, 2, 2))
    assert found.next == expected
    read = bill_wording.bill(Language.BULGARIAN, found, Numbers())
    assert "Следва: 0,61 € за март от картата Ви на 26.02." in read
    assert "не се таксува" not in read
    assert "следващото плащане е от картата ви" in words(bill_speech(found, "1987", date(2026, 2, 2))[-1]).lower()
    row.paid_until = date(2026, 1, 31)
    assert stands(families, payer, day(2026, 2, 2)).next == Coming(Kind.CARD, date(2026, 2, 2), PRICE, FEBRUARY)
    session.execute(update(StoredCard).values(failures=kept_cards.MOST_FAILURES))
    assert stands(families, payer, day(2026, 2, 2)).next.kind is not Kind.CARD


def test_who_left_is_charged_nothing(families: Families, payer: int) -> None:
    leaving.end(families.session, [payer], day(2026, 1, 20))
    assert stands(families, payer, day(2026, 2, 1)).next.kind is Kind.LEFT


def test_another_guardian_is_told_nothing_of_who_pays(families: Families, payer: int) -> None:
    ((_school, child),) = payers.children(families.session, payer)
    mother = families.parent()
    families.follow(mother, child)
    phone = families.session.scalar(select(Subscriber.phone).where(Subscriber.id == mother))
    assert standing.of_phone(families.session, phone, day(2026, 2, 1)) is None
    assert standing.of_phone(families.session, None, day(2026, 2, 1)) is None
    assert standing.of_phone(families.session, "+359888999999", day(2026, 2, 1)) is None


def test_a_charge_that_never_left_is_no_event_for_the_payer(families: Families, payer: int) -> None:
    charged_in_february(families, payer)
    price_id = charge_of(families, payer).price_id
    families.session.execute(
        insert(Charge).values(
            payer_id=payer,
            month=FEBRUARY,
            attempt=1,
            made_in=MARCH,
            state=ChargeState.CANCELLED,
            operator="simulator",
            price_id=price_id,
            children=1,
            cents=61,
            currency="EUR",
            planned_at=day(2026, 3, 1),
        )
    )
    found = stands(families, payer, day(2026, 3, 1))
    assert found.last is not None
    assert (found.last.became, found.last.month) == (Became.CHARGED, JANUARY)
