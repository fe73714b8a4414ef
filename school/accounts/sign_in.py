"""Signing in with e-mail address, password and, for those who use it, a code of the second factor.

A try counts against the account and against the network address before anything is looked up
(school.security.lockouts), an unknown address takes as long as a wrong password, and both sound the same.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Staff
from school import audit
from school.accounts.factors import has_factor
from school.accounts.second_factor import accept_code
from school.accounts.sessions import begin_session
from school.security import lockouts, passwords
from school.security.crypto import vault


@dataclass(frozen=True, slots=True)
class Welcome:
    """Signed in: what the browser is to keep."""

    token: str
    staff_id: int


@dataclass(frozen=True, slots=True)
class NeedsCode:
    """The password is right; a code of the second factor is asked for too."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Address, password or code is wrong, or too many tries were: locked until then (aware, UTC)."""

    locked_until: datetime | None


def sign_in(
    session: Session, email: str, password: str, *, code: str | None, address: str, device: str, now: datetime
) -> Welcome | NeedsCode | Refusal:
    """Sign a person in. Needs a writing session that is committed whatever the answer is: the try is counted.

    `address` is the network address the try came from, `device` what the browser calls itself.
    """
    email = email.strip().lower()
    buckets = (lockouts.account_bucket(vault(session), email), lockouts.address_bucket(vault(session), address))
    running = lockouts.locked_until(session, buckets, now)
    if running is not None:
        return Refusal(running)
    ends = []
    for bucket in buckets:
        charged = lockouts.charge(session, bucket, now)
        if charged is None:  # another try locked it since we looked
            return Refusal(lockouts.locked_until(session, buckets, now))
        if charged.locked_until is not None:
            ends.append(charged.locked_until)
    found = session.execute(
        select(Staff.id, Staff.school_id, Staff.password_hash, has_factor().label("has_factor")).where(
            Staff.email == email, Staff.is_active
        )
    ).one_or_none()
    if not passwords.is_password(password, found.password_hash if found else None) or found is None:
        return Refusal(max(ends, default=None))
    account, from_address = buckets
    if found.has_factor:
        if not code:
            lockouts.forgive(session, account)
            lockouts.forgive(session, from_address)
            return NeedsCode()
        if not accept_code(session, found.id, code, now):
            return Refusal(max(ends, default=None))
    lockouts.forget(session, account)
    lockouts.forgive(session, from_address)
    token = begin_session(session, found.id, device, now)
    audit.write(session, "staff.signed_in", "staff", found.id, now, school_id=found.school_id, by=found.id)
    return Welcome(token, found.id)
