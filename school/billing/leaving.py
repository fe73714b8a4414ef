"""СТОП and erasure: nothing is charged from that moment on, whatever the state, and what is owed is written off."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from db.kinds import ChargeState, SubscriptionStatus
from db.models import Charge, Cover, Payer, Subscription
from db.models.billing import LIVE_STATES
from runtime.localtime import today
from school.billing import consents, debts, holds, kept_cards
from school.billing.states import Happening, left, move


def stop(session: Session, subscriber_id: int, now: datetime) -> None:
    """A subscriber ended subscriptions: who follows nobody any more is charged no more. To be called after that.

    What a payer paid ahead stays: the child's other followers are told until then.
    """
    follows = select(Subscription.id).where(
        Subscription.subscriber_id == subscriber_id, Subscription.status == SubscriptionStatus.ACTIVE
    )
    payer_id = session.scalar(select(Payer.id).where(Payer.subscriber_id == subscriber_id))
    if payer_id is not None and session.scalars(follows.limit(1)).first() is None:
        end(session, [payer_id], now)


def end(session: Session, payer_ids: Collection[int], now: datetime) -> None:
    """These payers are charged no more: what waits is cancelled, what is owed is written off, consent and cards end."""
    gone = move(session, payer_ids, Happening.STOPPED, trusted_until=None, retry_on=None)
    consents.withdraw(session, gone, now)
    kept_cards.end(session, gone, now)
    of_payers = select(Charge.id).where(Charge.payer_id.in_(gone), Charge.state == ChargeState.PLANNED)
    holds.withdraw(session, session.scalars(of_payers).all(), now, again=False)
    rows = session.execute(
        select(Charge.payer_id, Charge.month, Charge.state).where(Charge.payer_id.in_(gone), Charge.attempt > 0)
    ).all()
    live = {(row.payer_id, row.month) for row in rows if row.state in LIVE_STATES}
    debts.write_off(session, {(row.payer_id, row.month) for row in rows} - live, now)
    session.execute(
        update(Cover)
        .where(
            Cover.payer_id.in_(select(Payer.id).where(Payer.id.in_(gone), _is_paid_no_longer(now))),
            Cover.ended_at.is_(None),
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def _is_paid_no_longer(now: datetime) -> ColumnElement[bool]:
    return Payer.paid_until.is_(None) | (Payer.paid_until < today(now))


def end_covers(session: Session, now: datetime) -> None:
    """Covers of who left end once what they paid ahead is over; the next follower is asked then."""
    session.execute(
        update(Cover)
        .where(
            Cover.ended_at.is_(None),
            Cover.payer_id.in_(select(Payer.id).where(left(), _is_paid_no_longer(now))),
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, subscriber_ids: Collection[int], now: datetime) -> None:
    """These subscribers are about to be erased: they pay no more, and their accounts name nobody."""
    payer_ids = session.scalars(select(Payer.id).where(Payer.subscriber_id.in_(subscriber_ids))).all()
    end(session, payer_ids, now)
    session.execute(
        update(Payer)
        .where(Payer.id.in_(payer_ids))
        .values(subscriber_id=None)
        .execution_options(synchronize_session=False)
    )
