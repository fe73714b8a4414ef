"""A long recording between its upload and its keeping: the lines found in it wait, encrypted, until somebody who has
listened keeps all of them or none. They are in the database, so that any host can continue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from db.models import FoundPiece
from errors import InputError, MissingError
from prompts.recording import takes
from prompts.recording.script import Line
from school.recordings import keeping, lines
from school.security.crypto import vault

PURPOSE = "found piece"
KEPT = timedelta(hours=2)
MOST_LINES = 500
"""In one recording; half an hour of reading."""


@dataclass(frozen=True, slots=True)
class Found:
    """A line found in the recording, which its person may listen to."""

    number: int
    text: str
    milliseconds: int
    doubtful: bool


def chosen(session: Session, school_id: int | None, first: int, last: int) -> tuple[Line, ...]:
    """The lines from one number to another, both among them. Raises InputError for none, or more than MOST_LINES."""
    found = tuple(one for one in lines.lines(session, school_id) if first <= one.number <= last)
    if not found:
        raise InputError("There are no such lines: give the numbers of the first and the last line that were read.")
    if len(found) > MOST_LINES:
        raise InputError("These are more than {most} lines: record in parts.", most=MOST_LINES)
    return found


def keep_waiting(
    session: Session, school_id: int | None, pieces: Sequence[keeping.Piece], *, by: int, now: datetime
) -> None:
    """Let the pieces wait, in place of those of this person's earlier recording. Raises ForbiddenError."""
    lines.check_may_record(session, school_id, by)
    forget_old(session, now)
    forget(session, by)
    secret = vault(session)
    session.execute(
        insert(FoundPiece),
        [
            {
                "staff_id": by,
                "number": piece.line.number,
                "school_id": school_id,
                "name": piece.line.name,
                "text": piece.line.text,
                "sound_encrypted": secret.encrypt_bytes(PURPOSE, piece.take.sound),
                "milliseconds": piece.take.milliseconds,
                "doubtful": piece.doubtful,
                "uploaded_at": now,
            }
            for piece in pieces
        ],
    )


def waiting(session: Session, school_id: int | None, by: int, now: datetime) -> tuple[Found, ...]:
    """What a person's recording was taken apart into, in reading order; none when there is no recording any more."""
    rows = session.execute(
        select(FoundPiece.number, FoundPiece.text, FoundPiece.milliseconds, FoundPiece.doubtful)
        .where(*_mine(school_id, by, now))
        .order_by(FoundPiece.number)
    )
    return tuple(Found(*row) for row in rows)


def number_waiting(session: Session, school_id: int | None, by: int, now: datetime) -> int:
    """How many pieces wait."""
    return session.scalar(select(func.count()).select_from(FoundPiece).where(*_mine(school_id, by, now))) or 0


def sound(session: Session, school_id: int | None, by: int, number: int, now: datetime) -> bytes:
    """The WAV file of one. Raises MissingError when it waits no more."""
    found = session.scalar(
        select(FoundPiece.sound_encrypted).where(*_mine(school_id, by, now), FoundPiece.number == number)
    )
    if found is None:
        raise MissingError("There is no such recording.")
    return vault(session).decrypt_bytes(PURPOSE, found)


def keep_all(session: Session, school_id: int | None, *, by: int, now: datetime) -> int:
    """Keep what waits; gives the number of lines.

    Raises ForbiddenError, InputError when nothing waits any more, MissingError when a text was changed meanwhile.
    """
    rows = session.scalars(select(FoundPiece).where(*_mine(school_id, by, now)).order_by(FoundPiece.number)).all()
    if not rows:
        raise InputError("The recording is not kept any more: upload it again.")
    known = {one.name: one for one in lines.lines(session, school_id)}
    if any(row.name not in known for row in rows):
        raise MissingError("There is no such line to record: the text may have been changed meanwhile.")
    secret = vault(session)
    pieces = [
        keeping.Piece(known[row.name], takes.kept(secret.decrypt_bytes(PURPOSE, row.sound_encrypted)), row.doubtful)
        for row in rows
    ]
    kept = keeping.keep_all(session, school_id, pieces, by=by, now=now)
    forget(session, by)
    return kept


def forget(session: Session, staff_id: int) -> None:
    """Delete what waits for a person."""
    session.execute(delete(FoundPiece).where(FoundPiece.staff_id == staff_id))


def forget_old(session: Session, now: datetime) -> int:
    """Delete what nobody came back for; gives the number of pieces."""
    removed = delete(FoundPiece).where(FoundPiece.uploaded_at < now - KEPT).returning(FoundPiece.number)
    return len(session.scalars(removed).all())


def _mine(school_id: int | None, by: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    of = FoundPiece.school_id.is_(None) if school_id is None else FoundPiece.school_id == school_id
    return (of, FoundPiece.staff_id == by, FoundPiece.uploaded_at >= now - KEPT)
