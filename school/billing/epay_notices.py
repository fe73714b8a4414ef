"""What ePay.bg tells of our invoices: each is settled in a transaction of its own, and answered as the first time.

Whoever calls this has found the checksum right. An invoice that is not ours is answered NO, our own trouble ERR, and
everything else OK, also that a payment was denied: ERR would have it told again for 30 days.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import logs
from db.kinds import OrderState
from db.models import PaymentNotice
from db.session import Database
from db.upsert import insert
from epay.protocol.notifications import Answer, Notice, Status
from school.billing import orders
from school.billing.orders import Paid

log = logs.get(__name__)

KEPT = timedelta(days=60)
"""Twice as long as they repeat."""


def answer(database: Database, notices: Sequence[Notice], now: datetime) -> list[tuple[str, Answer]]:
    """Settle all invoices of a notification, and say of each how it went. Raises nothing."""
    return [(notice.invoice, _answer(database, notice, now)) for notice in notices]


def _answer(database: Database, notice: Notice, now: datetime) -> Answer:
    try:
        with database.session() as session:
            found = settle(session, notice, now)
    except Exception as error:  # whatever it is, ePay.bg must be answered, and told to come again
        log.error("payment.failed", invoice=notice.invoice, error=logs.where(error))
        return Answer.ERR
    log.info("payment.told", invoice=notice.invoice, status=str(notice.status), answer=found)
    return found


def settle(session: Session, notice: Notice, now: datetime) -> Answer:
    """Settle one invoice; a repeat changes nothing. Raises ValueError for an amount that cannot be."""
    if notice.status is None:
        return Answer.ERR
    before = _repeated(session, notice, now)
    if before is not None:
        return before
    order = orders.locked(session, notice.invoice)
    if order is None:
        return _first(session, notice, Answer.NO, now)
    match notice.status:
        case Status.PAID:
            paid = Paid(notice.paid_at or now, notice.cents, notice.stan, notice.bcode, notice.bin)
            orders.pay(session, order, paid, now)
        case Status.DENIED:
            orders.end(session, order, OrderState.DENIED, now)
        case Status.EXPIRED:
            orders.end(session, order, OrderState.EXPIRED, now)
    return _first(session, notice, Answer.OK, now)


def forget_old(session: Session, now: datetime) -> int:
    """Remove what was told so long ago that it will not be told again; gives how many."""
    removed = session.execute(
        delete(PaymentNotice).where(PaymentNotice.last_at < now - KEPT).returning(PaymentNotice.invoice)
    )
    return len(removed.all())


def _repeated(session: Session, notice: Notice, now: datetime) -> Answer | None:
    row = session.scalars(
        select(PaymentNotice).where(PaymentNotice.invoice == notice.invoice, PaymentNotice.status == notice.status)
    ).one_or_none()
    if row is None:
        return None
    row.times += 1
    row.last_at = now
    return Answer(row.answer)


def _first(session: Session, notice: Notice, answered: Answer, now: datetime) -> Answer:
    """Keep the answer; two who are told the same at once both find it."""
    assert notice.status is not None
    session.execute(
        insert(session.get_bind().dialect.name, PaymentNotice)
        .values(
            invoice=notice.invoice,
            status=notice.status.value,
            answer=answered.value,
            times=1,
            first_at=now,
            last_at=now,
        )
        .on_conflict_do_update(
            index_elements=[PaymentNotice.invoice, PaymentNotice.status],
            set_={"times": PaymentNotice.times + 1, "last_at": now},
        )
    )
    return answered
