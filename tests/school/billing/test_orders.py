"""Orders, and what ePay.bg tells of them: one payment, one receipt, however often it is told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from db.kinds import Language, OrderState, PaymentWay
from db.models import LedgerEntry, Message, Payer, Payment, PaymentNotice, PaymentOrder, Subscriber
from db.session import Database
from epay.protocol.notifications import Answer, Notice, Status
from errors import InputError
from school.billing import epay_notices, orders, payers
from school.billing.orders import Order

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@dataclass
class Till:
    """A database with one payer, and what was paid there."""

    database: Database
    payer_id: int

    def order(self, months: int = 3, way: PaymentWay = PaymentWay.EPAY) -> Order:
        with self.database.session() as session:
            return orders.place(session, self.payer_id, months=months, way=way, language=Language.BULGARIAN, now=NOW)

    def tell(self, *notices: Notice, at: datetime = NOW) -> list[Answer]:
        return [answer for _, answer in epay_notices.answer(self.database, notices, at)]

    def state(self, order: Order) -> OrderState:
        with self.database.reading() as session:
            return orders.by_invoice(session, order.invoice).state

    def paid(self) -> list[tuple[str, int, int]]:
        with self.database.reading() as session:
            rows = session.execute(select(Payment.reference, Payment.months, Payment.cents).order_by(Payment.id))
            return [tuple(row) for row in rows]  # type: ignore[misc]

    def receipts(self) -> int:
        with self.database.reading() as session:
            return session.scalars(select(func.count()).select_from(Message)).one()


@pytest.fixture
def till(database: Database) -> Till:
    with database.session() as session:
        subscriber = Subscriber(phone="+359888123456", created_at=NOW)
        session.add(subscriber)
        session.flush()
        payer = payers.payer_of(session, subscriber.id, NOW)
    return Till(database, payer.id)


def told(order: Order, status: Status = Status.PAID, **more: object) -> Notice:
    return Notice(order.invoice, status, NOW, "012345", "A1B2C3", **more)  # type: ignore[arg-type]


def test_a_payment_credits_what_the_order_asked_for(till: Till) -> None:
    order = till.order(3)
    assert (order.price.cents, order.price.currency) == (183, "EUR")
    assert till.tell(told(order)) == [Answer.OK]
    assert till.paid() == [(order.invoice, 3, 183)]
    assert till.receipts() == 1
    with till.database.reading() as session:
        row = session.scalars(select(PaymentOrder)).one()
        assert (row.stan, row.bcode, row.paid_cents, row.state) == ("012345", "A1B2C3", 183, OrderState.PAID)


def test_a_repeat_for_30_days_is_answered_the_same_and_changes_nothing(till: Till) -> None:
    order = till.order()
    for days in (0, 0, 1, 29):
        assert till.tell(told(order), at=NOW + timedelta(days=days)) == [Answer.OK]
    assert len(till.paid()) == 1
    assert till.receipts() == 1
    with till.database.reading() as session:
        assert session.scalars(select(PaymentNotice.times)).one() == 4
        entries = session.scalars(select(func.count()).select_from(LedgerEntry)).one()
    till.tell(told(order))
    with till.database.reading() as session:
        assert session.scalars(select(func.count()).select_from(LedgerEntry)).one() == entries


def test_the_same_told_at_once_by_many_connections_is_one_payment(till: Till) -> None:
    order = till.order()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: till.tell(told(order)), range(12)))
    assert answers == [[Answer.OK]] * 12
    assert len(till.paid()) == 1
    assert till.receipts() == 1


def test_every_invoice_of_a_notification_is_settled(till: Till) -> None:
    first, second, third = till.order(1), till.order(3), till.order(10)
    unknown = Notice("99999999999999", Status.PAID)
    assert till.tell(told(first), told(second, Status.DENIED), unknown, told(third, Status.EXPIRED)) == [
        Answer.OK, Answer.OK, Answer.NO, Answer.OK,
    ]  # fmt: skip
    assert [till.state(one) for one in (first, second, third)] == [
        OrderState.PAID, OrderState.DENIED, OrderState.EXPIRED,
    ]  # fmt: skip
    assert [reference for reference, _, _ in till.paid()] == [first.invoice]


def test_an_unknown_invoice_stays_unknown(till: Till) -> None:
    unknown = Notice("99999999999999", Status.PAID)
    assert till.tell(unknown) == till.tell(unknown) == [Answer.NO]
    assert not till.paid()


@pytest.mark.parametrize("before", [Status.DENIED, Status.EXPIRED])
def test_money_that_comes_after_all_is_the_payers(till: Till, before: Status) -> None:
    order = till.order()
    assert till.tell(told(order, before), told(order)) == [Answer.OK, Answer.OK]
    assert till.state(order) is OrderState.PAID
    assert len(till.paid()) == 1


@pytest.mark.parametrize("after", [Status.DENIED, Status.EXPIRED])
def test_what_is_paid_stays_paid(till: Till, after: Status) -> None:
    order = till.order()
    assert till.tell(told(order), told(order, after)) == [Answer.OK, Answer.OK]
    assert till.state(order) is OrderState.PAID


def test_a_discount_books_what_was_paid(till: Till) -> None:
    order = till.order(10)
    assert till.tell(told(order, cents=550, bin="411111")) == [Answer.OK]
    assert till.paid() == [(order.invoice, 10, 550)]


def test_more_than_was_asked_for_is_our_trouble_and_nothing_is_booked(till: Till) -> None:
    order = till.order(1)
    assert till.tell(told(order, cents=62)) == [Answer.ERR]
    assert till.state(order) is OrderState.WAITING
    assert till.tell(told(order)) == [Answer.OK]  # ERR is no last answer


def test_trouble_with_one_invoice_does_not_hold_up_the_others(till: Till) -> None:
    broken, whole = till.order(1), till.order(3)
    with till.database.session() as session:
        session.execute(update(PaymentOrder).where(PaymentOrder.id == broken.id).values(months=100))
    assert till.tell(told(broken), told(whole)) == [Answer.ERR, Answer.OK]
    assert [reference for reference, _, _ in till.paid()] == [whole.invoice]


def test_a_status_that_nobody_knows_is_asked_for_again(till: Till) -> None:
    order = till.order()
    assert till.tell(Notice(order.invoice, None)) == [Answer.ERR]
    assert till.state(order) is OrderState.WAITING


def test_cash_comes_into_the_account_of_cash(till: Till) -> None:
    till.tell(told(till.order(1, PaymentWay.EASYPAY)))
    with till.database.reading() as session:
        assert session.scalars(select(Payment.method)).one() == "easypay"


@pytest.mark.parametrize("months", [0, 2, 13, -1, 24])
def test_only_what_is_offered_can_be_ordered(till: Till, months: int) -> None:
    with pytest.raises(InputError):
        till.order(months)


def test_nobody_is_asked_to_keep_thousands_of_orders(till: Till) -> None:
    for _ in range(orders.MOST_WAITING):
        till.order(1)
    with pytest.raises(InputError):
        till.order(1)


@pytest.mark.parametrize("way", [PaymentWay.DESK, PaymentWay.STORED_CARD])
def test_orders_of_strangers_on_the_pages_keep_nobody_from_paying_otherwise(till: Till, way: PaymentWay) -> None:
    for _ in range(orders.MOST_WAITING):
        till.order(1)
    for _ in range(orders.MOST_WAITING + 1):
        assert till.order(1, way).way is way


def test_an_order_that_nobody_paid_ends_and_can_still_be_paid(till: Till) -> None:
    order = till.order()
    with till.database.session() as session:
        assert orders.end_forgotten(session, NOW + timedelta(days=2)) == 0
        assert orders.end_forgotten(session, NOW + timedelta(days=4)) == 1
    assert till.state(order) is OrderState.EXPIRED
    assert till.tell(told(order)) == [Answer.OK]
    assert till.state(order) is OrderState.PAID


def test_a_payment_for_an_erased_person_is_still_answered(till: Till) -> None:
    order = till.order()
    with till.database.session() as session:
        session.execute(update(Payer).values(subscriber_id=None))
    assert till.tell(told(order)) == [Answer.OK]
    assert till.receipts() == 0
