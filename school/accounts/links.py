"""One-time links: who holds one sets the account's password, confirms where they work, or a new address, once.

Invitations, forgotten passwords and changes of the address use them.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, delete, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from db.kinds import LinkPurpose
from db.models import School, Staff, StaffLink
from errors import ForbiddenError, InputError
from school import audit
from school.accounts.devices import cookie_with
from school.accounts.memberships import account_id, is_in_use, note
from school.accounts.new_password import check_new_password
from school.accounts.sessions import end_sessions, token_hash
from school.security import doors, lockouts, passwords
from school.security.crypto import vault

RESETS_ALIVE = 3
"""Who forgets a password may ask again while a letter is late, and nobody else's request takes the link away."""
LASTS = {
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.RESET: timedelta(hours=2),
    LinkPurpose.NEW_EMAIL: timedelta(hours=24),
}
_Link = Row[int, int, int | None, str, str | None, LinkPurpose, bool]
"""Of a link: its row, account, school, address, the school's name, purpose; whether the account has a password."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link is for: whose password it sets, or which school it invites somebody to who has a password."""

    email: str
    account_id: int
    place: str | None
    """The school of the row; none: the platform."""
    sets_password: bool


def make_link(
    session: Session,
    staff_id: int,
    purpose: LinkPurpose,
    now: datetime,
    *,
    by: int | None = None,
    new_email: str | None = None,
) -> str:
    """A new token for a link. `by`: who asked for it. An invitation is the row's, everything else the account's.

    An earlier invitation no longer works; of resets the newest few do. Neither touches the other's: anybody can ask
    for a reset.
    """
    row = session.execute(select(Staff.school_id, account_id().label("account")).where(Staff.id == staff_id)).one()
    holder = staff_id if purpose is LinkPurpose.INVITATION else row.account
    _make_room(session, holder, purpose)
    token = secrets.token_urlsafe(32)
    session.add(
        StaffLink(
            token_hash=token_hash(token),
            staff_id=holder,
            purpose=purpose,
            created_at=now,
            expires_at=now + LASTS[purpose],
            new_email=new_email,
        )
    )
    session.flush()
    audit.write(session, f"{purpose}.made", "staff", staff_id, now, school_id=row.school_id, by=by)
    return token


def discard_links(session: Session, staff_id: int) -> None:
    """Links of the account that were not used yet work no more."""
    session.execute(delete(StaffLink).where(StaffLink.staff_id == staff_id, StaffLink.used_at.is_(None)))


def invite_again(session: Session, email: str, now: datetime) -> str:
    """A link for the account with this address. Raises InputError when there is none."""
    staff_id = session.scalar(
        select(Staff.id).where(Staff.email == email.strip().lower(), Staff.account_id.is_(None), is_in_use())
    )
    if staff_id is None:
        raise InputError("There is no active account with this e-mail address.")
    return make_link(session, staff_id, LinkPurpose.RESET, now)


def opened(session: Session, token: str, now: datetime) -> Opened:
    """What an invitation or a reset is for. Raises InputError when the link is unknown, used or too old."""
    link = _link(session, token, now)
    return Opened(link.email, link.account, link.place, _sets_password(link))


def set_password(session: Session, token: str, password: str, now: datetime, *, devices: str = "") -> str:
    """Use a link: set the password, end every session, drop the other links and lift the account's locks.

    Gives the browser's new cookie of known devices for the old one, `devices`: whoever holds the link is let in however
    many others guess. Raises InputError for a bad link or a weak password, ForbiddenError for an invitation of somebody
    who has a password: they confirm it by signing in (`join`).
    """
    link = _link(session, token, now)
    if not _sets_password(link):
        raise ForbiddenError("This invitation is confirmed by signing in.")
    check_new_password(session, link.account, password)
    _use(session, token, now)
    session.execute(
        update(Staff).where(Staff.id == link.account).values(password_hash=passwords.hash_password(password))
    )
    if link.staff_id != link.account:
        _join(session, link, now)
    discard_links(session, link.account)
    end_sessions(session, link.account, now)
    lockouts.lift(session, doors.account(vault(session), link.email))
    note(session, "password.set", link.account, now)
    return cookie_with(vault(session), link.email, devices)


def join(session: Session, token: str, account: int, now: datetime) -> int:
    """Use the invitation of a school: this account's person, who has proved to be it, works there too.

    Gives the id of their row there. Raises InputError for a bad link, ForbiddenError for one of somebody else.
    """
    link = _link(session, token, now)
    if link.account != account or link.staff_id == account:
        raise ForbiddenError("This invitation is of somebody else.")
    _use(session, token, now)
    _join(session, link, now)
    joined: int = link.staff_id
    return joined


def _sets_password(link: _Link) -> bool:
    """Whoever reads the mail of an address may choose the first password of its account, whichever school wrote."""
    return link.staff_id == link.account or not link.has_password


def _use(session: Session, token: str, now: datetime) -> None:
    used = session.scalar(
        update(StaffLink)
        .where(StaffLink.token_hash == token_hash(token), StaffLink.used_at.is_(None))
        .values(used_at=now)
        .returning(StaffLink.staff_id)
    )
    if used is None:  # the same link in two windows
        raise unusable()


def _join(session: Session, link: _Link, now: datetime) -> None:
    session.execute(update(Staff).where(Staff.id == link.staff_id).values(joined_at=now))
    audit.write(session, "staff.joined", "staff", link.staff_id, now, school_id=link.school_id, by=link.staff_id)


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


def _link(session: Session, token: str, now: datetime) -> _Link:
    account = aliased(Staff)
    invites = and_(StaffLink.purpose == LinkPurpose.INVITATION, Staff.is_active)
    resets = and_(StaffLink.purpose == LinkPurpose.RESET, is_in_use())
    row = session.execute(
        select(
            StaffLink.staff_id,
            account.id.label("account"),
            Staff.school_id,
            Staff.email,
            School.name.label("place"),
            StaffLink.purpose,
            account.password_hash.is_not(None).label("has_password"),
        )
        .join(Staff, Staff.id == StaffLink.staff_id)
        .join(account, account.id == account_id())
        .outerjoin(School, School.id == Staff.school_id)
        .where(
            StaffLink.token_hash == token_hash(token),
            StaffLink.used_at.is_(None),
            StaffLink.expires_at > now,
            or_(invites, resets),
        )
    ).one_or_none()
    if row is None:
        raise unusable()
    return row


def unusable() -> InputError:
    """What is said of a link that does nothing (any more)."""
    return InputError("This link was used already or is too old: ask for a new one.")
