"""One-time links: who holds one sets the account's password, once. Invitations and forgotten passwords use them."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, select, true, update
from sqlalchemy.orm import Session

from db.kinds import LinkPurpose
from db.models import Staff, StaffLink
from errors import InputError
from school import audit
from school.accounts.devices import cookie_with
from school.accounts.new_password import check_new_password
from school.accounts.sessions import end_sessions, token_hash
from school.security import doors, lockouts, passwords
from school.security.crypto import vault

RESETS_ALIVE = 3
"""Who forgets a password may ask again while a letter is late, and nobody else's request takes the link away."""
LASTS = {LinkPurpose.INVITATION: timedelta(days=7), LinkPurpose.RESET: timedelta(hours=2)}


def make_link(session: Session, staff_id: int, purpose: LinkPurpose, now: datetime, *, by: int | None = None) -> str:
    """A new token for a link. `by`: who asked for it.

    An earlier invitation no longer works; of resets the newest few do. Neither touches the other's: anybody can ask
    for a reset.
    """
    school_id = session.scalars(select(Staff.school_id).where(Staff.id == staff_id)).one()
    _make_room(session, staff_id, purpose)
    token = secrets.token_urlsafe(32)
    session.add(
        StaffLink(
            token_hash=token_hash(token),
            staff_id=staff_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + LASTS[purpose],
        )
    )
    session.flush()
    audit.write(session, f"{purpose}.made", "staff", staff_id, now, school_id=school_id, by=by)
    return token


def discard_links(session: Session, staff_id: int) -> None:
    """Links of the account that were not used yet work no more."""
    session.execute(delete(StaffLink).where(StaffLink.staff_id == staff_id, StaffLink.used_at.is_(None)))


def invite_again(session: Session, email: str, now: datetime) -> str:
    """A link for the account with this address. Raises InputError when there is none."""
    staff_id = session.scalar(select(Staff.id).where(Staff.email == email.strip().lower(), Staff.is_active))
    if staff_id is None:
        raise InputError("There is no active account with this e-mail address.")
    return make_link(session, staff_id, LinkPurpose.RESET, now)


def owner_of(session: Session, token: str, now: datetime) -> str:
    """The e-mail address of the account a link belongs to.

    Raises InputError when the link is unknown, used or too old.
    """
    return str(_link(session, token, now).email)


def set_password(session: Session, token: str, password: str, now: datetime, *, devices: str = "") -> str:
    """Use a link: set the password, end every session, drop the other links and lift the account's locks.

    Gives the browser's new cookie of known devices for the old one, `devices`: whoever holds the link is let in however
    many others guess. Raises InputError for a bad link or a weak password.
    """
    link = _link(session, token, now)
    check_new_password(session, link.staff_id, password)
    used = session.scalar(
        update(StaffLink)
        .where(StaffLink.token_hash == token_hash(token), StaffLink.used_at.is_(None))
        .values(used_at=now)
        .returning(StaffLink.staff_id)
    )
    if used is None:  # the same link in two windows
        raise _unusable()
    session.execute(
        update(Staff).where(Staff.id == link.staff_id).values(password_hash=passwords.hash_password(password))
    )
    discard_links(session, link.staff_id)
    end_sessions(session, link.staff_id, now)
    lockouts.lift(session, doors.account(vault(session), link.email))
    audit.write(session, "password.set", "staff", link.staff_id, now, school_id=link.school_id, by=link.staff_id)
    return cookie_with(vault(session), link.email, devices)


def _make_room(session: Session, staff_id: int, purpose: LinkPurpose) -> None:
    """Drop the links of a purpose that a new one replaces."""
    unused = (StaffLink.staff_id == staff_id, StaffLink.purpose == purpose, StaffLink.used_at.is_(None))
    stays = RESETS_ALIVE - 1 if purpose is LinkPurpose.RESET else 0
    newest = select(StaffLink.token_hash).where(*unused).order_by(StaffLink.created_at.desc()).limit(stays)
    session.execute(
        delete(StaffLink)
        .where(*unused, StaffLink.token_hash.not_in(newest) if stays else true())
        .execution_options(synchronize_session=False)
    )


def _link(session: Session, token: str, now: datetime) -> Row[int, str, int | None]:
    row = session.execute(
        select(StaffLink.staff_id, Staff.email, Staff.school_id)
        .join(Staff, Staff.id == StaffLink.staff_id)
        .where(
            StaffLink.token_hash == token_hash(token),
            StaffLink.used_at.is_(None),
            StaffLink.expires_at > now,
            Staff.is_active,
        )
    ).one_or_none()
    if row is None:
        raise _unusable()
    return row


def _unusable() -> InputError:
    return InputError("This link was used already or is too old: ask for a new one.")
