"""A timetable between its names and their confirmation: encrypted in the database, so that any host can continue."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import TimetableUpload
from errors import InputError
from school.security.crypto import vault

PURPOSE = "timetable upload"
KEPT = timedelta(hours=2)
LONGEST_NAME = 80


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


def kept(session: Session, school_id: int, staff_id: int, now: datetime) -> tuple[bytes, str]:
    """The file a person looked at, and its name. Raises InputError when it is not kept any more."""
    row = session.execute(
        select(TimetableUpload.content_encrypted, TimetableUpload.file_name).where(
            TimetableUpload.school_id == school_id,
            TimetableUpload.staff_id == staff_id,
            TimetableUpload.uploaded_at >= now - KEPT,
        )
    ).one_or_none()
    if row is None:
        raise InputError("The file is not kept any more: upload it again.")
    return vault(session).decrypt_bytes(PURPOSE, row.content_encrypted), row.file_name


def forget(session: Session, staff_id: int) -> None:
    """Delete a person's file."""
    session.execute(delete(TimetableUpload).where(TimetableUpload.staff_id == staff_id))
