"""The brake: when the campaigns of a day call and write far more than is usual, they stop until a person decides.

Usual is the median of the last days on which the school (or, for the platform, any school) had a campaign. A stop is
for campaigns alone: answers, PINs and news of children go on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import logs
import settings
from db.models import CampaignStop, LineUse, School
from db.upsert import insert

log = logs.get(__name__)

COMPARED = 10
"""The last days with campaigns that today is compared to."""
LOOK_BACK = timedelta(days=120)
_CAMPAIGNS = LineUse.campaign_calls + LineUse.campaign_texts


@dataclass(frozen=True, slots=True)
class Stop:
    """Campaigns that stand still. `school_id` None: those of all schools; `most` were still usual, `used` it was."""

    id: int
    school_id: int | None
    school: str | None
    day: date
    began_at: datetime
    used: int
    most: int


def open_stops(session: Session, school_id: int | None = None) -> tuple[Stop, ...]:
    """The stops that nobody has decided on, the oldest first; of one school also the platform's."""
    wanted = (
        select(
            CampaignStop.id,
            CampaignStop.school_id,
            School.name,
            CampaignStop.day,
            CampaignStop.began_at,
            CampaignStop.used,
            CampaignStop.most,
        )
        .outerjoin(School, School.id == CampaignStop.school_id)
        .where(CampaignStop.decided_at.is_(None))
        .order_by(CampaignStop.began_at, CampaignStop.id)
    )
    if school_id is not None:
        wanted = wanted.where(CampaignStop.scope.in_((0, school_id)))
    return tuple(Stop(*row) for row in session.execute(wanted))


def watch(session: Session, school_ids: Collection[int], day: date, now: datetime) -> None:
    """Stop the campaigns of those schools, or of all, that are far beyond the usual on this day.

    Nothing is compared below the floors, so that on an ordinary day this is two small questions.
    """
    config = settings.current()
    used = session.execute(
        select(LineUse.school_id, _CAMPAIGNS).where(
            LineUse.day == day, LineUse.school_id.in_(school_ids), config.brake_floor <= _CAMPAIGNS
        )
    )
    for school_id, of_school in used.all():
        _stop_if_too_many(session, school_id, of_school, config.brake_floor, day, now)
    of_all = session.scalar(select(func.sum(_CAMPAIGNS)).where(LineUse.day == day)) or 0
    if of_all >= config.brake_platform_floor:
        _stop_if_too_many(session, None, int(of_all), config.brake_platform_floor, day, now)


def _stop_if_too_many(session: Session, school_id: int | None, used: int, floor: int, day: date, now: datetime) -> None:
    most = max(floor, round(settings.current().brake_times * _usual(session, school_id, day)))
    if used - _decided(session, school_id, day) < most:
        return
    stopped = session.scalar(
        insert(session.get_bind().dialect.name, CampaignStop)
        .values(school_id=school_id, scope=school_id or 0, day=day, began_at=now, used=used, most=most)
        .on_conflict_do_nothing()
        .returning(CampaignStop.id)
    )
    if stopped is not None:
        log.error("lines.campaigns_stopped", school_id=school_id, used=used, most=most)


def _usual(session: Session, school_id: int | None, day: date) -> float:
    """The median of the last days with campaigns; 0: there were none."""
    total = func.sum(_CAMPAIGNS)
    days = (
        select(total)
        .where(LineUse.day < day, LineUse.day >= day - LOOK_BACK, _CAMPAIGNS > 0)
        .group_by(LineUse.day)
        .order_by(LineUse.day.desc())
        .limit(COMPARED)
    )
    if school_id is not None:
        days = days.where(LineUse.school_id == school_id)
    found = [int(one) for one in session.scalars(days)]
    return float(median(found)) if found else 0.0


def _decided(session: Session, school_id: int | None, day: date) -> int:
    """What had been used at this day's last stop that a person decided on: it is counted anew from there."""
    return (
        session.scalar(
            select(func.max(CampaignStop.used)).where(
                CampaignStop.scope == (school_id or 0), CampaignStop.day == day, CampaignStop.decided_at.is_not(None)
            )
        )
        or 0
    )
