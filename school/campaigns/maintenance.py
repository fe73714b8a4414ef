"""Periodic work for campaigns: start those whose time has come, end those that are finished, tell of stopped ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from db.kinds import CampaignKind, CampaignState, FamilyState
from db.models import Campaign, CampaignFamily, SchoolEvent
from school.campaigns import outcomes, stops
from school.campaigns.states import OPEN, UNDER_WAY, is_in

AT_ONCE = 200
"""Families that one round ends at the most."""


def keep(session: Session, now: datetime) -> None:
    """Do it. To be called every few seconds by whoever dials; any number may."""
    session.execute(
        update(Campaign)
        .where(is_in(CampaignState.SCHEDULED), Campaign.starts_at <= now)
        .values(state=CampaignState.RUNNING)
        .execution_options(synchronize_session=False)
    )
    rows: Sequence[Any] = session.execute(
        select(Campaign, SchoolEvent.starts_at)
        .join(SchoolEvent, SchoolEvent.id == Campaign.event_id, isouter=True)
        .where(is_in(*OPEN))
        .order_by(Campaign.id)
        .with_for_update(of=Campaign, skip_locked=True)
    ).all()
    for campaign, meets_at in rows:
        called_off = campaign.kind is CampaignKind.MEETING and meets_at is None
        if called_off:
            _end_waiting(session, campaign, FamilyState.SKIPPED, now)
            campaign.state, campaign.ended_at = CampaignState.STOPPED, now
        elif campaign.ends_at <= now or (meets_at is not None and meets_at <= now):
            _end_waiting(session, campaign, FamilyState.NOT_REACHED, now)
            _finish_if_done(session, campaign, now)
        elif campaign.state is CampaignState.RUNNING:
            _finish_if_done(session, campaign, now)
    session.flush()
    stops.tell_operators(session, now)


def _end_waiting(session: Session, campaign: Campaign, state: FamilyState, now: datetime) -> None:
    waiting = session.scalars(
        select(CampaignFamily.id)
        .where(CampaignFamily.campaign_id == campaign.id, CampaignFamily.state == FamilyState.WAITING)
        .order_by(CampaignFamily.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    outcomes.finish(session, campaign, waiting, state, now)


def _finish_if_done(session: Session, campaign: Campaign, now: datetime) -> None:
    under_way = session.scalar(
        select(exists().where(CampaignFamily.campaign_id == campaign.id, CampaignFamily.state.in_(UNDER_WAY)))
    )
    if not under_way:
        campaign.state, campaign.ended_at = CampaignState.FINISHED, now
