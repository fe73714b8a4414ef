"""The class book: what teachers record about students. Rows name their event kind by table and id."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import EVENT_IDS, Base, SchoolId, Text, Title, WideId, of_same_school, unique_where
from db.columns import one_of
from db.kinds import (
    FIRST_LESSON,
    LAST_LESSON,
    AbsenceKind,
    AbsenceReason,
    EventKind,
    GradeKind,
    GradeScale,
    Mark,
    RemarkKind,
    SanctionKind,
    SchoolEventKind,
)


def _marks(scale: GradeScale) -> str:
    return ", ".join(f"'{mark}'" for mark in Mark if mark.scale is scale)


class Grade(Base):
    """оценка. A number (2, or 3.00-6.00) or a mark in words, as the scale says."""

    __tablename__ = "grade"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("subject_id", "subject"),
        of_same_school("staff_id", "staff"),
        of_same_school("school_year_id", "school_year"),
        ForeignKeyConstraint(["school_year_id", "term"], ["term.school_year_id", "term.number"]),
        Index(None, "school_id", "student_id", "on_date"),
        Index(None, "school_id", "subject_id", "on_date"),
        # Reports count a whole year: in this order, and without reading the table.
        Index(
            "ix_grade_of_year",
            *("school_id", "school_year_id", "student_id", "subject_id", "staff_id"),
            *("kind", "term", "on_date", "value", "mark"),
        ),
        Index(
            "ix_grade_import_id",
            "import_id",
            sqlite_where=text("import_id IS NOT NULL"),
            postgresql_where=text("import_id IS NOT NULL"),
        ),
        unique_where(
            "uq_grade_term", "kind = 'term'", "school_id", "student_id", "subject_id", "school_year_id", "term"
        ),
        unique_where("uq_grade_annual", "kind = 'annual'", "school_id", "student_id", "subject_id", "school_year_id"),
        unique_where("uq_grade_annual_overall", "subject_id IS NULL", "school_id", "student_id", "school_year_id"),
        CheckConstraint("value = 200 OR value BETWEEN 300 AND 600", name="value_2_or_3_to_6"),
        CheckConstraint(
            "(scale = 'numeric') = (value IS NOT NULL) AND (scale <> 'numeric') = (mark IS NOT NULL)",
            name="number_or_mark",
        ),
        CheckConstraint(f"scale <> 'qualitative' OR mark IN ({_marks(GradeScale.QUALITATIVE)})", name="qualitative"),
        CheckConstraint(f"scale <> 'special_needs' OR mark IN ({_marks(GradeScale.SPECIAL_NEEDS)})", name="special"),
        CheckConstraint("kind <> 'term' OR value IS NULL OR value % 100 = 0", name="term_whole"),
        CheckConstraint("NOT (kind = 'term' AND scale = 'qualitative')", name="no_qualitative_term"),
        CheckConstraint("subject_id IS NOT NULL OR (kind = 'annual' AND scale <> 'numeric')", name="overall_annual"),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    subject_id: Mapped[int | None]
    """None: the one overall annual result of level 1."""
    staff_id: Mapped[int]
    school_year_id: Mapped[int]
    term: Mapped[int]
    kind: Mapped[GradeKind] = mapped_column(one_of(GradeKind))
    scale: Mapped[GradeScale] = mapped_column(one_of(GradeScale, "scale"))
    value: Mapped[Decimal | None]
    mark: Mapped[Mark | None] = mapped_column(one_of(Mark, "mark"))
    on_date: Mapped[date]
    recorded_at: Mapped[datetime]
    """When it got its present wording: entered or last corrected."""
    import_id: Mapped[int | None] = mapped_column(ForeignKey("grade_import.id"))
    """The sheet of an earlier diary that it was taken from: no news to anybody."""


class Absence(Base):
    """отсъствие, закъснение: one record per student and lesson."""

    __tablename__ = "absence"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("subject_id", "subject"),
        of_same_school("staff_id", "staff"),
        of_same_school("school_year_id", "school_year"),
        UniqueConstraint("school_id", "student_id", "on_date", "lesson"),
        CheckConstraint(f"lesson BETWEEN {FIRST_LESSON} AND {LAST_LESSON}", name="lesson"),
        CheckConstraint(
            "(kind = 'excused' AND reason IS NOT NULL) OR (kind <> 'excused' AND reason IS NULL)",
            name="reason_when_excused",
        ),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    subject_id: Mapped[int]
    staff_id: Mapped[int]
    school_year_id: Mapped[int]
    kind: Mapped[AbsenceKind] = mapped_column(one_of(AbsenceKind))
    reason: Mapped[AbsenceReason | None] = mapped_column(one_of(AbsenceReason, "reason"))
    on_date: Mapped[date]
    lesson: Mapped[int]
    recorded_at: Mapped[datetime]


class Remark(Base):
    """забележка / похвала, about a subject or about none."""

    __tablename__ = "remark"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("subject_id", "subject"),
        of_same_school("staff_id", "staff"),
        of_same_school("school_year_id", "school_year"),
        Index(None, "school_id", "student_id", "on_date"),
        CheckConstraint("length(text) > 0", name="text"),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    subject_id: Mapped[int | None]
    staff_id: Mapped[int]
    school_year_id: Mapped[int]
    kind: Mapped[RemarkKind] = mapped_column(one_of(RemarkKind))
    text: Mapped[Text]
    on_date: Mapped[date]
    recorded_at: Mapped[datetime]


class Sanction(Base):
    """A formal sanction (чл. 199 ЗПУО) with the principal's order."""

    __tablename__ = "sanction"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("staff_id", "staff"),
        of_same_school("school_year_id", "school_year"),
        UniqueConstraint("school_id", "student_id", "order_number"),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    staff_id: Mapped[int]
    school_year_id: Mapped[int]
    kind: Mapped[SanctionKind] = mapped_column(one_of(SanctionKind))
    order_number: Mapped[str] = mapped_column(String(40))
    ordered_on: Mapped[date]
    text: Mapped[Text]
    recorded_at: Mapped[datetime]


