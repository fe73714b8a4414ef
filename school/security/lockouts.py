"""Counts failed attempts at codes, PINs and passwords, and locks out with growing delays. Counts survive restarts.

A try is counted against each of its buckets (school.security.doors says which a door has) before anything is looked
up, and taken back when it proves right: tries made at the same moment cannot slip past the count. Whether what was
typed exists makes no difference; all of it is stored as keyed hashes only.

A lock must not be a weapon: a strict count is of somebody in particular (one number, one network, one device), so who
fills it locks out nobody else. What everybody shares has many free tries and short delays, or is not asked about those
who are known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    Update,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from db.columns import TZDateTime
from db.kinds import LockoutKind
from db.models import Lockout
from db.upsert import insert

FORGOTTEN_AFTER = timedelta(hours=24)
"""So long after the last failure, or after the end of its delay, the count starts anew."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How many failures are free, and the delay after each one more (the last repeats)."""

    free: int
    delays: tuple[timedelta, ...]


def _minutes(free: int, *minutes: int) -> Schedule:
    return Schedule(free, tuple(timedelta(minutes=one) for one in minutes))


STRICT = _minutes(3, 1, 5, 15, 60, 24 * 60)
SHARED = _minutes(30, 1)
SLOW = _minutes(10, 15, 60, 4 * 60)

SCHEDULES = {
    LockoutKind.CALLER: STRICT,
    LockoutKind.HIDDEN: SHARED,
    LockoutKind.CODE_AND_CALLER: STRICT,
    LockoutKind.CODE_BY_CALL: SLOW,
    LockoutKind.CODE_BY_SMS: SLOW,
    LockoutKind.CODE_BY_WEB: SLOW,
    LockoutKind.ACCOUNT: STRICT,
    LockoutKind.ACCOUNT_ANYWHERE: _minutes(50, 10),
    LockoutKind.DEVICE: STRICT,
    LockoutKind.OLD_PASSWORD: STRICT,
    LockoutKind.ADDRESS: SHARED,
    LockoutKind.WEB_ADDRESS: _minutes(100, 5),
    LockoutKind.WEB_NETWORK: _minutes(300, 5),
    LockoutKind.WEB_BRAKED: _minutes(30, 30),
    LockoutKind.MAILBOX: _minutes(5, 15, 60, 4 * 60),
    LockoutKind.LETTER: _minutes(4, 24 * 60),
    LockoutKind.RESET_LETTER: _minutes(1, 2 * 60),
    LockoutKind.PAYER_ADDRESS: _minutes(20, 5),
    LockoutKind.PAYER_NETWORK: _minutes(100, 5),
}
"""The tries that each count lets through. docs/threats.md adds them up by the day."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One count. `owner_hash`: of the account or code with whose other counts it is lifted."""

    kind: LockoutKind
    subject_hash: bytes
    owner_hash: bytes | None = None

    @property
    def schedule(self) -> Schedule:
        """How many failures it lets through."""
        return SCHEDULES[self.kind]


def locked_until(session: Session, buckets: tuple[Bucket, ...], now: datetime) -> datetime | None:
    """The latest end of the delays that still run; None: a try is allowed."""
    parameters = _named(buckets) | {"now": now}
    return session.connection().execute(_locked_statement(len(buckets)), parameters).scalar()


@lru_cache(maxsize=8)
def _locked_statement(buckets: int) -> Select[datetime | None]:
    return select(func.max(Lockout.locked_until, type_=TZDateTime())).where(
        _is_named(buckets), Lockout.locked_until > bindparam("now", type_=TZDateTime())
    )


@lru_cache(maxsize=8)
def _forgive_statement(buckets: int) -> Update:
    return update(Lockout).where(_is_named(buckets)).values(failures=Lockout.failures - 1, locked_until=None)


@lru_cache(maxsize=8)
def _forget_statement(buckets: int) -> Delete:
    return delete(Lockout).where(_is_named(buckets))


def _is_named(buckets: int) -> ColumnElement[bool]:
    """One of so many buckets, whose parameters `_named` gives."""
    return or_(
        *(
            and_(Lockout.kind == bindparam(f"kind_{number}"), Lockout.subject_hash == bindparam(f"hash_{number}"))
            for number in range(buckets)
        )
    )


