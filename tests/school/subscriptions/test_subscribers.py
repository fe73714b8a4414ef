"""Who a number or an address is: nobody is found by what they do not have."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from db.models import Subscriber
from db.session import Database
from school.subscriptions import subscribers

NOW = datetime(2026, 9, 16, 9, tzinfo=UTC)
PHONE, EMAIL = "+359888000001", "parent@example.org"


@pytest.fixture(autouse=True)
def _subscribers(database: Database) -> None:
    with database.session() as session:
        for phone, email in ((PHONE, None), (None, EMAIL), ("+359888000002", None)):
            session.execute(insert(Subscriber).values(phone=phone, email=email, created_at=NOW))


@pytest.mark.parametrize(
    ("phone", "email", "found"),
    [
        (PHONE, None, PHONE),
        (None, EMAIL, EMAIL),
        ("+359888000002", EMAIL, EMAIL),
        ("+359888000009", None, None),
        (None, "nobody@example.org", None),
        (None, None, None),
    ],
)
def test_nobody_is_found_by_what_they_do_not_have(
    database: Database, phone: str | None, email: str | None, found: str | None
) -> None:
    with database.reading() as session:
        id_ = subscribers.with_address(session, phone=phone, email=email)
        row = session.execute(select(Subscriber.phone, Subscriber.email).where(Subscriber.id == id_)).one_or_none()
    assert (row and (row.phone or row.email)) == found
