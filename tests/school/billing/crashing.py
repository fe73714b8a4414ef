"""A process that does a day of billing and is killed with signal 9 right before its n-th statement.

What "leaves" is written to a file and synced before its result is recorded, as an SMSC would have it by then.
"""

import os
import signal
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from db.kinds import Channel, PartState
from db.session import Database
from school import outbox
from school.billing import run
from school.outbox import Ending, Result, TakenPart
from settings import Settings
from tests.school.billing.families import day

NOW = day(2026, 2, 7)
EVENING = day(2026, 2, 7, 16)


def a_day(settings: Settings, kill_at: int, sent: Path) -> None:
    """Plan, send, collect; `kill_at` 0: to the end. The environment says that parents pay."""
    os.environ["ESCHOOL_BILLING"] = "true"
    database = Database(settings.database, settings.key())
    database.vault()
    counted = 0

    @event.listens_for(Engine, "before_cursor_execute")
    def count(*_: object) -> None:
        nonlocal counted
        counted += 1
        if counted == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    run.bill(database, NOW)
    _send(database, sent, EVENING)
    run.bill(database, EVENING)
    sent.with_suffix(".counted").write_text(str(counted))
    database.dispose()


def _send(database: Database, sent: Path, now: datetime) -> None:
    """The gateway of a host: what a dead one held is reclaimed first."""
    owner = outbox.new_owner()
    _report(database, sent, now)  # an SMSC repeats the receipts that nobody acknowledged
    with database.session() as session:
        outbox.reclaim_orphaned(session, Channel.SMS, now)
    while True:
        with database.session() as session:
            claimed = outbox.claim(session, Channel.SMS, owner=owner, limit=3, now=now)
        if not claimed:
            return
        results = []
        for message in claimed:
            with sent.open("a") as file:
                file.write(f"{message.address} {message.message_id} {int(message.charged)}\n")
                file.flush()
                os.fsync(file.fileno())
            part = TakenPart(1, 1, "simulator", f"smsc{message.message_id}")
            results.append(Result(message.message_id, Ending.SENT, (part,)))
        with database.session() as session:
            outbox.record(session, owner, results, now)
        _report(database, sent, now)


def _report(database: Database, sent: Path, now: datetime) -> None:
    names = [line.split()[1] for line in sent.read_text().splitlines()] if sent.exists() else []
    with database.session() as session:
        reports = [outbox.Report("simulator", f"smsc{name}", PartState.DELIVERED) for name in names]
        outbox.record_reports(session, reports, now)
