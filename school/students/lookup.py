"""Finding schools, students, subjects, classes and staff by their names, for commands. Raises InputError."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import (
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    StaffRole,
    Student,
    StudentCode,
    StudentGuardian,
    Subject,
)
from db.models import TeachingAssignment as Teaching
from errors import InputError
from school.accounts.memberships import is_member


@dataclass(frozen=True, slots=True)
class NamedSchool:
    """A school of the platform."""

    school_id: int
    institution_code: str
    name: str


@dataclass(frozen=True, slots=True)
class Pupil:
    """A student in a class. `class_name` as „8а“."""

    student_id: int
    school_id: int
    given_name: str
    class_id: int
    class_name: str
    class_teacher_id: int | None


@dataclass(frozen=True, slots=True)
class NamedClass:
    """A class of the present year."""

    class_id: int
    school_id: int
    name: str
    class_teacher_id: int | None


def schools(session: Session) -> tuple[NamedSchool, ...]:
    """Every school, by name."""
    rows = session.execute(select(School.id, School.institution_code, School.name).order_by(School.name, School.id))
    return tuple(NamedSchool(*row) for row in rows)


def school_with(session: Session, institution_code: str | None) -> int:
    """The school with this code, or (None) the only one there is."""
    wanted = select(School.id).order_by(School.id).limit(2)
    if institution_code is not None:
        wanted = wanted.where(School.institution_code == institution_code)
    found = session.scalars(wanted).all()
    if not found:
        raise InputError("There is no such school: `eschool school show` lists them with their codes.")
    if len(found) > 1:
        raise InputError("There are several schools: choose one with --school and its code.")
    return found[0]


def student(session: Session, code: str) -> Pupil:
    """The student whose ID-код this is."""
    found = session.execute(
        select(Student.id, Student.school_id, Student.first_name, SchoolClass)
        .join(StudentCode, StudentCode.student_id == Student.id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(StudentCode.code == "".join(code.split()), StudentCode.revoked_at.is_(None))
    ).one_or_none()
    if found is None:
        raise InputError("There is no student in a class with this ID-code: check its 8 digits.")
    of: SchoolClass = found.SchoolClass
    return Pupil(found.id, found.school_id, found.first_name, of.id, of.name, of.class_teacher_id)


def guardians(session: Session, student_id: int) -> list[tuple[int, str]]:
    """(id, what they are to the student) of a student's guardians: a terminal need not show their names."""
    rows = session.execute(
        select(StudentGuardian.guardian_id, StudentGuardian.relation)
        .where(StudentGuardian.student_id == student_id)
        .order_by(StudentGuardian.guardian_id)
    )
    return [(row.guardian_id, str(row.relation)) for row in rows]


def subject(session: Session, class_id: int, name: str) -> tuple[int, str]:
    """(id, full name) of a subject taught to a class, by its name or a beginning that only it has."""
    taught = session.execute(
        select(Subject.id, Subject.name).join(Teaching).where(Teaching.class_id == class_id).distinct()
    ).all()
    wanted = name.strip().casefold()
    exact = [row for row in taught if row.name.casefold() == wanted]
    found = exact or [row for row in taught if wanted and row.name.casefold().startswith(wanted)]
    if len(found) != 1:
        names = ", ".join(sorted(row.name for row in (found or taught)))
        fault = "is not one subject of the class but several" if found else "is not taught to the class"
        raise InputError(f"{name!r} {fault}: give one of {names}.")
    return found[0].id, found[0].name


def school_class(session: Session, name: str) -> NamedClass:
    """The class „8а“ of the newest school year, where one school only has such a class."""
    newest = (
        select(SchoolYear.id)
        .where(SchoolYear.school_id == SchoolClass.school_id)
        .order_by(SchoolYear.starts_on.desc())
        .limit(1)
        .correlate(SchoolClass)
        .scalar_subquery()
    )
    classes = session.scalars(
        select(SchoolClass).where(SchoolClass.school_year_id == newest).order_by(SchoolClass.level, SchoolClass.letter)
    ).all()
    found = [one for one in classes if one.name.casefold() == "".join(name.split()).casefold()]
    if len(found) != 1:
        names = ", ".join(dict.fromkeys(one.name for one in classes))
        fault = "is a class of several schools" if found else "is no class"
        raise InputError(f"{name!r} {fault}: there are {names}." if names else f"{name!r} {fault}: there are none.")
    return NamedClass(found[0].id, found[0].school_id, found[0].name, found[0].class_teacher_id)


def only_school(session: Session) -> int:
    """The school, where the database holds one."""
    found = session.scalars(select(School.id).order_by(School.id).limit(2)).all()
    if len(found) != 1:
        raise InputError("The database holds several schools: choose a class." if found else "There is no school yet.")
    return found[0]


def staff(session: Session, email: str, school_id: int | None = None) -> int:
    """The active member of staff with this log-in: of this school, where the person works at several of them."""
    found: dict[int | None, int] = {
        row.school_id: row.id
        for row in session.execute(
            select(Staff.id, Staff.school_id).where(Staff.email == email.strip().lower(), is_member())
        )
    }
    if not found:
        raise InputError(f"{email} is no active staff account.")
    if school_id not in found and len(found) > 1:
        raise InputError(f"{email} works at several schools: nothing here says at which of them this is.")
    return found[school_id] if school_id in found else next(iter(found.values()))


def who_records(
    session: Session, school_id: int, *, class_id: int | None, subject_id: int | None, class_teacher_id: int | None
) -> int:
    """Who would enter it: the subject's teacher in the class, else the class teacher, else a principal."""
    if subject_id is not None:
        teacher = session.scalar(
            select(Teaching.staff_id)
            .join(Staff, Staff.id == Teaching.staff_id)
            .where(Teaching.class_id == class_id, Teaching.subject_id == subject_id, Staff.is_active)
            .order_by(Teaching.id)
            .limit(1)
        )
        if teacher is not None:
            return teacher
    if class_teacher_id is not None and subject_id is None:
        return class_teacher_id
    principal = session.scalar(
        select(Staff.id)
        .join(StaffRole)
        .where(Staff.school_id == school_id, Staff.is_active, StaffRole.role == Role.PRINCIPAL)
        .order_by(Staff.id)
        .limit(1)
    )
    if principal is None:
        raise InputError("The school has no principal's account: say who records it with --by.")
    return principal
