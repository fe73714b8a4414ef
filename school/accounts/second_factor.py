"""The second factor: time-based one-time passwords (RFC 6238) from an application on the person's telephone."""

import re
from datetime import datetime

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Staff
from errors import InputError
from school import audit
from school.accounts.sessions import SignedIn
from school.security.crypto import vault

PURPOSE = "second factor"
ISSUER = "InfoServ e-School"
STEPS_OFF = 1
"""Half a minute early or late is forgiven: clocks of telephones differ."""


def begin_second_factor(name: str) -> tuple[str, str]:
    """A new secret and its `otpauth://` address for a QR code. Nothing is stored before `confirm_second_factor`."""
    return second_factor_address(pyotp.random_base32(), name)


def second_factor_address(secret: str, name: str) -> tuple[str, str]:
    """A secret that was begun, and its address again. Raises InputError when it is none."""
    if not re.fullmatch(r"[A-Z2-7]{32}", secret):
        raise InputError("This is no secret of ours: begin again.")
    return secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def has_second_factor(session: Session, staff_id: int) -> bool:
    """Whether a code is asked for when this person signs in."""
    return session.scalar(select(Staff.id).where(Staff.id == staff_id, Staff.totp_encrypted.is_not(None))) is not None


def confirm_second_factor(session: Session, who: SignedIn, secret: str, code: str, now: datetime) -> None:
    """Switch it on, once a code proves that the telephone knows the secret. Raises InputError when it does not."""
    second_factor_address(secret, "")
    if not _matches(secret, code, now):
        raise InputError("The code is wrong: check the telephone's clock and type the newest code.")
    _store(session, who, vault(session).encrypt(PURPOSE, secret), "second_factor.on", now)


def remove_second_factor(session: Session, who: SignedIn, now: datetime) -> None:
    """Switch it off."""
    _store(session, who, None, "second_factor.off", now)


def is_code(session: Session, encrypted: bytes, code: str, now: datetime) -> bool:
    """Whether it is the code of this moment."""
    return _matches(vault(session).decrypt(PURPOSE, encrypted), code, now)


def _matches(secret: str, code: str, now: datetime) -> bool:
    digits = "".join(code.split())
    return digits.isascii() and pyotp.TOTP(secret).verify(digits, for_time=now, valid_window=STEPS_OFF)


def _store(session: Session, who: SignedIn, encrypted: bytes | None, action: str, now: datetime) -> None:
    session.execute(update(Staff).where(Staff.id == who.staff_id).values(totp_encrypted=encrypted))
    audit.write(session, action, "staff", who.staff_id, now, school_id=who.school_id, by=who.staff_id)
