"""Campaigns of a database that was restored from a backup: whom they called since, nobody knows any more."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.kinds import CampaignState
from db.models import Campaign
from school.campaigns.lifecycle import end_for_good
from school.campaigns.states import OPEN, is_in


def pause(session: Session, now: datetime) -> tuple[int, int]:
    """Pause those that had begun by now, for their school to resume or stop, and stop those that were to end by now.

    Gives how many of each. One that ended by itself would write to every family that it has not called since.
    """
    over = session.scalars(
        update(Campaign)
        .where(is_in(*OPEN), Campaign.ends_at <= now)
        .values(state=CampaignState.STOPPED, ended_at=now)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    ).all()
    end_for_good(session, over, now)
    begun = session.scalars(
        update(Campaign)
        .where(is_in(CampaignState.RUNNING, CampaignState.SCHEDULED), Campaign.starts_at <= now)
        .values(state=CampaignState.PAUSED)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(begun), len(over)
