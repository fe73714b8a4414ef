"""Records of calls: complete, once however often they arrive, and without what the caller typed."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from db.events import EventRef
from db.kinds import CallDirection, CallOutcome, EventKind, InputKind
from db.models import Call, CallStep, HeardEvent
from db.session import Database
from logs import masked_phone
from school.hearing import call_log
from tests.school.conftest import NOW
from tests.school.people import child, known

HEARD = (EventRef(EventKind.GRADE, 900001), EventRef(EventKind.MEETING, 900001), EventRef(EventKind.GRADE, 900001))


def record_of(database: Database, **values: Any) -> call_log.CallRecord:
    found = child(database)
    defaults: dict[str, Any] = {
        "call_id": uuid4(),
        "direction": CallDirection.INBOUND,
        "caller": known(database).phone,
        "started_at": NOW,
        "answered_at": NOW + timedelta(seconds=1),
        "ended_at": NOW + timedelta(seconds=41),
        "outcome": CallOutcome.FINISHED,
        "subscription_id": found.subscription_id,
        "student_id": found.student_id,
        "steps": (
            call_log.CallStep(NOW, "greeting", InputKind.NONE),
            call_log.CallStep(NOW + timedelta(milliseconds=1500), "menu", InputKind.KEY),
        ),
        "heard": HEARD,
    }
    return call_log.CallRecord(**(defaults | values))


def store(database: Database, record: call_log.CallRecord) -> bool:
    with database.session() as session:
        return call_log.record_calls(session, [record]) == 1


def count(database: Database, table: Any, *where: Any) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


class TestRecordCalls:
    def test_a_call_is_kept_with_its_steps_and_whose_it_was(self, demonstration: Database) -> None:
        record, found = record_of(demonstration), child(demonstration)
        assert store(demonstration, record)
        with demonstration.reading() as session:
            call = session.scalars(select(Call).where(Call.call_id == record.call_id)).one()
            steps = session.scalars(select(CallStep).order_by(CallStep.position)).all()
        assert (call.school_id, call.student_id, call.subscription_id) == (
            found.school_id,
            found.student_id,
            found.subscription_id,
        )
        assert (call.outcome, call.direction) == (record.outcome, record.direction)
        assert record.caller is not None
        assert call.caller == masked_phone(record.caller) != record.caller
        assert (call.started_at, call.answered_at, call.ended_at) == (
            record.started_at,
            record.answered_at,
            record.ended_at,
        )
        assert [(step.position, step.at, step.state, step.input_kind) for step in steps] == [
            (1, record.steps[0].at, "greeting", InputKind.NONE),
            (2, record.steps[1].at, "menu", InputKind.KEY),
        ]

    def test_heard_marks_are_the_subscribers_and_made_once(self, demonstration: Database) -> None:
        store(demonstration, record_of(demonstration))
        store(demonstration, record_of(demonstration, ended_at=NOW + timedelta(days=1)))
        with demonstration.reading() as session:
            marks = session.scalars(
                select(HeardEvent).where(HeardEvent.event_id == 900001).order_by(HeardEvent.kind)
            ).all()
        assert [mark.kind for mark in marks] == [EventKind.GRADE, EventKind.MEETING]
        assert {mark.subscriber_id for mark in marks} == {child(demonstration).subscriber_id}
        assert {mark.first_heard_at for mark in marks} == {NOW + timedelta(seconds=41)}

    def test_a_record_that_arrives_twice_is_kept_once(self, demonstration: Database) -> None:
        record = record_of(demonstration)
        assert store(demonstration, record)
        assert not store(demonstration, record)
        assert count(demonstration, Call) == 1
        assert count(demonstration, CallStep) == 2

    def test_a_record_that_arrives_twice_at_once_is_kept_once(self, demonstration: Database) -> None:
        record, together = record_of(demonstration), threading.Barrier(4)
        answers: list[bool] = []

        def deliver() -> None:
            together.wait()
            answers.append(store(demonstration, record))

        threads = [threading.Thread(target=deliver) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [False, False, False, True]
        assert count(demonstration, CallStep) == 2

    def test_a_caller_who_was_not_let_in_leaves_a_call_and_no_marks(self, demonstration: Database) -> None:
        before = count(demonstration, HeardEvent)
        refused: dict[str, Any] = {
            "outcome": CallOutcome.REFUSED,
            "caller": None,
            "subscription_id": None,
            "student_id": None,
        }
        assert store(demonstration, record_of(demonstration, **refused, answered_at=None, steps=()))
        assert count(demonstration, HeardEvent) == before
        assert count(demonstration, Call, Call.school_id.is_(None)) == 1

    def test_what_no_longer_exists_does_not_lose_the_call(self, demonstration: Database) -> None:
        assert store(demonstration, record_of(demonstration, subscription_id=10**6, student_id=10**6))
        assert count(demonstration, Call, Call.student_id.is_(None)) == 1

    def test_a_naive_time_is_refused_and_nothing_is_kept(self, demonstration: Database) -> None:
        naive = (call_log.CallStep(datetime(2026, 11, 24), "menu", InputKind.KEY),)  # noqa: DTZ001
        with pytest.raises(Exception, match="time zone"):
            store(demonstration, record_of(demonstration, steps=naive))
        assert count(demonstration, Call) == 0

    def test_times_of_other_zones_are_the_same_moments(self, demonstration: Database) -> None:
        record = record_of(demonstration, started_at=datetime.fromisoformat("2026-11-24T17:59:00+02:00"))
        store(demonstration, record)
        with demonstration.reading() as session:
            assert session.scalars(select(Call.started_at)).one() == datetime(2026, 11, 24, 15, 59, tzinfo=UTC)
