"""Cards that pay for the months to come, at the stand-in on a real socket."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from db.kinds import Language, OrderState, PayerState, PaymentWay
from db.models import Cover, Message, Payer, Payment, PaymentOrder, StoredCard, Subscriber
from db.session import Database
from epay import asking
from epay.merchant import merchant
from epay.protocol import onetouch
from epay.simulator.bills import CardPayment
from errors import InputError, OperationError
from school.billing import (
    card_orders,
    epay_methods,
    holds,
    kept_cards,
    leaving,
    orders,
    payers,
    standing,
    states,
    stored_cards,
)
from school.billing.methods import RecurringMethod, Redirect, Returns
from school.billing.states import Happening
from settings import Settings
from tests.epay.simulator.running import Running, running
from tests.school.joined import joined, student

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@dataclass
class Till:
    database: Database
    payer_id: int
    there: Running
    method: RecurringMethod

    def paid(self) -> int:
        with self.database.reading() as session:
            return session.scalars(select(func.count()).select_from(Payment)).one()

    def card(self) -> StoredCard | None:
        with self.database.reading() as session:
            return session.scalars(select(StoredCard)).one_or_none()

    def store(self) -> None:
        """A card is typed on the stand-in's page and stored."""
        with self.database.session() as session:
            order = orders.place(
                session, self.payer_id, months=1, way=PaymentWay.SAVED_CARD, language=Language.BULGARIAN, now=NOW
            )
        begun = self.method.begin(order, Returns("", ""), "descr")
        assert isinstance(begun, Redirect)
        assert "4111" in asking.get(begun.address)
        payment = self.there.book.cards[order.invoice]
        payment.paid, payment.token = True, "9982"
        self.there.book.tokens.add("9982")
        assert card_orders.settle(self.database, self.method, order.invoice, NOW) is OrderState.PAID


@pytest.fixture
def till(database: Database, settings: Settings) -> Iterator[Till]:
    with database.session() as session:
        subscriber = Subscriber(phone="+359888123456", created_at=NOW)
        session.add(subscriber)
        session.flush()
        payer = payers.payer_of(session, subscriber.id, NOW)
        school = joined(session)
        payers.cover(session, payer.id, school.school, student(session, school), NOW)
        session.execute(update(Payer).values(paid_until=None))
    with running(settings) as there:
        method = epay_methods.recurring(merchant(there.settings))
        assert method is not None
        yield Till(database, payer.id, there, method)


def later(**more: float) -> datetime:
    return NOW + timedelta(**more)


def test_a_card_is_stored_and_pays_again_when_what_is_paid_ends(till: Till) -> None:
    till.store()
    assert till.paid() == 1
    card = till.card()
    assert card is not None
    assert (card.shown, card.expires) == ("Visa***1111", "12/2030")
    assert b"9982" not in card.token_encrypted
    with till.database.reading() as session:
        coming = standing.of_phone(session, "+359888123456", NOW)
    assert coming is not None
    assert (coming.next.kind, coming.next.day) == (standing.Kind.CARD, date(2026, 11, 28))
    assert stored_cards.renew(till.database, till.method, later(days=3)).startswith(
        "0 cards charged"
    )  # paid to the 30th
    assert stored_cards.renew(till.database, till.method, later(days=4)).startswith("1 cards charged")
    assert stored_cards.renew(till.database, till.method, later(days=4, hours=1)).startswith("0 cards charged")
    assert till.paid() == 2
    with till.database.reading() as session:
        assert session.scalars(select(Payer.paid_until)).one() == date(2026, 12, 31)
        assert session.scalars(select(Payment.method).distinct()).all() == ["epay"]


def test_asking_twice_what_became_of_a_card_credits_once(till: Till) -> None:
    till.store()
    with till.database.reading() as session:
        invoice = session.scalars(select(PaymentOrder.invoice)).one()
    assert card_orders.settle(till.database, till.method, invoice, NOW) is OrderState.PAID
    assert till.paid() == 1


