"""Who lost telephone and recovery codes gets in again: a leader, an operator or the command line resets the factor."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.models import Passkey, PasskeyChallenge, Staff
from errors import InputError, MissingError
from school.accounts import recovery_codes
from school.accounts.memberships import account_id, is_in_use, note, works_elsewhere
from school.accounts.notices import Notice, notify
from school.accounts.sessions import end_sessions
from school.staff.leaders import check_leads, check_operates


def reset_in_school(session: Session, school_id: int, staff_id: int, *, by: int, now: datetime) -> None:
    """A leader resets the second factor of somebody else of the same school.

    Raises ForbiddenError, MissingError, and InputError for one's own, which asks for password and code, and for that of
    somebody who works at other schools too.
    """
    check_leads(session, school_id, by)
    one = session.execute(
        select(
            account_id().label("account"), Staff.account_id, Staff.joined_at, works_elsewhere().label("elsewhere")
        ).where(Staff.id == staff_id, Staff.school_id == school_id)
    ).one_or_none()
    if one is None or (one.account_id is not None and one.joined_at is None):
        raise MissingError("There is no such person in this school.")
    if staff_id == by:
        raise _own()
    if one.elsewhere:  # it guards other schools' children too
        raise InputError("This second factor cannot be reset by the school: the platform's operator does it.")
    _reset(session, one.account, by, now)


def reset_by_email(session: Session, email: str, *, by: int | None, now: datetime) -> None:
    """An operator (None: the command line) resets that of any account. Raises ForbiddenError and InputError."""
    if by is not None:
        check_operates(session, by)
    staff_id = session.scalar(
        select(Staff.id).where(Staff.email == email.strip().lower(), Staff.account_id.is_(None), is_in_use())
    )
    if staff_id is None:
        raise InputError("There is no active account with this e-mail address.")
    if by is not None and session.scalar(select(Staff.id).where(Staff.id == by, account_id() == staff_id)) is not None:
        raise _own()
    _reset(session, staff_id, by, now)


def _own() -> InputError:
    return InputError("You cannot reset your own second factor: switch it off under your profile, or ask another.")


def _reset(session: Session, staff_id: int, by: int | None, now: datetime) -> None:
    """No code, passkey or recovery code of the account works any more, and every session of it ends."""
    session.execute(
        update(Staff)
        .where(Staff.id == staff_id)
        .values(totp_encrypted=None, totp_last_step=None, totp_pending_encrypted=None, totp_pending_until=None)
    )
    for table in (Passkey, PasskeyChallenge):
        session.execute(delete(table).where(table.staff_id == staff_id))
    recovery_codes.discard(session, staff_id)
    end_sessions(session, staff_id, now)
    note(session, "second_factor.reset", staff_id, now, by_person=False, by=by)
    notify(session, staff_id, Notice.RESET, now)
