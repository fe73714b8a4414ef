"""What a payer owes: the one table of transitions, and what is asked about states. Nobody else reads a raw state."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, literal, update
from sqlalchemy.orm import Session

from db import lists
from db.kinds import PayerState
from db.models import Payer

TRIAL, AWAITING, ACTIVE, PASSIVE, GRACE, SUSPENDED, CANCELLED = PayerState


class Happening(StrEnum):
    """What can happen to a payer."""

    AGREED = "agreed"  # to the price
    TRIAL_OVER = "trial_over"  # and had agreed
    NOT_AGREED = "not_agreed"  # the free or paid time is over, or the price rises, without consent
    CHARGED = "charged"
    EMPTY_MONTH = "empty_month"
    FAILED = "failed"  # a charge, which will be tried again
    GIVEN_UP = "given_up"  # no charge will be tried again
    FORGIVEN = "forgiven"  # it could not be charged, and that was not the payer's fault
    PAID = "paid"  # ahead
    STOPPED = "stopped"  # СТОП
    RETURNED = "returned"  # follows a child again after СТОП


NEXT: dict[Happening, dict[PayerState, PayerState]] = {
    Happening.AGREED: {AWAITING: ACTIVE, CANCELLED: ACTIVE}
    | {state: state for state in (TRIAL, ACTIVE, PASSIVE, GRACE, SUSPENDED)},
    Happening.TRIAL_OVER: {TRIAL: ACTIVE},
    Happening.NOT_AGREED: {TRIAL: AWAITING, ACTIVE: AWAITING, PASSIVE: AWAITING},
    Happening.CHARGED: dict.fromkeys((ACTIVE, PASSIVE, GRACE, SUSPENDED), ACTIVE),
    Happening.EMPTY_MONTH: dict.fromkeys((ACTIVE, PASSIVE, GRACE), PASSIVE),
    Happening.FAILED: {ACTIVE: GRACE, PASSIVE: GRACE, GRACE: GRACE},
    Happening.GIVEN_UP: dict.fromkeys((ACTIVE, PASSIVE, GRACE, SUSPENDED), SUSPENDED),
    Happening.FORGIVEN: {ACTIVE: ACTIVE, PASSIVE: PASSIVE, GRACE: ACTIVE},
    Happening.PAID: dict.fromkeys(PayerState, ACTIVE),
    Happening.STOPPED: dict.fromkeys(PayerState, CANCELLED),
    Happening.RETURNED: {CANCELLED: AWAITING},
}
"""The one table. What is not in it cannot happen: such a payer is left as it is."""


def after(state: PayerState, happening: Happening) -> PayerState | None:
    """The state that follows; None: it cannot happen in this one."""
    return NEXT[happening].get(state)


def move(session: Session, payer_ids: Collection[int], happening: Happening, **values: Any) -> list[int]:
    """Let it happen to these payers, with other columns set too; gives those to whom it could. One statement."""
    if not payer_ids:
        return []
    kind = Payer.state.type
    steps = NEXT[happening]
    follows = case({old: literal(new, kind) for old, new in steps.items()}, value=Payer.state)
    moved = session.scalars(
        update(Payer)
        .where(lists.among_these(Payer.id, payer_ids), Payer.state.in_(steps))
        .values(state=follows, **values)
        .returning(Payer.id)
        .execution_options(synchronize_session=False)
    )
    return list(moved)


def may_be_charged() -> ColumnElement[bool]:
    """Goes through the monthly run: a month behind may be due."""
    return Payer.state.in_((ACTIVE, PASSIVE, GRACE))


def waits_for_consent() -> ColumnElement[bool]:
    """Is told again as soon as the price is agreed to: did not agree yet, or left."""
    return Payer.state.in_((AWAITING, CANCELLED))


def is_suspended() -> ColumnElement[bool]:
    """Is told again only once a charge or payment succeeded."""
    return Payer.state == SUSPENDED


def is_in_trial() -> ColumnElement[bool]:
    """Has the free time at first."""
    return Payer.state == TRIAL


def is_free_at_first(state: PayerState) -> bool:
    """The same of a state."""
    return state is TRIAL


def is_retried(state: PayerState) -> bool:
    """A charge failed and will be tried again."""
    return state is GRACE


def is_silent(state: PayerState) -> bool:
    """Is told nothing beyond what was paid: has not agreed, did not pay, or left."""
    return state in (AWAITING, SUSPENDED, CANCELLED)


def has_left(state: PayerState) -> bool:
    """Wrote СТОП."""
    return state is CANCELLED


def waits_for_payment(state: PayerState) -> bool:
    """Is told again only once a charge or payment succeeded."""
    return state is SUSPENDED


def left() -> ColumnElement[bool]:
    """The same, in a query."""
    return Payer.state == CANCELLED
