"""Paying ahead: once for each payment, booked with VAT, told to the payer, and back at once."""

from datetime import date, datetime

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from db.kinds import ConsentWay, Language, MessageState, PayerState
from db.models import Charge, Grade, LedgerEntry, Message, Refund
from errors import InputError, MissingError
from school.billing import collecting, consents, ledger, payments, planning, prices, run
from school.billing.ledger import balances
from school.billing.money import Money, taxed
from school.billing.states import Happening, move
from tests.school.billing.families import Families, day
from tests.school.joined import operator

PAID = Money(183, "EUR")


def pay(families: Families, payer: int, reference: str = "1001", months: int = 3) -> bool:
    return payments.receive(
        families.session,
        payer,
        months=months,
        paid=PAID,
        method="epay",
        reference=reference,
        now=day(2026, 2, 10),
    )


def test_a_payment_counts_once_and_extends_what_is_paid(families: Families) -> None:
    payer = families.payer()
    assert families.one(payer).paid_until == date(2025, 10, 31)  # free at first
    assert pay(families, payer)
    entries = families.entries()
    assert not pay(families, payer)
    assert families.one(payer).paid_until == date(2026, 4, 30)
    assert families.entries() == entries
    assert families.texts(payer) == [
        "Получихме 1,83 €. Известията от училище са платени от 01.02.2026 до 30.04.2026. Благодарим!"
    ]
    assert pay(families, payer, "1002", 1)
    assert families.one(payer).paid_until == date(2026, 5, 31)


@pytest.mark.parametrize("happening", [Happening.STOPPED, Happening.NOT_AGREED])
def test_who_pays_is_told_again_whatever_was(families: Families, happening: Happening) -> None:
    payer = families.payer()
    move(families.session, [payer], happening)
    assert pay(families, payer)
    assert families.state(payer) is PayerState.ACTIVE


def agreed(families: Families) -> int:
    """An active payer who is charged by telephone, with a grade in January."""
    payer = families.payer(day(2025, 11, 3))
    session = families.session
    consents.agree(session, payer, shown="x", way=ConsentWay.TWO_STEPS, operator=None, now=day(2025, 11, 3))
    run.end_free_time(session, day(2026, 1, 1))
    families.grade(payer, day(2026, 1, 15))
    return payer


def plan(families: Families, now: datetime) -> int:
    pace = planning.Pace(now, 1)
    return planning.plan_retries(families.session, pace, now) + planning.plan(families.session, pace, now)


def test_who_pays_while_a_charge_is_tried_again_owes_nothing_of_it(families: Families) -> None:
    payer, now = agreed(families), day(2026, 2, 7)
    assert plan(families, now) == 1
    failed = {"state": MessageState.FAILED, "refusal": "credit", "error": "0x1", "ended_at": now}
    families.session.execute(update(Message).where(Message.charged).values(failed))
    collecting.collect(families.session, now)
    assert families.state(payer) is PayerState.GRACE
    assert ledger.owed(families.session, payer) != []
    assert pay(families, payer)
    assert ledger.owed(families.session, payer) == []
    for number in range(11, 29):
        assert plan(families, day(2026, 2, number)) == 0


@pytest.mark.parametrize("refusal", ["credit", "barred"])
@pytest.mark.parametrize("state", [MessageState.READY, MessageState.SENT])
def test_who_pays_while_a_charge_is_on_its_way_owes_nothing_of_it_if_it_fails(
    families: Families, state: MessageState, refusal: str
) -> None:
    payer, now = agreed(families), day(2026, 2, 7)
    assert plan(families, now) == 1
    session, charge = families.session, update(Message).where(Message.charged)
    session.execute(charge.values(state=state, sent_at=now if state is MessageState.SENT else None))
    collecting.collect(session, now)
    assert pay(families, payer)
    if state is MessageState.READY:
        assert session.scalars(select(Message.state).where(Message.charged)).all() == [MessageState.CANCELLED]
    else:
        failed = {"state": MessageState.FAILED, "refusal": refusal, "error": "0x1", "ended_at": now}
        session.execute(charge.values(failed))
        collecting.collect(session, day(2026, 2, 11))
    assert (families.state(payer), families.one(payer).retry_on) == (PayerState.ACTIVE, None)
    assert ledger.owed(session, payer) == []
    for number in range(11, 29):
        assert plan(families, day(2026, 2, number)) == 0


@pytest.mark.parametrize("state", [PayerState.ACTIVE, PayerState.SUSPENDED, PayerState.CANCELLED])
def test_who_pays_before_their_day_is_charged_for_no_month_before(families: Families, state: PayerState) -> None:
    """The month before was told on trust, or not at all: a payment ahead is the end of it."""
    payer = agreed(families)
    families.one(payer).state = state
    families.session.flush()
    assert payments.receive(
        families.session, payer, months=1, paid=PAID, method="epay", reference="1", now=day(2026, 2, 1, 6)
    )
    assert plan(families, day(2026, 2, 7)) == 0
    assert families.one(payer).paid_until == date(2026, 2, 28)
    assert families.session.scalars(select(Charge.id)).all() == []


def test_an_empty_month_that_was_paid_ahead_is_made_up_for_though_more_is_paid_before_it_is_dealt_with(
    families: Families,
) -> None:
    payer = agreed(families)
    families.session.execute(delete(Grade))
    families.one(payer).paid_until = date(2026, 1, 31)
    families.session.flush()
    receive_one = {"months": 1, "paid": PAID, "method": "epay", "reference": "1"}
    payments.receive(families.session, payer, now=day(2026, 2, 1, 6), **receive_one)  # type: ignore[arg-type]
    plan(families, day(2026, 2, 7))
    assert families.one(payer).paid_until == date(2026, 3, 31)


