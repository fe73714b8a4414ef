"""The schools one person works at: one row of `Staff` in each, of which one is the account (db.models.people.Staff).

Password, second factor, passkeys, recovery codes and the letters about them are the account's. Sessions are a row's:
each acts for one school at a time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from db.kinds import Role
from db.models import Passkey, PasskeyChallenge, RecoveryCode, School, Staff, StaffRole, StaffSession
from errors import MissingError
from school import audit

CREDENTIALS = ("password_hash", "totp_encrypted", "totp_last_step", "totp_pending_encrypted", "totp_pending_until")


@dataclass(frozen=True, slots=True)
class Membership:
    """A school that a person works at; without a school: the platform, for its operators."""

    staff_id: int
    school_id: int | None
    school_name: str | None
    roles: tuple[Role, ...]


def account_id() -> ColumnElement[int]:
    """The account of the row of `Staff` that a statement is about."""
    return func.coalesce(Staff.account_id, Staff.id)


def account_of(staff_id: int) -> ScalarSelect[int]:
    """The account of a row, as part of a statement."""
    row = aliased(Staff)
    return select(func.coalesce(row.account_id, row.id)).where(row.id == staff_id).scalar_subquery()


def rows_of(staff_id: int) -> Select[int]:
    """The ids of all rows of the person one of whose rows this is."""
    row = aliased(Staff)
    return select(row.id).where(or_(row.id == account_of(staff_id), row.account_id == account_of(staff_id)))


def is_member() -> ColumnElement[bool]:
    """Whether a row of `Staff` is one that its person can act by: switched on, and confirmed by them."""
    return Staff.is_active & or_(Staff.account_id.is_(None), Staff.joined_at.is_not(None))


def is_in_use() -> ColumnElement[bool]:
    """Whether an account, the row of `Staff` that a statement is about, is switched on or invited at any school."""
    row = aliased(Staff)
    return select(row.id).where(or_(row.id == Staff.id, row.account_id == Staff.id), row.is_active).exists()


def can_enter() -> ColumnElement[bool]:
    """Whether an account, the row of `Staff` that a statement is about, can act anywhere."""
    row = aliased(Staff)
    own = and_(Staff.account_id.is_(None), Staff.is_active)
    return or_(
        own, select(row.id).where(row.account_id == Staff.id, row.is_active, row.joined_at.is_not(None)).exists()
    )


def works_elsewhere() -> ColumnElement[bool]:
    """Whether the person of a row of `Staff` can act at another school too."""
    other = aliased(Staff)
    return (
        select(other.id)
        .where(
            or_(other.id == account_id(), other.account_id == account_id()),
            other.id != Staff.id,
            other.is_active,
            or_(other.account_id.is_(None), other.joined_at.is_not(None)),
        )
        .correlate(Staff)
        .exists()
    )


def memberships(session: Session, staff_id: int) -> tuple[Membership, ...]:
    """Where the person of this row can act, the school they were last at first."""
    last = select(func.max(StaffSession.last_seen_at)).where(StaffSession.staff_id == Staff.id).scalar_subquery()
    rows = session.execute(
        select(Staff.id, Staff.school_id, School.name)
        .outerjoin(School, School.id == Staff.school_id)
        .where(Staff.id.in_(rows_of(staff_id)), is_member())
        .order_by(last.is_(None), last.desc(), Staff.id)
    ).all()
    roles: dict[int, list[Role]] = {}
    for id_, role in session.execute(
        select(StaffRole.staff_id, StaffRole.role).where(StaffRole.staff_id.in_([row.id for row in rows]))
    ):
        roles.setdefault(id_, []).append(role)
    return tuple(Membership(row.id, row.school_id, row.name, tuple(sorted(roles.get(row.id, ())))) for row in rows)


def email_of(session: Session, staff_id: int) -> str:
    """What the person signs in with."""
    return session.scalars(select(Staff.email).where(Staff.id == staff_id)).one()


def account_for_new_row(session: Session, email: str) -> int | None:
    """The account that a new row with this address belongs to; None: it will be an account itself."""
    return accounts_with(session, (email,)).get(email)


def accounts_with(session: Session, emails: Collection[str]) -> dict[str, int]:
    """The accounts with these addresses, in lower case. One statement."""
    rows = session.execute(select(Staff.email, Staff.id).where(Staff.email.in_(emails), Staff.account_id.is_(None)))
    return {row.email: row.id for row in rows}


def note(
    session: Session,
    action: str,
    staff_id: int,
    now: datetime,
    *,
    by_person: bool = True,
    by: int | None = None,
    **details: Any,
) -> None:
    """Write what happened to a person's account into the trail of every school that they work at.

    The person did it, or else `by` (None: the product).
    """
    rows = session.execute(select(Staff.id, Staff.school_id).where(Staff.id.in_(rows_of(staff_id)), is_member())).all()
    written = [
        audit.row(action, "staff", row.id, now, school_id=row.school_id, by=row.id if by_person else by, **details)
        for row in rows
    ]
    audit.write_many(session, written)


def act_at(session: Session, session_id: int, staff_id: int, member_id: int, now: datetime) -> None:
    """Have an open session of this person act at another of their schools. Raises MissingError when it is none."""
    found = session.execute(
        select(Staff.id, Staff.school_id).where(Staff.id == member_id, Staff.id.in_(rows_of(staff_id)), is_member())
    ).one_or_none()
    if found is None:
        raise MissingError("You do not work at this school.")
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.staff_id == staff_id, StaffSession.revoked_at.is_(None))
        .values(staff_id=member_id)
    )
    audit.write(session, "staff.signed_in", "staff", member_id, now, school_id=found.school_id, by=member_id)


def part(session: Session, staff_id: int, address: str, account: int | None = None) -> bool:
    """Take a row off its person, and give it another address, of this account or (None) of nobody's.

    Gives whether the person has a row at another school. One of those is the account from now on, with password, second
    factor and passkeys, if this row was; passkeys go on knowing the person by the id they were registered under.
    """
    one = session.execute(
        select(Staff.account_id, Staff.email, Staff.passkeys_know).where(Staff.id == staff_id).with_for_update()
    ).one()
    others = session.execute(
        select(Staff.id, Staff.joined_at)
        .where(Staff.id.in_(rows_of(staff_id)), Staff.id != staff_id)
        .order_by(Staff.joined_at.is_(None), Staff.is_active.desc(), Staff.id)
        .with_for_update()
    ).all()
    heir = others[0] if one.account_id is None and others else None
    if heir is not None:
        known = None if heir.joined_at is None else one.passkeys_know or staff_id
        _give_account(session, staff_id, heir.id, address, known)
    _set(session, [staff_id], account_id=account, joined_at=None, email=address)
    if heir is not None:
        _set(session, [heir.id], email=one.email)  # the database gives it to the person's other rows too
    return bool(others)


def _give_account(session: Session, old: int, heir: int, address: str, passkeys_know: int | None) -> None:
    """Make `heir` the account. Who did not confirm that row (`passkeys_know` is None) chooses a password by its link.

    Until the old row has given up its address, the others have another one.
    """
    meanwhile = f"{heir}.{address}"
    held = session.execute(select(*(getattr(Staff, name) for name in CREDENTIALS)).where(Staff.id == old)).one()
    rest = session.scalars(select(Staff.id).where(Staff.account_id == old, Staff.id != heir)).all()
    _set(session, [old], **dict.fromkeys(CREDENTIALS))
    _set(session, [heir], account_id=None, joined_at=None, email=meanwhile, passkeys_know=passkeys_know)
    _set(session, rest, account_id=heir, email=meanwhile)
    if passkeys_know is None:
        return
    _set(session, [heir], **held._mapping)
    for table in (Passkey, PasskeyChallenge, RecoveryCode):
        moved = update(table).where(table.staff_id == old).values(staff_id=heir)
        session.execute(moved.execution_options(synchronize_session=False))


def _set(session: Session, ids: Collection[int], **values: Any) -> None:
    session.execute(
        update(Staff).where(Staff.id.in_(ids)).values(values).execution_options(synchronize_session="fetch")
    )
