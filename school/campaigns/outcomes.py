"""What a call means for a family: another telephone, another time, or the end, and then perhaps an SMS."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import CallResult, CampaignState, Channel, FamilyState, MessagePurpose
from db.models import (
    CallAttempt,
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignOptOut,
    CampaignTelephone,
    School,
    SchoolClass,
    SchoolEvent,
    Student,
    Subscriber,
)
from school import outbox
from school.calling.hours import CallingHours
from school.calling.policy import MOST_UNCOUNTED, POLICIES, Pauses
from school.campaigns import invitation
from school.campaigns.invitation import CalledFor
from school.campaigns.telephones import not_theirs
from school.following import notices
from school.following import wording as notice_words
from school.following.notices import Recipient
from school.security import destinations
from school.wording.translation import SOURCE

NEXT_TELEPHONE = timedelta(minutes=1)
"""How long after one telephone of a family the next one is tried, times the pauses' scale."""
_QUIETLY = {"synchronize_session": False}


def settle(session: Session, family_id: int, position: int, result: CallResult, now: datetime, pauses: Pauses) -> None:
    """Record how a call to a family's telephone (its place) ended, and decide what follows."""
    family = session.scalars(
        select(CampaignFamily).where(CampaignFamily.id == family_id).with_for_update()
    ).one_or_none()
    if family is None:
        return
    campaign = session.scalars(select(Campaign).where(Campaign.id == family.campaign_id)).one()
    telephones = session.scalars(
        select(CampaignTelephone).where(CampaignTelephone.family_id == family_id).order_by(CampaignTelephone.position)
    ).all()
    rung = next((one for one in telephones if one.position == position), None)
    if rung is None:  # whose it is was erased during the call
        return
    rung.last_result = result
    counts = POLICIES[result].counts or _uncounted(session, family_id, position, result) >= MOST_UNCOUNTED
    rung.attempts += counts
    if family.state is not FamilyState.CALLING:  # answered by SMS meanwhile
        session.flush()
        return
    if result in (CallResult.REACHED, CallResult.UNKNOWN) or family.answer is not None:
        session.flush()
        state = FamilyState.UNKNOWN if result is CallResult.UNKNOWN and not family.answer else FamilyState.REACHED
        finish(session, campaign, [family.id], state, now)
        return
    hours = CallingHours(campaign.from_hour, campaign.until_hour, campaign.weekdays)
    again = pauses.after(result, rung.attempts)
    may_go_on = rung.attempts < min(campaign.attempts, POLICIES[result].most)
    rung.due_at = hours.first_from(now + again) if again is not None and may_go_on else None
    if counts:
        for one in telephones:
            if one.position > position and one.last_result is None and one.due_at is None:
                one.due_at = hours.first_from(now + NEXT_TELEPHONE * pauses.scale)
                break
    session.flush()
    if campaign.state is CampaignState.STOPPED:
        finish(session, campaign, [family.id], FamilyState.SKIPPED, now)
        return
    due = [one for one in telephones if one.due_at is not None and one.due_at < campaign.ends_at]
    if not due:
        results = {one.last_result for one in telephones}
        state = FamilyState.MACHINE if CallResult.MACHINE in results else FamilyState.NOT_REACHED
        if results == {CallResult.NOT_ALLOWED}:
            state = FamilyState.NOT_ALLOWED
        finish(session, campaign, [family.id], state, now)
        return
    soonest = min(due, key=lambda one: (one.due_at, one.position))
    family.state, family.due_at, family.position = FamilyState.WAITING, soonest.due_at, soonest.position
    session.flush()


def finish(session: Session, campaign: Campaign, family_ids: Sequence[int], state: FamilyState, now: datetime) -> None:
    """Families come to an end; those that were not reached by a person get the SMS, if it is still of use."""
    if not family_ids:
        return
    _end(session, family_ids, state, now)
    if state in (FamilyState.NOT_REACHED, FamilyState.MACHINE, FamilyState.UNKNOWN) and campaign.sms_fallback:
        _write_to(session, campaign, family_ids, _phones(session, campaign.school_id, family_ids), now)


def write_instead(session: Session, campaign: Campaign, family_id: int, phone: str, now: datetime) -> None:
    """A family whose turn has come at the telephone (E.164) of who wants texts and no calls: it gets the SMS.

    It counts as any other family that was written to because no call reached it.
    """
    _end(session, [family_id], FamilyState.NOT_REACHED, now)
    _write_to(session, campaign, [family_id], {family_id: phone}, now)


def _end(session: Session, family_ids: Sequence[int], state: FamilyState, now: datetime) -> None:
    session.execute(
        update(CampaignFamily)
        .where(CampaignFamily.id.in_(family_ids))
        .values(state=state, due_at=None, ended_at=now)
        .execution_options(**_QUIETLY)
    )
    session.execute(
        update(CampaignTelephone)
        .where(CampaignTelephone.family_id.in_(family_ids))
        .values(due_at=None)
        .execution_options(**_QUIETLY)
    )


