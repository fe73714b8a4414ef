"""The kill switch: while a hold stands, nobody is charged by an operator, or by any."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

import logs
from db.kinds import ChargeState, MessageState
from db.models import BillingHold, Charge, Message, Payer
from errors import InputError, MissingError
from runtime.localtime import today
from school import audit
from school.billing import operators

log = logs.get(__name__)

ALL = "all"
CEILING = "charges in a day reached the ceiling"
"""How the reason of a hold ends that the platform made by itself."""


@dataclass(frozen=True, slots=True)
class Hold:
    """`scope`: an operator's name, or `all`."""

    scope: str
    reason: str
    began_at: datetime


def standing(session: Session) -> list[Hold]:
    """The holds that stand, the oldest first."""
    rows = session.execute(
        select(BillingHold.scope, BillingHold.reason, BillingHold.began_at)
        .where(BillingHold.lifted_at.is_(None))
        .order_by(BillingHold.id)
    )
    return [Hold(*row) for row in rows]


def all_is_held(session: Session) -> bool:
    """Whether nobody may be charged by any way that we begin ourselves: no telephone, no stored card."""
    return any(one.scope == ALL for one in standing(session))


def hold(session: Session, scope: str, reason: str, now: datetime, *, by: int | None = None) -> int:
    """Charge nobody from now on, by this operator or (`all`) by any; gives how many charges were stopped on their way.

    What waits in the outbox is cancelled, and planned again when the hold is lifted. What a sender has in hand goes,
    but is sent no more if it is refused for now, or given back.
    Raises InputError for an operator that is none of ours, no reason, or when such a hold stands.
    """
    if scope != ALL and scope not in operators.of_platform():
        raise InputError("{scope} is no operator of ours: give its name in operators.toml, or all.", scope=scope)
    if not 1 <= len(reason.strip()) <= 200:
        raise InputError("Say in 1 to 200 characters why nobody is charged.")
    if any(one.scope == scope for one in standing(session)):
        raise InputError("Such a hold stands already.")
    session.execute(insert(BillingHold).values(scope=scope, reason=reason.strip(), began_at=now, began_by=by))
    waiting = (
        select(Charge.id)
        .join(Message, Message.id == Charge.message_id)
        .where(Charge.state == ChargeState.PLANNED, Message.state.in_((MessageState.READY, MessageState.CLAIMED)))
    )
    if scope != ALL:
        waiting = waiting.where(Charge.operator == scope)
    stopped = withdraw(session, session.scalars(waiting).all(), now, again=True)
    log.warning("billing.held", scope=scope, stopped=stopped)
    audit.write(session, "billing.held", "billing_hold", 0, now, school_id=None, by=by, scope=scope, stopped=stopped)
    return stopped


def lift(session: Session, scope: str, now: datetime, *, by: int | None = None) -> None:
    """Charge again. Raises MissingError when no such hold stands."""
    lifted = session.scalars(
        update(BillingHold)
        .where(BillingHold.scope == scope, BillingHold.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by)
        .returning(BillingHold.id)
    ).all()
    if not lifted:
        raise MissingError("No such hold stands.")
    audit.write(session, "billing.released", "billing_hold", lifted[0], now, school_id=None, by=by, scope=scope)


def withdraw(session: Session, charge_ids: Collection[int], now: datetime, *, again: bool) -> int:
    """Cancel charges whose SMS still waits; gives how many. `again`: they are planned anew by a later run.

    What a sender has in hand is too old from now on: should it come back, it is not sent another time.
    """
    cancelled = 0
    ids = sorted(charge_ids)
    for start in range(0, len(ids), 1000):
        some = ids[start : start + 1000]
        gone = session.scalars(
            update(Message)
            .where(
                Message.id.in_(select(Charge.message_id).where(Charge.id.in_(some))),
                Message.state == MessageState.READY,
            )
            .values(state=MessageState.CANCELLED, ended_at=now)
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        ).all()
        session.execute(
            update(Message)
            .where(
                Message.id.in_(
                    select(Charge.message_id).where(Charge.id.in_(some), Charge.state == ChargeState.PLANNED)
                ),
                Message.state == MessageState.CLAIMED,
            )
            .values(expires_at=now)
            .execution_options(synchronize_session=False)
        )
        payers = session.scalars(
            update(Charge)
            .where(Charge.message_id.in_(gone), Charge.state == ChargeState.PLANNED)
            .values(state=ChargeState.CANCELLED, ended_at=now)
            .returning(Charge.payer_id)
            .execution_options(synchronize_session=False)
        ).all()
        if again:
            session.execute(
                update(Payer)
                .where(Payer.id.in_(payers))
                .values(retry_on=today(now))
                .execution_options(synchronize_session=False)
            )
        cancelled += len(payers)
    return cancelled
