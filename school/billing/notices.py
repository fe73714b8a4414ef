"""What payers are told unasked, each thing once: the price and ДА, why no SMS comes, a new price, and yearly both."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

import settings
from db.models import Consent, Payer, Price
from runtime.localtime import today
from school.billing import consents, payers, receipts, wording
from school.billing.prices import PriceOfMonth, price_on
from school.billing.states import may_be_charged
from school.wording.service import Numbers

REMINDED_AFTER = timedelta(days=360)
"""The price and СТОП are told again before a year is over."""
AT_ONCE = 1000


def numbers() -> Numbers:
    """The numbers that parents text and call."""
    return Numbers.of(settings.current())


def ask_for_consent(session: Session, payer_ids: Collection[int], now: datetime) -> None:
    """Tell these payers the price and that ДА agrees to it; nothing is told to their families until then."""
    told = _told(session, payer_ids, consents.to_agree_to(session, 1, now))
    receipts.send(session, payer_ids, lambda one, language: wording.ask(language, told(one, language), numbers()), now)
    _note(session, payer_ids, asked_at=now, silence_told_at=now)


def tell_of_silence(session: Session, payer_ids: Collection[int], now: datetime) -> None:
    """Tell these payers why no SMS comes: the charge did not succeed. Once; they may always call and hear."""
    price = price_on(session, today(now))
    told = _told(session, payer_ids, price)
    receipts.send(
        session, payer_ids, lambda one, language: wording.suspended(language, told(one, language), numbers()), now
    )
    _note(session, payer_ids, silence_told_at=now)


def remind(session: Session, now: datetime, limit: int = AT_ONCE) -> int:
    """Tell payers the price and СТОП again who were told nearly a year ago; gives how many."""
    before = today(now) - REMINDED_AFTER
    due = session.scalars(
        select(Payer.id)
        .join(Consent, (Consent.payer_id == Payer.id) & Consent.withdrawn_at.is_(None))
        .where(may_be_charged(), or_(Payer.reminded_on.is_(None), Payer.reminded_on <= before))
        .order_by(Payer.id)
        .limit(limit)
        .with_for_update(of=Payer, skip_locked=True)
    ).all()
    if due:
        told = _told(session, due, price_on(session, today(now)))
        receipts.send(
            session, due, lambda one, language: wording.reminder(language, told(one, language), numbers()), now
        )
        _note(session, due, reminded_on=today(now))
    return len(due)


def announce(session: Session, now: datetime) -> int:
    """Tell all who agreed of a price that comes, where it rises with ДА to agree to it; gives how many were told.

    One price in one go: who is told and that it was announced are one transaction. A price that was not announced 30
    days ahead is announced all the same, and the log says so: it cannot hold for who has not agreed to it.
    """
    coming = session.execute(
        select(Price.id, Price.valid_from)
        .where(Price.valid_from > today(now), Price.announced_at.is_(None))
        .order_by(Price.valid_from)
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if coming is None:
        return 0
    price = price_on(session, coming.valid_from)
    ids = session.scalars(select(Consent.payer_id).where(Consent.withdrawn_at.is_(None))).all()
    agreed: dict[int, consents.Agreed] = {}
    for start in range(0, len(ids), AT_ONCE):
        agreed |= consents.present(session, ids[start : start + AT_ONCE])
    children = payers.count_children(session, ids)
    told = _told(session, ids, price, children)
    rises = [one for one in ids if not agreed[one].covers(price.of(children.get(one, 1)))]
    others = sorted(set(ids).difference(rises))
    for some, words in ((rises, wording.price_rises), (others, wording.price_changes)):
        receipts.send(
            session,
            some,
            lambda one, language, words=words: words(language, told(one, language), coming.valid_from, numbers()),  # type: ignore[misc]
            now,
        )
    session.execute(update(Price).where(Price.id == coming.id).values(announced_at=now))
    return len(ids)


def _told(
    session: Session, payer_ids: Collection[int], price: PriceOfMonth, children: Mapping[int, int] | None = None
) -> receipts.Words:
    """From a payer and a language to what all children of that payer cost; `children`: how many, where it is known."""
    of = payers.count_children(session, payer_ids) if children is None else children
    words = cache(price.told)
    return lambda payer_id, language: words(language, of.get(payer_id, 1))


def _note(session: Session, payer_ids: Collection[int], **values: object) -> None:
    ids = list(payer_ids)
    for start in range(0, len(ids), AT_ONCE):
        session.execute(
            update(Payer)
            .where(Payer.id.in_(ids[start : start + AT_ONCE]))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
