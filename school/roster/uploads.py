"""A list between its preview and its confirmation: encrypted in the database, so that any host can continue."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import RosterUpload
from errors import InputError
from school.security.crypto import vault

PURPOSE = "roster upload"
KEPT = timedelta(hours=2)
LONGEST_NAME = 80


def keep(session: Session, school_id: int, staff_id: int, data: bytes, file_name: str, now: datetime) -> None:
    """Keep a person's list in place of an earlier one; lists that nobody came back for are deleted."""
    session.execute(
        delete(RosterUpload).where((RosterUpload.staff_id == staff_id) | (RosterUpload.uploaded_at < now - KEPT))
    )
    session.execute(
        insert(RosterUpload).values(
            staff_id=staff_id,
            school_id=school_id,
            uploaded_at=now,
            file_name=file_name[-LONGEST_NAME:],
            content_encrypted=vault(session).encrypt_bytes(PURPOSE, data),
        )
    )


def kept(session: Session, school_id: int, staff_id: int, now: datetime) -> tuple[bytes, str]:
    """The list a person looked at, and its file's name. Raises InputError when it is not kept any more."""
    row = session.execute(
        select(RosterUpload.content_encrypted, RosterUpload.file_name).where(
            RosterUpload.school_id == school_id,
            RosterUpload.staff_id == staff_id,
            RosterUpload.uploaded_at >= now - KEPT,
        )
    ).one_or_none()
    if row is None:
        raise InputError("The file is not kept any more: upload it again.")
    return vault(session).decrypt_bytes(PURPOSE, row.content_encrypted), row.file_name


def forget(session: Session, staff_id: int) -> None:
    """Delete a person's list."""
    session.execute(delete(RosterUpload).where(RosterUpload.staff_id == staff_id))
