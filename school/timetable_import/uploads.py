"""A timetable between its names and their confirmation: encrypted in the database, so that any host can continue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import TimetableUpload
from errors import InputError
from school.security.crypto import vault

PURPOSE = "timetable upload"
KEPT = timedelta(hours=2)
LONGEST_NAME = 80
GONE = "The file is not kept any more: upload it again."


@dataclass(frozen=True, slots=True)
class Upload:
    """A person's file. `uploaded_at` (aware) tells it from another that they upload later."""

    data: bytes
    file_name: str
    uploaded_at: datetime


def keep(session: Session, school_id: int, staff_id: int, data: bytes, file_name: str, now: datetime) -> None:
    """Keep a person's file in place of an earlier one; files that nobody came back for are deleted."""
    session.execute(
        delete(TimetableUpload).where(
            (TimetableUpload.staff_id == staff_id) | (TimetableUpload.uploaded_at < now - KEPT)
        )
    )
    session.execute(
        insert(TimetableUpload).values(
            staff_id=staff_id,
            school_id=school_id,
            uploaded_at=now,
            file_name=file_name[-LONGEST_NAME:],
            content_encrypted=vault(session).encrypt_bytes(PURPOSE, data),
        )
    )


def kept(session: Session, school_id: int, staff_id: int, now: datetime) -> Upload:
    """The file a person looked at. Raises InputError when it is not kept any more."""
    row = session.execute(
        select(TimetableUpload.content_encrypted, TimetableUpload.file_name, TimetableUpload.uploaded_at).where(
            TimetableUpload.school_id == school_id,
            TimetableUpload.staff_id == staff_id,
            TimetableUpload.uploaded_at >= now - KEPT,
        )
    ).one_or_none()
    if row is None:
        raise InputError(GONE)
    return Upload(vault(session).decrypt_bytes(PURPOSE, row.content_encrypted), row.file_name, row.uploaded_at)


def take(session: Session, school_id: int, staff_id: int, upload: Upload) -> None:
    """Delete the file that is carried out now. Raises InputError when it was already, or another took its place."""
    taken = session.execute(
        delete(TimetableUpload)
        .where(
            TimetableUpload.school_id == school_id,
            TimetableUpload.staff_id == staff_id,
            TimetableUpload.uploaded_at == upload.uploaded_at,
        )
        .returning(TimetableUpload.staff_id)
    ).all()
    if not taken:
        raise InputError(GONE)
