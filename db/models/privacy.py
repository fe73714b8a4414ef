"""Who was erased: ids only, so that nobody comes back with a backup."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import EVENT_IDS, WIDE, Base, SchoolId, WideId
from db.columns import one_of
from db.kinds import ErasedKind, ErasureGround


class Erasure(Base):
    """A person whom a school had erased. It holds no personal data, and is kept for as long as backups are."""

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "school_id", "at"), EVENT_IDS)

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    kind: Mapped[ErasedKind] = mapped_column(one_of(ErasedKind))
    row_id: Mapped[int] = mapped_column(WIDE)
    """The id that the row had, or has."""
    row_created_at: Mapped[datetime]
    """When the row was made: SQLite may give its id to another person later, who must not be erased for it."""
    ground: Mapped[ErasureGround] = mapped_column(one_of(ErasureGround, "ground"))
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who erased; none: the retention period's end, or a command."""
