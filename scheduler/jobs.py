"""The jobs: what each does, when, and what becomes of a run that was missed while no scheduler ran.

The rules are in `school`. Each job may be run at any time, by hand too, and by two hosts at once: what is done already
is not done again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from backup import making, verifying
from db.session import Database
from epay.merchant import merchant
from scheduler.triggers import Daily, Every
from school.attendance import warnings
from school.billing import card_orders, epay_methods, stored_cards
from school.billing import run as billing_run
from school.campaigns import maintenance
from school.digests import farewell, reminders, summaries
from school.hearing import clip_rendering
from school.privacy import expiry, files, retention
from school.wording.service import Numbers
from settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """What a job gets."""

    settings: Settings
    database: Database
    now: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """`work` tells what it did, for people. `late_by`: a missed run is made up once until so long after its time, and
    skipped from then on; None: always made up.
    """

    name: str
    about: str
    trigger: Any
    late_by: timedelta | None
    work: Callable[[Context], str]


def _keep_campaigns(context: Context) -> str:
    with context.database.session() as session:
        maintenance.keep(session, context.now)
    return "Looked after."


def _ask_about_cards(context: Context) -> str:
    return card_orders.settle_all(context.database, epay_methods.recurring(merchant(context.settings)), context.now)


def _renew_by_card(context: Context) -> str:
    return stored_cards.renew(context.database, epay_methods.recurring(merchant(context.settings)), context.now)


def _keep_no_longer(context: Context) -> str:
    done = retention.apply(context.database, context.now)
    return done + files.clean_after_recent(context.settings, context.database, context.now)


def _back_up(context: Context) -> str:
    if context.settings.backup_folder is None or not context.settings.backup_nightly:
        return "No backup is set up to be made by night."
    made = making.make(context.settings)
    found = verifying.verify(context.settings, made.path)
    return f"{made.path.name}: {made.rows:,} rows, restored into {found.where} and found good."


JOBS = (
    Job(
        "friday-summary",
        "Write the week's summary to who reads e-mail, also when all was quiet.",
        Daily(summaries.AT, weekday=5),
        summaries.LATE_BY,
        lambda context: summaries.write(context.database, context.now),
    ),
    Job(
        "meeting-reminders",
        "Remind parents of tomorrow's meetings and events.",
        Daily(time(17)),
        timedelta(hours=5),
        lambda context: reminders.remind(context.database, context.now),
    ),
    Job(
        "benefit-warnings",
        "Warn families before unexcused hours cost them the child benefit: once for each stage and month.",
        Daily(time(17, 30)),
        timedelta(hours=6),
        lambda context: warnings.warn(
            context.database,
            context.now,
            Numbers.of(context.settings),
            counts_lateness=context.settings.state_counts_lateness,
        ),
    ),
    Job(
        "farewell",
        "Take leave of graduates and others who are in no class of the new school year, after their last day.",
        Daily(time(9)),
        None,
        lambda context: farewell.take_leave(context.database, context.now),
    ),
    Job(
        "campaigns",
        "Begin campaigns whose hour has come, and end those that are over; the dialer does so too.",
        Every(30),
        None,
        _keep_campaigns,
    ),
    Job(
        "billing",
        "Charge what is due, settle what became of charges, end free times, ask for consent and remind of the price.",
        Every(600),
        None,
        lambda context: billing_run.bill(context.database, context.now),
    ),
    Job(
        "leases",
        "Take back messages whose sender died, and match receipts that came early.",
        Every(30),
        None,
        lambda context: expiry.end_leases(context.database, context.now),
    ),
    Job(
        "clips",
        "Render clips of new names and texts on this host.",
        Every(300),
        None,
        lambda context: clip_rendering.render_missing(context.settings, context.database, context.now),
    ),
    Job(
        "payments",
        "Ask what became of payments by card, and end orders that nobody paid.",
        Every(300),
        None,
        _ask_about_cards,
    ),
    Job(
        "stored-cards",
        "Charge the cards that payers stored, where what is paid ends within days.",
        Daily(time(10)),
        timedelta(hours=10),
        _renew_by_card,
    ),
    Job(
        "tidy",
        "Forget sessions, links, lock-outs and requests that ended.",
        Every(3600),
        None,
        lambda context: expiry.tidy(context.database, context.now),
    ),
    Job(
        "backup",
        "Make a backup, and restore it elsewhere to see that it is good, where the settings ask for it.",
        Daily(time(1, 30)),
        timedelta(hours=20),
        _back_up,
    ),
    Job(
        "retention",
        "Delete what each school need not keep any longer.",
        Daily(time(2, 15)),
        timedelta(hours=20),
        _keep_no_longer,
    ),
    Job(
        "statistics",
        "Let SQLite count its tables, so that it picks the right index for a report.",
        Daily(time(2, 45)),
        timedelta(hours=20),
        lambda context: expiry.refresh_statistics(context.database),
    ),
)

BY_NAME = {job.name: job for job in JOBS}
