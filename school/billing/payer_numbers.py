"""абонатен номер: the number by which cash desks and strangers who want to pay name a payer.

10 random digits, the last a Luhn check digit. It lets nobody see anything of the payer but what there is to pay.
"""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import luhn

from db.models import PayerNumber
from db.upsert import insert

LENGTH = 10


def is_valid(number: str) -> bool:
    """Whether it is 10 digits with the right check digit."""
    return len(number) == LENGTH and number.isascii() and number.isdigit() and bool(luhn.is_valid(number))


def number_of(session: Session, payer_id: int, now: datetime) -> str:
    """A payer's number; who has none gets one. Needs a session that writes."""
    while True:
        found = session.scalar(select(PayerNumber.number).where(PayerNumber.payer_id == payer_id))
        if found is not None:
            return found
        digits = str(secrets.randbelow(9 * 10 ** (LENGTH - 2)) + 10 ** (LENGTH - 2))
        session.execute(
            insert(session.get_bind().dialect.name, PayerNumber)
            .values(payer_id=payer_id, number=digits + str(luhn.calc_check_digit(digits)), issued_at=now)
            .on_conflict_do_nothing()
        )


def payer_with(session: Session, number: str) -> int | None:
    """The payer of a number."""
    return session.scalar(select(PayerNumber.payer_id).where(PayerNumber.number == number))
