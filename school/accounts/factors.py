"""Whether an account has a second factor and whether it must have one, as parts of SQL statements about `Staff`.

Of a row at a second school the first is asked of its account, the second of the row: each school demands of its own.
A passkey counts as one, because it is never used without the person's PIN, finger or face.
"""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from db.kinds import Role
from db.models import Passkey, SecondFactorDemand, Staff, StaffRole
from school.accounts.memberships import account_id
from school.staff.leaders import LEADERS


def has_factor() -> ColumnElement[bool]:
    """Codes from a telephone, or a passkey. Recovery codes alone are none: they come with one of these."""
    account = aliased(Staff)
    has_codes = select(account.id).where(account.id == Staff.account_id, account.totp_encrypted.is_not(None))
    return or_(Staff.totp_encrypted.is_not(None), has_codes.correlate(Staff).exists(), has_passkey())


def has_passkey() -> ColumnElement[bool]:
    """At least one."""
    return select(Passkey.id).where(Passkey.staff_id == account_id()).correlate(Staff).exists()


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
