"""Who may set up a school: its leaders, of whom there is always one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import School, Staff, StaffRole
from errors import ForbiddenError, InputError

LEADERS = (Role.PRINCIPAL, Role.SCHOOL_ADMINISTRATOR)


def check_leads(session: Session, school_id: int, by: int) -> None:
    """Raises InputError unless `by` is an active principal or administrator of this very school."""
    leads = session.scalar(
        select(Staff.id)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(
            Staff.id == by,
            Staff.school_id == school_id,
            Staff.is_active,
            StaffRole.role.in_(LEADERS),
        )
        .limit(1)
    )
    if leads is None:
        raise ForbiddenError("Only the school's principal or administrator may do this.")


def hold_leaders(session: Session, school_id: int) -> None:
    """Until this transaction ends nobody else changes who leads the school: they wait, and then see what was done.

    Called before anything is asked about the leaders, or two of them could switch each other off at one moment. It
    holds up no one who only records at the school.
    """
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True))


def check_is_led(session: Session, school_id: int) -> None:
    """Raises InputError when the school has no active leader: a change may not leave it so."""
    leads = (
        select(Staff.id)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(Staff.school_id == school_id, Staff.is_active, StaffRole.role.in_(LEADERS))
        .limit(1)
    )
    if session.scalar(leads) is None:
        raise InputError("The school would have no leader left: make somebody else one first.")


def check_operates(session: Session, by: int) -> None:
    """Raises InputError unless `by` is an active operator of the platform."""
    operates = session.scalar(
        select(Staff.id)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(Staff.id == by, Staff.is_active, StaffRole.role == Role.PLATFORM_OPERATOR)
    )
    if operates is None:
        raise ForbiddenError("Only the platform's operator may do this.")