def _named(buckets: Sequence[Bucket]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for number, bucket in enumerate(buckets):
        named |= {f"kind_{number}": bucket.kind, f"hash_{number}": bucket.subject_hash}
    return named


@dataclass(frozen=True, slots=True)
class Charged:
    """What a failed try leads to."""

    locked_until: datetime | None


def charge(session: Session, bucket: Bucket, now: datetime) -> Charged | None:
    """Count one failed try. None: a delay runs already, so nothing was counted and no try is allowed.

    The row stays locked until the session ends: others who try the same wait for it.
    """
    return charge_each(session, (bucket,), now).get(bucket)


def charge_each(session: Session, buckets: Iterable[Bucket], now: datetime) -> dict[Bucket, Charged]:
    """The same for several at once, in one statement: those that were counted."""
    # In one order, whoever counts: two who lock the same rows must not wait for each other.
    ordered = sorted(set(buckets), key=lambda bucket: (bucket.kind, bucket.subject_hash))
    if not ordered:
        return {}
    kinds = tuple(sorted({bucket.kind for bucket in ordered}))
    parameters: dict[str, Any] = {"now": now}
    for kind in kinds:
        for number, delay in enumerate(SCHEDULES[kind].delays):
            parameters[f"{kind}_{number}"] = now + delay
            parameters[f"{kind}_{number}_forgotten"] = now + delay + FORGOTTEN_AFTER
    rows = [
        {
            "kind": bucket.kind,
            "subject_hash": bucket.subject_hash,
            "owner_hash": bucket.owner_hash,
            "failures": 1,
            "forgotten_at": now + FORGOTTEN_AFTER,
        }
        for bucket in ordered
    ]
    by_key = {(bucket.kind, bucket.subject_hash): bucket for bucket in ordered}
    statement = _charge_statement(session.get_bind().dialect.name, kinds, len(rows))
    for number, row in enumerate(rows):
        parameters |= {f"{name}_of_{number}": value for name, value in row.items()}
    return {
        by_key[row.kind, row.subject_hash]: Charged(row.locked_until)
        for row in session.connection().execute(statement, parameters)
    }


@lru_cache(maxsize=64)
def _charge_statement(
    dialect: str, kinds: tuple[LockoutKind, ...], rows: int
) -> ReturningInsert[LockoutKind, bytes, datetime | None]:
    now = bindparam("now", type_=TZDateTime())
    starts_anew = Lockout.forgotten_at <= now
    failures = case((starts_anew, 1), else_=Lockout.failures + 1)

    def of_kind(kind: LockoutKind, free: ColumnElement[Any], suffix: str) -> ColumnElement[Any]:
        schedule = SCHEDULES[kind]
        ends = [bindparam(f"{kind}_{number}{suffix}", type_=TZDateTime()) for number in range(len(schedule.delays))]
        steps = [(failures == schedule.free + 1 + number, end) for number, end in enumerate(ends[:-1])]
        return case((failures <= schedule.free, free), *steps, else_=ends[-1])

    def after_failures(free: ColumnElement[Any], suffix: str) -> ColumnElement[Any]:
        return case(*((Lockout.kind == kind, of_kind(kind, free, suffix)) for kind in kinds))

    columns = Lockout.__table__.c
    names = ("kind", "subject_hash", "owner_hash", "failures", "forgotten_at")

    # Selected and not VALUES: a statement with several rows of values is compiled anew each time, which takes 2 ms.
    # SQLite needs the WHERE to know the ON of ON CONFLICT from that of a join.
    # PostgreSQL does not look from a SELECT at the columns it fills, and has to be told what NULL is.
    def given(name: str, row: int) -> ColumnElement[Any]:
        parameter = bindparam(f"{name}_of_{row}", type_=columns[name].type)
        return cast(parameter, columns[name].type) if dialect == "postgresql" else parameter

    tries = [select(*(given(name, row) for name in names)).where(true()) for row in range(rows)]
    statement = insert(dialect, Lockout).from_select(list(names), union_all(*tries) if rows > 1 else tries[0])
    return statement.on_conflict_do_update(
        index_elements=[Lockout.kind, Lockout.subject_hash],
        set_={
            "failures": failures,
            "locked_until": after_failures(null(), ""),
            "forgotten_at": after_failures(statement.excluded.forgotten_at, "_forgotten"),
        },
        where=or_(Lockout.locked_until.is_(None), Lockout.locked_until <= now),
    ).returning(Lockout.kind, Lockout.subject_hash, Lockout.locked_until)


@dataclass(frozen=True, slots=True)
class Try:
    """A try as the counts took it: whether it was counted (it may go on), and the delay if it proves wrong."""

    counted: bool
    locked_until: datetime | None


def count_try(session: Session, buckets: tuple[Bucket, ...], now: datetime) -> Try:
    """Count a try against all buckets, unless one of them is locked: then against none."""
    running = locked_until(session, buckets, now)
    if running is not None:
        return Try(False, running)
    charged = charge_each(session, buckets, now)
    if len(charged) < len(set(buckets)):  # someone else's failure locked one since we looked
        forgive(session, *charged)
        return Try(False, locked_until(session, buckets, now))
    ends = [one.locked_until for one in charged.values() if one.locked_until is not None]
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
            select(Lockout.failures, Lockout.locked_until).where(_is(bucket), Lockout.locked_until > now)
        ).one_or_none()
        if row is not None:
            delays = bucket.schedule.delays
            step = min(max(row.failures - bucket.schedule.free, 1), len(delays))
            locks.append(Lock(row.locked_until - delays[step - 1], row.locked_until))
    return max(locks, key=lambda lock: lock.until, default=None)


def forgive(session: Session, *buckets: Bucket) -> None:
    """The try that was just counted proved right: earlier failures stay counted."""
    if buckets:
        session.connection().execute(_forgive_statement(len(buckets)), _named(buckets))


def forget(session: Session, *buckets: Bucket) -> None:
    """Start counts anew."""
    if buckets:
        session.connection().execute(_forget_statement(len(buckets)), _named(buckets))


def lift(session: Session, owner_hash: bytes) -> None:
    """Start all counts of an account or a code anew, wherever the tries came from."""
    session.execute(
        delete(Lockout).where(Lockout.owner_hash == owner_hash).execution_options(synchronize_session=False)
    )


def forget_old(session: Session, now: datetime) -> int:
    """Remove the counts that mean nothing any more; gives their number."""
    removed = session.execute(delete(Lockout).where(Lockout.forgotten_at <= now).returning(Lockout.kind))
    return len(removed.all())


def _is(bucket: Bucket) -> ColumnElement[bool]:
    return and_(Lockout.kind == bucket.kind, Lockout.subject_hash == bucket.subject_hash)
