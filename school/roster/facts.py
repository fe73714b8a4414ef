"""What the school has before an import, in a handful of statements whatever its size."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import GuardianRelation, Role
from db.models import (
    Guardian,
    SchoolClass,
    SchoolYear,
    Staff,
    StaffRole,
    Student,
    StudentGuardian,
    Subject,
    TeachingAssignment,
)
from errors import InputError, MissingError
from school.accounts.memberships import accounts_with
from school.roster.class_names import ClassRange
from school.timetable import names

EMAILS_ASKED = 500
"""E-mail addresses asked for in one statement."""


@dataclass(frozen=True, slots=True)
class KnownStudent:
    """A student of the school, also one who left."""

    id: int
    class_id: int | None
    number: int | None
    first_name: str
    middle_name: str
    last_name: str
    birth_date: date
    special_needs: bool
    left_on: date | None


@dataclass(frozen=True, slots=True)
class KnownGuardian:
    """A guardian of the school."""

    id: int
    first_name: str
    last_name: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class KnownStaff:
    """An account of the school."""

    id: int
    first_name: str
    last_name: str
    is_active: bool
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Facts:
    """The school as it is."""

    school_id: int
    year_id: int
    classes: dict[tuple[int, str], int]
    """(level, letter in lower case) -> class of the year."""
    class_teachers: dict[int, int | None]
    """Class of the year -> staff."""
    class_names: dict[int, str]
    """Of any year: a student's present class may be last year's."""
    students: dict[bytes, KnownStudent]
    """By the national id's fingerprint."""
    guardians: dict[int, KnownGuardian]
    links: dict[int, dict[int, GuardianRelation]]
    """Student -> guardian -> who they are."""
    subjects: dict[str, tuple[int, str]]
    """By `subject_key`: id and name."""
    staff: dict[str, KnownStaff]
    """By e-mail."""
    accounts: dict[str, int]
    """The accounts that new people with e-mails of the file have through other schools: nobody here is told of them."""
    assignments: dict[tuple[int, int, int], tuple[int, bool]]
    """(class, subject, staff) of the year -> id, is_profiled."""

    def class_id(self, name: tuple[int, str]) -> int | None:
        """The class of a name; a level alone names its only class."""
        found = self.classes.get(name)
        if found is None and not name[1]:
            of_level = [id_ for (level, _), id_ in self.classes.items() if level == name[0]]
            found = of_level[0] if len(of_level) == 1 else None
        return found

    def within(self, span: ClassRange) -> tuple[int, ...]:
        """The classes of a range."""
        return tuple(id_ for name, id_ in sorted(self.classes.items()) if span.holds(name))

    def subject_like(self, name: str) -> str:
        """The school's subject that a name or an abbreviation („БЕЛ“) probably means; empty: none."""
        named = dict(self.subjects.values())
        guess = names.subject(name, named)
        return named[guess.id] if guess else ""


def subject_key(name: str) -> str:
    """What two spellings of a subject have in common."""
    return " ".join(name.casefold().split())


def year_for(session: Session, school_id: int, today: date) -> int:
    """The school's year of a date, else the next one, else the last. Raises InputError when it has none."""
    years = session.execute(
        select(SchoolYear.id, SchoolYear.starts_on, SchoolYear.ends_on)
        .where(SchoolYear.school_id == school_id)
        .order_by(SchoolYear.starts_on)
    ).all()
    if not years:
        raise InputError("The school has no school year: enter it before you upload lists.")
    for year in years:
        if today <= year.ends_on:
            found: int = year.id
            return found
    last: int = years[-1].id
    return last


def gather(
    session: Session,
    school_id: int,
    year_id: int,
    emails: frozenset[str],
    *,
    families: bool = True,
    personnel: bool = True,
    subjects: bool = True,
) -> Facts:
    """The facts; `emails` are those the file names, `families`, `personnel` and `subjects` whether it lists such."""
    classes = session.execute(
        select(
            SchoolClass.id,
            SchoolClass.school_year_id,
            SchoolClass.level,
            SchoolClass.letter,
            SchoolClass.class_teacher_id,
        ).where(SchoolClass.school_id == school_id)
    ).all()
    of_year = [row for row in classes if row.school_year_id == year_id]
    guardians, links = _guardians(session, school_id) if families else ({}, {})
    return Facts(
        school_id,
        year_id,
        classes={(row.level, row.letter.casefold()): row.id for row in of_year},
        class_teachers={row.id: row.class_teacher_id for row in of_year},
        class_names={row.id: f"{row.level}{row.letter}" for row in classes},
        students=_students(session, school_id) if families else {},
        guardians=guardians,
        links=links,
        subjects=_subjects(session, school_id) if subjects else {},
        staff=_staff(session, school_id) if personnel else {},
        accounts=_accounts(session, emails) if personnel else {},
        assignments=_assignments(session, school_id, frozenset(row.id for row in of_year)) if personnel else {},
    )


