"""What must be done about a restored database before a process uses it: since the backup the world went on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.models import ProcessStatus
from school.accounts import sessions
from school.campaigns import restored as campaigns
from school.monitoring import job_runs
from school.outbox import restored as outbox
from school.privacy.erasure import Gone
from school.privacy.replaying import replay

WHY = "The database was restored from a backup."


@dataclass(frozen=True, slots=True)
class Aftermath:
    """In numbers. `erased`: who was erased again, None: there was no list."""

    messages_held: int
    campaigns_paused: int
    campaigns_stopped: int
    sessions_ended: int
    erased: Sequence[Gone] | None


def settle(session: Session, erasures: str | None, now: datetime) -> Aftermath:
    """Hold what may have been sent, pause campaigns, plan jobs from now on, end sessions, erase the erased again.

    `erasures`: the list of who was erased. Raises InputError for a list that is none.
    """
    held = outbox.hold(session, now)
    paused, stopped = campaigns.pause(session, now)
    job_runs.plan_anew(session, WHY, now)
    session.execute(delete(ProcessStatus))
    ended = sessions.end_all(session, now)
    erased = None if erasures is None else replay(session, erasures, now)
    return Aftermath(held, paused, stopped, ended, erased)
