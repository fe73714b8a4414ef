"""Slow speech: what is kept and audited, and which calls are told of it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from db.kinds import Channel, MessagePurpose, MessageState
from db.models import Audit, CallAttempt, Message, Subscriber
from db.session import Database
from school.dialling import about, call_backs
from school.dialling.about import CallBack, NewsCall
from school.hearing import access
from school.hearing.access import Admitted
from school.subscriptions import slow_speech
from tests.school.conftest import NOW
from tests.school.people import Known, known


@pytest.fixture
def mother(demonstration: Database) -> Known:
    return known(demonstration)


def subscriber(database: Database, phone: str) -> int:
    with database.reading() as session:
        return session.scalars(select(Subscriber.id).where(Subscriber.phone == phone)).one()


def choose(database: Database, subscriber_id: int, *, wanted: bool) -> bool:
    with database.session() as session:
        return slow_speech.switch(session, subscriber_id, wanted, NOW)


def test_it_is_kept_audited_once_and_taken_back(demonstration: Database, mother: Known) -> None:
    who = subscriber(demonstration, mother.phone)
    with demonstration.reading() as session:
        assert not slow_speech.is_wished(session)
        assert not any(child.slow_speech for child in access.recognise(session, mother.phone))
    assert [choose(demonstration, who, wanted=True) for _ in range(2)] == [True, False]
    with demonstration.reading() as session:
        assert slow_speech.is_wished(session)
        assert slow_speech.is_on(session, who)
        assert all(child.slow_speech for child in access.recognise(session, mother.phone))
    assert choose(demonstration, who, wanted=False)
    with demonstration.reading() as session:
        assert not slow_speech.is_wished(session)
        details = session.scalars(
            select(Audit.details).where(Audit.subscriber_id == who, Audit.action == "wishes.changed").order_by(Audit.id)
        ).all()
    assert [(one["channels"], one["slow_speech"]) for one in details] == [(["call"], True), (["call"], False)]


def test_who_calls_from_another_telephone_is_spoken_to_slowly_once_the_pin_told_who_it_is(
    demonstration: Database, mother: Known
) -> None:
    choose(demonstration, subscriber(demonstration, mother.phone), wanted=True)
    with demonstration.session() as session:
        answer = access.admit(session, None, mother.code, mother.pin, NOW)
    assert isinstance(answer, Admitted)
    assert answer.child.slow_speech


@pytest.mark.parametrize("purpose", [MessagePurpose.NOTIFICATION, call_backs.PURPOSE])
def test_a_call_of_ours_is_told_of_the_wish_of_whoever_has_the_telephone(
    demonstration: Database, mother: Known, purpose: MessagePurpose
) -> None:
    who = subscriber(demonstration, mother.phone)
    with demonstration.session() as session:
        session.execute(delete(CallAttempt))
        message_id = session.scalar(
            insert(Message)
            .values(
                subscriber_id=who, channel=Channel.CALL, purpose=purpose, address=mother.phone, text="",
                state=MessageState.READY, created_at=NOW, due_at=NOW, expires_at=NOW + timedelta(1), from_hour=8,
                until_hour=20, attempts=0,
            )
            .returning(Message.id)
        )  # fmt: skip
        session.execute(
            insert(CallAttempt).values(
                channel_id="c-1", phone=mother.phone, message_id=message_id, position=1, dialled_at=NOW, dialer="me"
            )
        )
    kind = CallBack if purpose is call_backs.PURPOSE else NewsCall
    for wanted in (False, True):
        choose(demonstration, who, wanted=wanted)
        with demonstration.reading() as session:
            assert about.read(session, "c-1") == kind("c-1", mother.phone, wanted)
    with demonstration.session() as session:
        session.execute(update(CallAttempt).values(phone="+359888000111"))
    with demonstration.reading() as session:
        assert about.read(session, "c-1") == kind("c-1", "+359888000111", slow_speech=False)
