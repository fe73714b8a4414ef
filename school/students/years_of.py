"""The classes in which a student was, year by year, and what of a year a member of staff may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from db.models import Absence, Enrolment, Grade, Remark, SchoolClass, SchoolYear, Student, TeachingAssignment
from errors import ForbiddenError, MissingError
from school.staff import authority
from school.staff.authority import Author
from school.years import calendar


@dataclass(frozen=True, slots=True)
class Stay:
    """A student in a class; `year` is the calendar year in which the class's school year begins."""

    class_id: int
    class_name: str
    class_teacher_id: int | None
    starts_on: date
    ends_on: date | None
    year: int
    is_this_year: bool


@dataclass(frozen=True, slots=True)
class StudentInYear:
    """A student in the classes of one school year, the last of them last, as the reader may see it."""

    student_id: int
    name: str
    is_here: bool
    """In a class of the school now."""
    stays: tuple[Stay, ...]
    years: tuple[int, ...]
    """In which the student was in a class, the newest first."""
    sees_everything: bool
    subjects: tuple[tuple[int, int], ...]
    """(class, subject) that the reader teaches to these classes; of no use to who sees everything."""
    reader: Author

    @property
    def last(self) -> Stay:
        """The last class of the year."""
        return self.stays[-1]

    def visible(self, model: type[Grade] | type[Absence] | type[Remark]) -> ColumnElement[bool]:
        """What the reader may see of the year's entries.

        Who teaches the last class sees their subjects whole: what is of an earlier class came along. Who taught or led
        an earlier one sees what is of the days there.
        """
        if self.sees_everything:
            return true()
        seen: list[ColumnElement[bool]] = [false()]
        for stay in self.stays:
            taught = model.subject_id.in_([subject for class_id, subject in self.subjects if class_id == stay.class_id])
            if stay is self.last:
                seen.append(taught)
                continue
            days = and_(model.on_date >= stay.starts_on, model.on_date <= (stay.ends_on or date.max))
            leads = stay.class_teacher_id == self.reader.staff_id
            seen.append(days if leads else and_(taught, days))
        return or_(*seen)


def student_in_year(
    session: Session, by: int | Author, student_id: int, now: datetime, year: int | None = None
) -> StudentInYear:
    """A student of the reader's school in the school year that begins in `year`; None: in the present one.

    Raises MissingError when the student was in no class then, ForbiddenError when the year is not theirs to see.
    """
    reader = authority.author(session, by)
    today = calendar.today(now)
    rows = _rows(session, reader, student_id)
    if not rows:
        raise MissingError(authority.NO_STUDENT)
    every = tuple(_stay(row, today) for row in rows)
    wanted = tuple(one for one in every if (one.is_this_year if year is None else one.year == year))
    if not wanted and year is not None:
        raise MissingError(authority.NO_STUDENT)
    stays = wanted or every[-1:]
    is_here = rows[0].present is not None
    leading = {stays[-1].class_teacher_id, every[-1].class_teacher_id if is_here else None}
    everything = reader.leads or reader.staff_id in leading
    subjects = () if everything else _subjects(session, reader, stays)
    if not everything and not subjects and reader.staff_id not in {one.class_teacher_id for one in stays}:
        raise ForbiddenError("Only who teaches the class may record this, or the school's leaders.")
    return StudentInYear(
        student_id=student_id,
        name=f"{rows[0].first_name} {rows[0].middle_name} {rows[0].last_name}",
        is_here=is_here,
        stays=stays,
        years=tuple(sorted({one.year for one in every}, reverse=True)),
        sees_everything=everything,
        subjects=subjects,
        reader=reader,
    )


def _rows(session: Session, reader: Author, student_id: int) -> Sequence[Any]:
    return session.execute(
        select(
            *(Student.first_name, Student.middle_name, Student.last_name, Student.class_id.label("present")),
            *(Enrolment.class_id, Enrolment.starts_on, Enrolment.ends_on),
            *(SchoolClass.level, SchoolClass.letter, SchoolClass.class_teacher_id),
            SchoolYear.starts_on.label("year_starts"),
            SchoolYear.ends_on.label("year_ends"),
        )
        .join_from(Enrolment, Student, Student.id == Enrolment.student_id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(Enrolment.school_id == reader.school_id, Enrolment.student_id == student_id)
        .order_by(Enrolment.starts_on)
    ).all()


def _stay(row: Any, today: date) -> Stay:
    return Stay(
        row.class_id,
        f"{row.level}{row.letter}",
        row.class_teacher_id,
        row.starts_on,
        row.ends_on,
        row.year_starts.year,
        row.year_starts <= today <= row.year_ends,
    )


def _subjects(session: Session, reader: Author, stays: Sequence[Stay]) -> tuple[tuple[int, int], ...]:
    rows = session.execute(
        select(TeachingAssignment.class_id, TeachingAssignment.subject_id).where(
            TeachingAssignment.school_id == reader.school_id,
            TeachingAssignment.class_id.in_([one.class_id for one in stays]),
            TeachingAssignment.staff_id == reader.staff_id,
        )
    )
    return tuple((row.class_id, row.subject_id) for row in rows)
