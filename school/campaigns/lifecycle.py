"""Making a campaign and steering it. Nobody is called before a person has confirmed how many families that will be.

`by` is the staff account; leaders call any class, a level or the whole school, a class teacher their own class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.kinds import CampaignKind, CampaignState, Channel, FamilyState, MessageState
from db.models import (
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignTelephone,
    Message,
    School,
    SchoolEvent,
)
from errors import ForbiddenError, InputError, MissingError
from school import audit
from school.calling.hours import CallingHours
from school.campaigns.audience import Family, audience
from school.campaigns.states import NEXT
from school.classbook import rules
from school.outbox import wake
from school.outbox.states import is_in as is_message_in
from school.staff import authority
from school.staff.authority import Author

ATTEMPTS = 3
"""How often a telephone is tried unless the campaign says otherwise."""
LASTS = timedelta(days=2)
"""How long an announcement's families are tried; a meeting's until it begins, if that is sooner."""
LONGEST_LEAD = timedelta(days=60)
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person gives. A meeting's campaign takes its audience and title from the meeting (`event_id`)."""

    event_id: int | None = None
    title: str = ""
    text: str = ""
    class_id: int | None = None
    level: int | None = None
    attempts: int = ATTEMPTS
    sms_fallback: bool = True


def draft(session: Session, *, by: int, given: Draft, now: datetime) -> int:
    """Make a campaign that calls nobody yet; gives its id.

    Raises InputError for an empty title or a meeting that is past, MissingError for a meeting or class of another
    school, ForbiddenError for an audience that is not the author's.
    """
    author = authority.author(session, by)
    kind, class_id, level, title = CampaignKind.ANNOUNCEMENT, given.class_id, given.level, given.title
    ends_at = now + LONGEST_LEAD
    if given.event_id is not None:
        event = _event(session, author, given.event_id)
        if event.starts_at <= now:
            raise InputError("The meeting or event is past: nobody can be invited to it any more.")
        kind, class_id, level, title = CampaignKind.MEETING, event.class_id, event.level, event.title
        ends_at = event.starts_at
    _check_audience(session, author, class_id, level)
    if not 1 <= given.attempts <= 9:
        raise InputError("A telephone is tried 1 to 9 times.")
    text = " ".join(given.text.split())
    if len(text) > rules.LONGEST_TEXT:
        raise InputError(
            "The announcement is longer than {longest} characters: shorten it.", longest=rules.LONGEST_TEXT
        )
    school = session.scalars(select(School).where(School.id == author.school_id)).one()
    row = Campaign(
        school_id=author.school_id,
        staff_id=by,
        kind=kind,
        event_id=given.event_id,
        class_id=class_id,
        level=level,
        title=rules.title_text(title),
        text=text,
        state=CampaignState.DRAFT,
        ends_at=ends_at,
        from_hour=school.from_hour,
        until_hour=school.until_hour,
        weekdays=school.call_weekdays,
        attempts=given.attempts,
        sms_fallback=given.sms_fallback,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audited(session, author, "campaign.drafted", row.id, now)
    return row.id


def start(session: Session, *, by: int, campaign_id: int, now: datetime, at: datetime | None = None) -> None:
    """Confirm a draft: its families are called from now, or from the aware moment `at`, within the allowed hours.

    Raises InputError when it was confirmed already, when `at` is past or too late, or when there is nobody to call.
    """
    author, campaign = own_campaign(session, by, campaign_id)
    if campaign.state is not CampaignState.DRAFT:
        raise InputError("This campaign was confirmed already: look at its progress.")
    starts_at = at or now
    if starts_at < now - timedelta(minutes=1):
        raise InputError("The campaign would start in the past: check the hour.")
    starts_at = max(starts_at, now)
    ends_at = (
        min(campaign.ends_at, starts_at + LASTS) if campaign.kind is CampaignKind.ANNOUNCEMENT else campaign.ends_at
    )
    first = CallingHours(campaign.from_hour, campaign.until_hour, campaign.weekdays).first_from(starts_at)
    if first >= ends_at:
        raise InputError("Nobody could be called in time: the allowed hours begin only after the campaign's end.")
    called = audience(session, campaign.school_id, campaign.class_id, campaign.level)
    if not called.families:
        raise InputError("There is nobody to call: no family has a telephone that may be called.")
    session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id)
        .values(
            state=CampaignState.SCHEDULED if starts_at > now else CampaignState.RUNNING,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        .execution_options(synchronize_session=False)
    )
    _store(session, campaign, called.families, FamilyState.WAITING, first)
    _store(session, campaign, called.opted_out, FamilyState.OPTED_OUT, now)
    _store(session, campaign, called.not_allowed, FamilyState.NOT_ALLOWED, now)
    audited(session, author, "campaign.confirmed", campaign_id, now, families=len(called.families))
    wake.notify(session, Channel.CALL)


def pause(session: Session, *, by: int, campaign_id: int, now: datetime) -> None:
    """Call nobody else until it is resumed; calls under way go on. Raises InputError when it does not run."""
    _turn(session, by, campaign_id, CampaignState.PAUSED, "campaign.paused", now)


