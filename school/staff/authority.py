"""What a staff member may record about whom: always within their own school."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import Enrolment, SchoolClass, Staff, StaffRole, Student, Substitution, TeachingAssignment
from errors import ForbiddenError, InputError, MissingError
from school import enrolments

LEADERS = (Role.PRINCIPAL, Role.SCHOOL_ADMINISTRATOR)
NO_STUDENT = "There is no such student in a class of this school."
NO_CLASS = "There is no such class in this school."


@dataclass(frozen=True, slots=True)
class Author:
    """An active staff member of a school."""

    staff_id: int
    school_id: int
    leads: bool
    """A principal or school administrator: may record anything within the school."""


@dataclass(frozen=True, slots=True)
class ClassOf:
    """A class, and for a student's class whose it is."""

    class_id: int
    level: int
    class_teacher_id: int | None
    student_id: int | None = None
    has_special_needs: bool = False


@dataclass(frozen=True, slots=True)
class KnownStudent:
    """A student of the author's school who is in a class: found once, whatever is then asked about them."""

    by: Author
    of: ClassOf
    student_id: int
    name: str
    """Given, middle and last name."""
    class_name: str
    school_year_id: int
    """The year of the class."""
    only_named_followers: bool
    """Only those whom the school names may be told of the student."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an author may do in a subject of a class."""

    is_profiled: bool
    substitution_id: int | None = None
    """The author may record one lesson, as its substitute."""
    groups: frozenset[int] = frozenset()
    """Only about students of these groups; none: of the class."""


@dataclass(frozen=True, slots=True)
class At:
    """The lesson that something is recorded in; None: some lesson of the day."""

    on: date
    lesson: int | None = None


def author(session: Session, by: int | Author) -> Author:
    """The staff member of this id; an Author is one already, and nothing is asked: a request knows who makes it.

    Raises InputError when the account is unknown, switched off or of no school.
    """
    if isinstance(by, Author):
        return by
    staff_id = by
    leads = select(StaffRole.role).where(StaffRole.staff_id == staff_id, StaffRole.role.in_(LEADERS)).exists()
    found = session.execute(
        select(Staff.school_id, Staff.is_active, leads.label("leads")).where(Staff.id == staff_id)
    ).one_or_none()
    if found is None or not found.is_active:
        raise InputError("There is no active staff account with this number.")
    if found.school_id is None:
        raise InputError("A platform operator records nothing at a school: use an account of the school.")
    return Author(staff_id, found.school_id, bool(found.leads))


def class_of_student(session: Session, by: Author, student_id: int) -> ClassOf:
    """The student's present class. Raises MissingError when they are not of the author's school or have left it."""
    found = session.execute(
        select(Student.class_id, SchoolClass.level, SchoolClass.class_teacher_id, Student.has_special_needs)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Student.id == student_id, Student.school_id == by.school_id)
    ).one_or_none()
    if found is None or found.class_id is None:
        raise MissingError(NO_STUDENT)
    return ClassOf(found.class_id, found.level, found.class_teacher_id, student_id, found.has_special_needs)


def class_on(session: Session, by: Author, student_id: int, on: date) -> ClassOf | None:
    """The class in which a student of the author's school was on a date.

    None: in none, there is no such student, or they have left the school: of who has left nothing new is recorded.
    """
    found = session.execute(
        select(Enrolment.class_id, SchoolClass.level, SchoolClass.class_teacher_id, Student.has_special_needs)
        .join_from(Enrolment, SchoolClass, SchoolClass.id == Enrolment.class_id)
        .join(Student, Student.id == Enrolment.student_id)
        .where(
            Enrolment.school_id == by.school_id,
            Enrolment.student_id == student_id,
            enrolments.covers(on),
            Student.class_id.is_not(None),
        )
    ).one_or_none()
    if found is None:
        return None
    return ClassOf(found.class_id, found.level, found.class_teacher_id, student_id, found.has_special_needs)


def class_then(session: Session, by: Author, student_id: int, on: date) -> tuple[ClassOf, str]:
    """The class of a date and its name, for what was recorded then. Where no class is known of that day it is the next
    that is known, else the last before it. Raises MissingError when none is known at all.
    """
    found = session.execute(
        select(
            *(Enrolment.class_id, Enrolment.starts_on, Enrolment.ends_on, Student.has_special_needs),
            *(SchoolClass.level, SchoolClass.letter, SchoolClass.class_teacher_id),
        )
        .join_from(Enrolment, SchoolClass, SchoolClass.id == Enrolment.class_id)
        .join(Student, Student.id == Enrolment.student_id)
        .where(Enrolment.school_id == by.school_id, Enrolment.student_id == student_id)
        .order_by(Enrolment.starts_on)
    ).all()
    if not found:
        raise MissingError(NO_STUDENT)
    row = next((one for one in found if one.ends_on is None or one.ends_on >= on), found[-1])
    of = ClassOf(row.class_id, row.level, row.class_teacher_id, student_id, row.has_special_needs)
    return of, f"{row.level}{row.letter}"


def known_student(session: Session, by: int | Author, student_id: int) -> KnownStudent:
    """The same with the names. Raises MissingError as `class_of_student` does."""
    reader = author(session, by)
    found = session.execute(
        select(
            *(Student.first_name, Student.middle_name, Student.last_name, Student.has_special_needs),
            Student.only_named_followers,
            SchoolClass.id,
            *(SchoolClass.level, SchoolClass.letter, SchoolClass.class_teacher_id, SchoolClass.school_year_id),
        )
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Student.id == student_id, Student.school_id == reader.school_id)
    ).one_or_none()
    if found is None:
        raise MissingError(NO_STUDENT)
    return KnownStudent(
        by=reader,
        of=ClassOf(found.id, found.level, found.class_teacher_id, student_id, found.has_special_needs),
        student_id=student_id,
        name=f"{found.first_name} {found.middle_name} {found.last_name}",
        class_name=f"{found.level}{found.letter}",
        school_year_id=found.school_year_id,
        only_named_followers=found.only_named_followers,
    )


