"""That it is still the person who signed in: asked before anything about how they sign in is changed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Staff
from school.accounts import passkeys
from school.accounts.factors import has_factor
from school.accounts.passkeys import Assertion
from school.accounts.second_factor import accept_code
from school.accounts.sessions import SignedIn
from school.security import doors, lockouts, passwords
from school.security.crypto import vault


def prove(
    session: Session, who: SignedIn, password: str, now: datetime, *, code: str = "", assertion: Assertion | None = None
) -> bool:
    """Whether the password is right and, for who has a second factor, so is a code or what a passkey signed.

    A try counts as one of changing the password does, and a code or challenge is used up: commit either way.
    """
    account = session.execute(
        select(Staff.email, Staff.password_hash, has_factor().label("has_factor")).where(Staff.id == who.account_id)
    ).one()
    bucket = doors.own_password(vault(session), account.email)
    if lockouts.charge(session, bucket, now) is None:
        return False
    is_password = passwords.is_password(password, account.password_hash)
    if assertion is not None and passkeys.prove(session, who, assertion, now) and is_password:
        lockouts.forget(session, bucket)
        return True
    if not is_password or (account.has_factor and not (code and accept_code(session, who.account_id, code, now))):
        return False
    lockouts.forget(session, bucket)
    return True
