"""What a school may use of our lines in a day: what the platform's settings say, or its own figures."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

import settings
from db.models import LineBudget, LineUse, School
from db.upsert import insert
from errors import InputError
from runtime.localtime import today

MOST = 100_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """A school's day: calls, minutes of conversation, parts of SMS. None: no limit, or none of the school's own."""

    calls: int | None = None
    minutes: int | None = None
    sms_parts: int | None = None


@dataclass(frozen=True, slots=True)
class DayOfSchool:
    """What a school used today of what it may use; `own`: the figures that are its own."""

    school_id: int
    name: str
    calls: int
    minutes: int
    sms_parts: int
    campaign_calls: int
    campaign_texts: int
    own: Budget
    may: Budget

    def waiting(self, share: float) -> tuple[str, ...]:
        """What is used up: `calls`, `minutes`, `sms_parts`; with a share below 1 as far as campaigns may use it."""
        return tuple(
            name
            for name in ("calls", "minutes", "sms_parts")
            if (most := getattr(self.may, name)) is not None and getattr(self, name) >= share_of(most, share)
        )


def share_of(most: int, share: float) -> int:
    """So much of a budget campaigns may use: of a small one too they may use something."""
    return ceil(round(most * share, 6))


def of_platform() -> Budget:
    """What every school may use that has no figures of its own."""
    config = settings.current()
    return Budget(config.calls_a_day or None, config.minutes_a_day or None, config.sms_parts_a_day or None)


def budget(session: Session, school_id: int) -> Budget:
    """The school's own figures."""
    row = session.execute(
        select(LineBudget.calls, LineBudget.minutes, LineBudget.sms_parts).where(LineBudget.school_id == school_id)
    ).one_or_none()
    return Budget(*row) if row else Budget()


def set_budget(session: Session, school_id: int, own: Budget) -> None:
    """Give a school figures of its own; None: those of the platform again. Raises InputError for one below 1.

    To be called by what checks and audits who does it (`school.campaigns.stops`).
    """
    for number in (own.calls, own.minutes, own.sms_parts):
        if number is not None and not 1 <= number <= MOST:
            raise InputError("A day's budget is a whole number from 1 to {most}.", most=MOST)
    values = {"calls": own.calls, "minutes": own.minutes, "sms_parts": own.sms_parts}
    session.execute(
        insert(session.get_bind().dialect.name, LineBudget)
        .values(school_id=school_id, **values)
        .on_conflict_do_update(index_elements=[LineBudget.school_id], set_=values)
    )


def days(session: Session, now: datetime, school_id: int | None = None) -> tuple[DayOfSchool, ...]:
    """Today of every school, or of one: one statement, by name."""
    wanted = (
        select(
            School.id,
            School.name,
            LineUse.calls,
            LineUse.call_seconds,
            LineUse.sms_parts,
            LineUse.campaign_calls,
            LineUse.campaign_texts,
            LineBudget.calls.label("own_calls"),
            LineBudget.minutes.label("own_minutes"),
            LineBudget.sms_parts.label("own_parts"),
        )
        .outerjoin(LineUse, (LineUse.school_id == School.id) & (LineUse.day == today(now)))
        .outerjoin(LineBudget, LineBudget.school_id == School.id)
        .order_by(School.name, School.id)
    )
    if school_id is not None:
        wanted = wanted.where(School.id == school_id)
    usual = of_platform()
    return tuple(
        DayOfSchool(
            row.id,
            row.name,
            row.calls or 0,
            (row.call_seconds or 0) // 60,
            row.sms_parts or 0,
            row.campaign_calls or 0,
            row.campaign_texts or 0,
            Budget(row.own_calls, row.own_minutes, row.own_parts),
            Budget(row.own_calls or usual.calls, row.own_minutes or usual.minutes, row.own_parts or usual.sms_parts),
        )
        for row in session.execute(wanted)
    )
