"""Charging the cards that payers stored for the months to come.

A payer has one card. It is charged for a month when what is paid ends within a few days, at most once a day, and never
while it is not known how an earlier charge ended. A card that fails three times is forgotten, and the payer told.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

import logs
from db.kinds import OrderState, PaymentWay
from db.models import Cover, Payer, StoredCard
from db.session import Database
from epay.asking import NoAnswerError
from epay.protocol.onetouch import RefusedError
from errors import EschoolError, InputError, OperationError
from runtime.localtime import today
from school import audit, entitlement
from school.billing import card_orders, holds, order_wording, orders, receipts
from school.billing.kept_cards import AGAIN_AFTER, BEFORE, MOST_FAILURES, has_open_charge, is_open, take
from school.billing.methods import RecurringMethod
from school.billing.order_wording import description
from school.billing.states import left
from school.wording.translation import SOURCE

log = logs.get(__name__)

AT_ONCE = 500


def forget(database: Database, method: RecurringMethod | None, payer_id: int, now: datetime) -> bool:
    """Forget a payer's card, here at once, and at the processor if it answers. False: there is none.

    How a charge under way ended is asked for first: without the token nobody could. Raises InputError while that is not
    known; meanwhile the card is not charged again.
    """
    if method is not None:
        card_orders.settle_open(database, method, payer_id, now)
    with database.session() as session:
        card = take(session, payer_id)
        if card is None:
            return False
        if method is not None and is_open(session, payer_id):
            raise InputError("It is not known yet how the last payment by this card ended: try again in an hour.")
        session.execute(delete(StoredCard).where(StoredCard.payer_id == payer_id))
        audit.write(session, "card.forgotten", "payer", payer_id, now, school_id=None)
    if method is not None:
        try:
            method.forget(card.device, card.card)
        except OperationError as error:  # without our secret and row the token is of no use to anybody
            log.warning("card.not_ended", error=str(error))
    return True


def renew(database: Database, method: RecurringMethod | None, now: datetime) -> str:
    """Charge the stored cards of payers whose paid time ends soon, one after the other.

    It charges nobody who left or pays for no child, and nobody at all while parents do not pay or all is held.
    """
    if method is None:
        return "No cards are stored."
    if not _may_charge(database):
        _forget_failing(database, method, now)
        return "Nobody is charged now."
    done = {True: 0, False: 0}
    for payer_id in _due(database, now):
        try:
            done[_charge(database, method, payer_id, now)] += 1
        except NoAnswerError as error:  # nor would the next one be answered
            done[False] += 1
            log.warning("card.failed", payer_id=payer_id, error=logs.where(error))
            break
        except EschoolError as error:
            done[False] += 1
            log.warning("card.failed", payer_id=payer_id, error=logs.where(error))
    _forget_failing(database, method, now)
    return f"{done[True]} cards charged, {done[False]} not yet."


def _charge(database: Database, method: RecurringMethod, payer_id: int, now: datetime) -> bool:
    """One charge: ordered, named and stored before it is made, so that its end can be asked for whatever happens."""
    with database.session() as session:
        card = take(session, payer_id)
        if card is None or holds.all_is_held(session) or not _claim(session, payer_id, now):
            return False
        order = orders.place(
            session, payer_id, months=1, way=PaymentWay.STORED_CARD, language=SOURCE, now=now, lasts=timedelta(days=1)
        )
    try:
        name = method.announce(card.device, card.card)
    except OperationError as error:  # nothing was charged
        with database.session() as session:
            found = orders.locked(session, order.invoice)
            assert found is not None
            orders.end(session, found, OrderState.DENIED, now)
            if isinstance(error, RefusedError):  # what is no answer is not the card's fault
                card_orders.count_failure(session, payer_id)
        raise
    with database.session() as session:
        orders.called(session, order.invoice, name)
        order = orders.by_invoice(session, order.invoice)
    told = method.charge(order, card.device, card.card, description(order))
    if told.failed:
        card_orders.deny(database, order, now)
    if not told.paid:
        return False
    with database.session() as session:
        card_orders.pay(session, order, told, now)
        session.execute(update(StoredCard).where(StoredCard.payer_id == payer_id).values(failures=0))
    return True


def _may_charge(database: Database) -> bool:
    with database.reading() as session:
        return entitlement.is_on() and not holds.all_is_held(session)


def _claim(session: Session, payer_id: int, now: datetime) -> bool:
    """Two schedulers that charge at once: one does. Who left or paid since the card was found due is let be."""
    claimed = session.execute(
        update(StoredCard)
        .where(
            StoredCard.payer_id == payer_id,
            StoredCard.payer_id.in_(select(Payer.id).where(_owes(now))),
            _may_be_tried(now),
        )
        .values(tried_at=now)
        .returning(StoredCard.id)
    )
    return claimed.one_or_none() is not None


def _owes(now: datetime) -> ColumnElement[bool]:
    """The payer has not left, pays for a child, and what is paid ends soon."""
    return and_(
        ~left(),
        exists().where(Cover.payer_id == Payer.id, Cover.ended_at.is_(None)),
        or_(Payer.paid_until.is_(None), Payer.paid_until < today(now + BEFORE)),
    )


def _may_be_tried(now: datetime) -> ColumnElement[bool]:
    """The card was not tried today, has not failed too often, and no charge of it is open."""
    return and_(
        or_(StoredCard.tried_at.is_(None), StoredCard.tried_at < now - AGAIN_AFTER),
        StoredCard.failures < MOST_FAILURES,
        ~has_open_charge(),
    )


def _due(database: Database, now: datetime) -> list[int]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(StoredCard.payer_id)
                .join(Payer, Payer.id == StoredCard.payer_id)
                .where(_owes(now), _may_be_tried(now))
                .order_by(StoredCard.id)
                .limit(AT_ONCE)
            )
        )


def _forget_failing(database: Database, method: RecurringMethod, now: datetime) -> None:
    """Cards that failed too often, and those of who left while a charge was open."""
    with database.reading() as session:
        failing = session.execute(
            select(StoredCard.payer_id, StoredCard.shown, left().label("has_left"))
            .join(Payer, Payer.id == StoredCard.payer_id)
            .where(or_(StoredCard.failures >= MOST_FAILURES, left()))
        ).all()
    for row in failing:
        try:
            forgotten = forget(database, method, row.payer_id, now)
        except InputError:  # a charge is open yet
            continue
        if forgotten and not row.has_left:
            _tell_forgotten(database, row.payer_id, row.shown, now)


def _tell_forgotten(database: Database, payer_id: int, shown: str, now: datetime) -> None:
    with database.session() as session:
        receipts.send(session, [payer_id], lambda _, language: order_wording.card_forgotten(language, shown), now)
