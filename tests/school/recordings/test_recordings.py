"""Recording the telephone's voice: who may, what is kept, and what callers are to hear."""

import io
import math
import struct
import threading
import wave
from datetime import timedelta

import pytest
from pydub import AudioSegment
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.kinds import RecordingSource
from db.models import FoundPiece, Recording, School
from db.session import Database
from errors import ForbiddenError, InputError, MissingError
from prompts.catalogue import PHRASES
from prompts.recording import takes
from school.privacy import expiry
from school.recordings import editions, keeping, lines, long_recordings, passes
from tests.school.joined import NOW, Joined, operator

RATE = 22_050


def spoken(*pieces: tuple[int, float]) -> bytes:
    """A WAV file of tones: milliseconds, and the peak (0: silence)."""
    values = [
        peak * math.sin(2 * math.pi * 300 * n / RATE)
        for milliseconds, peak in pieces
        for n in range(RATE * milliseconds // 1000)
    ]
    content = io.BytesIO()
    with wave.open(content, "wb") as wav:
        wav.setparams((1, 2, RATE, 0, "NONE", ""))
        wav.writeframes(struct.pack(f"<{len(values)}h", *(round(32767 * value) for value in values)))
    return content.getvalue()


def take(milliseconds: int = 900) -> takes.Take:
    return takes.take(takes.read(spoken((milliseconds, 0.3))))


def keep(session: Session, school_id: int | None, name: str, milliseconds: int, by: int) -> int:
    return keeping.keep(session, school_id, name, take(milliseconds), RecordingSource.UPLOAD, by=by, now=NOW)


@pytest.mark.parametrize("kind", ["mp3", "ogg", "flac", "wav"])
def test_a_sound_file_of_any_usual_kind_is_read(kind: str) -> None:
    whole = AudioSegment.from_file(io.BytesIO(spoken((800, 0.3))), format="wav")
    content = whole.export(io.BytesIO(), format=kind).read()
    found = takes.take(takes.read(content))
    assert abs(found.milliseconds - 800) < 120
    with wave.open(io.BytesIO(found.sound)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (1, 2, 16_000)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a sound", b"#EXTM3U\nfile:///etc/passwd\n", spoken((500, 0.3))[:30], b"\x89PNG\r\n\x1a\n" + bytes(99)],
)
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="no sound file"):
        takes.read(content)


def test_silence_and_what_is_too_long_are_refused() -> None:
    with pytest.raises(InputError, match="Nothing is heard"):
        takes.take(takes.read(spoken((900, 0.0))))
    with pytest.raises(InputError, match="longer than 1 seconds"):
        takes.read(spoken((1500, 0.3)), longest_ms=1000)


def test_a_school_records_its_name_and_greeting_and_nothing_else(session: Session, school: Joined) -> None:
    session.execute(update(School).where(School.id == school.school).values(greeting="Тук е нашето училище."))
    texts = [line.text for line in lines.lines(session, school.school)]
    assert texts == ["Основно училище „Васил Левски“,", "Тук е нашето училище."]
    name = lines.lines(session, school.school)[0].name
    keep(session, school.school, name, 900, school.administrator)
    assert set(lines.recorded(session, school.school)) == {name}
    assert lines.recorded(session, None) == {}
    with pytest.raises(MissingError):
        keep(session, school.school, "greeting", 900, school.administrator)


def test_nobody_records_for_another_school_or_for_the_platform(
    session: Session, school: Joined, stranger: Joined
) -> None:
    name = lines.lines(session, school.school)[0].name
    with pytest.raises(ForbiddenError):
        keep(session, school.school, name, 900, stranger.administrator)
    with pytest.raises(ForbiddenError):
        keep(session, None, "greeting", 900, school.administrator)
    kept = keep(session, school.school, name, 900, school.administrator)
    with pytest.raises(MissingError):
        lines.sound(session, stranger.school, kept)
    with pytest.raises(ForbiddenError):
        editions.publish(session, by=school.administrator, now=NOW)


