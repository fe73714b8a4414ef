"""Who may set up a school: its leaders."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import Staff, StaffRole
from errors import ForbiddenError


def check_leads(session: Session, school_id: int, by: int) -> None:
    """Raises InputError unless `by` is an active principal or administrator of this very school."""
    leads = session.scalar(
        select(Staff.id)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(
            Staff.id == by,
            Staff.school_id == school_id,
            Staff.is_active,
            StaffRole.role.in_((Role.PRINCIPAL, Role.SCHOOL_ADMINISTRATOR)),
        )
        .limit(1)
    )
    if leads is None:
        raise ForbiddenError("Only the school's principal or administrator may do this.")


def check_operates(session: Session, by: int) -> None:
    """Raises InputError unless `by` is an active operator of the platform."""
    operates = session.scalar(
        select(Staff.id)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(Staff.id == by, Staff.is_active, StaffRole.role == Role.PLATFORM_OPERATOR)
    )
    if operates is None:
        raise ForbiddenError("Only the platform's operator may do this.")
