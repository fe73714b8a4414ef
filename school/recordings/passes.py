"""Passes for staff on the telephone: a page shows a person six digits, with which they record for two hours, or hear
what parents said."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.kinds import PassPurpose
from db.models import RecordingPass
from school import audit
from school.recordings.lines import check_may_record
from school.security import doors, lockouts
from school.security.crypto import Vault, vault

DIGITS = 6
LASTS = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who records by telephone, and whose voice: the platform's (None) or a school's; or a class teacher who hears."""

    school_id: int | None
    staff_id: int
    purpose: PassPurpose = PassPurpose.RECORDING


@dataclass(frozen=True, slots=True)
class NoPass:
    """The digits open nothing. `locked_until` is aware; None: another try is allowed."""

    locked_until: datetime | None


def issue(
    session: Session,
    school_id: int | None,
    *,
    by: int,
    now: datetime,
    purpose: PassPurpose = PassPurpose.RECORDING,
) -> str:
    """A new pass; the person's earlier one opens nothing any more.

    Raises ForbiddenError unless the person may record. Whether one may hear messages the caller has checked.
    """
    if purpose is PassPurpose.RECORDING:
        check_may_record(session, school_id, by)
    session.execute(delete(RecordingPass).where((RecordingPass.staff_id == by) | (RecordingPass.expires_at <= now)))
    pin, hashed = _new(session)
    session.add(
        RecordingPass(pin_hash=hashed, school_id=school_id, staff_id=by, purpose=purpose, expires_at=now + LASTS)
    )
    session.flush()
    audit.write(session, "recording_pass.made", "staff", by, now, school_id=school_id, by=by)
    return pin


def open_desk(session: Session, caller: str | None, pin: str, now: datetime) -> Desk | NoPass:
    """Whose pass these digits are. `caller` is E.164, None when hidden.

    Needs a session that is committed whatever the answer is: the try is counted, against the caller and against all
    who try passes.
    """
    secret = vault(session)
    buckets = (doors.caller(secret, caller), doors.recording_passes(secret))
    attempt = lockouts.count_try(session, buckets, now)
    if not attempt.counted:
        return NoPass(attempt.locked_until)
    found = session.execute(
        select(RecordingPass.school_id, RecordingPass.staff_id, RecordingPass.purpose).where(
            RecordingPass.pin_hash == _hash(secret, pin), RecordingPass.expires_at > now
        )
    ).one_or_none()
    if found is None:
        return NoPass(attempt.locked_until)
    lockouts.forgive(session, *buckets)
    desk = Desk(found.school_id, found.staff_id, found.purpose)
    if desk.purpose is PassPurpose.RECORDING:
        check_may_record(session, desk.school_id, desk.staff_id)
    return desk


def forget_old(session: Session, now: datetime) -> int:
    """Remove passes that open nothing any more; gives their number."""
    removed = session.execute(
        delete(RecordingPass).where(RecordingPass.expires_at <= now).returning(RecordingPass.staff_id)
    )
    return len(removed.all())


def _new(session: Session) -> tuple[str, bytes]:
    while True:
        pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        hashed = _hash(vault(session), pin)
        if session.get(RecordingPass, hashed) is None:
            return pin, hashed


def _hash(secret: Vault, pin: str) -> bytes:
    return secret.fingerprint("recording pass", pin)
