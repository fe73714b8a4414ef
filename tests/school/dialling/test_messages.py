"""Calls for the outbox: checked right before the dial, repeated by cause, never after an unknown end."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from db.kinds import CallResult, Channel, EventKind, MessageState
from db.models import HeardEvent, Message, School, Subscription
from db.session import Database
from school.calling.policy import Pauses
from school.dialling import attempts, call_backs, due_calls
from school.dialling.attempts import Ended
from school.dialling.due_calls import Dial, Limits
from school.subscriptions import text_only, wishes
from tests.school.outbox.school_days import MOTHER, SchoolDay

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Day(SchoolDay):
    """A school day whose mother wants calls at once, and a dialer."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.daily(Channel.CALL, None)
        self.pauses = Pauses()

    def choose(self, unspoken: str = "") -> list[Dial]:
        """`unspoken`: a piece of speech of which the dialer's host has no clip."""
        with self.database.session() as session:
            limits = Limits(10, 5, is_spoken=lambda pieces: unspoken not in set(pieces))
            return due_calls.choose(session, "host:1", limits, self.now)

    def ended(self, dial: Dial, result: CallResult) -> None:  # type: ignore[override]
        with self.database.session() as session:
            attempts.ended(session, [Ended(dial.channel_id, result, 0)], self.now, self.pauses)

    def heard_out(self, dial: Dial, result: CallResult) -> None:
        with self.database.session() as session:
            attempts.told(session, dial.channel_id, result, self.now, self.pauses)

    def call_state(self) -> MessageState:
        with self.database.reading() as session:
            return session.scalars(select(Message.state).where(Message.channel == Channel.CALL)).one()


@pytest.fixture
def day(demonstration: Database) -> Day:
    return Day(demonstration)


def test_what_happens_is_told_by_a_call_at_once_to_who_chose_so(day: Day) -> None:
    day.grade()
    (dial,) = day.choose()
    assert dial.phone == MOTHER
    assert day.choose() == []
    day.heard_out(dial, CallResult.REACHED)
    assert day.call_state() is MessageState.SENT


def test_a_remark_is_told_once_its_words_can_be_heard(day: Day) -> None:
    day.remark(text="Помага на другите.")
    assert day.choose(unspoken="Помага на другите.") == []
    assert day.call_state() is MessageState.READY
    day.now += timedelta(seconds=10)
    assert [dial.phone for dial in day.choose()] == [MOTHER]


def test_a_days_events_are_one_call_at_the_hour(demonstration: Database) -> None:
    day = Day.__new__(Day)
    SchoolDay.__init__(day, demonstration)
    day.pauses = Pauses()
    day.daily(Channel.CALL, 19)  # it is 18:00
    day.grade()
    day.absence()
    assert day.choose() == []
    day.later(HOUR)
    assert len(day.choose()) == 1


@pytest.mark.parametrize(("result", "pause"), [(CallResult.BUSY, 5), (CallResult.NO_ANSWER, 30)])
def test_it_is_rung_again_by_cause_and_given_up_after_three(day: Day, result: CallResult, pause: int) -> None:
    day.grade()
    for attempt in (1, 2, 3):
        (dial,) = day.choose()
        day.ended(dial, result)
        day.later(pause * MINUTE * 2 ** (attempt - 1) - MINUTE / 2)
        assert day.choose() == []
        day.later(MINUTE)
    assert day.call_state() is MessageState.FAILED


def test_the_trunks_fault_costs_no_attempt(day: Day) -> None:
    day.grade()
    for _ in range(3):
        (dial,) = day.choose()
        day.ended(dial, CallResult.TRUNK)
        day.later(20 * MINUTE)
    with day.database.reading() as session:
        assert session.scalars(select(Message.attempts).where(Message.channel == Channel.CALL)).one() == 0


def test_an_unknown_end_is_never_repeated_not_even_when_the_lease_runs_out(day: Day) -> None:
    day.grade()
    day.choose()
    day.later(10 * MINUTE)
    assert day.choose() == []
    assert day.call_state() is MessageState.UNKNOWN


