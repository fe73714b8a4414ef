"""Counts failed attempts at code and PIN, and locks out with growing delays. The counts survive restarts.

A try is counted against the caller and against the student code that was typed, whether that code exists or not
(both are stored as keyed hashes only). It is counted as failed before anything is looked up and taken back when it
proves right: tries made at the same moment cannot slip past the count.

Callers who hide their number cannot be told apart. A strict common count would let one of them lock out all; none at
all would be a shortcut for trying many codes. So they share a count with many free tries and never more than a minute
of delay, and each code they try has its own count as strict as for anyone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, null, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from db.columns import TZDateTime
from db.kinds import LockoutKind
from db.models import Lockout
from db.upsert import insert
from school.security.crypto import Vault

FORGOTTEN_AFTER = timedelta(hours=24)
"""So long after the last failure, or after the end of its delay, the count starts anew."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How many failures are free, and the delay after each one more (the last repeats)."""

    free: int
    delays: tuple[timedelta, ...]


STRICT = Schedule(3, tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 24 * 60)))
SHARED = Schedule(30, (timedelta(minutes=1),))


@dataclass(frozen=True, slots=True)
class Bucket:
    """One count."""

    kind: LockoutKind
    subject_hash: bytes
    schedule: Schedule


def caller_bucket(vault: Vault, caller: str | None) -> Bucket:
    """The count of a caller's number (E.164), or the one of all who hide theirs."""
    schedule = STRICT if caller else SHARED
    return Bucket(LockoutKind.CALLER, vault.fingerprint("lockout caller", caller or "hidden"), schedule)


def account_bucket(vault: Vault, email: str) -> Bucket:
    """The count of sign-ins to a staff account, whether it exists or not."""
    return Bucket(LockoutKind.ACCOUNT, vault.fingerprint("lockout account", email), STRICT)


def address_bucket(vault: Vault, address: str) -> Bucket:
    """The count of sign-ins from a network address: a whole school may share one."""
    return Bucket(LockoutKind.ADDRESS, vault.fingerprint("lockout address", address), SHARED)


def student_bucket(vault: Vault, student_code: str) -> Bucket:
    """The count of a student code as it was typed."""
    return Bucket(LockoutKind.STUDENT, vault.fingerprint("lockout student", student_code), STRICT)


_LOCKED = select(func.max(Lockout.locked_until, type_=TZDateTime())).where(
    or_(*(and_(Lockout.kind == kind, Lockout.subject_hash == bindparam(f"{kind}_hash")) for kind in LockoutKind)),
    Lockout.locked_until > bindparam("now", type_=TZDateTime()),
)


def locked_until(session: Session, buckets: tuple[Bucket, ...], now: datetime) -> datetime | None:
    """The latest end of the delays that still run; None: a try is allowed."""
    hashes = {str(bucket.kind): bucket.subject_hash for bucket in buckets}
    parameters: dict[str, Any] = {f"{kind}_hash": hashes.get(kind, b"") for kind in LockoutKind} | {"now": now}
    return session.connection().execute(_LOCKED, parameters).scalar()


@dataclass(frozen=True, slots=True)
class Charged:
    """What a failed try leads to."""

    locked_until: datetime | None


def charge(session: Session, bucket: Bucket, now: datetime) -> Charged | None:
    """Count one failed try. None: a delay runs already, so nothing was counted and no try is allowed.

    The row stays locked until the session ends: others who try the same wait for it.
    """
    delays = {f"delay_{number}": now + delay for number, delay in enumerate(bucket.schedule.delays)}
    row = (
        session.connection()
        .execute(
            _charge_statement(session.get_bind().dialect.name, bucket.schedule),
            {
                "kind": bucket.kind,
                "subject_hash": bucket.subject_hash,
                "failures": 1,
                "forgotten_at": now + FORGOTTEN_AFTER,
                "now": now,
                **delays,
                **{f"{name}_forgotten": moment + FORGOTTEN_AFTER for name, moment in delays.items()},
            },
        )
        .one_or_none()
    )
    return Charged(row.locked_until) if row else None


