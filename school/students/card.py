"""One student as a member of staff sees them: entries of a school year with who was told of them, and followers.

A subject's teacher sees what belongs to the subject; the class teacher and the school's leaders see everything.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, select, true
from sqlalchemy.orm import Session

from db.kinds import (
    AbsenceKind,
    AbsenceReason,
    EventKind,
    GradeKind,
    Mark,
    RemarkKind,
    SubscriptionStatus,
)
from db.models import (
    Absence,
    Grade,
    HealthNote,
    Remark,
    Subject,
    Subscriber,
    Subscription,
)
from school.classbook.delivery_counts import DeliveryCounts, Marks, of_student
from school.classbook.rules import HEALTH_NOTE
from school.security.crypto import vault
from school.security.phones import masked
from school.staff import authority
from school.staff.authority import Author, KnownStudent
from school.students.years_of import StudentInYear, student_in_year
from school.years import calendar


@dataclass(frozen=True, slots=True)
class CardGrade:
    """A grade; `value` is a number in words of digits ("5.25") or None for a mark."""

    grade_id: int
    subject: str | None
    kind: GradeKind
    value: str | None
    mark: Mark | None
    term: int
    on: date
    told: DeliveryCounts
    is_imported: bool
    """Taken over from an earlier diary."""


@dataclass(frozen=True, slots=True)
class CardAbsence:
    """An absence from one lesson."""

    absence_id: int
    subject: str
    kind: AbsenceKind
    reason: AbsenceReason | None
    on: date
    lesson: int
    told: DeliveryCounts


@dataclass(frozen=True, slots=True)
class CardRemark:
    """A censure or praise."""

    remark_id: int
    subject: str | None
    kind: RemarkKind
    text: str
    on: date
    told: DeliveryCounts


@dataclass(frozen=True, slots=True)
class CardHealth:
    """A health note; what it says stays within the school."""

    note_id: int
    starts_on: date
    ends_on: date
    text: str
    told: DeliveryCounts


@dataclass(frozen=True, slots=True)
class CardFollower:
    """Who follows the student; the number is masked: it belongs to the family, not to the school."""

    number: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StudentCard:
    """All of it; lists are newest first."""

    student_id: int
    name: str
    class_id: int
    class_name: str
    year: int
    """The calendar year in which the school year begins that is shown."""
    years: tuple[int, ...]
    """Those in which the student was at the school, the newest first."""
    is_here: bool
    """In a class of the school now."""
    sees_everything: bool
    grades: tuple[CardGrade, ...]
    absences: tuple[CardAbsence, ...]
    remarks: tuple[CardRemark, ...]
    health: tuple[CardHealth, ...]
    """Empty for who does not see everything."""
    followers: tuple[CardFollower, ...]


def read_card(
    session: Session, by: int | Author, student_id: int, now: datetime, year: int | None = None
) -> StudentCard:
    """The card of a student of the reader's school, in the school year that begins in `year`; None: the present one.

    Raises InputError when it is not theirs to see.
    """
    found = student_in_year(session, by, student_id, now, year)
    of_year = calendar.year_on(found.reader.school_id, calendar.today(now))
    if year is not None:
        of_year = calendar.year_on(found.reader.school_id, date(year, 12, 1))
    scope = _Scope(session, found.reader, student_id, of_year, found)
    return StudentCard(
        student_id=student_id,
        name=found.name,
        class_id=found.last.class_id,
        class_name=", ".join(dict.fromkeys(one.class_name for one in found.stays)),
        year=year or found.last.year,
        years=found.years,
        is_here=found.is_here,
        sees_everything=found.sees_everything,
        grades=scope.grades(),
        absences=scope.absences(),
        remarks=scope.remarks(),
        health=scope.health() if found.sees_everything else (),
        followers=_followers(session, found.reader.school_id, student_id),
    )


def read_health(session: Session, known: KnownStudent, now: datetime) -> tuple[CardHealth, ...]:
    """This year's health notes, for the class teacher and the school's leaders. Raises ForbiddenError for others."""
    authority.check_class_teacher(known.by, known.of)
    of_year = calendar.year_on(known.by.school_id, calendar.today(now))
    return _Scope(session, known.by, known.student_id, of_year, None).health()


class _Scope:
    """What is read: one student, one year, and how much of it the reader may see (None: all)."""

    def __init__(
        self,
        session: Session,
        reader: Author,
        student_id: int,
        year: ScalarSelect[int],
        seen: StudentInYear | None,
    ) -> None:
        self.session, self.seen = session, seen
        self.school_id, self.student_id = reader.school_id, student_id
        self.year = year
        self.told: Marks = of_student(session, self.school_id, self.student_id)

    def grades(self) -> tuple[CardGrade, ...]:
        rows = self.session.execute(
            select(
                *(Grade.id, Subject.name, Grade.kind, Grade.value, Grade.mark, Grade.term, Grade.on_date),
                Grade.import_id,
            )
            .outerjoin(Subject, Subject.id == Grade.subject_id)
            .where(self._of(Grade))
            .order_by(Grade.on_date.desc(), Grade.id.desc())
        )
        return tuple(
            CardGrade(
                row.id,
                row.name,
                row.kind,
                None if row.value is None else f"{row.value:f}".rstrip("0").rstrip("."),
                row.mark,
                row.term,
                row.on_date,
                self._told(EventKind.GRADE, row.id),
                row.import_id is not None,
            )
            for row in rows
        )

    def absences(self) -> tuple[CardAbsence, ...]:
        rows = self.session.execute(
            select(Absence.id, Subject.name, Absence.kind, Absence.reason, Absence.on_date, Absence.lesson)
            .join(Subject, Subject.id == Absence.subject_id)
            .where(self._of(Absence))
            .order_by(Absence.on_date.desc(), Absence.lesson.desc())
        )
        return tuple(
            CardAbsence(
                row.id, row.name, row.kind, row.reason, row.on_date, row.lesson, self._told(EventKind.ABSENCE, row.id)
            )
            for row in rows
        )

    def remarks(self) -> tuple[CardRemark, ...]:
        rows = self.session.execute(
            select(Remark.id, Subject.name, Remark.kind, Remark.text, Remark.on_date)
            .outerjoin(Subject, Subject.id == Remark.subject_id)
            .where(self._of(Remark))
            .order_by(Remark.on_date.desc(), Remark.id.desc())
        )
        return tuple(
            CardRemark(row.id, row.name, row.kind, row.text, row.on_date, self._told(EventKind.REMARK, row.id))
            for row in rows
        )

    def health(self) -> tuple[CardHealth, ...]:
        rows = self.session.execute(
            select(HealthNote.id, HealthNote.starts_on, HealthNote.ends_on, HealthNote.note_encrypted)
            .where(
                HealthNote.school_id == self.school_id,
                HealthNote.student_id == self.student_id,
                HealthNote.school_year_id == self.year,
            )
            .order_by(HealthNote.starts_on.desc(), HealthNote.id.desc())
        )
        secrets = vault(self.session)
        return tuple(
            CardHealth(
                row.id,
                row.starts_on,
                row.ends_on,
                secrets.decrypt(HEALTH_NOTE, row.note_encrypted),
                self._told(EventKind.HEALTH, row.id),
            )
            for row in rows
        )

    def _of(self, model: type[Grade] | type[Absence] | type[Remark]) -> ColumnElement[bool]:
        return and_(
            model.school_id == self.school_id,
            model.student_id == self.student_id,
            model.school_year_id == self.year,
            true() if self.seen is None else self.seen.visible(model),
        )

    def _told(self, kind: EventKind, id_: int) -> DeliveryCounts:
        return self.told.get((kind, id_), DeliveryCounts())


def _followers(session: Session, school_id: int, student_id: int) -> tuple[CardFollower, ...]:
    rows = session.execute(
        select(Subscriber.phone, Subscriber.email, Subscription.following_since)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.school_id == school_id,
            Subscription.student_id == student_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
        )
        .order_by(Subscription.following_since)
    )
    return tuple(CardFollower(masked(row.phone) if row.phone else "@", row.following_since) for row in rows)