def test_the_next_line_to_record_is_the_first_one_missing(session: Session) -> None:
    by = operator(session)
    first, second = (line.name for line in lines.lines(session, None)[:2])
    keep(session, None, first, 900, by)
    found = lines.next_missing(session, None)
    assert found is not None
    assert found.name == second
    skipped = lines.next_missing(session, None, after=2)
    assert skipped is not None
    assert skipped.number == 3


def test_an_edition_goes_into_use_and_back_as_a_whole(session: Session) -> None:
    by = operator(session)
    with pytest.raises(InputError, match="Nothing is recorded"):
        editions.publish(session, by=by, now=NOW)
    keep(session, None, "greeting", 900, by)
    first = editions.publish(session, by=by, now=NOW)
    (before,) = editions.contents(session, first)
    assert (before.name, before.text) == ("greeting", PHRASES["greeting"])
    keep(session, None, "greeting", 1200, by)
    assert editions.in_use(session) == first
    assert editions.contents(session, first) == (before,)
    second = editions.publish(session, by=by, now=NOW + timedelta(hours=1))
    assert editions.in_use(session) == second
    (after,) = editions.contents(session, second)
    assert after.digest != before.digest
    assert set(editions.sounds_of(session, [before.digest, after.digest])) == {before.digest, after.digest}
    editions.use(session, first, by=by, now=NOW)
    assert editions.in_use(session) == first
    editions.use(session, None, by=by, now=NOW)
    assert editions.in_use(session) is None
    with pytest.raises(MissingError):
        editions.use(session, 4711, by=by, now=NOW)


def test_old_editions_go_and_what_only_they_had_goes_with_them(session: Session) -> None:
    by = operator(session)
    for number in range(editions.KEPT + 3):
        keep(session, None, "greeting", 900 + 50 * number, by)
        editions.publish(session, by=by, now=NOW)
    assert len(editions.editions(session)) == editions.KEPT
    assert session.scalar(select(func.count()).select_from(Recording)) == editions.KEPT


def test_a_recording_in_no_edition_is_gone_when_it_is_replaced_or_dropped(session: Session) -> None:
    by = operator(session)
    keep(session, None, "greeting", 900, by)
    keep(session, None, "greeting", 950, by)
    assert session.scalar(select(func.count()).select_from(Recording)) == 1
    keeping.drop(session, None, "greeting", by=by, now=NOW)
    assert session.scalar(select(func.count()).select_from(Recording)) == 0
    with pytest.raises(MissingError):
        keeping.drop(session, None, "greeting", by=by, now=NOW)


def test_a_long_recording_becomes_its_lines(session: Session) -> None:
    by = operator(session)
    read = [line for line in lines.lines(session, None) if line.name in ("no-input", "invalid-key", "press-1")]
    content = spoken((300, 0), (1500, 0.3), (800, 0), (1150, 0.3), (800, 0), (1300, 0.3), (300, 0))
    pieces = keeping.taken_apart(content, read)
    assert [piece.line.name for piece in pieces] == ["no-input", "invalid-key", "press-1"]
    assert keeping.keep_all(session, None, pieces, by=by, now=NOW) == 3
    assert set(lines.recorded(session, None)) == {"no-input", "invalid-key", "press-1"}
    with pytest.raises(InputError, match="pause for a second"):
        keeping.taken_apart(spoken((900, 0.3)), read)


def found(session: Session) -> tuple[keeping.Piece, ...]:
    content = spoken((300, 0), (1500, 0.3), (800, 0), (4000, 0.3), (300, 0))
    return keeping.taken_apart(content, long_recordings.chosen(session, None, 1, 2))


def test_the_pieces_of_a_long_recording_wait_until_all_or_none_are_kept(session: Session, school: Joined) -> None:
    by, other = operator(session), operator(session, "other@platform.example")
    pieces = found(session)
    long_recordings.keep_waiting(session, None, pieces, by=by, now=NOW)
    waiting = long_recordings.waiting(session, None, by, NOW)
    assert [(one.number, one.text) for one in waiting] == [(piece.line.number, piece.line.text) for piece in pieces]
    assert long_recordings.sound(session, None, by, 1, NOW) == pieces[0].take.sound
    assert session.scalars(select(FoundPiece.sound_encrypted)).first() != pieces[0].take.sound
    assert lines.recorded(session, None) == {}
    assert long_recordings.waiting(session, None, other, NOW) == ()
    for school_id, who, number in ((None, other, 1), (school.school, by, 1), (None, by, 3)):
        with pytest.raises(MissingError):
            long_recordings.sound(session, school_id, who, number, NOW)
    assert long_recordings.keep_all(session, None, by=by, now=NOW) == 2
    assert set(lines.recorded(session, None)) == {piece.line.name for piece in pieces}
    with pytest.raises(InputError, match="upload it again"):
        long_recordings.keep_all(session, None, by=by, now=NOW)


