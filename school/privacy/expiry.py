"""Small scheduled work: reclaiming what a dead sender held, and removing what has ended."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Delete, delete, text
from sqlalchemy.orm import Session

from db.models import EmailRequest, StaffLink, StaffSession, Submission
from db.session import Database
from school import outbox
from school.billing import epay_notices, payer_codes
from school.monitoring import wrong_codes
from school.outbox.claim import reclaim_expired
from school.recordings import long_recordings, passes
from school.security import lockouts
from school.voicemail import keeping

ENDED_FOR = timedelta(days=30)
"""How long sessions and links that ended are kept, for who asks what happened."""
SUBMITTED_FOR = timedelta(days=7)
"""How long a form that was handed in is known again when it comes twice."""


def end_leases(database: Database, now: datetime) -> str:
    """End leases that ran out, and apply receipts whose parts are known by now."""
    with database.session() as session:
        taken = reclaim_expired(session, now)
        matched = outbox.match_early(session, now)
    return f"{taken} messages taken back, {matched} receipts matched."


def tidy(database: Database, now: datetime) -> str:
    """Delete sessions, one-time links, wishes and lock-outs that ended a while ago."""
    before = now - ENDED_FOR
    with database.session() as session:
        counts = {
            "sessions": _delete(session, delete(StaffSession).where(StaffSession.expires_at < before)),
            "links": _delete(session, delete(StaffLink).where(StaffLink.expires_at < before)),
            "e-mail requests": _delete(session, delete(EmailRequest).where(EmailRequest.expires_at < before)),
            "submissions": _delete(session, delete(Submission).where(Submission.at < now - SUBMITTED_FOR)),
            "passes for recording": passes.forget_old(session, now),
            "pieces of recordings": long_recordings.forget_old(session, now),
            "messages to class teachers": keeping.forget_old(session, now),
            "lock-outs": lockouts.forget_old(session, now),
            "counts of wrong codes": wrong_codes.forget_old(session, now),
            "codes for payments": payer_codes.forget_old(session, now),
            "notices of payments": epay_notices.forget_old(session, now),
        }
    return "Forgotten: " + ", ".join(f"{number} {name}" for name, number in counts.items()) + "."


def refresh_statistics(database: Database) -> str:
    """Let SQLite count its tables: without that it guesses which index to read. PostgreSQL does so by itself."""
    with database.session() as session:
        if session.connection().dialect.name != "sqlite":
            return "PostgreSQL counts its tables by itself."
        session.execute(text("ANALYZE"))
    return "Counted."


def _delete(session: Session, statement: Delete) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
