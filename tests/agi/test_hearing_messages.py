"""A class teacher's call: a message counts as heard when it begins, and not before."""

import struct
from pathlib import Path

import pytest
from sqlalchemy import select

from agi.dialogue import message_queries as q
from agi.dialogue.steps import QueryResult
from agi.dialogue.to_hear import to_hear
from agi.query_service import QueryService
from db.kinds import PassPurpose
from db.models import School, VoiceMessage
from db.session import Database
from prompts.sound import wav
from school.recordings.passes import Desk
from school.voicemail import keeping
from tests.agi import rows
from tests.agi.walkthrough import Walkthrough
from tests.school.conftest import NOW
from tests.school.people import child, staff_id

SOUND = wav(struct.pack("<8000h", *[9000, -9000] * 4000), 8000)
MESSAGE = q.Playable(7, "Мария", "8а", rows.NOW, "/takes/1")


@pytest.fixture
def desk(demonstration: Database) -> Desk:
    """The class teacher of a student whose parent has left a message."""
    of = child(demonstration)
    with demonstration.session() as session:
        assert keeping.keep(session, of.subscription_id, of.student_id, SOUND, 1000, "", NOW) is None
        school_id = session.scalars(select(School.id)).first()
    return Desk(school_id, staff_id(demonstration, "m.stoyanova"), PassPurpose.MESSAGES)


def call(desk: Desk, *, is_kept: bool = True) -> Walkthrough:
    answers: dict[type, object] = {q.NextMessage: [MESSAGE, None], q.MarkHeard: is_kept, q.MarkAnswered: None}
    return Walkthrough(to_hear(desk, rows.NOW.date()), answers)


def test_who_hangs_up_before_it_begins_finds_it_again(desk: Desk, demonstration: Database, tmp_path: Path) -> None:
    service = QueryService(demonstration, None, new_file=lambda: str(tmp_path / "call"))

    def fetched() -> q.Playable | None:
        answer = service.answer(q.NextMessage(desk, 0))
        assert isinstance(answer, QueryResult)
        assert answer.value is None or isinstance(answer.value, q.Playable)
        return answer.value

    def is_heard() -> bool:
        with demonstration.reading() as session:
            return session.scalars(select(VoiceMessage.heard_at)).one() is not None

    assert fetched()
    assert not is_heard()
    assert (again := fetched())
    assert Path(f"{again.file}.alaw").stat().st_size == 8000
    assert service.answer(q.MarkHeard(desk, again.message_id)) == QueryResult(True)
    assert is_heard()
    assert fetched() is None


def test_a_message_that_cannot_be_written_down_is_not_heard(
    desk: Desk, demonstration: Database, tmp_path: Path
) -> None:
    service = QueryService(demonstration, None, new_file=lambda: str(tmp_path / "gone" / "call"))
    with pytest.raises(OSError, match="gone"):
        service.answer(q.NextMessage(desk, 0))
    with demonstration.reading() as session:
        assert session.scalars(select(VoiceMessage.heard_at)).one() is None


def test_it_counts_as_heard_when_it_begins(desk: Desk) -> None:
    walk = call(desk)
    assert walk.step == "message-of"
    assert [type(one) for one in walk.asked] == [q.NextMessage]
    walk.wait()
    assert walk.step == "message-play"
    assert walk.asked[1:] == [q.MarkHeard(desk, MESSAGE.message_id)]


def test_one_that_was_erased_meanwhile_is_passed_over(desk: Desk) -> None:
    walk = call(desk, is_kept=False)
    walk.wait()
    assert walk.step == "messages-over"
    assert walk.asked[-1] == q.NextMessage(desk, MESSAGE.message_id)