def _write_to(
    session: Session, campaign: Campaign, family_ids: Sequence[int], phones: Mapping[int, str], now: datetime
) -> None:
    """`phones`: of each family that one is written to."""
    said = invitation.read(session, campaign.id)
    keep_for = timedelta(days=1)
    if campaign.event_id is not None:
        starts_at = session.scalars(select(SchoolEvent.starts_at).where(SchoolEvent.id == campaign.event_id)).one()
        keep_for = starts_at - now
    elif said.school_event is None and campaign.kind == "meeting":
        return  # it was called off
    if keep_for <= timedelta():
        return
    children = called_for(session, family_ids)
    people = {
        row.phone: row
        for row in session.execute(
            select(Subscriber.id, Subscriber.phone, Subscriber.operator).where(Subscriber.phone.in_(phones.values()))
        )
    }
    for family_id, phone in phones.items():
        person = people.get(phone)
        message_id = outbox.enqueue(
            session,
            channel=Channel.SMS,
            address=phone,
            text=invitation.sms(said, children[family_id]),
            purpose=MessagePurpose.CAMPAIGN,
            now=now,
            subscriber_id=person.id if person else None,
            school_id=campaign.school_id,
            operator=person.operator if person else None,
            hours=(campaign.from_hour, campaign.until_hour),
            keep_for=keep_for,
        )
        session.execute(
            update(CampaignFamily)
            .where(CampaignFamily.id == family_id)
            .values(message_id=message_id)
            .execution_options(**_QUIETLY)
        )


def _phones(session: Session, school_id: int, family_ids: Sequence[int]) -> dict[int, str]:
    """The first telephone of each family that can get an SMS and wants what campaigns send; families without: none."""
    wants_none = (
        select(CampaignOptOut.phone)
        .where(CampaignOptOut.school_id == school_id, CampaignOptOut.phone == CampaignTelephone.phone)
        .exists()
    )
    found: dict[int, str] = {}
    may_not = {(row.family_id, row.phone) for row in session.execute(not_theirs(family_ids))}
    reached = destinations.current()
    for row in session.execute(
        select(CampaignTelephone.family_id, CampaignTelephone.phone, CampaignTelephone.last_result)
        .where(CampaignTelephone.family_id.in_(family_ids), ~wants_none)
        .order_by(CampaignTelephone.family_id, CampaignTelephone.position)
    ):
        if (row.family_id, row.phone) in may_not:
            continue
        if row.last_result is not CallResult.BAD_NUMBER and reached.reaches(row.phone, Channel.SMS):
            found.setdefault(row.family_id, row.phone)
    return found


def called_for(session: Session, family_ids: Sequence[int]) -> dict[int, list[CalledFor]]:
    """The children of these families as they are told of."""
    found: dict[int, list[CalledFor]] = {family_id: [] for family_id in family_ids}
    for row in session.execute(
        select(CampaignChild.family_id, Student.first_name, SchoolClass.level, SchoolClass.letter)
        .join(Student, Student.id == CampaignChild.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(CampaignChild.family_id.in_(family_ids))
        .order_by(SchoolClass.level.desc(), Student.id)
    ):
        found[row.family_id].append(CalledFor(row.first_name, f"{row.level}{row.letter}"))
    return found


def _uncounted(session: Session, family_id: int, position: int, result: CallResult) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                CallAttempt.family_id == family_id, CallAttempt.position == position, CallAttempt.result == result
            )
        )
        or 0
    )


def opt_out(session: Session, school_id: int, phone: str, now: datetime) -> None:
    """The school calls this telephone for campaigns no more, and it is told so: anybody may have taken the call."""
    there = session.scalar(
        select(CampaignOptOut.phone).where(CampaignOptOut.school_id == school_id, CampaignOptOut.phone == phone)
    )
    if there is None:
        session.execute(insert(CampaignOptOut).values(school_id=school_id, phone=phone, at=now))
        if destinations.current().reaches(phone, Channel.SMS):
            _tell_opted_out(session, school_id, phone, now)


def _tell_opted_out(session: Session, school_id: int, phone: str, now: datetime) -> None:
    school = session.execute(
        select(School.latin_sms, School.from_hour, School.until_hour).where(School.id == school_id)
    ).one()
    person = session.execute(
        select(Subscriber.id, Subscriber.language, Subscriber.operator).where(Subscriber.phone == phone)
    ).one_or_none()
    language = person.language if person else SOURCE
    hours = (school.from_hour, school.until_hour)
    to = Recipient(
        person.id if person else None,
        phone,
        None,
        language,
        person.operator if person else None,
        school.latin_sms,
        hours,
    )
    notices.send(session, to, notice_words.no_campaigns(language), now)
