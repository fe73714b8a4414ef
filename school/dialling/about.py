"""What an answered outbound call is about, found by its channel."""

from dataclasses import dataclass

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from db.models import CallAttempt, CampaignChild, CampaignFamily, Message, SchoolClass, Student, Subscriber
from school.campaigns import invitation
from school.campaigns.invitation import CalledFor, Invitation
from school.dialling import call_backs


@dataclass(frozen=True, slots=True)
class NewsCall:
    """To tell a subscriber all that is new. `phone` is E.164; `slow_speech`: whoever has it is spoken to slowly."""

    channel_id: str
    phone: str
    slow_speech: bool = False


@dataclass(frozen=True, slots=True)
class CampaignCall:
    """To tell a family a campaign's invitation; `student_id`: the first of the children."""

    channel_id: str
    phone: str
    family_id: int
    school_id: int
    student_id: int
    children: tuple[CalledFor, ...]
    invitation: Invitation
    slow_speech: bool = False


@dataclass(frozen=True, slots=True)
class CallBack:
    """A parent asked to be called back; who takes the call is asked for a key first, as in every call of ours."""

    channel_id: str
    phone: str
    slow_speech: bool = False


OutboundCall = NewsCall | CampaignCall | CallBack


def read(session: Session, channel_id: str) -> OutboundCall | None:
    """What this channel's call is about; None: it is no call of ours, or is over already."""
    attempt = session.execute(
        select(
            CallAttempt.phone,
            CallAttempt.family_id,
            CampaignFamily.campaign_id,
            CampaignFamily.school_id,
            Message.purpose,
            func.coalesce(Subscriber.slow_speech, false()).label("slow_speech"),
        )
        .join(CampaignFamily, CampaignFamily.id == CallAttempt.family_id, isouter=True)
        .join(Message, Message.id == CallAttempt.message_id, isouter=True)
        .join(Subscriber, Subscriber.phone == CallAttempt.phone, isouter=True)
        .where(CallAttempt.channel_id == channel_id, CallAttempt.result.is_(None))
    ).one_or_none()
    if attempt is None:
        return None
    if attempt.purpose is call_backs.PURPOSE:
        return CallBack(channel_id, attempt.phone, attempt.slow_speech)
    if attempt.family_id is None:
        return NewsCall(channel_id, attempt.phone, attempt.slow_speech)
    children = session.execute(
        select(Student.id, Student.first_name, SchoolClass.level, SchoolClass.letter)
        .join(CampaignChild, CampaignChild.student_id == Student.id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(CampaignChild.family_id == attempt.family_id)
        .order_by(SchoolClass.level.desc(), Student.id)
    ).all()
    if not children:
        return None  # they left the school meanwhile
    return CampaignCall(
        channel_id=channel_id,
        phone=attempt.phone,
        family_id=attempt.family_id,
        school_id=attempt.school_id,
        student_id=children[0].id,
        children=tuple(CalledFor(row.first_name, f"{row.level}{row.letter}") for row in children),
        invitation=invitation.read(session, attempt.campaign_id),
        slow_speech=attempt.slow_speech,
    )
