"""The job of the clock: everything about money that time brings, step by step, each step whole in itself.

Any step may be run at any time, by two hosts at once, and again after a crash: what is done is not done again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models import Payer
from db.session import Database
from runtime.localtime import month_of, today
from school import entitlement
from school.billing import collecting, consents, debts, due, leaving, notices, payers, planning
from school.billing.months import last_day, moved
from school.billing.states import Happening, is_in_trial, may_be_charged, move

AT_ONCE = 500


def bill(database: Database, now: datetime) -> str:
    """Collect what became of charges, end free times, and plan what is due; tells what it did."""
    if not entitlement.is_on():
        return "Parents do not pay."
    collected = _until_done(database, lambda session: collecting.collect(session, now))
    covered = _until_done(database, lambda session: payers.cover_followed(session, now))
    with database.session() as session:
        leaving.end_covers(session, now)
        announced = notices.announce(session, now)
    ended = _until_done(database, lambda session: end_free_time(session, now))
    _until_done(database, lambda session: end_paid_time(session, now))
    reminded = _until_done(database, lambda session: notices.remind(session, now))
    planned = 0
    if planning.may_charge_at(now):
        with database.reading() as session:
            pace = planning.Pace(now, due.count_due(session, now))
        retried = _until_done(database, lambda session: planning.plan_retries(session, pace, now))
        planned = retried + _until_done(database, lambda session: planning.plan(session, pace, now))
    return (
        f"Settled {collected} charges, dealt with {planned} months, covered {covered} children, "
        f"ended {ended} free times, told {announced} of a price, reminded {reminded}."
    )


def _until_done(database: Database, step: Callable[[Session], int]) -> int:
    """A step in transactions of its own until it finds nothing more."""
    done = 0
    while True:
        with database.session() as session:
            some = step(session)
        if not some:
            return done
        done += some


def end_free_time(session: Session, now: datetime) -> int:
    """The free time of payers is over: who agreed goes on, and the others are asked; gives how many."""
    ids = session.scalars(
        select(Payer.id)
        .where(is_in_trial(), Payer.trial_until < today(now))
        .order_by(Payer.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    agreed = set(consents.present(session, ids))
    until = last_day(moved(month_of(today(now)), 1))
    move(session, [one for one in ids if one in agreed], Happening.TRIAL_OVER, trusted_until=until)
    silent = move(session, [one for one in ids if one not in agreed], Happening.NOT_AGREED, trusted_until=None)
    notices.ask_for_consent(session, silent, now)
    return len(ids)


def end_paid_time(session: Session, now: datetime) -> int:
    """What was paid ahead is over and nothing else was agreed to: the payer is asked; gives how many."""
    yesterday = today(now) - timedelta(days=1)
    ids = session.scalars(
        select(Payer.id)
        .where(
            may_be_charged(),
            Payer.retry_on.is_(None),
            or_(Payer.paid_until.is_(None), Payer.paid_until <= yesterday),
            or_(Payer.trusted_until.is_(None), Payer.trusted_until <= yesterday),
        )
        .order_by(Payer.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    agreed = set(consents.present(session, ids))
    if agreed:  # nobody dealt with their months in time: that is no reason to tell them nothing
        debts.trust(session, sorted(agreed), moved(month_of(today(now)), -1))
    silent = move(session, [one for one in ids if one not in agreed], Happening.NOT_AGREED, trusted_until=None)
    notices.ask_for_consent(session, silent, now)
    return len(agreed) + len(silent)  # what is left as it is does not make another batch