def test_pieces_that_nobody_comes_back_for_are_gone(session: Session, school: Joined) -> None:
    by = operator(session)
    pieces = found(session)
    long_recordings.keep_waiting(session, None, pieces, by=by, now=NOW)
    later = NOW + long_recordings.KEPT + timedelta(seconds=1)
    assert long_recordings.number_waiting(session, None, by, NOW) == 2
    assert long_recordings.number_waiting(session, None, by, later) == 0
    with pytest.raises(InputError, match="upload it again"):
        long_recordings.keep_all(session, None, by=by, now=later)
    with pytest.raises(ForbiddenError):
        long_recordings.keep_waiting(session, None, pieces, by=school.administrator, now=NOW)
    long_recordings.keep_waiting(session, None, pieces[:1], by=by, now=NOW)
    assert long_recordings.number_waiting(session, None, by, NOW) == 1
    assert long_recordings.forget_old(session, NOW) == 0
    assert long_recordings.forget_old(session, later) == 1


@pytest.mark.parametrize(("first", "last"), [(0, 0), (2, 1), (1, 501), (3000, 4000)])
def test_lines_that_are_none_or_too_many_for_one_recording_are_refused(session: Session, first: int, last: int) -> None:
    with pytest.raises(InputError):
        long_recordings.chosen(session, None, first, last)


def test_the_hourly_job_removes_passes_and_pieces_that_are_over(database: Database) -> None:
    with database.session() as session:
        by = operator(session)
        passes.issue(session, None, by=by, now=NOW)
        long_recordings.keep_waiting(session, None, found(session), by=by, now=NOW)
    assert "0 passes for recording, 0 pieces of recordings" in expiry.tidy(database, NOW)
    assert "1 passes for recording, 2 pieces of recordings" in expiry.tidy(database, NOW + timedelta(hours=3))


def test_two_who_record_a_line_at_the_same_moment_leave_one_recording(database: Database) -> None:
    with database.session() as session:
        people = [operator(session, f"operator.{number}@platform.example") for number in range(4)]
    together = threading.Barrier(len(people))
    told: list[str] = []

    def record(by: int) -> None:
        together.wait()
        try:
            with database.session() as session:
                keep(session, None, "greeting", 900, by)
        except InputError as error:
            told.append(str(error))

    threads = [threading.Thread(target=record, args=(by,)) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(told) <= {"Somebody else has just recorded the same line: listen to it, then decide."}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Recording).where(Recording.replaced_at.is_(None))) == 1


def test_who_is_erased_is_not_heard_any_more(session: Session) -> None:
    gone, stays = operator(session), operator(session, "stays@platform.example")
    keep(session, None, "greeting", 900, gone)
    keep(session, None, "goodbye", 800, stays)
    editions.publish(session, by=gone, now=NOW)
    keep(session, None, "apology", 700, stays)  # nobody has listened to it yet
    (heard,) = (
        one.digest for one in editions.contents(session, editions.in_use(session) or 0) if one.name == "greeting"
    )
    assert editions.known(session, [heard, "0" * 24]) == {heard}
    editions.forget_voice_of(session, gone, NOW)
    assert editions.known(session, [heard]) == frozenset()
    now_heard = editions.in_use(session)
    assert now_heard is not None
    assert [one.name for one in editions.contents(session, now_heard)] == ["goodbye"]
    editions.forget_voice_of(session, stays, NOW)
    assert editions.in_use(session) is None
    assert session.scalar(select(func.count()).select_from(Recording)) == 0
