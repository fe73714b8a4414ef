"""What a parent said to the class teacher is kept when the database is away as the parent hangs up."""

import base64
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from agi.dialogue import queries as q
from agi.dialogue.steps import QueryResult
from agi.message_spool import MessageSpool
from agi.query_service import QueryService
from db.models import VoiceMessage
from db.session import Database
from errors import OperationError
from prompts.recording.takes import Take
from prompts.sound import wav
from school.privacy import files
from school.privacy.erasure import Gone
from school.voicemail import hearing, keeping
from tests.school.conftest import NOW
from tests.school.people import child, staff_id

SPOKEN = wav(struct.pack("<16000h", *[9000, -9000] * 8000), 8000)
TAKE = Take(SPOKEN, "0" * 24, 2000)


@contextmanager
def away() -> Iterator[Session]:
    raise OperationError("The database is away.")
    yield


def spool(database: Database, tmp_path: Path) -> MessageSpool:
    return MessageSpool(database, tmp_path / "messages-waiting", "https://school.example")


def spooled(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MessageSpool:
    """With one message on disk."""
    found, of = spool(database, tmp_path), child(database)
    database.vault()
    with monkeypatch.context() as patch:
        patch.setattr(database, "session", away)
        assert found.keep(of.subscription_id, of.student_id, TAKE, NOW) is None
        assert found.drain_once() == 0
    return found


def waiting(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "messages-waiting").iterdir())


def test_who_hangs_up_while_the_database_is_away_is_heard_later(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way, from what Asterisk recorded to what the teacher hears."""
    (tmp_path / "call.wav").write_bytes(SPOKEN)
    keeper = spool(demonstration, tmp_path)
    service = QueryService(demonstration, None, new_file=lambda: str(tmp_path / "new"), messages=keeper)
    of = child(demonstration)
    demonstration.vault()
    with monkeypatch.context() as patch:
        patch.setattr(demonstration, "session", away)
        assert service.answer(q.KeepMessage(of, str(tmp_path / "call"))) == QueryResult(None)
    assert keeper.drain_once() == 1
    assert waiting(tmp_path) == []
    with demonstration.reading() as session:
        teacher = staff_id(demonstration, "m.stoyanova")
        (message,) = hearing.listed(session, teacher)
        assert hearing.sound(session, teacher, message.message_id).startswith(b"RIFF")
        assert message.milliseconds > 1500


def test_it_waits_encrypted_and_is_stored_once_with_its_own_time(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, of = spooled(demonstration, tmp_path, monkeypatch), child(demonstration)
    (file,) = waiting(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    assert base64.b64encode(SPOKEN)[60:120] not in content
    assert keeper.drain_once() == 1
    file.write_bytes(content)  # as if the process had ended before it deleted it
    keeper.drain_once()
    assert waiting(tmp_path) == []
    with demonstration.reading() as session:
        assert session.scalars(select(VoiceMessage.recorded_at)).all() == [NOW]
        last = keeping.desk(session, of.subscription_id, of.student_id, NOW + timedelta(minutes=1)).last
    assert last == keeping.Last(NOW, is_heard=False, is_answered=False)


def test_where_the_disk_takes_none_either_the_caller_is_told(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "messages-waiting").write_text("no folder")
    of = child(demonstration)
    demonstration.vault()
    monkeypatch.setattr(demonstration, "session", away)
    with pytest.raises(OperationError):
        spool(demonstration, tmp_path).keep(of.subscription_id, of.student_id, TAKE, NOW)


@pytest.mark.parametrize("which", ["student", "subscription"])
def test_an_erasure_deletes_what_waits(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    spooled(demonstration, tmp_path, monkeypatch)
    of = child(demonstration)
    other = Gone(students=frozenset({of.student_id + 1}), subscriptions=frozenset({of.subscription_id + 1}))
    files._forget_messages(tmp_path / "messages-waiting", [other])
    assert len(waiting(tmp_path)) == 1
    gone = (
        Gone(students=frozenset({of.student_id}))
        if which == "student"
        else Gone(subscriptions=frozenset({of.subscription_id}))
    )
    files._forget_messages(tmp_path / "messages-waiting", [gone])
    assert waiting(tmp_path) == []


def test_a_damaged_file_keeps_the_others_from_nothing(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = spooled(demonstration, tmp_path, monkeypatch)
    (tmp_path / "messages-waiting" / "0.json").write_text('{"subscription_id": 1}')
    assert keeper.drain_once() == 1
    assert [path.suffix for path in waiting(tmp_path)] == [".unreadable"]
