"""A person signs in with another address from now on, once they have shown that its letters reach them.

Whether the new address belongs to somebody already is never said to who types it: then simply no letter goes there.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, LinkPurpose, MessagePurpose
from db.models import Staff, StaffLink
from errors import InputError
from school.accounts.links import LASTS, discard_links, make_link, unusable
from school.accounts.memberships import can_enter, note
from school.accounts.notices import Notice, notify, notify_at
from school.accounts.sessions import SignedIn, end_sessions, token_hash
from school.outbox import enqueue, unasked
from school.security import doors, lockouts
from school.security.crypto import vault
from school.wording.translation import SOURCE, Words, gettext

TEXT = Words(
    "Потвърдете новия си имейл\n\nЗдравейте, {name}!\n\nНякой, който е влязъл в профила Ви в InfoServ e-School, поиска "
    "занапред да се влиза с този имейл. Отворете връзката и потвърдете с бутона; тя важи 24 часа и работи само веднъж."
    "\n\nПотвърдете: {link}\n\nАко не сте Вие, не правете нищо."
)


def ask_for_new_email(session: Session, who: SignedIn, email: str, *, root: str, now: datetime) -> None:
    """Send a link to the new address (well formed, lower case), and tell the old one. An earlier link works no more.

    The caller has had the person proved. Raises InputError when it is the address they have.
    """
    account = session.execute(select(Staff.email, Staff.first_name).where(Staff.id == who.account_id)).one()
    if email == account.email:
        raise InputError("You sign in with this address already.")
    token = make_link(session, who.staff_id, LinkPurpose.NEW_EMAIL, now, by=who.staff_id, new_email=email)
    notify(session, who.account_id, Notice.EMAIL_ASKED, now)
    is_taken = session.scalar(select(Staff.id).where(Staff.email == email).limit(1)) is not None
    if is_taken or not unasked.may_write(session, (email,), now):
        return
    enqueue(
        session,
        channel=Channel.EMAIL,
        address=email,
        text=gettext(SOURCE, TEXT, name=account.first_name, link="{pin}"),
        pin=f"{root}/new-email/{token}",
        purpose=MessagePurpose.SERVICE,
        now=now,
        urgent=True,
        keep_for=LASTS[LinkPurpose.NEW_EMAIL],
    )


def asked_email(session: Session, token: str, now: datetime) -> str:
    """The address that a link confirms. Raises InputError when the link is unknown, used or too old."""
    return _asked(session, token, now)[1]


def confirm_new_email(session: Session, token: str, now: datetime) -> None:
    """Use a link: the person signs in with the new address, at all their schools; sessions and other links end.

    Raises InputError when the link is unknown, used, too old, or the address has become somebody's meanwhile.
    """
    account, email = _asked(session, token, now)
    used = session.scalar(
        update(StaffLink)
        .where(StaffLink.token_hash == token_hash(token), StaffLink.used_at.is_(None))
        .values(used_at=now)
        .returning(StaffLink.staff_id)
    )
    if used is None or session.scalar(select(Staff.id).where(Staff.email == email).limit(1)) is not None:
        raise unusable()
    old = session.scalars(select(Staff.email).where(Staff.id == account)).one()
    session.execute(update(Staff).where(Staff.id == account).values(email=email))  # the database takes other rows along
    session.expire_all()
    discard_links(session, account)
    end_sessions(session, account, now)
    lockouts.lift(session, doors.account(vault(session), email))
    note(session, "staff.email_changed", account, now)
    notify_at(session, old, account, Notice.EMAIL_CHANGED, now)


def _asked(session: Session, token: str, now: datetime) -> tuple[int, str]:
    row = session.execute(
        select(StaffLink.staff_id, StaffLink.new_email)
        .join(Staff, Staff.id == StaffLink.staff_id)
        .where(
            StaffLink.token_hash == token_hash(token),
            StaffLink.purpose == LinkPurpose.NEW_EMAIL,
            StaffLink.used_at.is_(None),
            StaffLink.expires_at > now,
            can_enter(),
        )
    ).one_or_none()
    if row is None or row.new_email is None:
        raise unusable()
    return row.staff_id, row.new_email
