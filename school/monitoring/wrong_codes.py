"""How many wrong ID-codes and PINs each door sees, whoever types them: an attack from many places shows only here."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

import logs
from db.kinds import Door
from db.models import WrongCodes
from db.session import open_database
from db.upsert import insert
from settings import Settings

PERIOD = timedelta(minutes=5)
LATELY = timedelta(hours=1)
MANY = 60
"""Wrong ones in an hour at one door that people's mistakes do not explain: a check digit catches most of those."""
MANY_A_DAY = 200
"""The same in a day, for who guesses slowly."""
KEPT = timedelta(days=7)

log = logs.get(__name__)


def note(session: Session, door: Door, now: datetime, count: int = 1) -> None:
    """Count what was wrong at a door, and log a warning each time an hour has MANY more. Two statements."""
    since = datetime.fromtimestamp(now.timestamp() // PERIOD.total_seconds() * PERIOD.total_seconds(), UTC)
    session.execute(
        insert(session.get_bind().dialect.name, WrongCodes)
        .values(door=door, since=since, count=count)
        .on_conflict_do_update(
            index_elements=[WrongCodes.door, WrongCodes.since], set_={"count": WrongCodes.count + count}
        )
    )
    found = last_hour(session, now)[door]
    if found // MANY > (found - count) // MANY:
        log.warning("codes.many_wrong", door=str(door), last_hour=found)


def last_hour(session: Session, now: datetime) -> dict[Door, int]:
    """Of every door, in periods that began within the hour."""
    rows = session.execute(
        select(WrongCodes.door, func.sum(WrongCodes.count))
        .where(WrongCodes.since > now - LATELY)
        .group_by(WrongCodes.door)
    )
    return dict.fromkeys(Door, 0) | {door: int(count) for door, count in rows}


def too_many(session: Session, door: Door, now: datetime) -> bool:
    """Whether somebody guesses at a door: MANY in the last hour, or MANY_A_DAY in the last day."""
    hour, day = session.execute(
        select(
            func.coalesce(func.sum(WrongCodes.count).filter(WrongCodes.since > now - LATELY), 0),
            func.coalesce(func.sum(WrongCodes.count), 0),
        ).where(WrongCodes.door == door, WrongCodes.since > now - timedelta(days=1))
    ).one()
    return bool(hour >= MANY or day >= MANY_A_DAY)


def status(settings: Settings) -> str:
    """For `eschool status`: the wrong codes of the last hour, with a warning where they are too many.

    Raises OperationError when the database does not answer.
    """
    database = open_database(settings)
    try:
        now = datetime.now(UTC)
        with database.reading() as session:
            found = last_hour(session, now)
            guessed_at = [str(door) for door in Door if too_many(session, door, now)]
    finally:
        database.dispose()
    told = "wrong in the last hour: " + ", ".join(f"{door} {count}" for door, count in found.items())
    if guessed_at:
        told = f"WARNING: somebody is guessing ({', '.join(guessed_at)}), see docs/threats.md; {told}"
    return told


def forget_old(session: Session, now: datetime) -> int:
    """Remove what no figure counts any more; gives the number of rows."""
    gone = session.execute(delete(WrongCodes).where(WrongCodes.since < now - KEPT).returning(WrongCodes.since))
    return len(gone.all())
