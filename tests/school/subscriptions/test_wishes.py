"""What a subscriber wants to be told of, and when."""

import pytest
from sqlalchemy import select

from db.kinds import Channel, EventKind
from db.models import Subscriber
from db.session import Database
from errors import InputError
from school.subscriptions import wishes
from school.subscriptions.wishes import Wishes


def somebody(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(Subscriber.id).order_by(Subscriber.id).limit(1)).one()


def of(database: Database, subscriber_id: int, channel: Channel) -> Wishes:
    with database.reading() as session:
        return next(one for one in wishes.wishes(session, subscriber_id) if one.channel is channel)


def test_without_a_word_everything_is_told_when_the_channel_usually_does(demonstration: Database) -> None:
    who = somebody(demonstration)
    with demonstration.reading() as session:
        assert wishes.wishes(session, who) == tuple(Wishes(channel, frozenset(), False, None) for channel in Channel)


def test_kinds_are_switched_for_one_channel_alone(demonstration: Database) -> None:
    who = somebody(demonstration)
    for unwanted in ({EventKind.GRADE, EventKind.REMARK}, {EventKind.REMARK}, set[EventKind]()):
        with demonstration.session() as session:
            wishes.want_only(session, who, Channel.SMS, unwanted)
        assert of(demonstration, who, Channel.SMS).unwanted == unwanted
        assert of(demonstration, who, Channel.EMAIL).unwanted == frozenset()


def test_an_hour_is_chosen_changed_and_forgotten(demonstration: Database) -> None:
    who = somebody(demonstration)
    for hour in (19, 0, None):
        with demonstration.session() as session:
            wishes.tell_at(session, who, Channel.CALL, hour)
        assert of(demonstration, who, Channel.CALL) == Wishes(Channel.CALL, frozenset(), True, hour)
    with demonstration.session() as session:
        wishes.forget_when(session, who, Channel.CALL)
    assert not of(demonstration, who, Channel.CALL).timed


def test_an_hour_that_no_day_has_is_refused(demonstration: Database) -> None:
    with pytest.raises(InputError, match="24 is no hour of the day"), demonstration.session() as session:
        wishes.tell_at(session, somebody(demonstration), Channel.SMS, 24)
