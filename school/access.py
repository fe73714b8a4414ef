"""Who may hear what about whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Child:
    """A student as one subscriber follows it: what a dialogue needs to address and to ask for records."""

    subscription_id: int
    subscriber_id: int
    student_id: int
    school_id: int
    given_name: str
    class_name: str  # "8а"
    needs_pin: bool  # the school asks for the PIN from recognised numbers too
    sms_enabled: bool
    following_since: datetime  # aware, UTC


@dataclass(frozen=True, slots=True)
class Admitted:
    """The caller may hear about this child."""

    child: Child


@dataclass(frozen=True, slots=True)
class Refused:
    """Code or PIN is wrong (which one is never told), or too many tries: locked until then (aware, UTC)."""

    locked_until: datetime | None


def recognise(session: Session, phone: str | None) -> tuple[Child, ...]:
    """The children that this number (E.164) follows, eldest first; none for a hidden number."""
    raise NotImplementedError


def admit(session: Session, caller: str | None, student_code: str, pin: str, now: datetime) -> Admitted | Refused:
    """Whether this code and PIN open a child's records. Needs a writing session: tries are counted."""
    raise NotImplementedError


def admit_child(
    session: Session, caller: str | None, subscription_id: int, pin: str, now: datetime
) -> Admitted | Refused:
    """The same for a recognised number whose school always asks for the PIN."""
    raise NotImplementedError


def locked_until(session: Session, caller: str | None, student_code: str | None, now: datetime) -> datetime | None:
    """Until when this caller or this code is locked out (aware, UTC); None: it is not."""
    raise NotImplementedError


def change_pin(session: Session, subscription_id: int, new_pin: str, now: datetime) -> None:
    """Give the subscription a new PIN of 4-6 digits. Raises InputError for anything else."""
    raise NotImplementedError


def set_sms(session: Session, subscription_id: int, enabled: bool, now: datetime) -> None:
    """Switch the subscription's SMS on or off."""
    raise NotImplementedError
