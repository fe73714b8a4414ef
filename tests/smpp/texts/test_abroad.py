"""A text from a number that we do not write to: no answer is paid for, nobody is followed, and СТОП still works."""

import pytest
from sqlalchemy import func, select

from db.kinds import SubscriptionStatus
from db.models import Message, Subscriber, Subscription
from db.session import Database
from tests.smpp.texts.parent import Parent

ABROAD = ("+4915112345678", "+5352345678", "+447012345678", "+35990123456", "+35929876543")


def count(database: Database, model: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("phone", ABROAD)
@pytest.mark.parametrize("words", ["ПОМОЩ", "СТОП", "ОЦЕНКИ", "1234567890", "ДА", "ПИН"])
def test_nothing_is_answered(demonstration: Database, phone: str, words: str) -> None:
    before = count(demonstration, Message), count(demonstration, Subscriber)
    assert Parent(demonstration, phone).text(words) is None
    assert (count(demonstration, Message), count(demonstration, Subscriber)) == before


def test_stop_ends_what_such_a_number_followed_before_the_rule(demonstration: Database) -> None:
    with demonstration.session() as session:
        follower = session.scalars(
            select(Subscriber).join(Subscription).where(Subscription.status == SubscriptionStatus.ACTIVE)
        ).first()
        assert follower is not None
        follower.phone = ABROAD[0]
        follower_id = follower.id
    before = count(demonstration, Message)
    assert Parent(demonstration, ABROAD[0]).text("СТОП") is None
    with demonstration.reading() as session:
        states = set(session.scalars(select(Subscription.status).where(Subscription.subscriber_id == follower_id)))
    assert states == {SubscriptionStatus.STOPPED}
    assert count(demonstration, Message) == before


def test_where_the_platform_allows_the_country_it_is_answered(
    demonstration: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCHOOL_DESTINATIONS", "BG:mobile,BG:fixed_line,DE:mobile")
    assert Parent(demonstration, ABROAD[0]).text("ПОМОЩ") is not None
