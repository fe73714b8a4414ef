"""What families answer: by a key in the call, or by SMS, as often as they change their mind."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.kinds import CampaignState, Channel, FamilyState, MeetingAnswer
from db.models import Campaign, CampaignFamily, CampaignOptOut, CampaignTelephone, SchoolEvent
from school.campaigns import outcomes


@dataclass(frozen=True, slots=True)
class Noted:
    """An answer that was noted: of which meeting or event; `starts_at` aware."""

    title: str
    starts_at: datetime
    answer: MeetingAnswer


def note(session: Session, family_id: int, answer: MeetingAnswer, by: Channel, now: datetime) -> None:
    """Note a family's answer; the last one counts."""
    session.execute(
        update(CampaignFamily)
        .where(CampaignFamily.id == family_id)
        .values(answer=answer, answered_at=now, answered_by=by)
        .execution_options(synchronize_session=False)
    )


def by_sms(session: Session, phone: str, answer: MeetingAnswer, now: datetime) -> Noted | None:
    """Note what this number answers to the latest invitation to something that is still ahead; None: it has none.

    A family that still waits to be called has been reached now.
    """
    invited = session.execute(
        select(CampaignFamily.id, CampaignFamily.state, SchoolEvent.title, SchoolEvent.starts_at)
        .join(CampaignTelephone, CampaignTelephone.family_id == CampaignFamily.id)
        .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
        .join(SchoolEvent, SchoolEvent.id == Campaign.event_id)
        .where(
            CampaignTelephone.phone == phone,
            SchoolEvent.starts_at > now,
            Campaign.state.not_in((CampaignState.DRAFT, CampaignState.SCHEDULED)),
        )
        .order_by(Campaign.starts_at.desc(), CampaignFamily.id.desc())
        .limit(1)
    ).one_or_none()
    if invited is None:
        return None
    note(session, invited.id, answer, Channel.SMS, now)
    if invited.state is FamilyState.WAITING:
        campaign = session.scalars(
            select(Campaign)
            .join(CampaignFamily, CampaignFamily.campaign_id == Campaign.id)
            .where(CampaignFamily.id == invited.id)
        ).one()
        outcomes.finish(session, campaign, [invited.id], FamilyState.REACHED, now)
    return Noted(invited.title, invited.starts_at, answer)


def stop_inviting(session: Session, phone: str, now: datetime) -> bool:
    """No school that called this number for a campaign does so again; whether there is any that did not know yet."""
    knows = (
        select(CampaignOptOut.phone)
        .where(CampaignOptOut.school_id == CampaignFamily.school_id, CampaignOptOut.phone == phone)
        .exists()
    )
    schools = session.scalars(
        select(CampaignFamily.school_id)
        .join(CampaignTelephone, CampaignTelephone.family_id == CampaignFamily.id)
        .where(CampaignTelephone.phone == phone, ~knows)
        .distinct()
    ).all()
    for school_id in schools:
        outcomes.opt_out(session, school_id, phone, now)
    return bool(schools)
