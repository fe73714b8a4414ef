"""After an outage of the database, who holds a lease has the time to renew it before another sender takes over."""

import pytest

from db.kinds import Channel, MessageState
from errors import OperationError
from school import outbox
from school.outbox.patience import PATIENCE_SECONDS
from tests.school.outbox.post_office import PostOffice


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patience(clock: Clock) -> outbox.Patience:
    return outbox.Patience(clock)


def away(patience: outbox.Patience) -> None:
    with pytest.raises(OperationError), patience.asking():
        raise OperationError("The database is away.")


def there(patience: outbox.Patience) -> None:
    with patience.asking():
        pass


def test_there_is_nothing_to_wait_for_while_the_database_answers(patience: outbox.Patience) -> None:
    assert patience.is_over
    there(patience)
    assert patience.is_over


def test_after_an_outage_it_lasts_a_while(patience: outbox.Patience, clock: Clock) -> None:
    away(patience)
    assert not patience.is_over
    there(patience)
    assert not patience.is_over
    clock.seconds += PATIENCE_SECONDS - 1
    there(patience)
    assert not patience.is_over
    clock.seconds += 2
    assert patience.is_over


def test_a_second_outage_begins_it_anew(patience: outbox.Patience, clock: Clock) -> None:
    for _ in range(2):
        away(patience)
        there(patience)
        clock.seconds += PATIENCE_SECONDS - 1
        assert not patience.is_over


def test_what_went_out_before_a_long_outage_is_recorded_and_not_sent_again(office: PostOffice) -> None:
    message_id = office.put()
    office.claim()
    other = PostOffice(office.database, "gateway 2").later(outbox.LEASE)
    with office.database.session() as session:
        first = outbox.claim(session, Channel.SMS, owner=other.owner, limit=10, now=other.now, reclaim=False)
    assert first == ()
    office.sent(message_id)
    assert other.claim() == ()
    assert office.state(message_id) is MessageState.SENT
