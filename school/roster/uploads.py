"""A list between its upload and its confirmation: encrypted in the database, so that any host can continue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db.models import RosterUpload
from errors import InputError
from school.roster.answers import Answers
from school.security.crypto import vault

PURPOSE = "roster upload"
ANSWERS = "roster answers"
KEPT = timedelta(hours=2)
LONGEST_NAME = 80
GONE = "The file is not kept any more: upload it again."


@dataclass(frozen=True, slots=True)
class Upload:
    """A person's list, and what they have said about it. `stamp` tells it from another that they upload later."""

    data: bytes
    file_name: str
    answers: Answers
    stamp: str


def keep(
    session: Session,
    school_id: int,
    staff_id: int,
    data: bytes,
    file_name: str,
    now: datetime,
    answers: Answers | None = None,
) -> None:
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
            answers_encrypted=vault(session).encrypt(ANSWERS, (answers or Answers()).as_json()),
        )
    )


def kept(session: Session, school_id: int, staff_id: int, now: datetime) -> Upload:
    """The list a person has uploaded. Raises InputError when it is not kept any more."""
    row = session.execute(
        select(
            RosterUpload.content_encrypted,
            RosterUpload.answers_encrypted,
            RosterUpload.file_name,
            RosterUpload.uploaded_at,
        ).where(
            RosterUpload.school_id == school_id,
            RosterUpload.staff_id == staff_id,
            RosterUpload.uploaded_at >= now - KEPT,
        )
    ).one_or_none()
    if row is None:
        raise InputError(GONE)
    secrets = vault(session)
    answers = secrets.decrypt(ANSWERS, row.answers_encrypted) if row.answers_encrypted else None
    return Upload(
        secrets.decrypt_bytes(PURPOSE, row.content_encrypted),
        row.file_name,
        Answers.of_json(answers) if answers else Answers(),
        row.uploaded_at.isoformat(),
    )


def answer(session: Session, school_id: int, staff_id: int, upload: Upload, answers: Answers) -> None:
    """Keep what the person says of it. Raises InputError when they have uploaded another one meanwhile."""
    changed = session.execute(
        update(RosterUpload)
        .where(
            RosterUpload.school_id == school_id,
            RosterUpload.staff_id == staff_id,
            RosterUpload.uploaded_at == datetime.fromisoformat(upload.stamp),
        )
        .values(answers_encrypted=vault(session).encrypt(ANSWERS, answers.as_json()))
        .returning(RosterUpload.staff_id)
    ).all()
    if not changed:
        raise InputError(GONE)


def take(session: Session, school_id: int, staff_id: int, upload: Upload) -> None:
    """Delete the list that is carried out now. Raises InputError when it was already, or another took its place."""
    taken = session.execute(
        delete(RosterUpload)
        .where(
            RosterUpload.school_id == school_id,
            RosterUpload.staff_id == staff_id,
            RosterUpload.uploaded_at == datetime.fromisoformat(upload.stamp),
        )
        .returning(RosterUpload.staff_id)
    ).all()
    if not taken:
        raise InputError(GONE)
