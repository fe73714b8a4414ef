"""Whether an account has a second factor and whether it must have one, as parts of SQL statements about `Staff`.

A passkey counts as one, because it is never used without the person's PIN, finger or face.
"""

from sqlalchemy import ColumnElement, and_, or_, select

from db.kinds import Role
from db.models import Passkey, SecondFactorDemand, Staff, StaffRole
from school.staff.leaders import LEADERS


def has_factor() -> ColumnElement[bool]:
    """Codes from a telephone, or a passkey. Recovery codes alone are none: they come with one of these."""
    return or_(Staff.totp_encrypted.is_not(None), has_passkey())


def has_passkey() -> ColumnElement[bool]:
    """At least one."""
    return select(Passkey.id).where(Passkey.staff_id == Staff.id).correlate(Staff).exists()


def is_demanded() -> ColumnElement[bool]:
    """A leader of a school that demands it, or a leader or operator where the platform does."""

    def has_role(*roles: Role) -> ColumnElement[bool]:
        return select(StaffRole.role).where(StaffRole.staff_id == Staff.id, StaffRole.role.in_(roles)).exists()

    def demands(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return select(SecondFactorDemand.id).where(condition).correlate(Staff).exists()

    by_platform = demands(SecondFactorDemand.school_id.is_(None))
    by_school = demands(SecondFactorDemand.school_id == Staff.school_id)
    return or_(
        and_(by_platform, has_role(*LEADERS, Role.PLATFORM_OPERATOR)),
        and_(by_school, has_role(*LEADERS)),
    )
