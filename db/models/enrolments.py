"""Which class each student was in on each day, and the turn of the year."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, SchoolId, WideId, of_same_school
from db.columns import one_of
from db.kinds import EnrolmentReason


class Enrolment(Base):
    """A student is in a class from one day to another, both included; `ends_on` is empty while nobody knows an end.

    No two of a student share a day: the database refuses it, PostgreSQL by an exclusion constraint
    (`ex_enrolment_no_overlap`), SQLite by the triggers `enrolment_insert` and `enrolment_update`; both are made by the
    migration, and a migration that makes the table anew on SQLite has to make the triggers anew too. The open one is
    what `student.class_id` and `student.number_in_class` repeat; `school.enrolments` alone writes both.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("class_id", "school_class"),
        UniqueConstraint("school_id", "student_id", "starts_on"),
        Index(None, "school_id", "class_id"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    class_id: Mapped[int]
    number_in_class: Mapped[int | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[EnrolmentReason] = mapped_column(one_of(EnrolmentReason, "reason"))


class Rollover(Base):
    """A school went over from one school year to the next; one that was undone has no row."""

    __tablename__ = "rollover"
    __table_args__ = (
        of_same_school("school_year_id", "school_year"),
        of_same_school("from_year_id", "school_year"),
        of_same_school("staff_id", "staff"),
        UniqueConstraint("school_id", "school_year_id"),
        Index(None, "farewell_on"),
        CheckConstraint("school_year_id <> from_year_id", name="years_differ"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    school_year_id: Mapped[int]
    from_year_id: Mapped[int]
    staff_id: Mapped[int]
    carried_out_at: Mapped[datetime]
    made_classes: Mapped[list[int]] = mapped_column(JSON)
    """The classes that the roll-over made: undoing it takes these away and no others."""
    finishing: Mapped[list[int]] = mapped_column(JSON)
    """The levels after which students leave this school: who leaves from them graduates."""
    farewell_on: Mapped[date]
    """The last day of those who are in no class of the new year: their ID-codes are in force till its end."""
    farewell_at: Mapped[datetime | None]
    """When they were taken leave of."""


class RolloverDraft(Base):
    """What a school's leaders have decided so far about going over to a year, until it is carried out."""

    __tablename__ = "rollover_draft"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    start: Mapped[int] = mapped_column(SmallInteger)
    """The calendar year in which the new school year begins."""
    wishes: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Ids of students who repeat or leave, of those placed with their class, the levels that finish, and a last day."""
    changed_at: Mapped[datetime]