def test_a_charge_whose_answer_is_lost_is_asked_for_and_never_made_twice(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.store()
    post = asking.post

    def lost(address: str, fields: dict[str, str]) -> str:
        answer = post(address, fields)
        if address.endswith("/send/user"):
            raise OperationError("ePay.bg does not answer.")
        return answer

    monkeypatch.setattr(asking, "post", lost)
    assert stored_cards.renew(till.database, till.method, later(days=5)) == "0 cards charged, 1 not yet."
    charged = len(till.there.book.cards)
    assert stored_cards.renew(till.database, till.method, later(days=6)).startswith("0 cards charged, 0")
    assert len(till.there.book.cards) == charged
    assert till.paid() == 1
    card_orders.settle_all(till.database, till.method, later(days=5, hours=1))
    assert till.paid() == 2


def test_a_card_that_fails_three_times_is_forgotten_and_the_payer_told(till: Till) -> None:
    till.store()
    till.there.book.tokens.clear()
    for days in (5, 6, 7):
        assert till.card() is not None
        stored_cards.renew(till.database, till.method, later(days=days))
    assert till.card() is None
    with till.database.reading() as session:
        assert "Visa***1111" in session.scalars(select(Message.text).order_by(Message.id.desc())).first()  # type: ignore[operator]
    assert till.paid() == 1


def test_a_charge_that_failed_ends_its_order_at_once_and_counts_as_a_failure(till: Till) -> None:
    till.store()
    till.there.book.empty.add("9982")
    assert stored_cards.renew(till.database, till.method, later(days=5)) == "0 cards charged, 1 not yet."
    card = till.card()
    assert card is not None
    assert card.failures == 1
    with till.database.reading() as session:
        newest = session.scalars(select(PaymentOrder.state).order_by(PaymentOrder.id.desc())).first()
        assert newest is OrderState.DENIED
    till.there.book.empty.clear()
    assert stored_cards.renew(till.database, till.method, later(days=6)).startswith("1 cards charged")
    assert till.paid() == 2


@pytest.fixture
def lost_answer(till: Till, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A card was charged; the answer was lost, and nothing more is answered about stored cards."""
    till.store()
    post = asking.post

    def lost(address: str, fields: dict[str, str]) -> str:
        answer = post(address, fields)
        if not address.endswith("/payment/init"):
            raise OperationError("ePay.bg does not answer.")
        return answer

    monkeypatch.setattr(asking, "post", lost)
    assert stored_cards.renew(till.database, till.method, later(days=5)) == "0 cards charged, 1 not yet."
    yield
    monkeypatch.setattr(asking, "post", post)
    before = till.paid()
    card_orders.settle_all(till.database, till.method, later(days=12))
    assert till.paid() == before + 1
    assert stored_cards.forget(till.database, till.method, till.payer_id, later(days=12))


@pytest.mark.usefixtures("lost_answer")
def test_a_charge_is_not_made_again_while_nobody_knows_how_it_ended(till: Till) -> None:
    charged = len(till.there.book.cards)
    for days in (6.5, 7, 8, 9):
        card_orders.settle_all(till.database, till.method, later(days=days))
        stored_cards.renew(till.database, till.method, later(days=days))
    assert len(till.there.book.cards) == charged
    card = till.card()
    assert card is not None
    assert card.failures == 0


@pytest.mark.usefixtures("lost_answer")
def test_a_card_is_not_forgotten_while_nobody_knows_how_its_charge_ended(till: Till) -> None:
    with pytest.raises(InputError, match="not known yet"):
        stored_cards.forget(till.database, till.method, till.payer_id, later(days=5))
    with till.database.session() as session:
        leaving.end(session, [till.payer_id], later(days=5))
    stored_cards.renew(till.database, till.method, later(days=6))
    assert till.card() is not None


@pytest.mark.usefixtures("lost_answer")
def test_another_card_is_not_stored_while_nobody_knows_how_a_charge_of_the_first_ended(till: Till) -> None:
    with till.database.session() as session:
        order = orders.place(
            session, till.payer_id, months=1, way=PaymentWay.SAVED_CARD, language=Language.BULGARIAN, now=NOW
        )
    till.there.book.cards[order.invoice] = CardPayment(order.price.cents, "another", paid=True, token="7777")
    assert card_orders.settle(till.database, till.method, order.invoice, later(days=5)) is OrderState.PAID
    assert till.paid() == 2
    with till.database.reading() as session:
        kept = kept_cards.take(session, till.payer_id)
    assert kept is not None
    assert kept.card.token == "9982"


def test_a_payment_by_card_does_not_expire_while_the_question_is_not_answered(till: Till) -> None:
    with till.database.session() as session:
        order = orders.place(
            session, till.payer_id, months=1, way=PaymentWay.SAVED_CARD, language=Language.BULGARIAN, now=NOW
        )
    till.there.book.cards[order.invoice] = CardPayment(order.price.cents, "typed", paid=True, token="9982")
    card_orders.settle_all(till.database, unreachable(till), later(days=9))
    card_orders.settle_all(till.database, till.method, later(days=9))
    assert till.paid() == 1


def test_a_first_payment_by_card_that_is_under_way_is_asked_about_for_a_week(till: Till) -> None:
    with till.database.session() as session:
        order = orders.place(
            session, till.payer_id, months=1, way=PaymentWay.SAVED_CARD, language=Language.BULGARIAN, now=NOW
        )
    payment = till.there.book.cards[order.invoice] = CardPayment(order.price.cents, "typed", token="9982")
    for days in (4, 8):
        card_orders.settle_all(till.database, till.method, later(days=days))
    payment.paid = True
    card_orders.settle_all(till.database, till.method, later(days=8, hours=1))
    assert till.paid() == 1


def test_a_first_payment_by_card_that_is_under_way_for_longer_expires(till: Till) -> None:
    with till.database.session() as session:
        order = orders.place(
            session, till.payer_id, months=1, way=PaymentWay.SAVED_CARD, language=Language.BULGARIAN, now=NOW
        )
    till.there.book.cards[order.invoice] = CardPayment(order.price.cents, "typed")
    assert "1 orders expired" in card_orders.settle_all(till.database, till.method, later(days=10))


@pytest.mark.parametrize("way", [PaymentWay.SAVED_CARD, PaymentWay.STORED_CARD])
def test_what_was_paid_with_another_amount_waits_for_a_person_and_is_told_in_the_log(
    till: Till, way: PaymentWay
) -> None:
    if way is PaymentWay.STORED_CARD:
        till.store()
    with till.database.session() as session:
        order = orders.place(session, till.payer_id, months=12, way=way, language=Language.BULGARIAN, now=NOW)
        orders.called(session, order.invoice, order.invoice)
    till.there.book.cards[order.invoice] = CardPayment(2, "cheap", paid=True, token="9982")
    before = till.paid()
    with capture_logs() as logged:
        card_orders.settle_all(till.database, till.method, later(days=30))
    errors = [(line["event"], line["invoice"]) for line in logged if line["log_level"] == "error"]
    assert errors == [("card.other_amount", order.invoice)]
    with till.database.reading() as session:
        assert orders.by_invoice(session, order.invoice).state is OrderState.WAITING
    assert till.paid() == before


def test_a_charge_that_they_do_not_know_has_failed_after_a_week(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was named, and then our process ended before it was made."""
    till.store()
    with monkeypatch.context() as patched:
        patched.setattr(till.method, "charge", lambda *_: (_ for _ in ()).throw(OperationError("The power is off.")))
        stored_cards.renew(till.database, till.method, later(days=5))
    card_orders.settle_all(till.database, till.method, later(days=12))
    assert stored_cards.renew(till.database, till.method, later(days=12)).startswith("0 cards charged, 0")
    card_orders.settle_all(till.database, till.method, later(days=14))
    assert stored_cards.renew(till.database, till.method, later(days=14)).startswith("1 cards charged")


def unreachable(till: Till) -> RecurringMethod:
    """ePay.bg at an address where nobody listens."""
    application = merchant(till.there.settings).application
    assert application is not None
    return epay_methods.OneTouchMethod(replace(application, api="http://127.0.0.1:9"))


def test_no_card_is_forgotten_because_nobody_answers(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.store()
    away, asked = unreachable(till), 0
    announce = away.announce

    def counted(device: str, card: onetouch.StoredCard) -> str:
        nonlocal asked
        asked += 1
        return announce(device, card)

    monkeypatch.setattr(away, "announce", counted)
    due = stored_cards._due
    monkeypatch.setattr(stored_cards, "_due", lambda *given: [*due(*given), 10**6])
    for days in (5, 6, 7, 8):
        assert stored_cards.renew(till.database, away, later(days=days)) == "0 cards charged, 1 not yet."
    assert asked == 4
    card = till.card()
    assert card is not None
    assert card.failures == 0
    assert renews(till) == 1


def renews(till: Till) -> int:
    """How many months the card pays when what was paid is over."""
    before = till.paid()
    stored_cards.renew(till.database, till.method, later(days=10))
    return till.paid() - before


def test_a_card_pays_nothing_after_stop(till: Till) -> None:
    till.store()
    with till.database.session() as session:
        leaving.end(session, [till.payer_id], NOW)
    assert renews(till) == 0


def test_a_card_that_was_stored_before_stop_pays_nothing_for_who_comes_back(till: Till) -> None:
    """Following again is no consent to be charged by it."""
    till.store()
    with till.database.session() as session:
        leaving.end(session, [till.payer_id], NOW)
        states.move(session, [till.payer_id], Happening.RETURNED)
    assert till.card() is None
    assert renews(till) == 0


def test_a_card_pays_for_no_child_nothing(till: Till) -> None:
    till.store()
    with till.database.session() as session:
        session.execute(update(Cover).values(ended_at=NOW))
    assert renews(till) == 0


def test_no_card_pays_where_parents_do_not_pay(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.store()
    monkeypatch.setenv("ESCHOOL_BILLING", "false")
    assert renews(till) == 0


def test_no_card_pays_while_all_is_held_and_it_does_afterwards(till: Till) -> None:
    till.store()
    with till.database.session() as session:
        holds.hold(session, holds.ALL, "Проверка", NOW)
    assert renews(till) == 0
    with till.database.session() as session:
        holds.lift(session, holds.ALL, NOW)
    assert renews(till) == 1


def test_who_stops_while_others_are_charged_is_not_charged_any_more(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.store()
    due = stored_cards._due

    def then_stops(database: Database, now: datetime) -> list[int]:
        found = due(database, now)
        with database.session() as session:
            session.execute(update(Payer).values(state=PayerState.CANCELLED))
        return found

    monkeypatch.setattr(stored_cards, "_due", then_stops)
    assert renews(till) == 0


def test_a_card_that_was_refused_on_the_page_pays_nothing(till: Till) -> None:
    with till.database.session() as session:
        order = orders.place(
            session, till.payer_id, months=1, way=PaymentWay.SAVED_CARD, language=Language.BULGARIAN, now=NOW
        )
    till.there.book.cards[order.invoice] = CardPayment(order.price.cents, "refused", failed=True)
    assert card_orders.settle(till.database, till.method, order.invoice, NOW) is OrderState.DENIED
    assert till.paid() == 0


def test_a_payer_forgets_a_card_here_and_there(till: Till) -> None:
    till.store()
    assert stored_cards.forget(till.database, till.method, till.payer_id, NOW)
    assert till.card() is None
    assert not till.there.book.tokens
    assert not stored_cards.forget(till.database, till.method, till.payer_id, NOW)


def test_a_card_is_forgotten_here_though_nobody_answers_there(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.store()

    def away(address: str) -> str:
        raise OperationError(f"{address[:4]} does not answer.")

    monkeypatch.setattr(asking, "get", away)
    assert stored_cards.forget(till.database, till.method, till.payer_id, NOW)
    assert till.card() is None


def test_another_amount_than_the_orders_pays_nothing(till: Till) -> None:
    with till.database.session() as session:
        order = orders.place(
            session, till.payer_id, months=12, way=PaymentWay.SAVED_CARD, language=Language.BULGARIAN, now=NOW
        )
    till.there.book.cards[order.invoice] = CardPayment(2, "cheap", paid=True)
    assert card_orders.settle(till.database, till.method, order.invoice, NOW) is OrderState.WAITING
    assert till.paid() == 0
