"""Subjects, and who teaches what to whom."""

from sqlalchemy import Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Name, SchoolId, of_same_school, pointed_at_by_school


class Subject(Base):
    """учебен предмет, by its full name."""

    __tablename__ = "subject"
    __table_args__ = (UniqueConstraint("school_id", "name"), pointed_at_by_school())

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    name: Mapped[Name]


class TeachingAssignment(Base):
    """A teacher teaches a subject to a class; only they (and the school's leaders) enter its grades."""

    __tablename__ = "teaching_assignment"
    __table_args__ = (
        of_same_school("class_id", "school_class"),
        of_same_school("subject_id", "subject"),
        of_same_school("staff_id", "staff"),
        UniqueConstraint("school_id", "class_id", "subject_id", "staff_id"),
        Index(None, "school_id", "staff_id"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    class_id: Mapped[int]
    subject_id: Mapped[int]
    staff_id: Mapped[int]
    is_profiled: Mapped[bool] = mapped_column(server_default=false())
    """профилиращ предмет of levels 11-12: its annual grade may be fractional."""
    to_confirm: Mapped[bool] = mapped_column(server_default=false())
    """Copied from last year's class; it holds until a person confirms or ends it."""
