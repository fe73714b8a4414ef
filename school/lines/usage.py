"""Counting what schools use of the lines, a few statements for however many calls or messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from math import ceil
from typing import Any

from sqlalchemy import Executable, bindparam, select, true
from sqlalchemy.orm import Session

from db.lists import Rows
from db.models import LineUse
from db.upsert import insert
from runtime.localtime import SOFIA, today
from school.lines import brake

_USE = LineUse.metadata.tables["line_use"]


@dataclass(slots=True)
class Use:
    """What is to be added to a school's day. What campaigns made is also among `calls` and `sms_parts`."""

    calls: int = 0
    call_seconds: int = 0
    sms_parts: int = 0
    campaign_calls: int = 0
    campaign_texts: int = 0


_COUNTED = tuple(Use.__dataclass_fields__)


def tomorrow(now: datetime) -> datetime:
    """When the next day's budgets begin: midnight in Sofia (aware)."""
    return datetime.combine(today(now) + timedelta(days=1), time(), SOFIA)


def count(session: Session, used: Mapping[int, Use], now: datetime) -> None:
    """Add to the day of these schools, and stop the campaigns of whichever is now far beyond the usual.

    One statement, and a little more where campaigns are many. The rows are locked in the order of the schools, and by
    whoever counts at the end of a transaction: nobody waits for another in a circle.
    """
    rows = [(school_id, *(getattr(used[school_id], name) for name in _COUNTED)) for school_id in sorted(used)]
    if not rows:
        return
    told, statement = _adding(session.get_bind().dialect.name)
    session.connection().execute(statement, told.parameters(rows) | {"day": today(now)})
    with_campaigns = [school_id for school_id, use in used.items() if use.campaign_calls or use.campaign_texts]
    if with_campaigns:
        brake.watch(session, with_campaigns, today(now), now)


@cache
def _adding(dialect: str) -> tuple[Rows, Executable]:
    columns: dict[str, Any] = {name: _USE.c[name].type for name in ("school_id", *_COUNTED)}
    told = Rows(dialect, columns)
    statement = insert(dialect, LineUse).from_select(
        [*columns, "day"],
        select(*(told.table.c[name] for name in columns), bindparam("day", type_=_USE.c.day.type))
        .where(true())
        .order_by(told.table.c.ordinal),
    )
    return told, statement.on_conflict_do_update(
        index_elements=[_USE.c.school_id, _USE.c.day],
        set_={name: _USE.c[name] + statement.excluded[name] for name in _COUNTED},
    )


def parts_of(text: str, *, latin: bool) -> int:
    """About how many parts an SMS takes: 160 or 70 characters, then 153 or 67. An operator's alphabet decides later."""
    whole, each = (160, 153) if latin or text.isascii() else (70, 67)
    return 1 if len(text) <= whole else ceil(len(text) / each)
