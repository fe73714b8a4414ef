"""Which telephones of a campaign's families may not be told any more: a campaign is made days before it calls."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, not_, or_, select

from db.kinds import SubscriptionStatus
from db.models import (
    CampaignChild,
    CampaignFamily,
    CampaignTelephone,
    Guardian,
    Student,
    StudentGuardian,
    Subscriber,
    Subscription,
)


def not_theirs(family_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """(family_id, phone) of telephones that are no guardian's who may be told and follow none of the children, or
    belong to somebody who may not be told of one of them.

    A campaign's call names all children of a family, so one whom a telephone may not hear of is enough.
    """
    child = (CampaignChild.family_id == CampaignTelephone.family_id) & (
        CampaignChild.school_id == CampaignFamily.school_id
    )
    guardian = (
        select(Guardian.id)
        .join(StudentGuardian, StudentGuardian.guardian_id == Guardian.id)
        .where(StudentGuardian.student_id == CampaignChild.student_id, Guardian.phone == CampaignTelephone.phone)
        .correlate(CampaignChild, CampaignTelephone)
    )
    told = guardian.where(StudentGuardian.may_be_told).exists()
    barred = guardian.where(not_(StudentGuardian.may_be_told)).exists()
    subscription = (
        select(Subscription.id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.school_id == CampaignChild.school_id,
            Subscription.student_id == CampaignChild.student_id,
            Subscriber.phone == CampaignTelephone.phone,
        )
        .correlate(CampaignChild, CampaignTelephone)
    )
    follows = subscription.where(Subscription.status == SubscriptionStatus.ACTIVE).exists()
    ended = subscription.where(Subscription.ended_why.is_not(None)).exists()
    limited = (
        select(Student.id)
        .where(Student.id == CampaignChild.student_id, Student.only_named_followers)
        .correlate(CampaignChild)
        .exists()
    )
    children = select(CampaignChild.student_id).where(child)
    theirs = children.where(or_(told, follows)).correlate(CampaignTelephone, CampaignFamily).exists()
    forbidden = (
        children.where(and_(not_(told), not_(follows), or_(barred, ended, limited)))
        .correlate(CampaignTelephone, CampaignFamily)
        .exists()
    )
    return (
        select(CampaignTelephone.family_id, CampaignTelephone.phone)
        .join(CampaignFamily, CampaignFamily.id == CampaignTelephone.family_id)
        .where(CampaignTelephone.family_id.in_(family_ids), or_(not_(theirs), forbidden))
    )
