"""A person changes the password of their own account, proving the old one."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Staff
from errors import InputError
from school import audit
from school.accounts.links import discard_links
from school.accounts.new_password import check_new_password
from school.accounts.sessions import SignedIn, end_sessions
from school.security import doors, lockouts, passwords
from school.security.crypto import vault


def change_password(session: Session, who: SignedIn, old: str, new: str, now: datetime) -> bool:
    """Set a new password; every other session of the account ends, and links that were sent work no more.

    False: the old one is wrong, or there were too many tries; they have a count of their own, which nobody fills from
    outside, and the caller commits either way.

    Raises InputError for a weak password, and then nothing was counted.
    """
    check_new_password(session, who.account_id, new)
    account = session.execute(select(Staff.email, Staff.password_hash).where(Staff.id == who.account_id)).one()
    bucket = doors.own_password(vault(session), account.email)
    if lockouts.charge(session, bucket, now) is None:
        return False
    if not passwords.is_password(old, account.password_hash):
        return False
    lockouts.forget(session, bucket)
    if old == new:
        raise InputError("The new password is the same as the old one: choose another.")
    session.execute(update(Staff).where(Staff.id == who.account_id).values(password_hash=passwords.hash_password(new)))
    end_sessions(session, who.account_id, now, but=who.session_id)
    discard_links(session, who.account_id)
    audit.write(session, "password.changed", "staff", who.staff_id, now, school_id=who.school_id, by=who.staff_id)
    return True
