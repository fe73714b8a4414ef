"""The monthly run: who is charged for what, what follows from each answer of an operator, and what nobody pays for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

import settings
from db.kinds import Channel, ChargeState, ConsentWay, Language, MessageState, PayerState, SubscriptionStatus
from db.models import BillingHold, Charge, Consent, Message, Payer, Price, Subscriber, Subscription
from errors import InputError
from school import outbox
from school.billing import (
    answers,
    collecting,
    consents,
    holds,
    leaving,
    ledger,
    notices,
    operators,
    payers,
    planning,
    prices,
    run,
    settlement,
)
from school.billing.answers import Asking
from school.billing.money import Money
from school.wording.service import Numbers
from tests.school.billing.families import Families, day

PHONE_BILL = "receivable"


@pytest.fixture
def payer(families: Families) -> int:
    """A payer in December 2025 who agreed, and for whose child a grade was entered in January."""
    found = agreed(families)
    families.grade(found, day(2026, 1, 15))
    return found


def agreed(families: Families, *, phone: bool = True) -> int:
    found = families.payer(day(2025, 11, 3), phone=phone)
    session = families.session
    consents.agree(session, found, shown="0,61 €", way=ConsentWay.TWO_STEPS, operator="simulator", now=day(2025, 11, 3))
    run.end_free_time(session, day(2026, 1, 1))
    return found


def charges(families: Families, payer: int) -> list[tuple[date, int, ChargeState]]:
    rows = families.session.execute(
        select(Charge.month, Charge.attempt, Charge.state).where(Charge.payer_id == payer).order_by(Charge.id)
    )
    return [(row.month, row.attempt, row.state) for row in rows]


def plan(families: Families, now: datetime) -> int:
    pace = planning.Pace(now, 1)
    return planning.plan_retries(families.session, pace, now) + planning.plan(families.session, pace, now)


def end(families: Families, state: MessageState, now: datetime, error: str | None = None, **more: object) -> None:
    """What an operator answered to the charge that is on its way."""
    newest = select(Charge.message_id).order_by(Charge.id.desc()).limit(1).scalar_subquery()
    families.session.execute(
        update(Message)
        .where(Message.id == newest)
        .values(state=state, ended_at=now, error=error, **more)
        .execution_options(synchronize_session=False)
    )
    while collecting.collect(families.session, now):
        pass


def charged_in_february(families: Families, payer: int) -> None:
    assert plan(families, day(2026, 2, 7)) == 1
    end(families, MessageState.DELIVERED, day(2026, 2, 7, 10))


JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def test_a_month_is_charged_once_and_the_parent_gets_a_receipt(families: Families, payer: int) -> None:
    charged_in_february(families, payer)
    assert plan(families, day(2026, 2, 8)) == 0
    assert charges(families, payer) == [(JANUARY, 1, ChargeState.CHARGED)]
    assert families.one(payer).paid_until == date(2026, 1, 31)
    assert families.texts(payer)[-2:] == [
        "Училищни известия за 01.2026: 0,61 €. Край: СТОП на 1987.",
        "Платихте 0,61 € за януари за известията от училище. Сметка: СМЕТКА, край: СТОП на 1987.",
    ]
    assert {one.code: one.amount.cents for one in ledger.balances(families.session)} == {
        "operator:simulator:receivable": 61,
        "income": -51,
        "vat": -10,
        "payer": 0,
    }


def test_an_empty_month_is_free_and_the_family_is_told_all_the_same(families: Families) -> None:
    payer = agreed(families)
    plan(families, day(2026, 2, 7))
    assert charges(families, payer) == [(JANUARY, 0, ChargeState.PASSIVE)]
    assert families.state(payer) is PayerState.PASSIVE
    assert families.one(payer).trusted_until == date(2026, 3, 31)
    assert families.entries() == 0


def test_nobody_is_charged_for_a_child_whom_only_another_payer_follows(families: Families) -> None:
    payer, other = agreed(families), agreed(families)
    families.grade(payer, day(2026, 1, 20))
    ((_, child),) = payers.children(families.session, payer)
    own, others = families.one(payer).subscriber_id, families.one(other).subscriber_id
    assert others is not None
    families.follow(others, child, day(2026, 1, 10))
    families.session.execute(
        update(Subscription)
        .where(Subscription.subscriber_id == own)
        .values(status=SubscriptionStatus.STOPPED, stopped_at=day(2026, 1, 10))
    )
    plan(families, day(2026, 2, 7))
    assert charges(families, payer) == [(JANUARY, 0, ChargeState.PASSIVE)]


def test_an_empty_month_that_was_paid_ahead_is_made_up_for(families: Families) -> None:
    payer = agreed(families)
    families.one(payer).paid_until = date(2026, 1, 31)
    families.session.flush()
    plan(families, day(2026, 2, 7))
    assert families.one(payer).paid_until == date(2026, 2, 28)


def test_nobody_is_charged_before_their_day_or_without_consent_or_a_telephone_of_ours(families: Families) -> None:
    without_consent = families.payer(day(2025, 11, 3))
    agreed(families, phone=False)
    run.end_free_time(families.session, day(2026, 1, 1))
    for one in (without_consent,):
        families.grade(one, day(2026, 1, 15))
    assert families.state(without_consent) is PayerState.AWAITING_CONSENT
    assert "Отговорете ДА" in families.texts(without_consent)[-1]
    plan(families, day(2026, 2, 7))
    assert charges(families, without_consent) == []
    later = agreed(families)
    families.grade(later, day(2026, 1, 15))
    due = families.one(later).day
    if due > 1:
        assert plan(families, day(2026, 2, due - 1)) == 0
    assert plan(families, day(2026, 2, due)) == 1


def test_credit_is_tried_after_one_two_and_three_weeks_and_then_the_family_is_told_why(
    families: Families, payer: int
) -> None:
    first = day(2026, 2, families.one(payer).day)
    tries = []
    for number in range(40):
        now = first + timedelta(days=number)
        if plan(families, now):
            tries.append(number)
            end(families, MessageState.FAILED, now, "0x00000400", refusal="credit")
            if len(tries) < 4:
                assert families.state(payer) is PayerState.GRACE
                assert families.one(payer).trusted_until == date(2026, 2, 28)
    assert tries == [0, 7, 14, 21]
    assert families.state(payer) is PayerState.SUSPENDED
    assert families.one(payer).trusted_until is None
    assert sum("Операторът не успя" in text for text in families.texts(payer)) == 1
    assert {one.code: one.amount.cents for one in ledger.balances(families.session)} == {
        "income": -51,
        "vat": -10,
        "payer": 0,
        "write_offs": 61,
    }


@pytest.mark.parametrize("state", [MessageState.UNKNOWN, MessageState.SENT])
def test_a_charge_without_a_report_is_never_tried_again(families: Families, payer: int, state: MessageState) -> None:
    plan(families, day(2026, 2, 7))
    end(families, state, day(2026, 2, 7, 10), sent_at=day(2026, 2, 7, 10))
    while collecting.collect(families.session, day(2026, 2, 12)):
        pass
    assert charges(families, payer) == [(JANUARY, 1, ChargeState.UNKNOWN)]
    for number in range(8, 29):
        assert plan(families, day(2026, 2, number)) == 0
    end(families, MessageState.DELIVERED, day(2026, 2, 20))  # a report that came late
    assert charges(families, payer) == [(JANUARY, 1, ChargeState.CHARGED)]


@pytest.mark.parametrize(
    ("refusal", "days"),
    [
        ("barred", [0]),
        ("limit", [0, 7, 14, 21]),
        ("unknown_number", [0, 7, 14]),
        ("temporary", [0, 1, 2, 3, 7, 14, 21]),
    ],
)
def test_what_follows_from_each_refusal(families: Families, payer: int, refusal: str, days: list[int]) -> None:
    first = day(2026, 2, families.one(payer).day)
    tries = []
    for number in range(27):
        if plan(families, first + timedelta(days=number)):
            tries.append(number)
            end(families, MessageState.FAILED, first + timedelta(days=number), "0x1", refusal=refusal)
    assert tries == days
    told = families.state(payer) is PayerState.ACTIVE  # what was not the parent's fault
    assert told is (refusal == "temporary")
    assert ledger.owed(families.session, payer) == []


def says_yes(families: Families, payer: int, now: datetime) -> str:
    """The payer texts ДА; gives the answer."""
    return str(answers.agree(families.session, asking_of(families, payer, now)))


@pytest.mark.parametrize("state", [PayerState.ACTIVE, PayerState.SUSPENDED])
def test_one_step_is_the_first_consent_alone(
    families: Families, payer: int, monkeypatch: pytest.MonkeyPatch, state: PayerState
) -> None:
    """Who follows another child agrees to no rise by it, and is charged for no month that was given up."""
    session, now = families.session, day(2026, 2, 12)
    if state is PayerState.SUSPENDED:
        suspended(families, payer)
    first, further = Money(90, "EUR"), Money(0, "EUR")
    prices.add(session, valid_from=date(2026, 4, 1), first=first, further=further, vat_percent=20, now=day(2026, 2, 8))
    notices.announce(session, day(2026, 2, 8))
    one_step = operators.OperatorBilling(charges=True, two_steps=False)
    monkeypatch.setattr(operators, "of_platform", lambda: {"simulator": one_step})
    before, made = session.scalars(select(Consent.agreed_at)).all(), charges(families, payer)
    shown = answers.terms(session, asking_of(families, payer, now))
    assert "0,90 €" in shown
    assert "ДА" in shown
    assert session.scalars(select(Consent.agreed_at)).all() == before
    assert charges(families, payer) == made
    assert answers.is_asked(session, asking_of(families, payer, now))


def asking_of(families: Families, payer: int, now: datetime) -> Asking:
    subscriber = families.one(payer).subscriber_id
    assert subscriber is not None
    numbers = Numbers.of(settings.current())
    return Asking(subscriber, "+359888000001", "simulator", Language.BULGARIAN, numbers, now)


def suspended(families: Families, payer: int) -> None:
    plan(families, day(2026, 2, 7))
    end(families, MessageState.FAILED, day(2026, 2, 7), refusal="barred")
    assert families.state(payer) is PayerState.SUSPENDED


def test_a_suspended_payer_who_agrees_is_charged_first_and_told_again_once_it_is_paid(
    families: Families, payer: int
) -> None:
    suspended(families, payer)
    families.grade(payer, day(2026, 3, 10))
    assert "Опитваме пак" in says_yes(families, payer, day(2026, 4, 10))
    assert families.state(payer) is PayerState.SUSPENDED
    assert families.one(payer).trusted_until is None, "told before anything was charged"
    assert "Опитваме пак" in says_yes(families, payer, day(2026, 4, 10)), "it is on its way"
    assert len(charges(families, payer)) == 2
    end(families, MessageState.DELIVERED, day(2026, 4, 10, 10))
    assert families.state(payer) is PayerState.ACTIVE
    assert families.one(payer).trusted_until == date(2026, 5, 31)
    assert ledger.owed(families.session, payer) == []
    assert plan(families, day(2026, 4, 28)) == 0, "one charge in a month"


def test_a_charge_that_was_asked_for_late_on_a_months_last_day_is_the_next_months(
    families: Families, payer: int
) -> None:
    suspended(families, payer)
    families.grade(payer, day(2026, 3, 10))
    assert "Опитваме пак" in says_yes(families, payer, day(2026, 3, 31, 22))
    months = families.session.scalars(select(Charge.made_in).where(Charge.payer_id == payer).order_by(Charge.id))
    assert months.all() == [date(2026, 2, 1), date(2026, 4, 1)], "the operator's file of April has it"
    end(families, MessageState.DELIVERED, day(2026, 4, 1, 10))
    assert families.state(payer) is PayerState.ACTIVE


def test_a_suspended_payer_whose_charge_fails_again_is_told_so_and_may_try_again(
    families: Families, payer: int
) -> None:
    suspended(families, payer)
    for number in (8, 9):
        says_yes(families, payer, day(2026, 2, number))
        end(families, MessageState.FAILED, day(2026, 2, number), refusal="credit")
        assert families.state(payer) is PayerState.SUSPENDED
        assert "Операторът не успя" in families.texts(payer)[-1]
        assert ledger.owed(families.session, payer) == []
    for number in range(10, 29):
        assert plan(families, day(2026, 2, number)) == 0


def test_a_suspended_payer_is_not_charged_again_while_a_charge_of_the_month_is_unknown(
    families: Families, payer: int
) -> None:
    suspended(families, payer)
    assert "Опитваме пак" in says_yes(families, payer, day(2026, 2, 9))
    end(families, MessageState.UNKNOWN, day(2026, 2, 9))
    assert "пратете ДА пак" in says_yes(families, payer, day(2026, 3, 9))


@pytest.mark.parametrize("scope", ["all", "simulator"])
def test_a_suspended_payer_who_agrees_while_all_is_held_is_told_to_come_again(
    families: Families, payer: int, scope: str
) -> None:
    suspended(families, payer)
    holds.hold(families.session, scope, "Проверка", day(2026, 2, 8))
    for number in (9, 10):
        assert "пратете ДА пак" in says_yes(families, payer, day(2026, 2, number))
        assert families.state(payer) is PayerState.SUSPENDED
    holds.lift(families.session, scope, day(2026, 2, 11))
    assert "Опитваме пак" in says_yes(families, payer, day(2026, 2, 12))


def test_who_agrees_to_a_price_that_rises_before_their_day_pays_the_month_before(
    families: Families, payer: int
) -> None:
    """ДА of an active payer changes the price alone."""
    session = families.session
    first, further, now = Money(90, "EUR"), Money(0, "EUR"), day(2026, 1, 20)
    prices.add(session, valid_from=date(2026, 4, 1), first=first, further=further, vat_percent=20, now=now)
    notices.announce(session, now)
    before = families.one(payer).trusted_until
    assert "Съгласихте се: 0,90 €" in says_yes(families, payer, day(2026, 2, 1, 7))
    assert families.one(payer).trusted_until == before
    charged_in_february(families, payer)
    assert charges(families, payer) == [(JANUARY, 1, ChargeState.CHARGED)]


@pytest.mark.parametrize("state", list(PayerState))
def test_stop_ends_everything_at_once_in_every_state(families: Families, payer: int, state: PayerState) -> None:
    plan(families, day(2026, 2, 7))
    families.one(payer).state = state
    families.session.flush()
    leaving.end(families.session, [payer], day(2026, 2, 7))
    assert families.state(payer) is PayerState.CANCELLED
    assert charges(families, payer) == [(JANUARY, 1, ChargeState.CANCELLED)]
    assert families.session.scalars(select(Message.state).where(Message.charged)).all() == [MessageState.CANCELLED]
    assert ledger.owed(families.session, payer) == []
    for number in range(8, 29):
        assert plan(families, day(2026, 2, number)) == 0


def test_a_charge_that_fails_after_its_payer_stopped_is_owed_by_nobody(families: Families, payer: int) -> None:
    plan(families, day(2026, 2, 7))
    end(families, MessageState.SENT, day(2026, 2, 7, 10))
    leaving.end(families.session, [payer], day(2026, 2, 8))
    end(families, MessageState.FAILED, day(2026, 2, 8, 10), "0x00000400", refusal="credit")
    assert families.state(payer) is PayerState.CANCELLED
    assert ledger.owed(families.session, payer) == []
    assert plan(families, day(2026, 2, 28)) == 0


def test_what_a_file_tells_of_an_earlier_month_leaves_the_next_try_of_this_one(families: Families, payer: int) -> None:
    """January stays without a report, February is to be tried again, then the file of January comes."""
    session = families.session
    plan(families, day(2026, 2, 7))
    end(families, MessageState.UNKNOWN, day(2026, 2, 7, 10))
    families.grade(payer, day(2026, 2, 15))
    assert plan(families, day(2026, 3, 7)) == 1
    end(families, MessageState.FAILED, day(2026, 3, 7, 10), "0x00000400", refusal="credit")
    again = families.one(payer).retry_on
    assert again is not None
    assert settlement.end_open(session, "simulator", FEBRUARY, day(2026, 3, 12)) == (0, 1)
    assert families.one(payer).retry_on == again
    assert plan(families, datetime(again.year, again.month, again.day, 9, tzinfo=UTC)) == 1
    end(families, MessageState.DELIVERED, day(2026, 3, again.day, 10))
    assert ledger.owed(session, payer) == []


def test_a_file_that_settles_an_earlier_month_leaves_the_month_before_due(families: Families, payer: int) -> None:
    """January stays without a report; its file comes in March before the payer's day."""
    session = families.session
    plan(families, day(2026, 2, 7))
    end(families, MessageState.UNKNOWN, day(2026, 2, 7, 10))
    families.grade(payer, day(2026, 2, 15))
    end(families, MessageState.DELIVERED, day(2026, 3, 1, 6))
    assert charges(families, payer) == [(JANUARY, 1, ChargeState.CHARGED)]
    assert plan(families, day(2026, 3, 7)) == 1
    assert charges(families, payer)[-1] == (FEBRUARY, 1, ChargeState.PLANNED)
    assert ledger.owed(session, payer) != []


