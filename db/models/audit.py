"""Who changed what: one row per change, written in the change's own transaction, never altered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import EVENT_IDS, WIDE, Base, WideId


class Audit(Base):
    """One change: by a staff account, by a subscriber, or by the product itself (neither)."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "school_id", "at"),
        Index(None, "school_id", "entity", "entity_id"),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(40))
    """What happened: "grade.recorded", "pin.changed"."""
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int] = mapped_column(WIDE)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Old and new values where a value changed; never a PIN, a password or a national id."""
