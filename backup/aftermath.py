"""What must be done about a restored database before a process uses it: since the backup the world went on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import Payer, ProcessStatus
from school import entitlement
from school.accounts import sessions
from school.billing import holds
from school.campaigns import restored as campaigns
from school.monitoring import job_runs
from school.outbox import restored as outbox
from school.privacy.erasure import Gone
from school.privacy.replaying import replay

WHY = "The database was restored from a backup."


@dataclass(frozen=True, slots=True)
class Aftermath:
    """In numbers. `erased`: who was erased again, None: there was no list.

    `charges_stopped`: charges that waited and were cancelled by a hold of all, None: nobody pays here.
    """

    messages_held: int
    campaigns_paused: int
    campaigns_stopped: int
    sessions_ended: int
    charges_stopped: int | None
    erased: Sequence[Gone] | None


def settle(session: Session, erasures: str | None, now: datetime) -> Aftermath:
    """Hold messages and charges, pause campaigns, plan jobs from now on, end sessions, erase the erased again.

    `erasures`: the list of who was erased. Raises InputError for a list that is none.
    """
    held = outbox.hold(session, now)
    paused, stopped = campaigns.pause(session, now)
    job_runs.plan_anew(session, WHY, now)
    session.execute(delete(ProcessStatus))
    ended = sessions.end_all(session, now)
    charges = _hold_charges(session, now)
    erased = None if erasures is None else replay(session, erasures, now)
    return Aftermath(held, paused, stopped, ended, charges, erased)


def _hold_charges(session: Session, now: datetime) -> int | None:
    """Whoever was charged since the backup is not known to have been: nobody is, until a person lets it go on."""
    if not entitlement.is_on() and session.scalars(select(Payer.id).limit(1)).first() is None:
        return None
    if holds.all_is_held(session):
        return 0
    return holds.hold(session, holds.ALL, WHY, now)
