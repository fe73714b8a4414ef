"""What may not go out just now: schools whose day is used up, and campaigns that the brake stopped.

One small question before each round of a dialer or sender; on an ordinary day its answer is empty.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Row, bindparam, cast, func, null, or_, select, union_all
from sqlalchemy.orm import Session

import settings
from db.kinds import Channel
from db.models import CampaignStop, LineBudget, LineUse
from runtime.localtime import today
from school.lines.budgets import Budget, of_platform, share_of

PLENTY = 1_000_000_000
"""What a school may still use that is not near its limits."""
NEAR_CALLS, NEAR_PARTS = 500, 4000
"""So far short of a limit the rest of a school's day begins to be counted: more than one round can take."""


@dataclass(slots=True)
class _Left:
    calls: int
    parts: int
    campaign_calls: int
    campaign_parts: int


@dataclass(slots=True)
class Holds:
    """What is held. `take` counts within one round what is chosen, so that no round goes beyond a budget."""

    stopped: frozenset[int] = frozenset()
    """Schools whose campaigns the brake stopped."""
    all_stopped: bool = False
    _left: dict[int, _Left] = field(default_factory=dict)
    _fresh: _Left | None = None
    """What a school may use that has used nothing yet; None: so much that it need not be counted."""

    @property
    def counts(self) -> bool:
        """Whether any school is near its limits, so that every call and message of a round is to be counted."""
        return bool(self._left) or self._fresh is not None

    def is_stopped(self, school_id: int | None) -> bool:
        """Whether the brake stopped the school's campaigns."""
        return self.all_stopped or school_id in self.stopped

    @property
    def no_campaign_calls(self) -> tuple[int, ...]:
        """Schools whose campaigns have used up their part of the day's calls or minutes."""
        return tuple(school_id for school_id, left in self._left.items() if left.campaign_calls <= 0)

    def take(self, school_id: int | None, channel: Channel, *, campaign: bool, number: int = 1) -> bool:
        """Whether so many calls, or parts of an SMS, may still be used today; then they are taken from what is left."""
        left = None if school_id is None or channel is Channel.EMAIL else self._of(school_id)
        if left is None:
            return True
        if channel is Channel.CALL:
            if (left.campaign_calls if campaign else left.calls) < number:
                return False
            left.calls -= number
            left.campaign_calls -= number
            return True
        if (left.campaign_parts if campaign else left.parts) < number:
            return False
        left.parts -= number
        left.campaign_parts -= number
        return True

    def in_hand(self, school_id: int, parts: int) -> None:
        """These parts of SMS are claimed already and not counted yet."""
        left = self._of(school_id)
        if left is not None:
            left.parts -= parts
            left.campaign_parts -= parts

    def _of(self, school_id: int) -> _Left | None:
        if self._fresh is not None and school_id not in self._left:
            self._left[school_id] = replace(self._fresh)
        return self._left.get(school_id)


_USE, _BUDGET, _STOP = (model.metadata.tables[model.__tablename__] for model in (LineUse, LineBudget, CampaignStop))


def holds(session: Session, now: datetime) -> Holds:
    """What is held just now. One statement over today's figures."""
    usual, share = of_platform(), settings.current().campaign_share
    found = Holds(_fresh=_nothing_used(usual, share))
    stopped: set[int] = set()
    values = {
        "day": today(now),
        "share": share,
        "usual_calls": usual.calls,
        "usual_minutes": usual.minutes,
        "usual_sms_parts": usual.sms_parts,
    }
    for row in session.connection().execute(_NEAR_OR_STOPPED, values):
        if row.calls is None:
            stopped.add(row.school_id)
        else:
            found._left[row.school_id] = _Left(
                calls=_calls_left(row, 1.0),
                parts=_rest(row.may_parts, row.sms_parts, 1.0),
                campaign_calls=_calls_left(row, share),
                campaign_parts=_rest(row.may_parts, row.sms_parts, share),
            )
    found.all_stopped = 0 in stopped
    found.stopped = frozenset(stopped)
    return found


def _nothing_used(usual: Budget, share: float) -> _Left | None:
    calls, parts = usual.calls, usual.sms_parts
    if (calls is None or calls * share > NEAR_CALLS) and (parts is None or parts * share > NEAR_PARTS):
        return None
    return _Left(_rest(calls, 0, 1.0), _rest(parts, 0, 1.0), _rest(calls, 0, share), _rest(parts, 0, share))


def _calls_left(row: Row[Any], share: float) -> int:
    if row.may_minutes is not None and row.call_seconds >= share_of(row.may_minutes * 60, share):
        return 0
    return _rest(row.may_calls, row.calls, share)


def _rest(most: int | None, used: int, share: float) -> int:
    return PLENTY if most is None else share_of(most, share) - used


def _may(name: str) -> ColumnElement[int]:
    return func.coalesce(_BUDGET.c[name], bindparam(f"usual_{name}", type_=Integer()))


_DAY = bindparam("day", type_=_USE.c.day.type)
_SHARE = bindparam("share", type_=Float())
_NEAR_OR_STOPPED = union_all(
    select(
        _USE.c.school_id,
        _USE.c.calls,
        _USE.c.call_seconds,
        _USE.c.sms_parts,
        _may("calls").label("may_calls"),
        _may("minutes").label("may_minutes"),
        _may("sms_parts").label("may_parts"),
    )
    .select_from(_USE.outerjoin(_BUDGET, _BUDGET.c.school_id == _USE.c.school_id))
    .where(
        _USE.c.day == _DAY,
        _BUDGET.c.school_id.is_(None),
        or_(
            _USE.c.calls + NEAR_CALLS >= _may("calls") * _SHARE,
            _USE.c.call_seconds >= _may("minutes") * 60 * _SHARE,
            _USE.c.sms_parts + NEAR_PARTS >= _may("sms_parts") * _SHARE,
        ),
    ),
    select(
        _BUDGET.c.school_id,
        func.coalesce(_USE.c.calls, 0),
        func.coalesce(_USE.c.call_seconds, 0),
        func.coalesce(_USE.c.sms_parts, 0),
        _may("calls"),
        _may("minutes"),
        _may("sms_parts"),
    ).select_from(_BUDGET.outerjoin(_USE, (_USE.c.school_id == _BUDGET.c.school_id) & (_USE.c.day == _DAY))),
    select(_STOP.c.scope, *(cast(null(), Integer()) for _ in range(6))).where(_STOP.c.decided_at.is_(None)),
)
"""Schools near what the settings allow, those with figures of their own, and stops (no calls: it is a stop).

What nothing limits is near to nothing: the comparison with none is not true.
"""
