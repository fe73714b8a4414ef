"""Outbound calls: campaigns with their families, and every attempt to call somebody."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import (
    EVENT_IDS,
    WIDE,
    Base,
    Id,
    Phone,
    SchoolId,
    Text,
    Title,
    WideId,
    of_same_school,
    pointed_at_by_school,
)
from db.columns import one_of
from db.kinds import CallResult, CampaignKind, CampaignState, Channel, FamilyState, MeetingAnswer


def _index_where(name: str, condition: str, *columns: str) -> Index:
    """An index over the few rows that are not done: it stays small however many are."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class Campaign(Base):
    """кампания: calls to the families of a class, of a level, or of the whole school."""

    __tablename__ = "campaign"
    __table_args__ = (
        of_same_school("staff_id", "staff"),
        of_same_school("class_id", "school_class"),
        pointed_at_by_school(),
        Index(None, "school_id", "created_at"),
        Index(None, "event_id"),
        ForeignKeyConstraint(["school_id", "apology_for_id"], ["campaign.school_id", "campaign.id"]),
        UniqueConstraint("apology_for_id"),
        _index_where("ix_campaign_open", "state IN ('scheduled', 'running', 'paused')", "state"),
        CheckConstraint("length(title) > 0", name="title"),
        CheckConstraint("level IS NULL OR (level BETWEEN 1 AND 12 AND class_id IS NULL)", name="level"),
        CheckConstraint("kind = 'meeting' OR event_id IS NULL", name="event_of_meeting"),
        CheckConstraint("state = 'draft' OR starts_at IS NOT NULL", name="starts_at"),
        CheckConstraint("starts_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("from_hour >= 0 AND from_hour < until_hour AND until_hour <= 24", name="hours"),
        CheckConstraint("length(weekdays) BETWEEN 1 AND 7", name="weekdays"),
        CheckConstraint("attempts BETWEEN 1 AND 9", name="attempts"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    staff_id: Mapped[int]
    """Who made it."""
    kind: Mapped[CampaignKind] = mapped_column(one_of(CampaignKind))
    event_id: Mapped[int | None] = mapped_column(WIDE, ForeignKey("school_event.id", ondelete="SET NULL"))
    """The meeting that parents are invited to; none of a meeting's campaign: it was called off."""
    class_id: Mapped[int | None]
    level: Mapped[int | None] = mapped_column(SmallInteger)
    title: Mapped[Title]
    text: Mapped[Text]
    """What is said beyond the meeting's own title, time and place."""
    state: Mapped[CampaignState] = mapped_column(one_of(CampaignState, "state"))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime]
    """Nobody is called from then on."""
    from_hour: Mapped[int] = mapped_column(SmallInteger)
    until_hour: Mapped[int] = mapped_column(SmallInteger)
    weekdays: Mapped[str] = mapped_column(String(7))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    """How often a telephone is tried."""
    sms_fallback: Mapped[bool] = mapped_column(server_default=true())
    """Whether families that were not reached get an SMS."""
    apology_for_id: Mapped[int | None]
    """The stopped campaign for which this one apologises: each gets one apology at most."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CampaignFamily(Base):
    """A family in a campaign: called once for all its children."""

    __tablename__ = "campaign_family"
    __table_args__ = (
        ForeignKeyConstraint(["school_id", "campaign_id"], ["campaign.school_id", "campaign.id"], ondelete="CASCADE"),
        pointed_at_by_school(),
        Index(None, "campaign_id", "state"),
        _index_where("ix_campaign_family_waiting", "state = 'waiting'", "campaign_id", "due_at"),
        Index(None, "message_id"),
        CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at"),
        CheckConstraint("(answer IS NULL) = (answered_by IS NULL)", name="answered_by_channel"),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    campaign_id: Mapped[int]
    state: Mapped[FamilyState] = mapped_column(one_of(FamilyState, "state"))
    due_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(SmallInteger)
    """Which of its telephones is rung next, or was last."""
    answer: Mapped[MeetingAnswer | None] = mapped_column(one_of(MeetingAnswer, "answer"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[Channel | None] = mapped_column(one_of(Channel, "answered_by"))
    message_id: Mapped[int | None] = mapped_column(WIDE, ForeignKey("message.id", ondelete="SET NULL"))
    """The SMS it got because it was not reached."""
    ended_at: Mapped[datetime | None]


class CampaignTelephone(Base):
    """A telephone of a family, in the order in which they are tried (from 1)."""

    __tablename__ = "campaign_telephone"
    __table_args__ = (
        Index(None, "phone"),
        Index(None, "guardian_id"),
        UniqueConstraint("family_id", "phone"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )

    family_id: Mapped[int] = mapped_column(WIDE, ForeignKey("campaign_family.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    phone: Mapped[Phone]
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id", ondelete="SET NULL"))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    """Those that counted: one that our own trunk failed does not."""
    due_at: Mapped[datetime | None]
    """When it may be rung; none: not yet, or never again."""
    last_result: Mapped[CallResult | None] = mapped_column(one_of(CallResult, "last_result"))


class CampaignChild(Base):
    """A student for whom a family is called."""

    __tablename__ = "campaign_child"
    __table_args__ = (
        ForeignKeyConstraint(
            ["school_id", "family_id"], ["campaign_family.school_id", "campaign_family.id"], ondelete="CASCADE"
        ),
        of_same_school("student_id", "student"),
        Index(None, "school_id", "student_id"),
    )

    school_id: Mapped[SchoolId]
    family_id: Mapped[int] = mapped_column(WIDE, primary_key=True)
    student_id: Mapped[int] = mapped_column(primary_key=True)


class CampaignOptOut(Base):
    """A telephone that a school may not call for campaigns any more."""

    __tablename__ = "campaign_opt_out"
    __table_args__ = (Index(None, "school_id", "at"),)

    school_id: Mapped[SchoolId] = mapped_column(primary_key=True)
    phone: Mapped[Phone] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class CallAttempt(Base):
    """One telephone called once, for a family of a campaign or for a message of the outbox.

    It is committed before Asterisk is told to dial, so that no call is made that nobody knows of.
    """

    __tablename__ = "call_attempt"
    __table_args__ = (
        _index_where("ix_call_attempt_open", "result IS NULL", "phone"),
        Index(None, "family_id"),
        Index(None, "message_id"),
        Index(None, "dialled_at"),
        Index(None, "school_id", "dialled_at"),
        _index_where("ix_call_attempt_campaign_phone", "family_id IS NOT NULL", "phone", "dialled_at"),
        CheckConstraint("(family_id IS NULL) <> (message_id IS NULL)", name="for_one"),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    channel_id: Mapped[str] = mapped_column(String(64), unique=True)
    """Asterisk's name for the channel (Uniqueid), given by us."""
    family_id: Mapped[int | None] = mapped_column(WIDE, ForeignKey("campaign_family.id", ondelete="CASCADE"))
    message_id: Mapped[int | None] = mapped_column(WIDE, ForeignKey("message.id", ondelete="CASCADE"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    """Whose day it counts in; none: a message of no one school."""
    position: Mapped[int] = mapped_column(SmallInteger)
    """Which of the family's telephones."""
    phone: Mapped[Phone]
    dialer: Mapped[str] = mapped_column(String(80))
    """Host and process that watches it."""
    dialled_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    person_at: Mapped[datetime | None]
    """When a key proved a person."""
    sounds_like_machine: Mapped[bool] = mapped_column(server_default=false())
    """A hint: somebody talked on and on right after the answer."""
    ended_at: Mapped[datetime | None]
    """When the channel was hung up."""
    cause: Mapped[int | None] = mapped_column(SmallInteger)
    """Q.850."""
    result: Mapped[CallResult | None] = mapped_column(one_of(CallResult, "result"))
    """None: it is under way, or what was told in it is not known yet."""
