"""Cards that payers let us charge for the months to come: kept as the processor's token, encrypted, never a number."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from db.kinds import OrderState, PaymentWay
from db.models import Payer, PaymentOrder, StoredCard
from epay.protocol import onetouch
from runtime.localtime import today
from school import audit
from school.security.crypto import vault

PURPOSE = "card token"
BEFORE = timedelta(days=3)
"""So long before what is paid ends a card is charged."""
AGAIN_AFTER = timedelta(hours=20)
"""So long after a try a card is tried again."""
MOST_FAILURES = 3
"""After so many in a row a card is forgotten."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as its owner sees it: „Visa***1111“, and MM/YYYY."""

    shown: str
    expires: str


@dataclass(frozen=True, slots=True)
class Card:
    """What is needed to charge it."""

    payer_id: int
    device: str
    card: onetouch.StoredCard


def of_payer(session: Session, payer_id: int) -> Shown | None:
    """The payer's card, if one is stored."""
    row = session.execute(
        select(StoredCard.shown, StoredCard.expires).where(StoredCard.payer_id == payer_id)
    ).one_or_none()
    return None if row is None else Shown(row.shown, row.expires)


def charged_on(session: Session, payer_id: int, paid_until: date | None, now: datetime) -> date | None:
    """The day on which the payer's card is charged next, if the payer follows a child then; None: it is charged never.

    `paid_until`: the last day that the payer has paid for (`stored_cards` charges by the same rule).
    """
    tried_at = session.execute(
        select(StoredCard.tried_at).where(StoredCard.payer_id == payer_id, StoredCard.failures < MOST_FAILURES)
    ).one_or_none()
    if tried_at is None:
        return None
    days = [today(now)]
    if paid_until is not None:
        days.append(paid_until - BEFORE + timedelta(days=1))
    if tried_at[0] is not None:
        days.append(today(tried_at[0] + AGAIN_AFTER))
    return max(days)


def store(session: Session, payer_id: int, device: str, card: onetouch.StoredCard, now: datetime) -> bool:
    """Keep a payer's card instead of the one before. False: the payer was erased, or a charge by that is open.

    How an open charge ended can only be asked for with the card that it was made with.
    """
    subscriber_id = session.scalar(select(Payer.subscriber_id).where(Payer.id == payer_id).with_for_update())
    if subscriber_id is None or is_open(session, payer_id):
        return False
    session.execute(delete(StoredCard).where(StoredCard.payer_id == payer_id))
    session.add(
        StoredCard(
            payer_id=payer_id,
            subscriber_id=subscriber_id,
            device=device,
            token_encrypted=vault(session).encrypt(PURPOSE, card.token),
            instrument_encrypted=vault(session).encrypt(PURPOSE, card.instrument),
            shown=card.name,
            expires=card.expires,
            failures=0,
            created_at=now,
        )
    )
    session.flush()
    audit.write(session, "card.stored", "payer", payer_id, now, school_id=None, subscriber_id=subscriber_id)
    return True


def is_open(session: Session, payer_id: int) -> bool:
    """Whether a charge by the payer's card is under way, or it is not known how it ended. Locks the card."""
    session.execute(select(StoredCard.id).where(StoredCard.payer_id == payer_id).with_for_update())
    return session.scalar(select(StoredCard.id).where(StoredCard.payer_id == payer_id, has_open_charge())) is not None


def has_open_charge() -> ColumnElement[bool]:
    """The same of a card, in a query."""
    return exists().where(
        PaymentOrder.payer_id == StoredCard.payer_id,
        PaymentOrder.way == PaymentWay.STORED_CARD,
        PaymentOrder.state == OrderState.WAITING,
    )


def end(session: Session, payer_ids: Collection[int], now: datetime) -> None:
    """Forget these payers' cards without a word to the processor: without the token nobody can charge them.

    A card with an open charge stays, because how that ended can only be asked with it: `stored_cards.renew` forgets it.
    """
    ended = session.scalars(
        delete(StoredCard)
        .where(StoredCard.payer_id.in_(payer_ids), ~has_open_charge())
        .returning(StoredCard.payer_id)
        .execution_options(synchronize_session=False)
    ).all()
    for payer_id in ended:
        audit.write(session, "card.forgotten", "payer", payer_id, now, school_id=None)


def take(session: Session, payer_id: int) -> Card | None:
    """A payer's card with its token."""
    row = session.scalars(select(StoredCard).where(StoredCard.payer_id == payer_id)).one_or_none()
    if row is None:
        return None
    token = vault(session).decrypt(PURPOSE, row.token_encrypted)
    instrument = vault(session).decrypt(PURPOSE, row.instrument_encrypted)
    return Card(payer_id, row.device, onetouch.StoredCard(token, instrument, row.shown, row.expires))
