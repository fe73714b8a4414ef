"""Students who go from one school of the platform to another, and what comes along with them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Name, SchoolId, Title, WideId, of_same_school, unique_where
from db.columns import one_of
from db.kinds import GradeKind, GradeScale, Mark


class StudentTransfer(Base):
    """A school let a student go to another, which admits them with what comes along; `school_id` is the old one."""

    __tablename__ = "student_transfer"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("staff_id", "staff"),
        ForeignKeyConstraint(["to_school_id", "to_student_id"], ["student.school_id", "student.id"]),
        unique_where("uq_student_transfer_open", "admitted_at IS NULL", "school_id", "student_id"),
        Index(None, "to_school_id"),
        CheckConstraint("to_school_id <> school_id", name="schools_differ"),
        CheckConstraint("(admitted_at IS NULL) = (to_student_id IS NULL)", name="admitted"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    to_school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    to_student_id: Mapped[int | None]
    staff_id: Mapped[int]
    last_day: Mapped[date]
    offered_at: Mapped[datetime]
    admitted_at: Mapped[datetime | None]


class BroughtGrade(Base):
    """A grade that a student brought along from another school: a copy that nobody changes."""

    __tablename__ = "brought_grade"
    __table_args__ = (of_same_school("student_id", "student"), Index(None, "school_id", "student_id"))

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    from_school: Mapped[Title]
    subject: Mapped[Name | None]
    """As the other school calls it; None: the one overall annual result of level 1."""
    year: Mapped[int] = mapped_column(SmallInteger)
    """The calendar year in which the school year begins."""
    term: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[GradeKind] = mapped_column(one_of(GradeKind))
    scale: Mapped[GradeScale] = mapped_column(one_of(GradeScale, "scale"))
    value: Mapped[Decimal | None]
    mark: Mapped[Mark | None] = mapped_column(one_of(Mark, "mark"))
    on_date: Mapped[date]


class BroughtAbsences(Base):
    """How often a student was absent in a term at another school."""

    __tablename__ = "brought_absences"
    __table_args__ = (of_same_school("student_id", "student"), Index(None, "school_id", "student_id"))

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    from_school: Mapped[Title]
    year: Mapped[int] = mapped_column(SmallInteger)
    term: Mapped[int] = mapped_column(SmallInteger)
    excused: Mapped[int]
    unexcused: Mapped[int]
    late: Mapped[int]
