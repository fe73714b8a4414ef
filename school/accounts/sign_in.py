"""Signing in with e-mail address, password and, for those who use it, a code of the second factor.

A try is counted before anything is looked up (school.security.lockouts): one from a known device (school.accounts.
devices) against that device alone, any other against the account as its network tries it, the account as all strangers
do, and the network address. An unknown address takes as long as a wrong password, and both sound the same.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Staff
from school.accounts.devices import cookie_with, nonce_of
from school.accounts.entering import enter
from school.accounts.factors import has_factor
from school.accounts.memberships import can_enter, is_in_use
from school.accounts.second_factor import accept_code
from school.security import doors, lockouts, passwords
from school.security.crypto import vault


@dataclass(frozen=True, slots=True)
class Welcome:
    """Signed in: what the browser is to keep."""

    token: str
    staff_id: int
    devices: str
    """The cookie of known devices."""
    may_choose: bool = False
    """The person works at several schools: the page asks at which of them they want to be."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whose account it is, and the cookie of known devices that the browser is to keep."""

    account_id: int
    devices: str


@dataclass(frozen=True, slots=True)
class NeedsCode:
    """The password is right; a code of the second factor is asked for too."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Address, password or code is wrong, or too many tries were: locked until then (aware, UTC)."""

    locked_until: datetime | None


def sign_in(
    session: Session,
    email: str,
    password: str,
    *,
    code: str | None,
    address: str,
    device: str,
    devices: str,
    now: datetime,
) -> Welcome | NeedsCode | Refusal:
    """Sign a person in. Needs a writing session that is committed whatever the answer is: the try is counted.

    `address` is the network address the try came from, `device` what the browser calls itself,
    `devices` its cookie of known devices or "".
    """
    known = identify(session, email, password, code=code, address=address, devices=devices, now=now)
    if not isinstance(known, Known):
        return known
    entered = enter(session, known.account_id, device, now)
    return Welcome(entered.token, entered.staff_id, known.devices, entered.may_choose)


def identify(
    session: Session,
    email: str,
    password: str,
    *,
    code: str | None,
    address: str,
    devices: str,
    now: datetime,
    invited: bool = False,
) -> Known | NeedsCode | Refusal:
    """Whose address, password and code these are; no session begins. The caller commits whatever the answer is.

    `invited`: also somebody who so far is only invited anywhere, and is about to confirm it.
    """
    email = email.strip().lower()
    counts, attempt = _count(session, email, address, devices, now)
    if not attempt.counted:
        return Refusal(attempt.locked_until)
    found = session.execute(
        select(Staff.id, Staff.password_hash, has_factor().label("has_factor")).where(
            Staff.email == email, Staff.account_id.is_(None), is_in_use() if invited else can_enter()
        )
    ).one_or_none()
    if not passwords.is_password(password, found.password_hash if found else None) or found is None:
        return Refusal(attempt.locked_until)
    if found.has_factor:
        if not code:
            lockouts.forgive(session, *counts)
            return NeedsCode()
        if not accept_code(session, found.id, code, now):
            return Refusal(attempt.locked_until)
    lockouts.forgive(session, *counts)
    lockouts.forget(session, counts[0])
    return Known(found.id, cookie_with(vault(session), email, devices))


def _count(
    session: Session, email: str, address: str, devices: str, now: datetime
) -> tuple[tuple[lockouts.Bucket, ...], lockouts.Try]:
    """The counts of a try, the asker's own first, and whether it may go on.

    A known device that failed too often is as good as an unknown one: others may sit at it.
    """
    secrets = vault(session)
    nonce = nonce_of(secrets, email, devices)
    if nonce is not None:
        of_device = (doors.device(secrets, email, nonce),)
        attempt = lockouts.count_try(session, of_device, now)
        if attempt.counted:
            return of_device, attempt
    counts = (
        doors.account_from(secrets, email, address),
        doors.account_anywhere(secrets, email),
        doors.sign_ins_from(secrets, address),
    )
    return counts, lockouts.count_try(session, counts, now)
