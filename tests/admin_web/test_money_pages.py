"""The platform's operator sees money and stops it; schools and parents' names are nowhere on the page."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db.models import Refund, Subscriber, Subscription
from db.session import Database
from demonstration.plan.people import FIRST_PHONE
from school.billing import payers, payments
from school.billing.money import Money
from tests.admin_web.conftest import OPERATOR, PRINCIPAL, Browser

SignedIn = Callable[[str], Browser]


@pytest.fixture
def paid(demonstration: Database) -> int:
    """A payer who paid three months ahead."""
    now = datetime.now(UTC)
    with demonstration.session() as session:
        row = session.execute(
            select(Subscription.school_id, Subscription.student_id, Subscription.subscriber_id)
            .join(Subscriber)
            .where(Subscriber.phone == FIRST_PHONE)
            .limit(1)
        ).one()
        payer = payers.payer_of(session, row.subscriber_id, now)
        payers.cover(session, payer.id, row.school_id, row.student_id, now)
        payments.receive(session, payer.id, months=3, paid=Money(183, "EUR"), method="epay", reference="77", now=now)
    return payer.id


def test_the_page_shows_what_was_paid_and_names_nobody(signed_in: SignedIn, paid: int) -> None:
    operator = signed_in(OPERATOR)
    page = operator.get("/platform/money/")
    assert "Платено предварително този месец, ePay: 1,83 €" in page
    assert "таксуването е изключено" in page
    assert FIRST_PHONE[-6:] not in page
    assert "/platform/money/" in operator.get("/platform/")
    assert "Месец" in operator.get("/platform/money/months.csv")
    signed_in(PRINCIPAL).get("/platform/money/", status=403)


def test_a_payer_is_found_by_telephone_and_has_a_receipt_with_vat(signed_in: SignedIn, paid: int) -> None:
    operator = signed_in(OPERATOR)
    operator.get("/platform/money/")
    operator.post("/platform/money/payer", status=302, phone=FIRST_PHONE)
    page = operator.get(f"/platform/money/payers/{paid}")
    for amount in ("1,52 €", "0,31 €", "1,83 €"):
        assert amount in page
    operator.get(f"/platform/money/payers/{paid + 999}", status=404)
    operator.post("/platform/money/payer", status=404, phone="0888 000 000")


def test_money_is_stopped_and_goes_on(signed_in: SignedIn, paid: int) -> None:
    operator = signed_in(OPERATOR)
    operator.get("/platform/money/")
    operator.post("/platform/money/hold", status=302, do="hold", scope="all", reason="Проверка")
    assert "Никой не се таксува: all." in operator.get("/platform/money/")
    operator.post("/platform/money/hold", status=302, do="release", scope="all")
    assert "Никой не се таксува: all." not in operator.get("/platform/money/")


def test_who_asks_for_a_refund_does_not_decide_on_it(signed_in: SignedIn, paid: int, demonstration: Database) -> None:
    operator = signed_in(OPERATOR)
    page = operator.get(f"/platform/money/payers/{paid}")
    name = page.partition('value="payment:')[2].partition('"')[0]
    operator.post(
        f"/platform/money/payers/{paid}/refund", status=302, of=f"payment:{name}", amount="0,61", reason="Грешка"
    )
    assert "0,61 €" in operator.get("/platform/money/")
    with demonstration.reading() as session:
        refund = session.scalars(select(Refund.id)).one()
    operator.post(f"/platform/money/refunds/{refund}", status=302, do="grant")
    assert "решава друг" in operator.get("/platform/money/")
    with demonstration.reading() as session:
        assert session.scalars(select(Refund.granted)).one() is None