def test_a_hold_stops_what_waits_and_it_is_charged_once_after_it(families: Families, payer: int) -> None:
    session = families.session
    plan(families, day(2026, 2, 7))
    assert holds.hold(session, "all", "Проверка", day(2026, 2, 7, 10)) == 1
    with pytest.raises(InputError, match="stands already"):
        holds.hold(session, "all", "Пак", day(2026, 2, 7, 10))
    assert plan(families, day(2026, 2, 7, 11)) == 0
    assert session.scalars(select(Message.state).where(Message.charged)).all() == [MessageState.CANCELLED]
    holds.lift(session, "all", day(2026, 2, 9))
    assert plan(families, day(2026, 2, 9)) == 1
    end(families, MessageState.DELIVERED, day(2026, 2, 9))
    assert charges(families, payer) == [(JANUARY, 1, ChargeState.CANCELLED), (JANUARY, 2, ChargeState.CHARGED)]
    assert families.entries() == 3


@pytest.mark.parametrize("returns", ["released", "refused for now"])
@pytest.mark.parametrize("stops", [True, False])
def test_what_a_sender_has_in_hand_is_not_sent_another_time_after_stop_or_a_hold(
    families: Families, payer: int, returns: str, stops: bool
) -> None:
    session, now = families.session, day(2026, 2, 7, 15)
    plan(families, day(2026, 2, 7))
    session.execute(update(Message).where(Message.charged).values(due_at=day(2026, 2, 7)))
    owner = outbox.new_owner()
    (claimed,) = [one for one in outbox.claim(session, Channel.SMS, owner=owner, limit=9, now=now) if one.charged]
    if stops:
        leaving.end(session, [payer], now)
    else:
        assert holds.hold(session, "simulator", "Проверка", now) == 0
    if returns == "released":
        outbox.release(session, owner, [claimed.message_id], now)
    else:
        result = outbox.Result(claimed.message_id, outbox.Ending.RETRY, error="0x14", again=timedelta(minutes=1))
        outbox.record(session, owner, [result], now)
    later = now + timedelta(minutes=5)
    assert [one for one in outbox.claim(session, Channel.SMS, owner=owner, limit=9, now=later) if one.charged] == []
    while collecting.collect(session, later):
        pass
    assert charges(families, payer) == [(JANUARY, 1, ChargeState.FAILED)]
    assert (ledger.owed(session, payer) == []) is stops
    if not stops:
        holds.lift(session, "simulator", later)
    assert plan(families, day(2026, 2, 8, 15)) == (0 if stops else 1)


