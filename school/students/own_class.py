"""A class as its class teacher sees it: every student with what counts in its year, and who follows."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ScalarSelect, case, exists, func, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, SubscriptionStatus
from db.models import Absence, Enrolment, SchoolClass, SchoolYear, Student, StudentCode, Subscription
from runtime.localtime import month_of
from school import enrolments
from school.classbook.absence_weights import in_hours, unexcused_half_hours
from school.classbook.benefit import Standing, standing
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
    this_month: Standing
    excused: int
    followers: int
    waiting: int
    """Requests that the class teacher is to decide."""

    @property
    def near_benefit(self) -> bool:
        """Whether the unexcused hours of this month come near the end of the child benefit."""
        return self.this_month.is_near


@dataclass(frozen=True, slots=True)
class OwnClass:
    """A class and its members by number."""

    class_id: int
    name: str
    members: tuple[ClassMember, ...]


def read_class(
    session: Session, by: int | Author, class_id: int, now: datetime, *, counts_lateness: bool = True
) -> OwnClass:
    """The class, for its class teacher and the school's leaders. Raises InputError for anybody else.

    One of a past year is shown as it was when the year ended; with this year's absences where the school has not gone
    over to the new one.
    """
    reader = authority.author(session, by)
    of = authority.class_of_school(session, reader, class_id)
    authority.check_class_teacher(reader, of)
    found = session.execute(
        select(SchoolClass.letter, SchoolClass.school_year_id, SchoolYear.ends_on)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(SchoolClass.id == class_id)
    ).one()
    has_members = exists().where(
        Enrolment.school_id == reader.school_id, Enrolment.class_id == class_id, enrolments.open_now()
    )
    year = case((has_members, calendar.year_on(reader.school_id, calendar.today(now))), else_=found.school_year_id)
    today = calendar.today(now)
    month = month_of(today)
    absences = (
        select(
            Absence.student_id,
            unexcused_half_hours(Absence.kind).label("half_hours"),
            unexcused_half_hours(
                Absence.kind, with_lateness=counts_lateness, where=Absence.on_date.between(month, today)
            ).label("this_month"),
            func.sum(case((Absence.kind == AbsenceKind.EXCUSED, 1), else_=0)).label("excused"),
        )
        .where(Absence.school_id == reader.school_id, Absence.school_year_id == year)
        .group_by(Absence.student_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Student.id,
            Enrolment.number_in_class,
            Student.first_name,
            Student.last_name,
            StudentCode.code,
            func.coalesce(absences.c.half_hours, 0).label("half_hours"),
            func.coalesce(absences.c.this_month, 0).label("this_month"),
            func.coalesce(absences.c.excused, 0).label("excused"),
            _subscriptions(SubscriptionStatus.ACTIVE).label("followers"),
            _subscriptions(SubscriptionStatus.WAITING).label("waiting"),
        )
        .join_from(Enrolment, Student, Student.id == Enrolment.student_id)
        .outerjoin(StudentCode, (StudentCode.student_id == Student.id) & StudentCode.revoked_at.is_(None))
        .outerjoin(absences, absences.c.student_id == Student.id)
        .where(
            Enrolment.school_id == reader.school_id,
            Enrolment.class_id == class_id,
            enrolments.to_the_end(found.ends_on),
        )
        .order_by(Enrolment.number_in_class, Student.first_name, Student.last_name)
    )
    members = tuple(
        ClassMember(
            row.id,
            row.number_in_class,
            f"{row.first_name} {row.last_name}",
            row.code,
            in_hours(int(row.half_hours)),
            standing(int(row.this_month)),
            int(row.excused),
            row.followers,
            row.waiting,
        )
        for row in rows
    )
    return OwnClass(class_id, f"{of.level}{found.letter}", members)


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
