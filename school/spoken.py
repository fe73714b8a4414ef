"""Every text of the database that a dialogue may say, so that it is rendered before anyone calls."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from db.models import Remark, SchoolEvent, Student, Subject
from prompts.entered import entered
from school.campaigns import invitation

SPOKEN_FOR = timedelta(days=400)
"""A remark older than this is of a past school year and is not said."""


def texts(session: Session, now: datetime | None = None) -> set[str]:
    """The pieces of given names of those at school, subjects, remarks of this year, all words of what is ahead and of
    campaigns that are not over."""
    now = now or datetime.now(UTC)
    ahead = SchoolEvent.starts_at > now
    found = session.scalars(
        union(
            select(Student.first_name).where(Student.class_id.is_not(None)),
            select(Subject.name),
            select(Remark.text).where(Remark.recorded_at > now - SPOKEN_FOR),
            select(SchoolEvent.title).where(ahead),
            select(SchoolEvent.place).where(ahead),
            select(SchoolEvent.text).where(ahead),
        )
    )
    return {piece for text in found for piece in entered(text)} | invitation.spoken_texts(session)
