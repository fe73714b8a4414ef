"""Recovery codes: each stands in for the second factor once, for who has lost the telephone or the passkey."""

import secrets
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from db.models import RecoveryCode, Staff
from errors import InputError
from school import audit
from school.accounts.factors import has_factor
from school.accounts.memberships import note
from school.accounts.notices import Notice, notify
from school.accounts.sessions import SignedIn
from school.security.crypto import vault

HOW_MANY = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for each other."""
GROUPS, GROUP = 3, 4
"""59 bits: a keyed hash serves, nobody tries them all."""


def make_codes(session: Session, staff_id: int, now: datetime) -> tuple[str, ...]:
    """Ten new codes, which nobody can read again; earlier ones work no more."""
    discard(session, staff_id)
    codes = tuple(
        "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS)) for _ in range(HOW_MANY)
    )
    session.connection().execute(
        insert(RecoveryCode),
        [{"staff_id": staff_id, "code_hash": _hash(session, code), "created_at": now} for code in codes],
    )
    return codes


def make_new_codes(session: Session, who: SignedIn, now: datetime) -> tuple[str, ...]:
    """Ten new codes in place of the others, for who was proved to be the person. Raises InputError without a factor."""
    if session.scalar(select(Staff.id).where(Staff.id == who.account_id, has_factor())) is None:
        raise InputError("Recovery codes come with a second factor: set one up first.")
    codes = make_codes(session, who.account_id, now)
    audit.write(session, "recovery_code.made", "staff", who.staff_id, now, school_id=who.school_id, by=who.staff_id)
    notify(session, who.account_id, Notice.CODES_MADE_ANEW, now)
    return codes


def make_first_codes(session: Session, staff_id: int, now: datetime) -> tuple[str, ...]:
    """Ten codes for who has just set up a first second factor; none for who has codes left."""
    return () if codes_left(session, staff_id) else make_codes(session, staff_id, now)


def discard(session: Session, staff_id: int) -> None:
    """The account's codes work no more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))


def codes_left(session: Session, staff_id: int) -> int:
    """How many were not used yet."""
    left = select(func.count(RecoveryCode.id)).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalars(left).one()


def use_code(session: Session, staff_id: int, code: str, now: datetime) -> bool:
    """Whether it is one of the account's codes; it is used up by that, and the person is told by e-mail."""
    used = session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash == _hash(session, code),
            RecoveryCode.used_at.is_(None),  # two uses at once: the second finds it used
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    if used is None:
        return False
    note(session, "recovery_code.used", staff_id, now)
    notify(session, staff_id, Notice.RECOVERY_CODE_USED, now, left=codes_left(session, staff_id))
    return True


def _hash(session: Session, code: str) -> bytes:
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return vault(session).first.fingerprint("recovery code", plain)
