"""Erasing again, on a backup that was restored, whoever had been erased since it was made."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import ErasedKind, ErasureGround
from db.models import Erasure, Guardian, School, Staff, Student, Subscriber
from school.privacy import erased, people
from school.privacy.erasure import Gone, erase_parent, erase_staff, erase_students

ROWS = {
    ErasedKind.STUDENT: Student,
    ErasedKind.GUARDIAN: Guardian,
    ErasedKind.SUBSCRIBER: Subscriber,
    ErasedKind.STAFF: Staff,
}
"""In the order in which they are erased: guardians and subscribers of a student mostly go with the student."""


def replay(session: Session, text: str, now: datetime) -> tuple[Gone, ...]:
    """Carry out a list of erasures again; gives what was erased. Raises InputError for a list that is none.

    Whoever is not there, or was made at another moment than the list says, is left alone, so that it may be carried
    out any number of times.
    """
    schools = dict(session.execute(select(School.institution_code, School.id)).all())
    done = []
    for code, kind, row_id, made_at, ground, at in sorted(erased.read(text), key=lambda one: list(ROWS).index(one[1])):
        if code in schools:
            gone = _again(session, schools[code], kind, row_id, made_at, ground, at, now)
            done += [gone] if gone else []
    return tuple(done)


def _again(
    session: Session,
    school_id: int,
    kind: ErasedKind,
    row_id: int,
    made_at: datetime,
    ground: ErasureGround,
    at: datetime,
    now: datetime,
) -> Gone | None:
    table = ROWS[kind]
    there = session.scalar(select(table.created_at).where(table.id == row_id))  # type: ignore[attr-defined]
    if there != made_at or _is_done(session, school_id, kind, row_id, at):
        return None
    if kind is ErasedKind.STUDENT:
        return erase_students(session, school_id, [row_id], now, ground=ground)
    if kind is ErasedKind.SUBSCRIBER:
        one = session.scalars(select(Subscriber).where(Subscriber.id == row_id)).one()
        return erase_parent(
            session, people.of_subscriber(session, school_id, one), now, by=None, ground=ground, until=at
        )
    if kind is ErasedKind.GUARDIAN:
        if session.scalar(select(Guardian.school_id).where(Guardian.id == row_id)) != school_id:
            return None
        return erase_parent(
            session, people.of_guardian(session, school_id, row_id), now, by=None, ground=ground, until=at
        )
    member = session.scalars(select(Staff).where(Staff.id == row_id)).one()
    if member.school_id != school_id or member.email.endswith(people.ERASED_DOMAIN):
        return None
    member.is_active = False
    session.flush()
    return erase_staff(session, people.of_staff(session, school_id, row_id), now, by=None, ground=ground)


def _is_done(session: Session, school_id: int, kind: ErasedKind, row_id: int, at: datetime) -> bool:
    """Of a subscriber who stays because of another school, the row says nothing: the database's own list does."""
    if kind is not ErasedKind.SUBSCRIBER:
        return False
    listed = select(Erasure.id).where(
        Erasure.school_id == school_id, Erasure.kind == kind, Erasure.row_id == row_id, Erasure.at >= at
    )
    return session.scalar(listed.limit(1)) is not None