@lru_cache(maxsize=8)
def _charge_statement(dialect: str, schedule: Schedule) -> ReturningInsert[datetime | None]:
    now = bindparam("now", type_=TZDateTime())
    starts_anew = Lockout.forgotten_at <= now
    failures = case((starts_anew, 1), else_=Lockout.failures + 1)

    def after_failures(free: ColumnElement[Any], suffix: str) -> ColumnElement[Any]:
        last = len(schedule.delays) - 1
        steps = [
            (failures == schedule.free + 1 + number, bindparam(f"delay_{number}{suffix}", type_=TZDateTime()))
            for number in range(last)
        ]
        return case(
            (failures <= schedule.free, free), *steps, else_=bindparam(f"delay_{last}{suffix}", type_=TZDateTime())
        )

    statement = insert(dialect, Lockout)
    return statement.on_conflict_do_update(
        index_elements=[Lockout.kind, Lockout.subject_hash],
        set_={
            "failures": failures,
            "locked_until": after_failures(null(), ""),
            "forgotten_at": after_failures(statement.excluded.forgotten_at, "_forgotten"),
        },
        where=or_(Lockout.locked_until.is_(None), Lockout.locked_until <= now),
    ).returning(Lockout.locked_until)


@dataclass(frozen=True, slots=True)
class Try:
    """A try as the counts took it: whether it was counted (it may go on), and the delay if it proves wrong."""

    counted: bool
    locked_until: datetime | None


def count_try(session: Session, buckets: tuple[Bucket, ...], now: datetime) -> Try:
    """Count a try against all buckets, unless one of them is locked."""
    running = locked_until(session, buckets, now)
    if running is not None:
        return Try(False, running)
    ends: list[datetime] = []
    for bucket in buckets:
        charged = charge(session, bucket, now)
        if charged is None:  # someone else's failure locked it since we looked
            return Try(False, locked_until(session, buckets, now))
        if charged.locked_until is not None:
            ends.append(charged.locked_until)
    return Try(True, max(ends, default=None))


@dataclass(frozen=True, slots=True)
class Lock:
    """A delay that runs (aware, UTC)."""

    since: datetime
    until: datetime


def running_lock(session: Session, buckets: tuple[Bucket, ...], now: datetime) -> Lock | None:
    """The delay that ends last, with when it began; None: a try is allowed."""
    locks = []
    for bucket in buckets:
        row = session.execute(
            select(Lockout.failures, Lockout.locked_until).where(
                Lockout.kind == bucket.kind, Lockout.subject_hash == bucket.subject_hash, Lockout.locked_until > now
            )
        ).one_or_none()
        if row is not None:
            delays = bucket.schedule.delays
            step = min(max(row.failures - bucket.schedule.free, 1), len(delays))
            locks.append(Lock(row.locked_until - delays[step - 1], row.locked_until))
    return max(locks, key=lambda lock: lock.until, default=None)


def forgive(session: Session, bucket: Bucket) -> None:
    """The try that was just counted proved right: earlier failures stay counted."""
    session.execute(
        update(Lockout)
        .where(Lockout.kind == bucket.kind, Lockout.subject_hash == bucket.subject_hash)
        .values(failures=Lockout.failures - 1, locked_until=None)
    )


def forget(session: Session, bucket: Bucket) -> None:
    """Start a count anew."""
    session.execute(delete(Lockout).where(Lockout.kind == bucket.kind, Lockout.subject_hash == bucket.subject_hash))


def forget_old(session: Session, now: datetime) -> int:
    """Remove the counts that mean nothing any more; gives their number."""
    removed = session.execute(delete(Lockout).where(Lockout.forgotten_at <= now).returning(Lockout.kind))
    return len(removed.all())