def resume(session: Session, *, by: int, campaign_id: int, now: datetime) -> None:
    """Go on. Raises InputError when it is not paused."""
    _, campaign = own_campaign(session, by, campaign_id)
    if campaign.state is not CampaignState.PAUSED:
        raise InputError("Only a paused campaign can be resumed.")
    waits = campaign.starts_at is not None and campaign.starts_at > now
    to = CampaignState.SCHEDULED if waits else CampaignState.RUNNING
    _turn(session, by, campaign_id, to, "campaign.resumed", now)
    wake.notify(session, Channel.CALL)


def stop(session: Session, *, by: int, campaign_id: int, now: datetime) -> None:
    """End it for good: who was not called yet is not called, and gets no SMS. Raises InputError when it is over."""
    _turn(session, by, campaign_id, CampaignState.STOPPED, "campaign.stopped", now)
    end_for_good(session, [campaign_id], now)


def end_for_good(session: Session, campaign_ids: Sequence[int], now: datetime) -> None:
    """Nobody else is called for these campaigns, and what was not written yet is not written."""
    of_these = CampaignFamily.campaign_id.in_(campaign_ids)
    session.execute(
        update(CampaignFamily)
        .where(of_these, CampaignFamily.state == FamilyState.WAITING)
        .values(state=FamilyState.SKIPPED, due_at=None, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    written = select(CampaignFamily.message_id).where(of_these, CampaignFamily.message_id.is_not(None))
    session.execute(
        update(Message)
        .where(Message.id.in_(written), is_message_in(MessageState.READY))
        .values(state=MessageState.CANCELLED, ended_at=now)
        .execution_options(synchronize_session=False)
    )


def discard(session: Session, *, by: int, campaign_id: int, now: datetime) -> None:
    """Throw a draft away. Raises InputError when it was confirmed."""
    author, campaign = own_campaign(session, by, campaign_id)
    if campaign.state is not CampaignState.DRAFT:
        raise InputError("Only a draft can be thrown away: stop the campaign instead.")
    session.delete(campaign)
    audited(session, author, "campaign.discarded", campaign_id, now)


def _turn(session: Session, by: int, campaign_id: int, to: CampaignState, action: str, now: datetime) -> None:
    author, campaign = own_campaign(session, by, campaign_id)
    if to not in NEXT[campaign.state] or campaign.state is CampaignState.DRAFT:
        raise InputError("The campaign is in another state meanwhile: look at its progress.")
    values = {"state": to} | ({"ended_at": now} if to is CampaignState.STOPPED else {})
    session.execute(
        update(Campaign).where(Campaign.id == campaign_id).values(**values).execution_options(synchronize_session=False)
    )
    audited(session, author, action, campaign_id, now)


def own_campaign(session: Session, by: int, campaign_id: int) -> tuple[Author, Campaign]:
    """The campaign, locked, for who may steer it."""
    author = authority.author(session, by)
    campaign = session.scalars(
        select(Campaign).where(Campaign.id == campaign_id, Campaign.school_id == author.school_id).with_for_update()
    ).one_or_none()
    if campaign is None:
        raise MissingError("There is no such campaign.")
    _check_audience(session, author, campaign.class_id, campaign.level)
    return author, campaign


def _check_audience(session: Session, author: Author, class_id: int | None, level: int | None) -> None:
    if class_id is not None:
        authority.check_class_teacher(author, authority.class_of_school(session, author, class_id))
    elif not author.leads:
        raise ForbiddenError("Only the school's leaders call a whole level or the whole school: choose your class.")
    elif level is not None and not 1 <= level <= 12:
        raise InputError("A level is a number from 1 to 12.")


def _event(session: Session, author: Author, event_id: int) -> SchoolEvent:
    event = session.scalars(
        select(SchoolEvent).where(SchoolEvent.id == event_id, SchoolEvent.school_id == author.school_id)
    ).one_or_none()
    if event is None:
        raise MissingError("There is no such meeting or event.")
    return event


def _store(
    session: Session, campaign: Campaign, families: tuple[Family, ...], state: FamilyState, at: datetime
) -> None:
    waiting = state is FamilyState.WAITING
    table = CampaignFamily.metadata.tables[CampaignFamily.__tablename__]
    for start_at in range(0, len(families), AT_ONCE):
        some = families[start_at : start_at + AT_ONCE]
        ids = (
            session.connection()
            .execute(
                insert(table).returning(table.c.id, sort_by_parameter_order=True),
                [
                    {
                        "school_id": campaign.school_id,
                        "campaign_id": campaign.id,
                        "state": state,
                        "due_at": at if waiting else None,
                        "ended_at": None if waiting else at,
                        "position": 1,
                    }
                    for _ in some
                ],
            )
            .scalars()
            .all()
        )
        session.connection().execute(
            insert(CampaignTelephone),
            [
                {
                    "family_id": family_id,
                    "position": position,
                    "phone": one.phone,
                    "guardian_id": one.guardian_id,
                    "attempts": 0,
                    "due_at": at if waiting and position == 1 else None,
                }
                for family_id, family in zip(ids, some, strict=True)
                for position, one in enumerate(family.telephones, start=1)
            ],
        )
        session.connection().execute(
            insert(CampaignChild),
            [
                {"school_id": campaign.school_id, "family_id": family_id, "student_id": child.student_id}
                for family_id, family in zip(ids, some, strict=True)
                for child in family.children
            ],
        )


def audited(session: Session, author: Author, action: str, campaign_id: int, now: datetime, **details: int) -> None:
    audit.write(
        session, action, "campaign", campaign_id, now, school_id=author.school_id, by=author.staff_id, **details
    )
