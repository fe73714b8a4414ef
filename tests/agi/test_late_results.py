"""How a call ended is told when the database is back, and the family that has heard it is not rung again."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from agi.late_results import LateResults
from db.kinds import CallResult, FamilyState
from db.session import Database
from errors import OperationError
from school.dialling import attempts
from school.dialling.attempts import Ended
from school.dialling.due_calls import Dial
from tests.school.campaigns.conftest import Campaigning

ROOM = timedelta(seconds=25)


@pytest.fixture
def campaigning(demonstration: Database) -> Campaigning:
    return Campaigning(demonstration)


@contextmanager
def away() -> Iterator[Session]:
    raise OperationError("The database is away.")
    yield


def wait_for(late: LateResults, waiting: int) -> None:
    deadline = time.monotonic() + 10
    while len(late._waiting) != waiting:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def in_a_call(campaigning: Campaigning) -> Dial:
    campaign_id = campaigning.start()
    campaigning.only(campaign_id, 1)
    (dial,) = campaigning.choose(1)
    with campaigning.database.session() as session:
        attempts.answered(session, [dial.channel_id], campaigning.now)
    return dial


def hung_up_and_overdue(campaigning: Campaigning, dial: Dial) -> None:
    """What the dialer does: it notes the end, and 25 seconds later looks for whom nothing was told of."""
    with campaigning.database.session() as session:
        attempts.ended(session, [Ended(dial.channel_id, None, 16)], campaigning.now, campaigning.pauses)
    campaigning.later(ROOM)
    with campaigning.database.session() as session:
        attempts.overdue(session, campaigning.now, campaigning.pauses)


def test_what_the_database_did_not_take_is_told_when_it_is_back(
    campaigning: Campaigning, monkeypatch: pytest.MonkeyPatch
) -> None:
    dial = in_a_call(campaigning)
    late = LateResults(campaigning.database, campaigning.pauses, lambda: campaigning.now)
    with monkeypatch.context() as patch:
        patch.setattr(campaigning.database, "session", away)
        late.start()
        late.add(dial.channel_id, CallResult.REACHED)
        time.sleep(1.5)
        wait_for(late, 1)
    wait_for(late, 0)
    hung_up_and_overdue(campaigning, dial)
    assert campaigning.family_of(dial).state is FamilyState.REACHED
    late.stop()


def test_what_waits_at_the_end_is_told_once_more(campaigning: Campaigning, monkeypatch: pytest.MonkeyPatch) -> None:
    dial = in_a_call(campaigning)
    late = LateResults(campaigning.database, campaigning.pauses, lambda: campaigning.now)
    with monkeypatch.context() as patch:
        patch.setattr(campaigning.database, "session", away)
        late.start()
        late.add(dial.channel_id, CallResult.REACHED)
    late.stop()
    assert campaigning.family_of(dial).state is FamilyState.REACHED


def test_one_that_the_database_refuses_keeps_the_others_from_nothing(campaigning: Campaigning) -> None:
    dial = in_a_call(campaigning)
    late = LateResults(campaigning.database, campaigning.pauses, lambda: campaigning.now)
    late.start()
    late.add("\ud800", CallResult.REACHED)  # no database takes such a text
    late.add(dial.channel_id, CallResult.REACHED)
    wait_for(late, 0)
    hung_up_and_overdue(campaigning, dial)
    assert campaigning.family_of(dial).state is FamilyState.REACHED
    late.stop()


def test_what_is_lost_at_the_end_is_logged(
    campaigning: Campaigning, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    late = LateResults(campaigning.database, campaigning.pauses)
    monkeypatch.setattr(campaigning.database, "session", away)
    late.start()
    late.add("a", CallResult.REACHED)
    late.stop()
    assert re.search(r"outbound.not_told.*count=1", capsys.readouterr().out)


def test_a_process_that_would_not_try_again_keeps_nothing(campaigning: Campaigning) -> None:
    late = LateResults(campaigning.database, campaigning.pauses)
    late.add("a", CallResult.REACHED)
    assert late._waiting == []