def _subjects(session: Session, school_id: int) -> dict[str, tuple[int, str]]:
    rows = session.execute(select(Subject.id, Subject.name).where(Subject.school_id == school_id))
    return {subject_key(row.name): (row.id, row.name) for row in rows}


def check_year(session: Session, school_id: int, year_id: int) -> int:
    """The year. Raises MissingError when it is not the school's."""
    if session.scalar(select(SchoolYear.id).where(SchoolYear.school_id == school_id, SchoolYear.id == year_id)) is None:
        raise MissingError("The school has no such school year.")
    return year_id


def _students(session: Session, school_id: int) -> dict[bytes, KnownStudent]:
    rows = session.execute(
        select(
            Student.national_id_hash,
            Student.id,
            Student.class_id,
            Student.number_in_class,
            Student.first_name,
            Student.middle_name,
            Student.last_name,
            Student.birth_date,
            Student.has_special_needs,
            Student.left_on,
        ).where(Student.school_id == school_id)
    )
    return {hashed: KnownStudent(*rest) for hashed, *rest in rows}


def _guardians(
    session: Session, school_id: int
) -> tuple[dict[int, KnownGuardian], dict[int, dict[int, GuardianRelation]]]:
    """All guardians by id, and student -> guardian -> who they are."""
    guardians: dict[int, KnownGuardian] = {}
    links: dict[int, dict[int, GuardianRelation]] = {}
    for id_, first, last, phone, email, student_id, relation in session.execute(
        select(
            *(Guardian.id, Guardian.first_name, Guardian.last_name, Guardian.phone, Guardian.email),
            *(StudentGuardian.student_id, StudentGuardian.relation),
        )
        .outerjoin(
            StudentGuardian,
            (StudentGuardian.guardian_id == Guardian.id) & (StudentGuardian.school_id == Guardian.school_id),
        )
        .where(Guardian.school_id == school_id)
        .order_by(Guardian.id, StudentGuardian.student_id)
    ):
        guardians[id_] = KnownGuardian(id_, first, last, phone, email)
        if student_id is not None:
            links.setdefault(student_id, {})[id_] = relation
    return guardians, links


def _staff(session: Session, school_id: int) -> dict[str, KnownStaff]:
    """The people of the school by e-mail."""
    found: dict[str, KnownStaff] = {}
    for row in session.execute(
        select(Staff.id, Staff.email, Staff.first_name, Staff.last_name, Staff.is_active, StaffRole.role)
        .outerjoin(StaffRole, StaffRole.staff_id == Staff.id)
        .where(Staff.school_id == school_id)
    ):
        known = found.get(row.email)
        roles = (known.roles if known else frozenset()) | ({row.role} if row.role else frozenset())
        found[row.email] = KnownStaff(row.id, row.first_name, row.last_name, row.is_active, roles)
    return found


def _accounts(session: Session, emails: frozenset[str]) -> dict[str, int]:
    listed = sorted(emails)
    found: dict[str, int] = {}
    for start in range(0, len(listed), EMAILS_ASKED):
        found |= accounts_with(session, listed[start : start + EMAILS_ASKED])
    return found


def _assignments(
    session: Session, school_id: int, classes: frozenset[int]
) -> dict[tuple[int, int, int], tuple[int, bool]]:
    rows = session.execute(
        select(
            TeachingAssignment.id,
            TeachingAssignment.class_id,
            TeachingAssignment.subject_id,
            TeachingAssignment.staff_id,
            TeachingAssignment.is_profiled,
        ).where(TeachingAssignment.school_id == school_id)
    )
    return {
        (row.class_id, row.subject_id, row.staff_id): (row.id, row.is_profiled)
        for row in rows
        if row.class_id in classes
    }
