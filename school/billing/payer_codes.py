"""Codes by SMS that prove on the payment pages that a telephone is a payer's.

Six digits, for ten minutes and five tries. Whether the number is known to us changes nothing that whoever types it can
see: the same is counted, the same is answered, and only the telephone tells. A number gets few codes, a network
address may ask for few, and the platform sends only so many an hour.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

import logs
import settings
from db.kinds import Channel, Language, MessagePurpose, SubscriptionStatus
from db.models import PayerCode, PayerCodeSend, Subscriber, Subscription
from db.upsert import insert
from school.billing import payers
from school.outbox import enqueue
from school.outbox.enqueue import PIN_PLACE
from school.security import destinations, lockouts
from school.security.crypto import vault
from school.security.doors import payer_codes_from
from school.wording.translation import gettext, in_latin

log = logs.get(__name__)

DIGITS = 6
LASTS = timedelta(minutes=10)
MOST_TRIES = 5
LIMITS = ((timedelta(minutes=10), 3), (timedelta(hours=1), 5))
"""How many codes one number gets within how long."""
KEPT = timedelta(days=1)
_PURPOSE = "payer code"


class Outcome(StrEnum):
    """What a wish for a code led to."""

    ASKED = "asked"  # if the number is a payer's, a code is on its way
    TOO_MANY = "too_many"  # for this number, from this address, or on the whole platform


@dataclass(frozen=True, slots=True)
class Known:
    """A subscriber with a telephone who pays or may pay."""

    subscriber_id: int
    language: Language
    operator: str | None


def ask(session: Session, *, phone: str, network: str, now: datetime) -> Outcome:
    """Have a code sent to a number (E.164), if it is known. Needs a session that is committed: the wish is counted.

    `network`: the address that the wish came from.
    """
    if not lockouts.count_try(session, payer_codes_from(vault(session), network), now).counted:
        return Outcome.TOO_MANY
    number = _number(session, phone)
    _take_turns(session, number, now)
    if _too_many(session, number, now) or _platform_is_busy(session, now):
        return Outcome.TOO_MANY
    known = _known(session, phone)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    session.add(PayerCodeSend(number_hash=number, is_sent=known is not None, at=now))
    session.execute(
        update(PayerCode)
        .where(PayerCode.number_hash == number)
        .values(
            code_hash=None if known is None else _hash(session, phone, code),
            tries=0,
            asked_at=now,
            expires_at=now + LASTS,
        )
    )
    if known is not None:
        _send(session, known, phone, code, now)
    return Outcome.ASKED


def confirm(session: Session, *, phone: str, code: str, network: str, now: datetime) -> int | None:
    """The subscriber who has this telephone, if the code is right and in time; it is used up by that.

    None: it is not. Needs a session that is committed either way: the try is counted.
    """
    number = _number(session, phone)
    row = session.execute(
        update(PayerCode)
        .where(PayerCode.number_hash == number, PayerCode.tries < MOST_TRIES, PayerCode.expires_at > now)
        .values(tries=PayerCode.tries + 1)
        .returning(PayerCode.code_hash)
    ).one_or_none()
    expected = row.code_hash if row is not None else None
    given = _hash(session, phone, code)
    if expected is None or not hmac.compare_digest(expected, given):
        return None
    session.execute(update(PayerCode).where(PayerCode.number_hash == number).values(code_hash=None))
    lockouts.forgive(session, *payer_codes_from(vault(session), network))
    known = _known(session, phone)
    return None if known is None else known.subscriber_id


def forget_old(session: Session, now: datetime) -> int:
    """Remove what was asked for so long ago that it counts no more; gives how many."""
    session.execute(delete(PayerCode).where(PayerCode.asked_at < now - KEPT))
    removed = session.execute(delete(PayerCodeSend).where(PayerCodeSend.at < now - KEPT).returning(PayerCodeSend.id))
    return len(removed.all())


def _take_turns(session: Session, number: bytes, now: datetime) -> None:
    """Two who ask for the same number at once wait for each other, so that neither slips past the count."""
    session.execute(
        insert(session.get_bind().dialect.name, PayerCode)
        .values(number_hash=number, code_hash=None, tries=0, asked_at=now, expires_at=now)
        .on_conflict_do_nothing(index_elements=[PayerCode.number_hash])
    )
    session.execute(select(PayerCode.number_hash).where(PayerCode.number_hash == number).with_for_update())


def _too_many(session: Session, number: bytes, now: datetime) -> bool:
    moments = session.scalars(
        select(PayerCodeSend.at).where(
            PayerCodeSend.number_hash == number, PayerCodeSend.at > now - max(span for span, _ in LIMITS)
        )
    ).all()
    return any(sum(at > now - span for at in moments) >= most for span, most in LIMITS)


def _platform_is_busy(session: Session, now: datetime) -> bool:
    sent = session.scalar(
        select(func.count()).where(PayerCodeSend.is_sent.is_(True), PayerCodeSend.at > now - timedelta(hours=1))
    )
    if (sent or 0) < settings.current().payer_codes_an_hour:
        return False
    log.warning("payer_codes.braked", sent=sent)
    return True


def _known(session: Session, phone: str) -> Known | None:
    """Who has this number and follows somebody, or is a payer."""
    follows = (
        select(Subscription.id)
        .where(Subscription.subscriber_id == Subscriber.id, Subscription.status == SubscriptionStatus.ACTIVE)
        .exists()
    )
    row = session.execute(
        select(Subscriber.id, Subscriber.language, Subscriber.operator, follows.label("follows")).where(
            Subscriber.phone == phone
        )
    ).one_or_none()
    if row is None or not (row.follows or payers.find(session, row.id)):
        return None
    return Known(row.id, row.language, row.operator)


def _send(session: Session, known: Known, phone: str, code: str, now: datetime) -> None:
    if not destinations.current().reaches(phone, Channel.SMS):
        return
    enqueue(
        session,
        channel=Channel.SMS,
        address=phone,
        text=gettext(
            known.language,
            "{pin} е кодът Ви за плащанията в InfoServ e-School. Важи 10 минути. Не го казвайте на никого.",
            pin=PIN_PLACE,
        ),
        pin=code,
        purpose=MessagePurpose.SERVICE,
        now=now,
        subscriber_id=known.subscriber_id,
        operator=known.operator,
        urgent=True,
        latin=in_latin(known.language),
        keep_for=LASTS,
    )


def _number(session: Session, phone: str) -> bytes:
    return vault(session).fingerprint(_PURPOSE, phone)


def _hash(session: Session, phone: str, code: str) -> bytes:
    return vault(session).fingerprint(f"{_PURPOSE} typed", f"{phone} {code}")
