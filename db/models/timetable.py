"""The timetable: its versions, bells, groups and lessons, substitutions, and dates that follow another day."""

from datetime import date, datetime, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Time,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Name, SchoolId, of_same_school, pointed_at_by_school
from db.columns import one_of
from db.kinds import FIRST_LESSON, LAST_LESSON, GroupKind, SubstitutionKind

_WEEKDAY = "weekday BETWEEN 1 AND 6"
_LESSON = f"lesson BETWEEN {FIRST_LESSON} AND {LAST_LESSON}"


class Timetable(Base):
    """One version of a school's timetable.

    Of the published ones that cover a date, the one that begins last is in force: the earlier ones stay as they were.
    """

    __tablename__ = "timetable"
    __table_args__ = (
        of_same_school("school_year_id", "school_year"),
        pointed_at_by_school(),
        Index(None, "school_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("weeks IN (1, 2)", name="weeks"),
        CheckConstraint("(weeks = 2) = (week_a_on IS NOT NULL)", name="week_a"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    school_year_id: Mapped[int]
    title: Mapped[Name]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """None: until a later version begins."""
    weeks: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """2: weeks A and B alternate."""
    week_a_on: Mapped[date | None]
    """A day of a week A, from which the alternation is counted in weeks of the calendar."""
    published_at: Mapped[datetime | None]
    """None: a draft, which nobody's day follows."""
    created_at: Mapped[datetime]


class BellSchedule(Base):
    """When lessons begin and end, for those classes that follow it: a shift, the primary level, shortened lessons."""

    __tablename__ = "bell_schedule"
    __table_args__ = (UniqueConstraint("school_id", "name"), pointed_at_by_school())

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    name: Mapped[Name]


class Bell(Base):
    """One lesson of a bell schedule, in the local time of schools."""

    __tablename__ = "bell"
    __table_args__ = (
        ForeignKeyConstraint(
            ["school_id", "bell_schedule_id"], ["bell_schedule.school_id", "bell_schedule.id"], ondelete="CASCADE"
        ),
        Index(None, "school_id"),
        CheckConstraint(_LESSON, name="lesson"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )

    school_id: Mapped[SchoolId]
    bell_schedule_id: Mapped[int] = mapped_column(primary_key=True)
    lesson: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    starts_at: Mapped[time] = mapped_column(Time)
    ends_at: Mapped[time] = mapped_column(Time)


class TimetableClass(Base):
    """Which bells a class follows in a version of the timetable."""

    __tablename__ = "timetable_class"
    __table_args__ = (
        ForeignKeyConstraint(
            ["school_id", "timetable_id"], ["timetable.school_id", "timetable.id"], ondelete="CASCADE"
        ),
        of_same_school("class_id", "school_class"),
        of_same_school("bell_schedule_id", "bell_schedule"),
        Index(None, "school_id", "bell_schedule_id"),
    )

    school_id: Mapped[SchoolId]
    timetable_id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(primary_key=True)
    bell_schedule_id: Mapped[int]


class ClassGroup(Base):
    """A part of a class with lessons of its own: for a language, for electives, or one student's own schedule."""

    __tablename__ = "class_group"
    __table_args__ = (
        of_same_school("class_id", "school_class"),
        UniqueConstraint("school_id", "class_id", "name"),
        pointed_at_by_school(),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    class_id: Mapped[int]
    name: Mapped[Name]
    kind: Mapped[GroupKind] = mapped_column(one_of(GroupKind), server_default="group")


class ClassGroupStudent(Base):
    """A student of a group."""

    __tablename__ = "class_group_student"
    __table_args__ = (
        ForeignKeyConstraint(
            ["school_id", "group_id"], ["class_group.school_id", "class_group.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["school_id", "student_id"], ["student.school_id", "student.id"], ondelete="CASCADE"),
        Index(None, "school_id", "student_id"),
    )

    school_id: Mapped[SchoolId]
    group_id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(primary_key=True)


class TimetableLesson(Base):
    """A lesson of every week, or of the weeks A or B, of a class or of a group of it: weekday 1 (Monday) to 6.

    A class in groups has several lessons at once, each with its own teacher.
    """

    __tablename__ = "timetable_lesson"
    __table_args__ = (
        ForeignKeyConstraint(
            ["school_id", "timetable_id"], ["timetable.school_id", "timetable.id"], ondelete="CASCADE"
        ),
        of_same_school("class_id", "school_class"),
        of_same_school("subject_id", "subject"),
        of_same_school("staff_id", "staff"),
        of_same_school("group_id", "class_group"),
        UniqueConstraint(
            *("timetable_id", "class_id", "weekday", "lesson", "week", "staff_id"), name="uq_timetable_lesson_place"
        ),
        Index(None, "school_id", "staff_id", "weekday"),
        Index(None, "school_id", "class_id"),
        CheckConstraint(_WEEKDAY, name="weekday"),
        CheckConstraint(_LESSON, name="lesson"),
        CheckConstraint("week IN (0, 1, 2)", name="week"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    timetable_id: Mapped[int]
    class_id: Mapped[int]
    subject_id: Mapped[int]
    staff_id: Mapped[int]
    weekday: Mapped[int] = mapped_column(SmallInteger)
    lesson: Mapped[int] = mapped_column(SmallInteger)
    week: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """0: every week, 1: weeks A, 2: weeks B."""
    group_id: Mapped[int | None]
    room: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    may_overlap: Mapped[bool] = mapped_column(server_default=false())
    """The school knows that it is at one time with another: merged classes, or two teachers in one lesson."""


class TimetableDay(Base):
    """A date that follows another day's timetable: a Saturday that is worked in place of a Friday."""

    __tablename__ = "timetable_day"
    __table_args__ = (
        UniqueConstraint("school_id", "on_date"),
        CheckConstraint(_WEEKDAY, name="weekday"),
        CheckConstraint("week IN (1, 2)", name="week"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    on_date: Mapped[date]
    weekday: Mapped[int] = mapped_column(SmallInteger)
    week: Mapped[int | None] = mapped_column(SmallInteger)
    """1: as of a week A, 2: as of a week B, None: as the calendar has it."""


class Substitution(Base):
    """One lesson of one day that its teacher does not give. Its substitute may record it, and nothing else."""

    __tablename__ = "substitution"
    __table_args__ = (
        of_same_school("class_id", "school_class"),
        of_same_school("subject_id", "subject"),
        of_same_school("absent_id", "staff"),
        of_same_school("substitute_id", "staff"),
        of_same_school("group_id", "class_group"),
        UniqueConstraint("school_id", "on_date", "lesson", "class_id", "absent_id"),
        Index(None, "school_id", "substitute_id", "on_date"),
        CheckConstraint(_LESSON, name="lesson"),
        CheckConstraint("(kind = 'empty') = (substitute_id IS NULL)", name="substitute"),
        CheckConstraint("substitute_id <> absent_id", name="another"),
        CheckConstraint("(order_number = '') = (ordered_on IS NULL)", name="order"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    on_date: Mapped[date]
    lesson: Mapped[int] = mapped_column(SmallInteger)
    class_id: Mapped[int]
    group_id: Mapped[int | None]
    subject_id: Mapped[int]
    """What is taught: the planned subject, or civic education by somebody who is no specialist."""
    absent_id: Mapped[int]
    kind: Mapped[SubstitutionKind] = mapped_column(one_of(SubstitutionKind))
    substitute_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200))
    order_number: Mapped[str] = mapped_column(String(40))
    ordered_on: Mapped[date | None]
    recorded_at: Mapped[datetime]


class TimetableUpload(Base):
    """The timetable a person has uploaded and whose names they confirm: one per person, encrypted, soon deleted."""

    __tablename__ = "timetable_upload"
    __table_args__ = (Index(None, "school_id"), Index(None, "uploaded_at"))

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    school_id: Mapped[SchoolId]
    uploaded_at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(String(80))
    content_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "timetable upload"})