def test_an_operator_that_is_held_holds_up_no_retries_of_another(families: Families, payer: int) -> None:
    session, now = families.session, day(2026, 2, 7)
    another = agreed(families)
    families.grade(another, day(2026, 1, 15))
    assert plan(families, now) == 2
    session.execute(
        update(Message).where(Message.charged).values(state=MessageState.FAILED, refusal="credit", ended_at=now)
    )
    while collecting.collect(session, now):
        pass
    moved = families.one(payer).subscriber_id
    session.execute(update(Subscriber).where(Subscriber.id == moved).values(operator="held"))
    session.execute(insert(BillingHold).values(scope="held", reason="x", began_at=now))
    later = day(2026, 2, 14)
    assert planning.plan_retries(session, planning.Pace(later, 1), later, limit=1) == 1
    assert charges(families, another)[-1] == (JANUARY, 2, ChargeState.PLANNED)
    assert len(charges(families, payer)) == 1


def test_all_whose_paid_time_is_over_are_looked_at(families: Families, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of payers who agreed is not the end."""
    session = families.session
    with_consent, without = agreed(families), families.payer(day(2025, 11, 3))
    session.execute(update(Payer).values(state=PayerState.ACTIVE, trusted_until=None, paid_until=date(2026, 1, 31)))
    monkeypatch.setattr(run, "AT_ONCE", 1)
    assert run._until_done(Committed(session), lambda one: run.end_paid_time(one, day(2026, 2, 1))) == 2  # type: ignore[arg-type]
    assert families.one(with_consent).trusted_until == date(2026, 3, 31)
    assert families.state(without) is PayerState.AWAITING_CONSENT


class Committed:
    """A database that is one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def session(self) -> Iterator[Session]:
        yield self._session


def test_more_charges_than_the_ceiling_of_a_day_hold_everything(
    families: Families, payer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCHOOL_BILLING_CHARGES_A_DAY", "1")
    another = agreed(families)
    families.grade(another, day(2026, 1, 15))
    planning.plan(families.session, planning.Pace(day(2026, 2, 7), 2), day(2026, 2, 7), limit=1)
    assert plan(families, day(2026, 2, 7, 10)) == 0
    assert [one.scope for one in holds.standing(families.session)] == ["all"]


def test_all_children_of_a_payer_are_one_charge_and_a_second_parent_pays_nothing(families: Families) -> None:
    payer = families.payer(day(2025, 11, 3), children=2)
    session, now = families.session, day(2025, 11, 3)
    consents.agree(session, payer, shown="x", way=ConsentWay.ONE_STEP, operator=None, now=now)
    run.end_free_time(session, day(2026, 1, 1))
    families.grade(payer, day(2026, 1, 15))
    (_, child), _ = payers.children(session, payer)
    families.follow(other := families.parent(), child, now)
    assert payers.find(session, other) is None
    plan(families, day(2026, 2, 7))
    assert session.scalars(select(Charge.cents)).all() == [61]


def test_a_price_that_rises_needs_new_consent(families: Families, payer: int) -> None:
    session = families.session
    prices.add(
        session,
        valid_from=date(2026, 4, 1),
        first=Money(90, "EUR"),
        further=Money(0, "EUR"),
        vat_percent=20,
        now=day(2026, 2, 7),
    )
    assert notices.announce(session, day(2026, 2, 7)) == 1
    assert notices.announce(session, day(2026, 2, 8)) == 0
    assert families.texts(payer)[-1].startswith("От 01.04.2026 известията от училище са 0,90 € на месец. Отговорете ДА")
    charged_in_february(families, payer)
    families.grade(payer, day(2026, 4, 15))
    plan(families, day(2026, 3, 7))  # February was empty
    plan(families, day(2026, 4, 7))
    plan(families, day(2026, 5, 7))
    assert families.state(payer) is PayerState.AWAITING_CONSENT
    consents.agree(session, payer, shown="0,90 €", way=ConsentWay.TWO_STEPS, operator="simulator", now=day(2026, 5, 8))
    assert families.state(payer) is PayerState.ACTIVE
    assert families.one(payer).trusted_until == date(2026, 6, 30)


def test_consent_is_to_what_all_children_cost(families: Families) -> None:
    session, now = families.session, day(2025, 11, 3)
    session.execute(update(Price).values(further_cents=20))
    payer = families.payer(now)
    says_yes(families, payer, now)
    assert session.scalars(select(Consent.cents)).one() == 120  # in leva
    run.end_free_time(session, day(2026, 1, 1))
    subscriber = families.one(payer).subscriber_id
    assert subscriber is not None
    families.follow(subscriber, families.child(), day(2026, 1, 10))
    families.grade(payer, day(2026, 1, 15))
    plan(families, day(2026, 2, 7))
    assert charges(families, payer) == [], "more than was agreed to"
    assert families.state(payer) is PayerState.AWAITING_CONSENT
    assert "0,81 €" in families.texts(payer)[-1]
    assert "Съгласихте се: 0,81 €" in says_yes(families, payer, day(2026, 2, 8))
    assert "Вече сте съгласни: 0,81 €" in says_yes(families, payer, day(2026, 2, 8))
    families.grade(payer, day(2026, 2, 15))
    assert plan(families, day(2026, 3, 7)) == 1
    assert session.scalars(select(Charge.cents)).all() == [81]


def test_another_child_is_followed_with_its_price_and_yes(families: Families) -> None:
    session, now = families.session, day(2026, 1, 10)
    session.execute(update(Price).values(further_cents=20))
    payer = families.payer(now)
    says_yes(families, payer, now)
    assert answers.terms(session, asking_of(families, payer, now)) == ""
    subscriber = families.one(payer).subscriber_id
    assert subscriber is not None
    families.follow(subscriber, families.child(), now)
    assert "0,81 €" in answers.terms(session, asking_of(families, payer, now))


def test_a_rise_of_what_further_children_cost_needs_new_consent_of_who_has_them(families: Families) -> None:
    session, now = families.session, day(2026, 1, 10)
    one, two = families.payer(now), families.payer(now, children=2)
    for payer in (one, two):
        says_yes(families, payer, now)
    first, further = Money(61, "EUR"), Money(20, "EUR")
    prices.add(session, valid_from=date(2026, 4, 1), first=first, further=further, vat_percent=20, now=now)
    notices.announce(session, now)
    assert "0,61 €" in families.texts(one)[-1]
    assert "Отговорете ДА" not in families.texts(one)[-1]
    assert "0,81 €" in families.texts(two)[-1]
    assert "Отговорете ДА" in families.texts(two)[-1]


def test_the_price_and_stop_are_told_again_within_a_year(families: Families, payer: int) -> None:
    assert notices.remind(families.session, day(2026, 5, 1)) == 0
    assert notices.remind(families.session, day(2026, 10, 31)) == 1
    assert notices.remind(families.session, day(2026, 10, 31)) == 0
    assert "Напомняме" in families.texts(payer)[-1]
