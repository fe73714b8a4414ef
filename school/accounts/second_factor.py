"""The second factor: time-based one-time passwords (RFC 6238) from an application on the person's telephone.

The server makes the secret and keeps it, encrypted, until a code proves that the telephone knows it. A code is accepted
once: the time step of the last one is remembered, and neither it nor an earlier one is accepted again (RFC 6238, 5.2).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

import pyotp
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from db.models import Staff
from errors import InputError
from school import audit
from school.accounts import recovery_codes
from school.accounts.factors import has_factor
from school.accounts.notices import Notice, notify
from school.accounts.sessions import SignedIn
from school.security.crypto import vault

PURPOSE = "second factor"
ISSUER = "InfoServ e-School"
STEPS_OFF = 1
"""Half a minute early or late is forgiven: clocks of telephones differ."""
DIGITS = 6
PENDING_FOR = timedelta(minutes=15)
"""How long a secret waits for its first code."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A secret that waits for its first code, and its `otpauth://` address for a QR code."""

    secret: str
    address: str


def begin_second_factor(session: Session, who: SignedIn, now: datetime) -> Pending:
    """The secret that this person's telephone is to know: the one begun a moment ago, or a new one.

    Raises InputError when codes are asked for already: they are switched off first, which asks for a code.
    """
    row = session.execute(
        select(Staff.totp_encrypted, Staff.totp_pending_encrypted, Staff.totp_pending_until).where(
            Staff.id == who.account_id
        )
    ).one()
    if row.totp_encrypted is not None:
        raise InputError("Codes from a telephone are on already: switch them off first.")
    if row.totp_pending_encrypted is not None and row.totp_pending_until > now:
        return _told(vault(session).decrypt(PURPOSE, row.totp_pending_encrypted), who)
    secret = pyotp.random_base32()
    session.execute(
        update(Staff)
        .where(Staff.id == who.account_id)
        .values(totp_pending_encrypted=vault(session).encrypt(PURPOSE, secret), totp_pending_until=now + PENDING_FOR)
    )
    return _told(secret, who)


def confirm_second_factor(session: Session, who: SignedIn, code: str, now: datetime) -> tuple[str, ...]:
    """Switch codes on, once one proves that the telephone knows the secret that was begun; that code is used up.

    Gives the recovery codes that were made with it, to be shown once. Raises InputError when the code is wrong or the
    secret too old. The caller has had the password proved.
    """
    pending = session.scalar(
        select(Staff.totp_pending_encrypted).where(
            Staff.id == who.account_id, Staff.totp_encrypted.is_(None), Staff.totp_pending_until > now
        )
    )
    if pending is None:
        raise InputError("The key on this page is too old: begin again with the new one.")
    step = _step_of(vault(session).decrypt(PURPOSE, pending), code, now)
    if step is None:
        raise InputError("The code is wrong: check the telephone's clock and type the newest code.")
    on = session.scalar(
        update(Staff)
        .where(Staff.id == who.account_id, Staff.totp_encrypted.is_(None), Staff.totp_pending_encrypted == pending)
        .values(totp_encrypted=pending, totp_last_step=step, totp_pending_encrypted=None, totp_pending_until=None)
        .returning(Staff.id)
    )
    if on is None:  # in another window at the same moment
        raise InputError("The key on this page is too old: begin again with the new one.")
    audit.write(session, "second_factor.on", "staff", who.staff_id, now, school_id=who.school_id, by=who.staff_id)
    notify(session, who.account_id, Notice.CODES_ON, now)
    return recovery_codes.make_first_codes(session, who.account_id, now)


def has_second_factor(session: Session, staff_id: int) -> bool:
    """Whether codes from a telephone are on."""
    return session.scalar(select(Staff.id).where(Staff.id == staff_id, Staff.totp_encrypted.is_not(None))) is not None


def remove_second_factor(session: Session, who: SignedIn, now: datetime) -> None:
    """Switch codes off. The caller has had password and code proved (school.accounts.proof)."""
    session.execute(update(Staff).where(Staff.id == who.account_id).values(totp_encrypted=None, totp_last_step=None))
    discard_useless_codes(session, who.account_id)
    audit.write(session, "second_factor.off", "staff", who.staff_id, now, school_id=who.school_id, by=who.staff_id)
    notify(session, who.account_id, Notice.CODES_OFF, now)


def discard_useless_codes(session: Session, staff_id: int) -> None:
    """Recovery codes stand in for a second factor: without one they work no more."""
    if session.scalar(select(Staff.id).where(Staff.id == staff_id, has_factor())) is None:
        recovery_codes.discard(session, staff_id)


def accept_code(session: Session, staff_id: int, code: str, now: datetime) -> bool:
    """Whether it is a code of this moment that was not used yet, or an unused recovery code; it is used up by that."""
    plain = "".join(code.split())
    if not (plain.isascii() and plain.isdigit() and len(plain) == DIGITS):
        return recovery_codes.use_code(session, staff_id, code, now)
    encrypted = session.scalar(select(Staff.totp_encrypted).where(Staff.id == staff_id))
    if encrypted is None:
        return False
    step = _step_of(vault(session).decrypt(PURPOSE, encrypted), plain, now)
    if step is None:
        return False
    # Compared where it is written: of two who use one code at once, the second finds its step taken.
    accepted = session.scalar(
        update(Staff)
        .where(
            Staff.id == staff_id,
            Staff.totp_encrypted == encrypted,
            or_(Staff.totp_last_step.is_(None), Staff.totp_last_step < step),
        )
        .values(totp_last_step=step)
        .returning(Staff.id)
    )
    return accepted is not None


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code it is; None: of no step near this moment."""
    plain = "".join(code.split())
    if not plain.isascii():
        return None
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    matching = [
        step
        for step in range(current - STEPS_OFF, current + STEPS_OFF + 1)
        if compare_digest(totp.generate_otp(step), plain)
    ]
    return max(matching, default=None)


def _told(secret: str, who: SignedIn) -> Pending:
    return Pending(secret, pyotp.TOTP(secret).provisioning_uri(name=who.name, issuer_name=ISSUER))