class HealthNote(Base):
    """здравна бележка: its dates may be told, what it says is encrypted and never leaves the school."""

    __tablename__ = "health_note"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("staff_id", "staff"),
        of_same_school("school_year_id", "school_year"),
        Index(None, "school_id", "student_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    staff_id: Mapped[int]
    school_year_id: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "health note"})
    recorded_at: Mapped[datetime]


class SchoolEvent(Base):
    """родителска среща (meeting) or мероприятие (event) of a class, of a level, or of the whole school."""

    __tablename__ = "school_event"
    __table_args__ = (
        of_same_school("class_id", "school_class"),
        of_same_school("staff_id", "staff"),
        Index(None, "school_id", "starts_at"),
        CheckConstraint("length(title) > 0", name="title"),
        CheckConstraint("level IS NULL OR (level BETWEEN 1 AND 12 AND class_id IS NULL)", name="level"),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    class_id: Mapped[int | None]
    level: Mapped[int | None] = mapped_column(SmallInteger)
    staff_id: Mapped[int]
    kind: Mapped[SchoolEventKind] = mapped_column(one_of(SchoolEventKind))
    title: Mapped[Title]
    place: Mapped[Title]
    starts_at: Mapped[datetime]
    text: Mapped[Text]
    recorded_at: Mapped[datetime]
    reminded_of: Mapped[datetime | None]
    """The beginning of which parents were reminded the day before; another one since: it was moved."""


StudentEvent = Grade | Absence | Remark | HealthNote
STUDENT_EVENT_TABLES: Mapping[EventKind, type[StudentEvent]] = {
    EventKind.GRADE: Grade,
    EventKind.ABSENCE: Absence,
    EventKind.REMARK: Remark,
    EventKind.HEALTH: HealthNote,
}
"""Where the events of one student stand."""
EVENT_TABLES: Mapping[EventKind, type[StudentEvent | SchoolEvent]] = {
    **STUDENT_EVENT_TABLES,
    EventKind.MEETING: SchoolEvent,
    EventKind.EVENT: SchoolEvent,
}
"""Where the events of each kind stand: the one place that says so."""