def test_it_is_booked_with_its_vat_and_the_payer_owes_nothing(families: Families) -> None:
    payer = families.payer()
    pay(families, payer)
    assert {one.code: one.amount.cents for one in balances(families.session)} == {
        "epay": 183,
        "income": -152,
        "vat": -31,
        "payer": 0,
    }
    assert ledger.owed(families.session, payer) == []


def test_another_way_or_amount_or_payer_is_refused(families: Families) -> None:
    payer = families.payer()
    for wrong in ({"method": "cash"}, {"months": 0}, {"paid": Money(0, "EUR")}, {"reference": ""}):
        values = {"months": 1, "paid": PAID, "method": "epay", "reference": "1"} | wrong
        with pytest.raises(InputError):
            payments.receive(families.session, payer, now=day(2026, 2, 10), **values)  # type: ignore[arg-type]
    with pytest.raises(MissingError):
        pay(families, payer + 1000)


def test_money_goes_back_only_when_two_agree_and_never_more_than_was_paid(families: Families) -> None:
    session = families.session
    payer = families.payer()
    pay(families, payer)
    payment = session.execute(text("SELECT id FROM payment")).scalar_one()
    one, another = (operator(session, f"{name}@platform.example") for name in "ab")
    request = payments.refund_request(
        session, payment_id=payment, amount=Money(61, "EUR"), reason="Платено два пъти", by=one, now=day(2026, 2, 11)
    )
    with pytest.raises(InputError, match="Somebody else"):
        payments.refund_decide(session, request, granted=True, by=one, now=day(2026, 2, 11))
    payments.refund_decide(session, request, granted=True, by=another, now=day(2026, 2, 11))
    assert session.scalars(select(Refund.granted)).one() is True
    assert {one.code: one.amount.cents for one in balances(session)} == {
        "epay": 122,
        "income": -152,
        "vat": -21,
        "refunds": 51,
        "payer": 0,
    }
    with pytest.raises(MissingError):
        payments.refund_decide(session, request, granted=True, by=another, now=day(2026, 2, 11))
    with pytest.raises(InputError, match="1,22"):
        payments.refund_request(session, payment_id=payment, amount=PAID, reason="Всичко", by=one, now=day(2026, 2, 11))


@pytest.mark.parametrize("change", ["UPDATE ledger_entry SET cents = 1", "DELETE FROM ledger_entry"])
def test_the_database_changes_no_entry(families: Families, change: str) -> None:
    pay(families, families.payer())
    with pytest.raises(DatabaseError, match="stays as it is"):
        families.session.execute(text(change))


def test_the_database_takes_no_entry_between_currencies_or_twice(families: Families) -> None:
    pay(families, families.payer())
    row = families.session.execute(select(LedgerEntry)).scalars().first()
    assert row is not None
    copied = f"'{row.cause}', '{row.reference}', {row.line}, {row.debit_id}, {row.credit_id}"
    for values in (f"{copied}, 5, 'EUR'", f"{copied.replace(', 1,', ', 9,')}, 5, 'BGN'"):
        statement = (
            "INSERT INTO ledger_entry (cause, reference, line, debit_id, credit_id, cents, currency, on_day, at) "
            f"VALUES ({values}, '2026-02-10', '2026-02-10 09:00:00')"
        )
        with pytest.raises(DatabaseError), families.session.begin_nested():
            families.session.execute(text(statement))


def test_a_quote_is_the_price_of_each_month_ahead(families: Families) -> None:
    payer = families.payer(children=2)
    session, now = families.session, day(2025, 12, 20)
    families.one(payer).paid_until = date(2026, 1, 31)
    session.flush()
    assert prices.quote(session, payer, 3, now) == Money(183, "EUR")  # all children for the price of one
    prices.add(
        session,
        valid_from=date(2026, 3, 1),
        first=Money(70, "EUR"),
        further=Money(30, "EUR"),
        vat_percent=20,
        now=now,
    )
    assert prices.quote(session, payer, 3, now) == Money(61 + 100 + 100, "EUR")
    families.one(payer).paid_until = None
    session.flush()
    with pytest.raises(InputError, match="currencies"):
        prices.quote(session, payer, 3, now)
    for day_of, error in ((date(2026, 3, 1), "already"), (date(2026, 1, 1), "30 days"), (date(2026, 5, 2), "first")):
        with pytest.raises(InputError, match=error):
            prices.add(
                session, valid_from=day_of, first=Money(1, "EUR"), further=Money(0, "EUR"), vat_percent=20, now=now
            )


@pytest.mark.parametrize(("gross", "vat"), [(61, 10), (120, 20), (183, 31), (1, 0), (3, 1), (122, 20)])
def test_vat_is_rounded_half_up_and_net_is_the_rest(gross: int, vat: int) -> None:
    found = taxed(Money(gross, "EUR"), 20)
    assert (found.vat.cents, found.net.cents) == (vat, gross - vat)


@pytest.mark.parametrize(
    ("on", "bulgarian", "english"),
    [
        (date(2025, 12, 31), "1,20 лв.", "BGN 1.20"),
        (date(2026, 1, 1), "0,61 € (1,20 лв.)", "€0.61 (BGN 1.20)"),
    ],
)
def test_the_price_holds_from_its_date(families: Families, on: date, bulgarian: str, english: str) -> None:
    price = prices.price_on(families.session, on)
    assert (price.told(Language.BULGARIAN), price.told(Language.ENGLISH)) == (bulgarian, english)
