"""Texts and no calls, chosen in the telephone menu: what is kept, and what the telephone is told."""

import pytest
from sqlalchemy import select, update

from db.kinds import Channel, MessagePurpose
from db.models import Message, Subscriber, Subscription
from db.session import Database
from school.hearing import access
from school.subscriptions import text_only
from tests.school.conftest import NOW
from tests.school.people import Known, known


@pytest.fixture
def mother(demonstration: Database) -> Known:
    return known(demonstration)


def choose(database: Database, subscriber_id: int, *, wanted: bool) -> bool:
    with database.session() as session:
        return text_only.switch_by_call(session, subscriber_id, wanted, "1987", NOW)


def texts(database: Database, phone: str) -> list[str]:
    with database.reading() as session:
        sent = select(Message.text).where(
            Message.address == phone, Message.channel == Channel.SMS, Message.purpose == MessagePurpose.SERVICE
        )
        return list(session.scalars(sent.order_by(Message.id)))


def test_it_is_kept_told_and_taken_back(demonstration: Database, mother: Known) -> None:
    with demonstration.session() as session:
        session.execute(update(Subscription).values(sms_enabled=False))
        (child, *_) = access.recognise(session, mother.phone)
    assert not child.text_only
    for _ in range(2):
        assert choose(demonstration, child.subscriber_id, wanted=True)
    with demonstration.reading() as session:
        (child, *_) = access.recognise(session, mother.phone)
    assert (child.text_only, child.sms_enabled) == (True, True)
    assert choose(demonstration, child.subscriber_id, wanted=False)
    with demonstration.reading() as session:
        assert not text_only.is_on(session, child.subscriber_id)
    assert texts(demonstration, mother.phone) == [
        "Вече само Ви пишем и не Ви звъним. Обратно: С ОБАЖДАНИЯ на 1987.",
        "Отново може да Ви звъним. Без обаждания: САМО ТЕКСТ на 1987.",
    ]


def test_a_fixed_line_that_gets_no_sms_keeps_its_calls(demonstration: Database, mother: Known) -> None:
    fixed = "+35924000001"
    with demonstration.session() as session:
        subscriber_id = session.scalars(select(Subscriber.id).where(Subscriber.phone == mother.phone)).one()
        session.execute(update(Subscriber).where(Subscriber.id == subscriber_id).values(phone=fixed))
    assert not choose(demonstration, subscriber_id, wanted=True)
    with demonstration.reading() as session:
        assert not text_only.is_on(session, subscriber_id)
    assert texts(demonstration, fixed) == []
