"""Whether a person may take a password: the rules of school.security.passwords with what is known of this person."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import School, Staff
from school.security import passwords


def check_new_password(session: Session, staff_id: int, password: str) -> None:
    """Raises InputError for one that is too easily guessed, by anybody or by who knows the person and the school."""
    row = session.execute(
        select(Staff.first_name, Staff.last_name, Staff.email, School.name, School.town)
        .outerjoin(School, School.id == Staff.school_id)
        .where(Staff.id == staff_id)
    ).one()
    own = (row.first_name, row.last_name, row.email.partition("@")[0], row.name or "", row.town or "")
    passwords.check_strength(password, own)
