"""What a teacher's day needs: the school's phrases, excuses, and what a browser has submitted."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, SchoolId, of_same_school, pointed_at_by_school
from db.columns import one_of
from db.kinds import AbsenceReason, ExcuseKind, RemarkKind


class RemarkPhrase(Base):
    """A remark or praise that the school's teachers write often."""

    __tablename__ = "remark_phrase"
    __table_args__ = (UniqueConstraint("school_id", "kind", "text"),)

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    kind: Mapped[RemarkKind] = mapped_column(one_of(RemarkKind))
    text: Mapped[str] = mapped_column(String(200))


class ExcuseNote(Base):
    """A paper that excuses a student's absences: by a parent (limited days each year), a doctor or an organiser."""

    __tablename__ = "excuse_note"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("staff_id", "staff"),
        of_same_school("school_year_id", "school_year"),
        pointed_at_by_school(),
        Index(None, "school_id", "student_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("school_days > 0", name="school_days"),
        CheckConstraint("(kind = 'organiser') = (parent_confirmed_on IS NOT NULL)", name="confirmed_by_parent"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    school_year_id: Mapped[int]
    staff_id: Mapped[int | None]
    """None: a parent's notice, which counted by itself."""
    kind: Mapped[ExcuseKind] = mapped_column(one_of(ExcuseKind))
    reason: Mapped[AbsenceReason] = mapped_column(one_of(AbsenceReason, "reason"))
    """What absences of its days are excused for."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    school_days: Mapped[int] = mapped_column(SmallInteger)
    parent_confirmed_on: Mapped[date | None]
    """When the parent confirmed that the student took part; an organiser's paper excuses nothing without it."""
    recorded_at: Mapped[datetime]


class Submission(Base):
    """What a browser has submitted: submitted again after a lost connection, it gets the first answer."""

    __tablename__ = "submission"
    __table_args__ = (Index(None, "school_id", "at"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[SchoolId]
    at: Mapped[datetime]
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)


class RosterUpload(Base):
    """The list a person has uploaded and looks at before it is carried out: one per person, encrypted, soon deleted."""

    __tablename__ = "roster_upload"
    __table_args__ = (Index(None, "school_id"), Index(None, "uploaded_at"))

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    school_id: Mapped[SchoolId]
    uploaded_at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(String(80))
    content_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "roster upload"})
    answers_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": "roster answers"})
    """What the person has said of its columns and cells, as JSON."""


class RosterShape(Base):
    """What the columns of a form of file are at a school: answered once, for its next file of the same form."""

    __tablename__ = "roster_shape"
    __table_args__ = (Index(None, "school_id", "used_at"),)

    school_id: Mapped[SchoolId] = mapped_column(primary_key=True)
    shape: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The fingerprint of its headings."""
    choice: Mapped[dict[str, Any]] = mapped_column(JSON)
    used_at: Mapped[datetime]


class GradeImport(Base):
    """A sheet of another diary whose grades were taken over: they are marked by it, and go with it."""

    __tablename__ = "grade_import"
    __table_args__ = (
        of_same_school("class_id", "school_class"),
        of_same_school("staff_id", "staff"),
        Index(None, "school_id", "imported_at"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    class_id: Mapped[int]
    staff_id: Mapped[int]
    imported_at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(String(80))
    grades: Mapped[int]
    """How many it brought."""
    undone_at: Mapped[datetime | None]
