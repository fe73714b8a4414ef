"""How much of our lines each school uses, what it may use, and campaigns that were stopped for too much of it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, unique_where


class LineUse(Base):
    """What a school used on one day (Sofia time). The campaigns' own calls and SMS are among all of them."""

    __tablename__ = "line_use"
    __table_args__ = (
        Index(None, "day"),
        Index(None, "school_id", "day"),
        CheckConstraint(
            "calls >= 0 AND call_seconds >= 0 AND sms_parts >= 0 AND campaign_calls >= 0 AND campaign_texts >= 0",
            name="used",
        ),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(server_default=text("0"))
    call_seconds: Mapped[int] = mapped_column(server_default=text("0"))
    sms_parts: Mapped[int] = mapped_column(server_default=text("0"))
    campaign_calls: Mapped[int] = mapped_column(server_default=text("0"))
    campaign_texts: Mapped[int] = mapped_column(server_default=text("0"))
    """SMS, however many parts each has."""


class LineBudget(Base):
    """What one school may use a day where it is not what the platform's settings say; none: as they say."""

    __tablename__ = "line_budget"
    __table_args__ = (
        Index(None, "school_id"),
        CheckConstraint("calls IS NULL OR calls > 0", name="calls"),
        CheckConstraint("minutes IS NULL OR minutes > 0", name="minutes"),
        CheckConstraint("sms_parts IS NULL OR sms_parts > 0", name="sms_parts"),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    calls: Mapped[int | None]
    minutes: Mapped[int | None]
    sms_parts: Mapped[int | None]


class CampaignStop(Base):
    """The campaigns of a school, or of all (`school_id` none), stand still: more was called and sent than is usual."""

    __tablename__ = "campaign_stop"
    __table_args__ = (
        Index(None, "school_id", "day"),
        unique_where("uq_campaign_stop_open", "decided_at IS NULL", "scope"),
        CheckConstraint("scope = coalesce(school_id, 0)", name="scope"),
        CheckConstraint("(decided_at IS NULL) = (released IS NULL)", name="decided"),
    )

    id: Mapped[Id]
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    scope: Mapped[int]
    """The school's id, or 0 for all: what one open stop is for."""
    day: Mapped[date]
    began_at: Mapped[datetime]
    used: Mapped[int]
    """Calls and SMS of campaigns on that day until then."""
    most: Mapped[int]
    """So many were still usual."""
    told_at: Mapped[datetime | None]
    """When the platform's operators were written to."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: by a command."""
    released: Mapped[bool | None]
    """Whether the campaigns go on; otherwise they were ended for good."""