def class_of_school(session: Session, by: Author, class_id: int) -> ClassOf:
    """A class of the author's school. Raises MissingError when there is none such."""
    found = session.execute(
        select(SchoolClass.level, SchoolClass.class_teacher_id).where(
            SchoolClass.id == class_id, SchoolClass.school_id == by.school_id
        )
    ).one_or_none()
    if found is None:
        raise MissingError(NO_CLASS)
    return ClassOf(class_id, found.level, found.class_teacher_id)


def class_name(session: Session, by: Author, class_id: int) -> str:
    """„8а“, of a class of the author's school. Raises MissingError when there is none such."""
    found = session.execute(
        select(SchoolClass.level, SchoolClass.letter).where(
            SchoolClass.id == class_id, SchoolClass.school_id == by.school_id
        )
    ).one_or_none()
    if found is None:
        raise MissingError(NO_CLASS)
    return f"{found.level}{found.letter}"


def class_with_students(
    session: Session, by: Author, class_id: int, on: date | None = None
) -> tuple[ClassOf, dict[int, tuple[ClassOf, str]]]:
    """The same, and its students of a date (None: the present ones) by id: with the class, and given and last name."""
    found = session.execute(
        select(
            *(SchoolClass.level, SchoolClass.class_teacher_id),
            *(Student.id, Student.first_name, Student.last_name, Student.has_special_needs),
        )
        .outerjoin(
            Enrolment,
            (Enrolment.school_id == SchoolClass.school_id)
            & (Enrolment.class_id == SchoolClass.id)
            & (enrolments.open_now() if on is None else enrolments.covers(on)),
        )
        .outerjoin(Student, (Student.id == Enrolment.student_id) & Student.class_id.is_not(None))
        .where(SchoolClass.id == class_id, SchoolClass.school_id == by.school_id)
    ).all()
    if not found:
        raise MissingError(NO_CLASS)
    of = ClassOf(class_id, found[0].level, found[0].class_teacher_id)
    return of, {
        row.id: (
            replace(of, student_id=row.id, has_special_needs=row.has_special_needs),
            f"{row.first_name} {row.last_name}",
        )
        for row in found
        if row.id is not None
    }


def check_teaches(session: Session, by: Author, of: ClassOf, subject_id: int | None) -> Assignment:
    """The author teaches this subject to this class, or leads the school and somebody teaches it.

    Without a subject (the overall result of level 1) it is the class teacher's or a leader's. Raises MissingError
    when nobody teaches it, ForbiddenError when others do.
    """
    if subject_id is None:
        check_class_teacher(by, of)
        return Assignment(is_profiled=False)
    taught = session.execute(
        select(TeachingAssignment.staff_id, TeachingAssignment.is_profiled).where(
            TeachingAssignment.school_id == by.school_id,
            TeachingAssignment.class_id == of.class_id,
            TeachingAssignment.subject_id == subject_id,
        )
    ).all()
    if not taught:
        raise MissingError("This subject is not taught to the student's class: check the subject.")
    if not by.leads and by.staff_id not in {row.staff_id for row in taught}:
        raise ForbiddenError("Only who teaches this subject to the class may record this, or the school's leaders.")
    return Assignment(is_profiled=any(row.is_profiled for row in taught))


def substitutes(session: Session, by: Author, of: ClassOf, subject_id: int, at: At) -> Assignment | None:
    """The right of a substitute: this subject of this class, in the lesson that they give in another's place.

    Leaders have it too, where the lesson's subject is one that nobody else teaches the class.
    """
    found = session.execute(
        select(Substitution.id, Substitution.group_id)
        .where(
            Substitution.school_id == by.school_id,
            Substitution.class_id == of.class_id,
            Substitution.subject_id == subject_id,
            Substitution.on_date == at.on,
            *([] if at.lesson is None else [Substitution.lesson == at.lesson]),
            Substitution.substitute_id.is_not(None) if by.leads else Substitution.substitute_id == by.staff_id,
        )
        .order_by(Substitution.id)
    ).all()
    if not found:
        return None
    groups = frozenset(row.group_id for row in found if row.group_id is not None)
    if by.leads or any(row.group_id is None for row in found):
        groups = frozenset()
    return Assignment(is_profiled=False, substitution_id=found[0].id, groups=groups)


def check_knows_class(session: Session, by: Author, of: ClassOf) -> None:
    """The author teaches the class something, is its class teacher or leads the school. Raises ForbiddenError."""
    if by.leads or by.staff_id == of.class_teacher_id:
        return
    teaches = session.scalar(
        select(TeachingAssignment.id)
        .where(
            TeachingAssignment.school_id == by.school_id,
            TeachingAssignment.class_id == of.class_id,
            TeachingAssignment.staff_id == by.staff_id,
        )
        .limit(1)
    )
    if teaches is None:
        raise ForbiddenError("Only who teaches the class may record this, or the school's leaders.")


def check_class_teacher(by: Author, of: ClassOf) -> None:
    """The author is the class teacher or leads the school. Raises ForbiddenError."""
    if not by.leads and by.staff_id != of.class_teacher_id:
        raise ForbiddenError("Only the class teacher may record this, or the school's leaders.")
