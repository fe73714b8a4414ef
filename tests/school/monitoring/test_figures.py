"""Figures of the platform: what waits, what is overdue, what failed, and how schools use it. No person in any."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.kinds import (
    CallDirection,
    CallOutcome,
    Channel,
    Door,
    EventChange,
    EventKind,
    MessagePurpose,
    MessageState,
    NotificationState,
    SubscriptionStatus,
)
from db.models import Call, Message, Notification
from school.monitoring import figures, health, platform, wrong_codes
from school.monitoring.health import Health, Process
from tests.school.students.small_schools import FATHER, NOW, TODAY, SmallSchool

MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
TROUBLED = (MessageState.FAILED, MessageState.UNKNOWN)


def message(session: Session, state: MessageState, *, due: datetime = NOW, **values: Any) -> None:
    row = {
        "channel": Channel.SMS,
        "purpose": MessagePurpose.ANSWER,
        "address": FATHER,
        "text": "Здравейте!",
        "state": state,
        "due_at": due,
        "expires_at": due + timedelta(days=1),
        "from_hour": 0,
        "until_hour": 24,
        "attempts": 0,
        "created_at": NOW,
    }
    if state is MessageState.CLAIMED:
        row |= {"lease_until": NOW + MINUTE, "lease_owner": "host:1"}
    session.execute(insert(Message).values(row | values))


def notify(here: SmallSchool, *due: tuple[datetime, Channel]) -> None:
    """Notifications of one follower, each of an event of its own."""
    person, subscription = here.follower()
    rows = [
        {
            "school_id": here.id,
            "subscription_id": subscription,
            "subscriber_id": person,
            "channel": channel,
            "kind": EventKind.GRADE,
            "event_id": number,
            "change": EventChange.RECORDED,
            "state": NotificationState.PENDING,
            "line": "6 по математика",
            "due_at": due_at,
            "from_hour": 8,
            "until_hour": 20,
            "created_at": NOW,
        }
        for number, (due_at, channel) in enumerate(due)
    ]
    here.session.connection().execute(insert(Notification), rows)


def call(session: Session, at: datetime, **values: Any) -> None:
    row = {"call_id": uuid4(), "direction": CallDirection.INBOUND, "outcome": CallOutcome.FINISHED}
    session.execute(insert(Call).values(row | {"started_at": at, "ended_at": at} | values))


class TestFigures:
    def test_of_an_idle_platform_every_figure_is_there_and_nought(self, session: Session) -> None:
        found = figures.figures(session, NOW)
        assert found.waiting == dict.fromkeys(Channel, 0)
        assert found.overdue == dict.fromkeys(Channel, 0.0)
        assert len(found.messages) == 2 * len(Channel)
        assert len(found.recent_messages) == len(Channel) * len(MessageState)
        assert len(found.recent_calls) == len(CallDirection) * len(CallOutcome)
        assert not any([*found.messages.values(), *found.recent_messages.values(), *found.recent_calls.values()])
        assert found.wrong_codes == dict.fromkeys(Door, 0)
        assert found.processes == ()

    def test_wrong_codes_are_those_of_the_last_hour_by_door(self, session: Session) -> None:
        for minutes in (0, 1, 30, 55, 66, 600):
            wrong_codes.note(session, Door.WEB, NOW - minutes * MINUTE)
        wrong_codes.note(session, Door.CALL, NOW)
        assert figures.figures(session, NOW).wrong_codes == {Door.CALL: 1, Door.SMS: 0, Door.WEB: 4}

    @pytest.mark.parametrize(
        ("state", "due", "seconds"),
        [
            (MessageState.READY, NOW - MINUTE, 60.0),
            (MessageState.READY, NOW, 0.0),
            (MessageState.READY, NOW + MINUTE, 0.0),
            (MessageState.CLAIMED, NOW - MINUTE, 0.0),  # somebody has it in hand
            (MessageState.SENT, NOW - MINUTE, 0.0),
            (MessageState.FAILED, NOW - MINUTE, 0.0),
        ],
    )
    def test_overdue_is_what_is_ready_and_was_not_taken(
        self, session: Session, state: MessageState, due: datetime, seconds: float
    ) -> None:
        message(session, state, due=due)
        assert figures.figures(session, NOW).overdue == {Channel.SMS: seconds, Channel.EMAIL: 0.0, Channel.CALL: 0.0}

    def test_the_oldest_of_messages_and_notifications_says_how_long(self, session: Session, here: SmallSchool) -> None:
        message(session, MessageState.READY, due=NOW - MINUTE)
        notify(
            here,
            (NOW - 3 * MINUTE, Channel.SMS),
            (NOW - 2 * MINUTE, Channel.SMS),
            (NOW - 5 * MINUTE, Channel.CALL),
        )
        assert figures.figures(session, NOW).overdue == {Channel.SMS: 180.0, Channel.EMAIL: 0.0, Channel.CALL: 300.0}

    def test_what_waits_for_its_hour_is_counted_by_channel(self, session: Session, here: SmallSchool) -> None:
        notify(here, (NOW + MINUTE, Channel.SMS), (NOW - MINUTE, Channel.EMAIL))
        assert figures.figures(session, NOW).waiting == {Channel.SMS: 1, Channel.EMAIL: 1, Channel.CALL: 0}

    @pytest.mark.parametrize(("age", "counted"), [(figures.RECENT, 1), (figures.RECENT + TICK, 0)])
    def test_an_hour_is_recent_and_no_more(self, session: Session, age: timedelta, counted: int) -> None:
        message(session, MessageState.DELIVERED, created_at=NOW - age)
        call(session, NOW - age, direction=CallDirection.OUTBOUND, outcome=CallOutcome.SILENT)
        found = figures.figures(session, NOW)
        assert found.recent_messages[Channel.SMS, MessageState.DELIVERED] == counted
        assert found.recent_calls[CallDirection.OUTBOUND, CallOutcome.SILENT] == counted
        assert sum(found.recent_calls.values()) == counted

    def test_the_processes_are_told_as_they_say_of_themselves(self, session: Session) -> None:
        said = Health(Process.SCHEDULER, "host:4", "running", works=True, updated_at=NOW)
        health.say(session, said)
        assert figures.figures(session, NOW).processes == (said,)


def test_only_what_is_not_done_is_in_the_queues(session: Session) -> None:
    for state in MessageState:
        message(session, state)
    message(session, MessageState.READY, channel=Channel.EMAIL)
    assert platform.queues(session).messages == {
        (Channel.SMS, MessageState.READY): 1,
        (Channel.SMS, MessageState.CLAIMED): 1,
        (Channel.EMAIL, MessageState.READY): 1,
    }


class TestTroubles:
    def test_failures_of_one_kind_are_one_line_the_latest_first(self, session: Session) -> None:
        for minutes, error in ((3, "Busy."), (1, "The number does not exist."), (2, "Busy.")):
            message(session, MessageState.FAILED, error=error, created_at=NOW - minutes * MINUTE)
        message(session, MessageState.UNKNOWN, error=None, created_at=NOW - 9 * MINUTE)
        found = [(one.state, one.error, one.messages, one.last_at) for one in platform.troubles(session, NOW)]
        assert found == [
            (MessageState.FAILED, "The number does not exist.", 1, NOW - MINUTE),
            (MessageState.FAILED, "Busy.", 2, NOW - 2 * MINUTE),
            (MessageState.UNKNOWN, "", 1, NOW - 9 * MINUTE),
        ]

    def test_what_did_not_fail_is_no_trouble(self, session: Session) -> None:
        for state in set(MessageState) - set(TROUBLED):
            message(session, state, error="The last attempt failed.")
        assert platform.troubles(session, NOW) == ()

    @pytest.mark.parametrize(("age", "told"), [(platform.RECENT, 1), (platform.RECENT + TICK, 0)])
    def test_a_week_is_looked_back(self, session: Session, age: timedelta, told: int) -> None:
        message(session, MessageState.FAILED, error="Busy.", created_at=NOW - age)
        assert len(platform.troubles(session, NOW)) == told

    def test_no_more_than_twenty_kinds_are_told(self, session: Session) -> None:
        for number in range(platform.TROUBLES + 1):
            message(session, MessageState.FAILED, error=f"{number}", created_at=NOW - number * MINUTE)
        found = platform.troubles(session, NOW)
        assert [one.error for one in found] == [str(number) for number in range(platform.TROUBLES)]


class TestSchools:
    def test_each_school_counts_its_own(self, session: Session, here: SmallSchool, elsewhere: SmallSchool) -> None:
        here.add_student("Напуснал", None, left_on=TODAY)
        here.follower()
        here.follower(FATHER, status=SubscriptionStatus.STOPPED)
        here.grade()
        call(session, NOW, school_id=here.id, student_id=here.student)
        call(session, NOW)  # a caller who came to no child
        found = {one.school_id: one for one in platform.schools(session, NOW)}
        mine, theirs = found[here.id], found[elsewhere.id]
        assert (mine.students, mine.subscriptions, mine.entries, mine.calls) == (2, 1, 1, 1)
        assert (theirs.students, theirs.subscriptions, theirs.entries, theirs.calls) == (2, 0, 0, 0)
        assert (mine.institution_code, mine.town) == ("1690180", "Видин")

    @pytest.mark.parametrize(("age", "counted"), [(platform.RECENT, 1), (platform.RECENT + TICK, 0)])
    def test_use_is_that_of_a_week(self, session: Session, here: SmallSchool, age: timedelta, counted: int) -> None:
        here.grade()
        call(session, NOW, school_id=here.id)
        (found,) = platform.schools(session, NOW + age)
        assert (found.entries, found.calls) == (counted, counted)
