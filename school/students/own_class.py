"""A class as its class teacher sees it: every student with what counts this year, and who follows."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ScalarSelect, case, func, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, SubscriptionStatus
from db.models import Absence, SchoolClass, Student, StudentCode, Subscription
from school.classbook.absence_weights import in_hours, unexcused_half_hours
from school.staff import authority
from school.staff.authority import Author
from school.years import calendar


@dataclass(frozen=True, slots=True)
class ClassMember:
    """A student; `unexcused` counts lateness as a half, `code` is the ID-код in force."""

    student_id: int
    number: int | None
    name: str
    code: str | None
    unexcused: Decimal
    excused: int
    followers: int
    waiting: int
    """Requests that the class teacher is to decide."""


@dataclass(frozen=True, slots=True)
class OwnClass:
    """A class and its members by number."""

    class_id: int
    name: str
    members: tuple[ClassMember, ...]


def read_class(session: Session, by: int | Author, class_id: int, now: datetime) -> OwnClass:
    """The class, for its class teacher and the school's leaders. Raises InputError for anybody else."""
    reader = authority.author(session, by)
    of = authority.class_of_school(session, reader, class_id)
    authority.check_class_teacher(reader, of)
    letter = session.scalars(select(SchoolClass.letter).where(SchoolClass.id == class_id)).one()
    year = calendar.year_on(reader.school_id, calendar.today(now))
    absences = (
        select(
            Absence.student_id,
            unexcused_half_hours(Absence.kind).label("half_hours"),
            func.sum(case((Absence.kind == AbsenceKind.EXCUSED, 1), else_=0)).label("excused"),
        )
        .where(Absence.school_id == reader.school_id, Absence.school_year_id == year)
        .group_by(Absence.student_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Student.id,
            Student.number_in_class,
            Student.first_name,
            Student.last_name,
            StudentCode.code,
            func.coalesce(absences.c.half_hours, 0).label("half_hours"),
            func.coalesce(absences.c.excused, 0).label("excused"),
            _subscriptions(SubscriptionStatus.ACTIVE).label("followers"),
            _subscriptions(SubscriptionStatus.WAITING).label("waiting"),
        )
        .outerjoin(StudentCode, (StudentCode.student_id == Student.id) & StudentCode.revoked_at.is_(None))
        .outerjoin(absences, absences.c.student_id == Student.id)
        .where(Student.school_id == reader.school_id, Student.class_id == class_id)
        .order_by(Student.number_in_class, Student.first_name, Student.last_name)
    )
    members = tuple(
        ClassMember(
            row.id,
            row.number_in_class,
            f"{row.first_name} {row.last_name}",
            row.code,
            in_hours(int(row.half_hours)),
            int(row.excused),
            row.followers,
            row.waiting,
        )
        for row in rows
    )
    return OwnClass(class_id, f"{of.level}{letter}", members)


def _subscriptions(status: SubscriptionStatus) -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(
            Subscription.school_id == Student.school_id,
            Subscription.student_id == Student.id,
            Subscription.status == status,
        )
        .scalar_subquery()
    )
