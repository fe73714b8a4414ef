"""Letters to an address whose owner may not have asked for them: one limit, whatever causes them.

Subscribing on the web and by SMS, invitations and forgotten passwords all write to an address that somebody typed. Such
an address gets MOST letters a day together, so nobody's mailbox is flooded by us. Who would use them up to keep a reset
from somebody gains nothing: beyond them a forgotten password or an invitation still brings a letter every two hours,
and the link works for as long.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from db.kinds import LockoutKind
from school.security import doors, lockouts
from school.security.crypto import vault

MOST = lockouts.SCHEDULES[LockoutKind.LETTER].free + 1


def may_write(session: Session, addresses: Collection[str], now: datetime) -> frozenset[str]:
    """Those of the addresses that may get another letter; it is counted as sent. One statement, however many."""
    buckets = {address: doors.letter(vault(session), LockoutKind.LETTER, address) for address in addresses}
    counted = lockouts.charge_each(session, buckets.values(), now)
    return frozenset(address for address, bucket in buckets.items() if bucket in counted)


def may_write_of_password(session: Session, address: str, now: datetime) -> bool:
    """The same for a letter of a forgotten password."""
    return bool(may_write(session, (address,), now)) or may_write_beyond(session, address, now)


def may_write_beyond(session: Session, address: str, now: datetime) -> bool:
    """Whether an address that got all its letters of the day may get one more with a link for its own account."""
    return lockouts.charge(session, doors.letter(vault(session), LockoutKind.RESET_LETTER, address), now) is not None