def test_an_answer_that_comes_after_the_lease_still_counts(day: Day) -> None:
    day.grade()
    (dial,) = day.choose()
    day.later(10 * MINUTE)
    day.choose()
    day.heard_out(dial, CallResult.REACHED)
    assert day.call_state() is MessageState.SENT


class TestTextsAndNoCalls:
    """Of who wants no calls at all: SMS tell what calls would."""

    @staticmethod
    def wish(day: Day, wanted: bool = True) -> None:
        with day.database.session() as session:
            text_only.switch(session, day.subscriber_id, wanted, day.now)

    def test_news_comes_once_and_by_sms(self, day: Day) -> None:
        self.wish(day)
        day.grade()
        assert day.choose() == []
        assert (len(day.told(Channel.CALL)), len(day.told(Channel.SMS))) == (0, 1)
        self.wish(day, wanted=False)
        day.absence()
        assert [dial.phone for dial in day.choose()] == [MOTHER]

    def test_what_only_calls_told_comes_by_sms_at_their_hour(self, day: Day) -> None:
        with day.database.session() as session:
            wishes.tell_at(session, day.subscriber_id, Channel.CALL, 19)  # it is 18:00
        day.switch_off(Channel.SMS, EventKind.GRADE)
        day.switch_off(Channel.CALL, EventKind.REMARK)
        self.wish(day)
        day.grade()
        assert day.read_by() == []
        day.later(HOUR)
        (told,) = day.read_by()
        assert "Математика" in told
        day.remark()
        assert len(day.told(Channel.SMS)) == 2
        assert day.told(Channel.CALL) == []

    def test_what_waited_to_be_told_by_a_call_is_told_by_sms(self, day: Day) -> None:
        day.switch_off(Channel.SMS, EventKind.GRADE)
        day.grade()
        (dial,) = day.choose()
        day.ended(dial, CallResult.BUSY)
        day.later(HOUR)
        day.absence()
        self.wish(day)
        assert day.choose() == []
        with day.database.reading() as session:
            states = session.scalars(select(Message.state).where(Message.channel == Channel.CALL)).all()
        assert set(states) == {MessageState.FAILED}
        texts = " ".join(day.read_by())
        assert texts.count("Математика – Отличен") == 1
        assert texts.count("отсъствие") == 1  # which an SMS told anyway

    def test_what_a_call_told_is_corrected_by_sms(self, day: Day) -> None:
        day.switch_off(Channel.SMS, EventKind.GRADE)
        ref = day.grade("6")
        (dial,) = day.choose()
        day.heard_out(dial, CallResult.REACHED)
        self.wish(day)
        day.correct(ref, "4")
        assert day.choose() == []
        (told,) = day.read_by()
        assert "Поправка: Математика – Добър (4)" in told

    def test_whoever_asks_to_be_called_back_is_called(self, day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wish(day)
        monkeypatch.setenv("ESCHOOL_CALL_BACK", "true")
        with day.database.session() as session:
            assert call_backs.ask(session, MOTHER, day.now) is call_backs.Outcome.CALLED
        assert [dial.phone for dial in day.choose()] == [MOTHER]


class TestRightBeforeTheDial:
    def test_who_switched_calls_off_meanwhile_is_not_rung(self, day: Day) -> None:
        day.grade()
        with day.database.session() as session:
            session.execute(update(Subscription).values(calls_enabled=False))
        assert day.choose() == []
        assert day.call_state() is MessageState.FAILED

    def test_what_was_heard_in_another_call_needs_none(self, day: Day) -> None:
        ref = day.grade()
        with day.database.session() as session:
            session.execute(
                insert(HeardEvent).values(
                    subscriber_id=day.subscriber_id,
                    kind=ref.kind,
                    event_id=ref.id,
                    school_id=day.school_id,
                    first_heard_at=day.now,
                )
            )
        assert day.choose() == []
        assert day.call_state() is MessageState.SENT

    def test_a_day_without_calls_is_kept(self, day: Day) -> None:
        with day.database.session() as session:
            session.execute(update(School).values(call_weekdays="345"))  # it is a Tuesday
        day.grade()
        assert day.choose() == []
        day.later(timedelta(hours=12))  # 6:00 on Wednesday: not yet
        assert day.choose() == []
        day.later(timedelta(hours=3))
        assert len(day.choose()) == 1
