"""What parents tell class teachers by telephone."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, SchoolId, of_same_school


class VoiceMessage(Base):
    """A parent's message to the class teacher of a student, whoever that is when it is heard."""

    __tablename__ = "voice_message"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("heard_by", "staff"),
        ForeignKeyConstraint(
            ["school_id", "subscription_id"], ["subscription.school_id", "subscription.id"], ondelete="CASCADE"
        ),
        Index(None, "school_id", "recorded_at"),
        Index(None, "student_id"),
        Index(None, "subscription_id", "recorded_at"),
        CheckConstraint("milliseconds > 0", name="audible"),
        CheckConstraint("(heard_at IS NULL) = (heard_by IS NULL)", name="heard"),
        CheckConstraint("answered_at IS NULL OR heard_at IS NOT NULL", name="answered"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    subscription_id: Mapped[int]
    """Whose message it is: with it the message is erased."""
    recorded_at: Mapped[datetime]
    milliseconds: Mapped[int]
    sound_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "voice message"})
    """A WAV file of our own making: one channel, 16 bits, 8 kHz."""
    heard_at: Mapped[datetime | None]
    heard_by: Mapped[int | None]
    answered_at: Mapped[datetime | None]
    """When the class teacher marked that they answered, in whatever way."""
