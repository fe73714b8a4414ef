"""Who a code on the payment pages means: a child's ID-code its payer, a payer's number that payer.

Either lets whoever types it pay, and see nothing but the price. A code is counted as a try like everywhere
(`school.security.doors`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import luhn

from db.kinds import Door, SubscriptionStatus
from db.models import Cover, StudentCode, Subscription
from errors import InputError
from school.billing import payer_numbers, payers
from school.monitoring import wrong_codes
from school.security import doors, lockouts
from school.security.crypto import vault

CODE_LENGTHS = (8, payer_numbers.LENGTH)


@dataclass(frozen=True, slots=True)
class Entered:
    """Whose payer was meant; None: nobody's, or (`lock`) too many were typed."""

    payer_id: int | None
    lock: lockouts.Lock | None = None


def by_code(session: Session, typed: str, *, network: str, now: datetime) -> Entered:
    """The payer of an ID-code or a number. Needs a session that is committed: the try is counted.

    Raises InputError for what can be no code: a wrong check digit says nothing of which codes there are.
    """
    code = "".join(typed.split())
    if not (len(code) in CODE_LENGTHS and code.isascii() and code.isdecimal() and luhn.is_valid(code)):
        raise InputError("A code has 8 digits (on the child's label) or 10 (a payer's number): check what you typed.")
    buckets = doors.codes_of_payers(vault(session), code, network)
    if wrong_codes.too_many(session, Door.WEB, now):
        buckets = (*buckets, doors.codes_while_guessed(vault(session), network))
    if not lockouts.count_try(session, buckets, now).counted:
        return Entered(None, lockouts.running_lock(session, buckets, now))
    found = payer_numbers.payer_with(session, code) if len(code) == payer_numbers.LENGTH else _of_child(session, code)
    if found is None:
        wrong_codes.note(session, Door.WEB, now)
    else:
        lockouts.forgive(session, *buckets)
    return Entered(found)


def by_subscriber(session: Session, subscriber_id: int, now: datetime) -> int:
    """The payer that a subscriber is, or becomes: of the children whom it follows and nobody pays for."""
    payer = payers.payer_of(session, subscriber_id, now)
    for row in session.execute(
        select(Subscription.school_id, Subscription.student_id).where(
            Subscription.subscriber_id == subscriber_id, Subscription.status == SubscriptionStatus.ACTIVE
        )
    ).all():
        payers.cover(session, payer.id, row.school_id, row.student_id, now)
    return payer.id


def _of_child(session: Session, code: str) -> int | None:
    return session.scalar(
        select(Cover.payer_id)
        .join(StudentCode, StudentCode.student_id == Cover.student_id)
        .where(StudentCode.code == code, StudentCode.revoked_at.is_(None), Cover.ended_at.is_(None))
    )
