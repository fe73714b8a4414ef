"""How far the news of an entry came: sent, delivered, heard, or still to be told."""

from typing import Any

import pytest
from sqlalchemy import insert, update

from db.events import EventRef
from db.kinds import Channel, EventKind, MessagePurpose, MessageState, NotificationState
from db.models import HeardEvent, Message, Notification
from school.classbook.delivery_counts import DeliveryCounts, of_events, of_student
from tests.school.students.small_schools import FATHER, MOTHER, NOW, SmallSchool


def bundled(here: SmallSchool, ref: EventRef, state: MessageState) -> None:
    """Whatever waits to tell of the event is in one message of this state."""
    values: dict[str, Any] = {"channel": Channel.SMS, "purpose": MessagePurpose.NOTIFICATION, "address": MOTHER}
    values |= {"text": "6", "state": state, "due_at": NOW, "expires_at": NOW, "from_hour": 8, "until_hour": 20}
    values |= {"attempts": 1, "created_at": NOW}
    if state is MessageState.CLAIMED:
        values |= {"lease_until": NOW, "lease_owner": "host:1"}
    message = here.session.scalars(insert(Message).values(values).returning(Message.id)).one()
    here.session.execute(
        update(Notification)
        .where(Notification.kind == ref.kind, Notification.event_id == ref.id)
        .values(state=NotificationState.BUNDLED, message_id=message)
    )


def heard(here: SmallSchool, subscriber: int, ref: EventRef) -> None:
    here.session.execute(
        insert(HeardEvent).values(
            subscriber_id=subscriber, kind=ref.kind, event_id=ref.id, school_id=here.id, first_heard_at=NOW
        )
    )


def counts(here: SmallSchool, ref: EventRef) -> DeliveryCounts:
    """By either way of asking, which say the same."""
    key = (ref.kind, ref.id)
    by_student = of_student(here.session, here.id, here.student).get(key, DeliveryCounts())
    assert of_events(here.session, here.id, [ref]).get(key, DeliveryCounts()) == by_student
    return by_student


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (MessageState.READY, DeliveryCounts(waiting=1)),
        (MessageState.CLAIMED, DeliveryCounts(waiting=1)),
        (MessageState.SENT, DeliveryCounts(sent=1)),
        (MessageState.DELIVERED, DeliveryCounts(sent=1, delivered=1)),
        (MessageState.FAILED, DeliveryCounts()),
        (MessageState.UNKNOWN, DeliveryCounts()),
        (MessageState.EXPIRED, DeliveryCounts()),
    ],
)
def test_a_message_counts_by_its_state(here: SmallSchool, state: MessageState, expected: DeliveryCounts) -> None:
    here.follower()
    ref = here.grade()
    assert counts(here, ref) == DeliveryCounts(waiting=1)
    bundled(here, ref, state)
    assert counts(here, ref) == expected


def test_what_was_called_off_counts_for_nothing(here: SmallSchool) -> None:
    here.follower()
    ref = here.grade()
    here.session.execute(update(Notification).values(state=NotificationState.CANCELLED))
    assert counts(here, ref) == DeliveryCounts()


def test_every_follower_who_heard_it_by_telephone_counts(here: SmallSchool) -> None:
    mother, father = here.follower()[0], here.follower(FATHER)[0]
    ref, other = here.grade(), here.absence()
    for person in (mother, father):
        heard(here, person, ref)
    assert counts(here, ref) == DeliveryCounts(heard=2, waiting=2)
    assert counts(here, other) == DeliveryCounts(waiting=2)


def test_an_event_of_another_kind_with_the_same_number_is_another(here: SmallSchool) -> None:
    here.follower()
    grade, absence = here.grade(), here.absence()
    bundled(here, grade, MessageState.DELIVERED)
    assert counts(here, grade).delivered == 1
    assert counts(here, absence).delivered == 0
    twin = EventRef(EventKind.REMARK, grade.id)
    assert counts(here, twin) == DeliveryCounts()


def test_another_student_and_another_school_are_not_counted(here: SmallSchool, elsewhere: SmallSchool) -> None:
    here.follower()
    here.follower(student=here.classmate)
    own, classmates = here.grade(), here.grade(student_id=here.classmate)
    found = of_student(here.session, here.id, here.student)
    assert (EventKind.GRADE, own.id) in found
    assert (EventKind.GRADE, classmates.id) not in found
    assert of_student(here.session, elsewhere.id, here.student) == {}
    assert of_events(here.session, elsewhere.id, [own]) == {}


def test_of_no_events_nothing_is_known(here: SmallSchool) -> None:
    assert of_events(here.session, here.id, []) == {}
