"""What families do about absences, and what they are warned of."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import WIDE, Base, Id, SchoolId, of_same_school
from db.columns import one_of
from db.kinds import AbsenceReason, Channel, NoticeState, Obstacle

WAITS = "state = 'waiting'"


class AbsenceNotice(Base):
    """A parent's notice that a student is absent, by SMS or in a call: it excuses by itself within the limits.

    Ordinance on inclusive education, art. 62 (1) 3. What it excuses stands in `excuse_note`.
    """

    __tablename__ = "absence_notice"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("school_year_id", "school_year"),
        of_same_school("decided_by", "staff"),
        of_same_school("excuse_note_id", "excuse_note"),
        Index(None, "school_id", "student_id", "given_at"),
        Index(None, "subscriber_id"),
        Index("ix_absence_notice_waiting", "school_id", sqlite_where=text(WAITS), postgresql_where=text(WAITS)),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("school_days > 0", name="school_days"),
        CheckConstraint("(state IN ('counted', 'accepted')) = (excuse_note_id IS NOT NULL)", name="excuses"),
        CheckConstraint("(state = 'refused') = (refused_for IS NOT NULL)", name="refused_with_reason"),
        CheckConstraint("(state IN ('accepted', 'refused')) = (decided_by IS NOT NULL)", name="decided_by"),
        CheckConstraint("(state IN ('accepted', 'refused')) = (decided_at IS NOT NULL)", name="decided_at"),
        CheckConstraint("channel IN ('sms', 'call')", name="given_by_telephone"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    school_year_id: Mapped[int]
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id", ondelete="SET NULL"))
    """Who gave it; none: that person was erased."""
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    school_days: Mapped[int] = mapped_column(SmallInteger)
    """Between the two dates."""
    ground: Mapped[AbsenceReason | None] = mapped_column(one_of(AbsenceReason, "ground"))
    """None: no reason was given."""
    reason_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": "absence notice"})
    """The parent's words; none: the ground was chosen by key."""
    state: Mapped[NoticeState] = mapped_column(one_of(NoticeState, "state"))
    given_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    refused_for: Mapped[Obstacle | None] = mapped_column(one_of(Obstacle, "refused_for"))
    excuse_note_id: Mapped[int | None]


class BenefitWarning(Base):
    """That a student's family was warned in a month of the hours after which child benefit is lost."""

    __tablename__ = "benefit_warning"
    __table_args__ = (
        of_same_school("student_id", "student"),
        Index(None, "school_id", "month"),
        CheckConstraint("half_hours > 0", name="half_hours"),
        CheckConstraint("stage >= 0", name="stage"),
    )

    school_id: Mapped[SchoolId]
    student_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day."""
    stage: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    """Unexcused hours that were reached; 0: that the month is about to close."""
    half_hours: Mapped[int] = mapped_column(SmallInteger)
    """How many unexcused half hours there were then."""
    absence_id: Mapped[int] = mapped_column(WIDE)
    """The absence with whose news it was told."""
    warned_at: Mapped[datetime]
