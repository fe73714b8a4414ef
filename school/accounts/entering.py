"""The end of signing in, whichever way the person proved who they are: a session that acts at one of their schools."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from school import audit
from school.accounts.memberships import memberships
from school.accounts.sessions import begin_session


@dataclass(frozen=True, slots=True)
class Entered:
    """A new session: the token that the browser keeps, and the row of `Staff` that it acts by."""

    token: str
    staff_id: int
    may_choose: bool
    """The person works at several schools: the page asks at which of them they want to be."""


def enter(
    session: Session, account_id: int, device: str, now: datetime, *, at: int | None = None, **details: Any
) -> Entered:
    """Begin a session at the school where the person was last, or by the row `at`. They can act somewhere."""
    places = memberships(session, account_id)
    place = next((one for one in places if one.staff_id == at), places[0])
    token = begin_session(session, place.staff_id, device, now)
    audit.write(
        session,
        "staff.signed_in",
        "staff",
        place.staff_id,
        now,
        school_id=place.school_id,
        by=place.staff_id,
        **details,
    )
    return Entered(token, place.staff_id, may_choose=at is None and len(places) > 1)
