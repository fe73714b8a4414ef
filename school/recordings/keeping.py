"""Keeping and dropping recordings. Nothing that is kept here is heard before an edition is put into use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.kinds import RecordingSource
from db.models import Recording, VoiceEditionRecording
from errors import InputError, MissingError
from prompts.recording import splitting, takes
from prompts.recording.script import Line
from school import audit
from school.recordings import lines


@dataclass(frozen=True, slots=True)
class Piece:
    """One line found in a long recording. `doubtful`: listen to it, its length does not fit its text."""

    line: Line
    take: takes.Take
    doubtful: bool


def keep(
    session: Session,
    school_id: int | None,
    name: str,
    take: takes.Take,
    source: RecordingSource,
    *,
    by: int,
    now: datetime,
) -> int:
    """Keep a take as the recording of a line, instead of the one before; gives its id.

    Raises ForbiddenError, MissingError when there is no such line any more, InputError when somebody else records it
    at the same moment.
    """
    lines.check_may_record(session, school_id, by)
    return _keep(session, school_id, [(lines.line(session, school_id, name), take)], source, by, now)[0]


def keep_all(session: Session, school_id: int | None, pieces: Sequence[Piece], *, by: int, now: datetime) -> int:
    """Keep what was found in a long recording; gives the number of lines. Raises as `keep`."""
    lines.check_may_record(session, school_id, by)
    found = [(piece.line, piece.take) for piece in pieces]
    return len(_keep(session, school_id, found, RecordingSource.LONG_RECORDING, by, now))


def taken_apart(content: bytes, read: Sequence[Line]) -> tuple[Piece, ...]:
    """The lines `read`, in their order, found in a sound file by its pauses.

    Raises InputError for what is no sound, is longer than an hour, or has fewer sounds than lines.
    """
    recording = takes.read(content, longest_ms=takes.LONGEST_RECORDING_MS)
    try:
        parts = splitting.parts(recording, [line.text for line in read])
    except splitting.PartsError as error:
        raise InputError(
            "{sounds} sounds were found for {lines} lines: pause for a second between two lines, "
            "and choose the first and the last line that were read.",
            sounds=error.sounds,
            lines=len(read),
        ) from None
    return tuple(
        Piece(line, takes.take(recording[part.start : part.end]), part.doubtful)
        for line, part in zip(read, parts, strict=True)
    )


def drop(session: Session, school_id: int | None, name: str, *, by: int, now: datetime) -> None:
    """The line is not recorded any more; an edition that has it keeps it. Raises ForbiddenError, MissingError."""
    lines.check_may_record(session, school_id, by)
    found = lines.recorded(session, school_id).get(name)
    if found is None:
        raise MissingError("There is no such recording.")
    _replace(session, [found.recording_id], now)
    audit.write(session, "recording.dropped", "recording", found.recording_id, now, school_id=school_id, by=by)


def _keep(
    session: Session,
    school_id: int | None,
    found: Sequence[tuple[Line, takes.Take]],
    source: RecordingSource,
    by: int,
    now: datetime,
) -> list[int]:
    before = lines.recorded(session, school_id)
    _replace(session, [before[line.name].recording_id for line, _ in found if line.name in before], now)
    rows = [
        {
            "school_id": school_id,
            "name": line.name,
            "text": line.text,
            "sound": take.sound,
            "digest": take.digest,
            "milliseconds": take.milliseconds,
            "source": source,
            "recorded_by": by,
            "recorded_at": now,
        }
        for line, take in found
    ]
    try:
        with session.begin_nested():
            ids = session.scalars(insert(Recording).returning(Recording.id), rows).all()
    except IntegrityError:  # each took out what was there before, and then both put theirs in
        raise InputError("Somebody else has just recorded the same line: listen to it, then decide.") from None
    audit.write_many(
        session,
        [audit.row("recording.kept", "recording", id_, now, school_id=school_id, by=by, source=source) for id_ in ids],
    )
    return list(ids)


def _replace(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Take recordings out; those that no edition has are deleted."""
    in_editions = select(VoiceEditionRecording.recording_id).where(VoiceEditionRecording.recording_id.in_(ids))
    session.execute(delete(Recording).where(Recording.id.in_(ids), Recording.id.not_in(in_editions)))
    session.execute(update(Recording).where(Recording.id.in_(ids)).values(replaced_at=now))
