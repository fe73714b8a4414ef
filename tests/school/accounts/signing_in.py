"""An account with a password, and the person who is signed in to it."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Staff
from school import accounts
from school.accounts import NeedsCode, Refusal, SignedIn, Welcome
from school.accounts.sessions import begin_session
from school.security import passwords
from tests.school.joined import NOW, Joined, person

PASSWORD = "три зелени хълма"
WRONG = "не е тази парола"
HOME = "192.0.2.1"


def with_password(session: Session, school: Joined) -> int:
    """A teacher whose password is PASSWORD."""
    teacher = person(session, school)
    hashed = passwords.hash_password(PASSWORD, is_random=True)
    session.execute(update(Staff).where(Staff.id == teacher).values(password_hash=hashed))
    return teacher


def someone(session: Session, staff_id: int, now: datetime = NOW) -> SignedIn:
    """The person, through a new session."""
    who = accounts.signed_in(session, begin_session(session, staff_id, "Firefox", now), now)
    assert who is not None
    return who


def password_is(session: Session, staff_id: int, password: str) -> bool:
    """Whether the account's password is this one."""
    return passwords.is_password(
        password, session.scalars(select(Staff.password_hash).where(Staff.id == staff_id)).one()
    )


def try_to(
    session: Session,
    school: Joined,
    password: str = PASSWORD,
    *,
    email: str = "m.stoyanova.{school}@school.example",
    code: str | None = None,
    address: str = HOME,
    devices: str = "",
    now: datetime = NOW,
) -> Welcome | NeedsCode | Refusal:
    """The teacher signs in."""
    return accounts.sign_in(
        session,
        email.format(school=school.school),
        password,
        code=code,
        address=address,
        device="Firefox",
        devices=devices,
        now=now,
    )
