"""Invitations and forgotten passwords as e-mails. The link is kept encrypted in the outbox until it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.kinds import Channel, Language, LinkPurpose, MessagePurpose
from db.models import School, Staff
from errors import MissingError
from school.accounts.links import LASTS, make_link
from school.accounts.memberships import is_in_use
from school.outbox import enqueue, unasked
from school.wording.translation import SOURCE, Words, gettext

TEXTS = {
    LinkPurpose.INVITATION: Words(
        "Покана за InfoServ e-School\n\nЗдравейте, {name}!\n\n{place} Ви кани в InfoServ e-School. "
        "Отворете връзката и изберете парола; тя важи 7 дни и работи само веднъж.\n\nИзберете парола: {link}"
    ),
    LinkPurpose.RESET: Words(
        "Нова парола за InfoServ e-School\n\nЗдравейте, {name}!\n\nОтворете връзката и изберете нова "
        "парола; тя важи 2 часа и работи само веднъж.\n\nИзберете нова парола: {link}\n\nАко не сте я поискали, "
        "не правете нищо."
    ),
}
ALSO = Words(
    "Покана за още едно училище\n\nЗдравейте, {name}!\n\n{place} Ви кани в InfoServ e-School. На този имейл вече имате "
    "профил: ще влизате със същата парола и ще избирате училището. Ако работите там, отворете връзката и потвърдете; "
    "тя важи 7 дни и работи само веднъж.\n\nПотвърдете: {link}\n\nАко не работите там, не правете нищо: училището не "
    "научава, че имате профил."
)
"""An invitation to who has a password already, from another school."""
PLATFORM = Words("Платформата")


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was sent a link."""

    staff_id: int
    name: str
    email: str
    link: str | None = field(repr=False)
    """For the platform's operator and the command line alone: its holder becomes that person, at all their schools."""
    written: bool
    """False: the address got as many letters today as any may (school.outbox.unasked)."""


def send_links(
    session: Session,
    school_id: int | None,
    staff_ids: Sequence[int],
    purpose: LinkPurpose,
    *,
    root: str,
    by: int | None,
    now: datetime,
    language: Language = SOURCE,
    handed_over: bool = False,
) -> tuple[Invited, ...]:
    """Send each of these active accounts of a school (None: the platform's own) a link; `root` is the web's address.

    `handed_over`: who asks hands the links over themselves where no letter may be sent. Raises MissingError when one is
    no such account. Earlier links of the kind work no more (`make_link`).
    """
    account = aliased(Staff)
    rows = session.execute(
        select(
            *(Staff.id, Staff.first_name, Staff.last_name, Staff.email, School.name),
            account.password_hash.is_not(None).label("has_account"),
        )
        .outerjoin(School, School.id == Staff.school_id)
        .outerjoin(account, account.id == Staff.account_id)
        .where(Staff.id.in_(staff_ids), Staff.school_id == school_id, Staff.is_active)
        .order_by(Staff.last_name, Staff.first_name, Staff.id)
    ).all()
    if len(rows) != len(set(staff_ids)):
        raise MissingError("There is no such person in this school.")
    may_write = unasked.may_write(session, [row.email for row in rows], now)
    invited = []
    for id_, first, last, email, place, has_account in rows:
        text = ALSO if has_account and purpose is LinkPurpose.INVITATION else TEXTS[purpose]
        written = email in may_write or unasked.may_write_beyond(session, email, now)
        if not (written or handed_over):  # a link that nobody gets would only push out one that somebody has
            invited.append(Invited(id_, f"{first} {last}", email, None, written=False))
            continue
        link = f"{root}/password/{make_link(session, id_, purpose, now, by=by)}"
        if written:
            _write(session, email, text, LASTS[purpose], link, first, place, now, language)
        invited.append(Invited(id_, f"{first} {last}", email, link, written))
    return tuple(invited)


def forgot_password(session: Session, email: str, *, root: str, now: datetime, language: Language = SOURCE) -> None:
    """Send a link, in this language, to the account with this address. Who asks is not told whether there is one.

    Nothing is made when no letter may be sent: a link that nobody gets would only push out one that somebody has.
    """
    found = session.execute(
        select(Staff.id, Staff.first_name, Staff.email, School.name)
        .outerjoin(School, School.id == Staff.school_id)
        .where(Staff.email == email.strip().lower(), Staff.account_id.is_(None), is_in_use())
    ).one_or_none()
    if found is None or not unasked.may_write_of_password(session, found.email, now):
        return
    link = f"{root}/password/{make_link(session, found.id, LinkPurpose.RESET, now)}"
    text, lasts = TEXTS[LinkPurpose.RESET], LASTS[LinkPurpose.RESET]
    _write(session, found.email, text, lasts, link, found.first_name, found.name, now, language)


def _write(
    session: Session,
    email: str,
    text: Words,
    lasts: timedelta,
    link: str,
    name: str,
    place: str | None,
    now: datetime,
    language: Language,
) -> None:
    enqueue(
        session,
        channel=Channel.EMAIL,
        address=email,
        text=gettext(language, text, name=name, place=place or PLATFORM, link="{pin}"),
        pin=link,
        purpose=MessagePurpose.SERVICE,
        now=now,
        urgent=True,
        keep_for=lasts,
    )
