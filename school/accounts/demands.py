"""Who must have a second factor: a school demands it of its leaders, the platform of all leaders and its operators."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from db.models import SecondFactorDemand
from school import audit
from school.staff.leaders import check_leads, check_operates, hold_leaders


def is_demanded_by(session: Session, school_id: int | None) -> bool:
    """Whether this school demands it (None: the platform)."""
    return session.scalar(select(SecondFactorDemand.id).where(_of(school_id))) is not None


def demand_second_factor(
    session: Session, school_id: int | None, *, demanded: bool, by: int | None, now: datetime
) -> None:
    """Demand it from now on, or no more. Who has none is led to set it up before anything else.

    `by`: a leader of the school, or an operator for the platform (None); None: an administrator of the machine, by the
    command line. Raises ForbiddenError for anybody else.
    """
    if by is not None:
        check_operates(session, by) if school_id is None else check_leads(session, school_id, by)
    if school_id is not None:  # two at once: the second waits, and finds the row
        hold_leaders(session, school_id)
    if is_demanded_by(session, school_id) == demanded:
        return
    if demanded:
        scope = "platform" if school_id is None else "school"
        session.execute(insert(SecondFactorDemand).values(scope=scope, school_id=school_id, since=now, decided_by=by))
    else:
        session.execute(delete(SecondFactorDemand).where(_of(school_id)))
    action = "second_factor.demanded" if demanded else "second_factor.not_demanded"
    audit.write(session, action, "school", school_id or 0, now, school_id=school_id, by=by)


def _of(school_id: int | None) -> ColumnElement[bool]:
    return SecondFactorDemand.school_id.is_(None) if school_id is None else SecondFactorDemand.school_id == school_id
