"""Every text in the database that a dialogue may say, so that it is rendered before anyone calls."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from db.models import Remark, SchoolEvent, Student, Subject
from prompts.entered import about, entered
from school.campaigns import invitation

SPOKEN_FOR = timedelta(days=400)
"""A remark older than this is of a past school year and is not said."""


def texts(session: Session, now: datetime | None = None) -> set[str]:
    """The pieces of given names of those at school, subjects, remarks of this year, all words of what is ahead and of
    campaigns that are not over."""
    now = now or datetime.now(UTC)
    ahead = SchoolEvent.starts_at > now
    names = session.scalars(select(Student.first_name).where(Student.class_id.is_not(None)).distinct())
    found = session.scalars(
        union(
            select(Subject.name),
            select(Remark.text).where(Remark.recorded_at > now - SPOKEN_FOR),
            select(SchoolEvent.title).where(ahead),
            select(SchoolEvent.place).where(ahead),
            select(SchoolEvent.text).where(ahead),
        )
    )
    said = {piece for text in found for piece in entered(text)}
    return said | {piece for name in names for piece in about(name)} | invitation.spoken_texts(session)
