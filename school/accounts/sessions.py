"""Sessions of staff: a browser holds a random token, the table its hash. Each can be seen and ended by its person."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, func, not_, select, update
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import School, SchoolClass, SchoolYear, Staff, StaffRole, StaffSession
from errors import MissingError
from school.accounts.factors import has_factor, is_demanded
from school.accounts.memberships import account_id, is_member, rows_of, works_elsewhere
from school.staff.leaders import LEADERS
from school.years import calendar

LASTS = timedelta(hours=12)
"""A school day: who left a shared computer signed in is out the next morning."""
SEEN_EVERY = timedelta(minutes=5)
"""How exact `last_seen_at` is; more would write on every page."""
LONGEST_DEVICE = 200


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks: one active member of staff, through one session. `school_id` is None for platform operators."""

    session_id: int
    staff_id: int
    account_id: int
    """Whose password and second factor they sign in with: `staff_id` itself, but at a person's second school."""
    name: str
    roles: frozenset[Role]
    school_id: int | None
    school_name: str | None
    own_class_id: int | None
    """The class of the running year that this person is class teacher of."""
    last_seen_at: datetime
    must_set_up_factor: bool = False
    """A second factor is demanded of this person and they have none: until then they can do nothing else."""
    works_elsewhere: bool = False
    """They can act at another school too."""

    @property
    def leads(self) -> bool:
        """A principal or school administrator."""
        return bool(self.roles & set(LEADERS))


@dataclass(frozen=True, slots=True)
class StaffSessionRow:
    """A session as its person sees it; moments are aware."""

    session_id: int
    device: str
    created_at: datetime
    last_seen_at: datetime


def token_hash(token: str) -> bytes:
    """What is stored of a random token: it has 256 bits, so nothing slow is needed."""
    return hashlib.sha256(token.encode()).digest()


def begin_session(session: Session, staff_id: int, device: str, now: datetime) -> str:
    """A new session; gives the token, which nobody can read again."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            staff_id=staff_id,
            token_hash=token_hash(token),
            device=device[:LONGEST_DEVICE],
            created_at=now,
            last_seen_at=now,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    return token


def signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Who holds this token; None: it is unknown, ended or too old, or the account is switched off. One statement."""
    row = session.execute(
        _who_is_signed_in(session.get_bind().dialect.name),
        {"token_hash": token_hash(token), "now": now, "today": calendar.today(now)},
    ).one_or_none()
    if row is None:
        return None
    return SignedIn(
        session_id=row.id,
        staff_id=row.staff_id,
        account_id=row.account_id,
        works_elsewhere=bool(row.works_elsewhere),
        name=f"{row.first_name} {row.last_name}",
        roles=frozenset(Role(role) for role in (row.roles or "").split(",") if role),
        school_id=row.school_id,
        school_name=row.school_name,
        own_class_id=row.own_class_id,
        last_seen_at=row.last_seen_at,
        must_set_up_factor=bool(row.must_set_up_factor),
    )


@cache
def _who_is_signed_in(dialect: str) -> Select[Any]:
    """Asked by every request, so it is built once: that takes longer than the database's answer."""
    roles = select(func.group_concat(StaffRole.role)).where(StaffRole.staff_id == Staff.id)
    if dialect == "postgresql":
        roles = select(func.string_agg(StaffRole.role, ",")).where(StaffRole.staff_id == Staff.id)
    today, now = bindparam("today", type_=Date()), bindparam("now", type_=StaffSession.expires_at.type)
    own_class = (
        select(func.max(SchoolClass.id))
        .join(
            SchoolYear, and_(SchoolYear.id == SchoolClass.school_year_id, SchoolYear.school_id == SchoolClass.school_id)
        )
        .where(
            SchoolClass.school_id == Staff.school_id,
            SchoolClass.class_teacher_id == Staff.id,
            SchoolYear.starts_on <= today,
            SchoolYear.ends_on >= today,
        )
    )
    return (
        select(
            StaffSession.id,
            StaffSession.last_seen_at,
            Staff.id.label("staff_id"),
            account_id().label("account_id"),
            works_elsewhere().label("works_elsewhere"),
            Staff.first_name,
            Staff.last_name,
            Staff.school_id,
            School.name.label("school_name"),
            roles.scalar_subquery().label("roles"),
            own_class.scalar_subquery().label("own_class_id"),
            and_(is_demanded(), not_(has_factor())).label("must_set_up_factor"),
        )
        .join(Staff, Staff.id == StaffSession.staff_id)
        .outerjoin(School, School.id == Staff.school_id)
        .where(
            StaffSession.token_hash == bindparam("token_hash"),
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
            is_member(),
        )
    )


def touch(session: Session, who: SignedIn, now: datetime) -> None:
    """Note that a session is in use; it lasts as long again."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == who.session_id, StaffSession.revoked_at.is_(None))
        .values(last_seen_at=now, expires_at=now + LASTS)
    )


def sessions_of(session: Session, staff_id: int, now: datetime) -> tuple[StaffSessionRow, ...]:
    """The person's sessions that are open, at whichever of their schools, the last used first."""
    rows = session.execute(
        select(StaffSession.id, StaffSession.device, StaffSession.created_at, StaffSession.last_seen_at)
        .where(
            StaffSession.staff_id.in_(rows_of(staff_id)),
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
        )
        .order_by(StaffSession.last_seen_at.desc())
    )
    return tuple(StaffSessionRow(row.id, row.device, row.created_at, row.last_seen_at) for row in rows)


def end_session(session: Session, staff_id: int, session_id: int, now: datetime) -> None:
    """End one session of this person. Raises MissingError when they have no such session."""
    ended = session.scalar(
        update(StaffSession)
        .where(
            StaffSession.id == session_id,
            StaffSession.staff_id.in_(rows_of(staff_id)),
            StaffSession.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(StaffSession.id)
    )
    if ended is None:
        raise MissingError("There is no such session.")


def end_all(session: Session, now: datetime) -> int:
    """End everybody's sessions; gives how many."""
    ended = session.execute(
        update(StaffSession)
        .where(StaffSession.revoked_at.is_(None), StaffSession.expires_at > now)
        .values(revoked_at=now)
        .returning(StaffSession.id)
    )
    return len(ended.all())


def end_sessions(session: Session, staff_id: int, now: datetime, *, but: int | None = None) -> None:
    """End all sessions of this person, except one, at all their schools."""
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.staff_id.in_(rows_of(staff_id)),
            StaffSession.revoked_at.is_(None),
            StaffSession.id != (but or 0),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


def end_sessions_at_school(session: Session, staff_id: int, now: datetime) -> None:
    """End the sessions that act by this row: at one school, whose business the person's others are not."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
