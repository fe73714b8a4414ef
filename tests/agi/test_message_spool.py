"""What a parent said to the class teacher is kept when the database is away as the parent hangs up."""

import base64
import stat
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agi.dialogue import message_queries as q
from agi.dialogue.steps import QueryResult
from agi.message_spool import MessageSpool
from agi.query_service import QueryService
from db.models import School, SchoolClass, VoiceMessage
from db.session import Database
from errors import OperationError
from prompts.recording.takes import Take
from prompts.sound import wav
from school.privacy import files
from school.privacy.erasure import Gone
from school.voicemail import hearing, keeping
from tests.runtime.test_whole_file import parts
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


def spooled(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, at: datetime = NOW) -> MessageSpool:
    """With one message on disk, spoken at this time."""
    found, of = spool(database, tmp_path), child(database)
    database.vault()
    with monkeypatch.context() as patch:
        patch.setattr(database, "session", away)
        assert found.keep(of.subscription_id, of.student_id, TAKE, at) is None
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


def test_a_file_that_the_disk_does_not_give_is_asked_for_again(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = spooled(demonstration, tmp_path, monkeypatch)
    (file,) = waiting(tmp_path)
    content = file.read_bytes()
    file.unlink()
    file.mkdir()  # it is there, and reading it fails
    assert keeper.drain_once() == 0
    assert waiting(tmp_path) == [file], "it counted as damaged, and was offered no more"
    file.rmdir()
    file.write_bytes(content)
    assert keeper.drain_once() == 1


def kept(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(VoiceMessage.id)).all())


def test_what_a_parent_was_told_is_kept_is_kept_beyond_the_limit_of_a_day(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, at = child(demonstration), datetime.now(UTC)
    with demonstration.session() as session:
        for number in range(keeping.MOST_A_DAY):
            before = at - timedelta(minutes=10 + number)
            assert keeping.keep(session, of.subscription_id, of.student_id, SPOKEN, 2000, "", before) is None
    keeper = spooled(demonstration, tmp_path, monkeypatch, at=at)
    assert keeper.drain_once() == 1
    assert (waiting(tmp_path), kept(demonstration)) == ([], keeping.MOST_A_DAY + 1)
    # Whoever speaks now can be told that it is too much.
    assert keeper.keep(of.subscription_id, of.student_id, TAKE, at) is keeping.Refusal.TOO_MANY


@pytest.mark.parametrize("which", ["no class teacher", "switched off"])
def test_what_is_refused_later_waits_until_it_is_taken(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    keeper = spooled(demonstration, tmp_path, monkeypatch, at=datetime.now(UTC))
    teachers = refuse(demonstration, which)
    for _ in range(2):
        assert keeper.drain_once() == 0
        assert keeper.offer_refused() == 0
        assert len(waiting(tmp_path)) == 1
    take_again(demonstration, teachers)
    assert keeper.offer_refused() == 1
    assert (waiting(tmp_path), kept(demonstration)) == ([], 1)


def test_what_stays_refused_goes_when_the_school_would_have_deleted_it(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = spooled(demonstration, tmp_path, monkeypatch, at=datetime.now(UTC) - timedelta(days=31))
    refuse(demonstration, "no class teacher")
    assert keeper.drain_once() == 0
    assert (waiting(tmp_path), kept(demonstration)) == ([], 0)


def refuse(database: Database, which: str) -> dict[int, int | None]:
    """Let no class have a class teacher, or no school take messages; gives who the class teachers were."""
    with database.session() as session:
        teachers = {
            row.id: row.class_teacher_id
            for row in session.execute(select(SchoolClass.id, SchoolClass.class_teacher_id))
        }
        if which == "switched off":
            session.execute(update(School).values(voice_message_days=0))
        else:
            session.execute(update(SchoolClass).values(class_teacher_id=None))
    return teachers


def take_again(database: Database, teachers: dict[int, int | None]) -> None:
    with database.session() as session:
        session.execute(update(School).values(voice_message_days=30))
        for id_, by in teachers.items():
            session.execute(update(SchoolClass).where(SchoolClass.id == id_).values(class_teacher_id=by))


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("which", ["student", "subscription"])
def test_an_erasure_deletes_what_waits(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str, refused: bool
) -> None:
    keeper = spooled(demonstration, tmp_path, monkeypatch, at=datetime.now(UTC))
    of = child(demonstration)
    if refused:
        refuse(demonstration, "no class teacher")
        keeper.drain_once()
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


def test_what_a_crash_left_half_written_is_not_kept(demonstration: Database, tmp_path: Path) -> None:
    folder = tmp_path / "messages-waiting"
    folder.mkdir()
    left, writing = parts(folder)
    keeper = spool(demonstration, tmp_path)
    keeper.start()
    deadline = time.monotonic() + 30
    while left.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    keeper.stop()
    assert waiting(tmp_path) == [writing]


@pytest.mark.parametrize("forget", [files._forget_calls, files._forget_messages])
def test_an_erasure_takes_nothing_from_who_is_writing(
    tmp_path: Path, forget: Callable[[Path, Sequence[Gone]], None]
) -> None:
    _left, writing = parts(tmp_path)
    forget(tmp_path, [Gone(students=frozenset({1}))])
    assert [*tmp_path.iterdir()] == [writing]
    writing.replace(tmp_path / "b.json")


def test_a_damaged_file_keeps_the_others_from_nothing(
    demonstration: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = spooled(demonstration, tmp_path, monkeypatch)
    (tmp_path / "messages-waiting" / "0.json").write_text('{"subscription_id": 1}')
    assert keeper.drain_once() == 1
    assert [path.suffix for path in waiting(tmp_path)] == [".unreadable"]
