"""Parents and guardians as the school records them: an ЕГН texted from their phone subscribes at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import EndReason, GuardianRelation
from db.models import Guardian, StudentGuardian
from errors import InputError, MissingError
from school import audit
from school.following.dropped import Dropped, end_dropped, family_of
from school.security import destinations
from school.staff import authority
from school.staff.authority import KnownStudent

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class GuardianRow:
    """A guardian of one student; `phone` is E.164."""

    guardian_id: int
    first_name: str
    last_name: str
    relation: GuardianRelation
    phone: str | None
    email: str | None
    may_be_told: bool = True
    """Whether they may learn anything of this student: a court can limit it."""

    @property
    def is_reached(self) -> bool:
        """Whether our lines may call the number that was recorded."""
        return self.phone is None or destinations.current().reaches(self.phone)


def guardians(session: Session, known: KnownStudent) -> tuple[GuardianRow, ...]:
    """A student's guardians, for the class teacher and the school's leaders. Raises ForbiddenError for anybody else."""
    authority.check_class_teacher(known.by, known.of)
    rows = session.execute(
        select(
            Guardian.id,
            Guardian.first_name,
            Guardian.last_name,
            StudentGuardian.relation,
            Guardian.phone,
            Guardian.email,
            StudentGuardian.may_be_told,
        )
        .join(StudentGuardian, StudentGuardian.guardian_id == Guardian.id)
        .where(StudentGuardian.school_id == known.by.school_id, StudentGuardian.student_id == known.student_id)
        .order_by(Guardian.id)
    )
    return tuple(GuardianRow(*row) for row in rows)


def add_guardian(
    session: Session,
    *,
    by: int,
    student_id: int,
    first_name: str,
    last_name: str,
    relation: GuardianRelation,
    phone: str,
    email: str,
    now: datetime,
) -> int:
    """Record a guardian; gives the id. Raises InputError for a name or number that cannot be."""
    author = _class_teacher(session, by, student_id)
    values = _checked(first_name, last_name, phone, email)
    guardian_id = session.execute(
        insert(Guardian).values(school_id=author.school_id, **values).returning(Guardian.id)
    ).scalar_one()
    session.execute(
        insert(StudentGuardian).values(
            school_id=author.school_id, student_id=student_id, guardian_id=guardian_id, relation=relation
        )
    )
    _audit(session, "guardian.added", guardian_id, author, student_id, now)
    return guardian_id


def change_guardian(
    session: Session,
    *,
    by: int,
    student_id: int,
    guardian_id: int,
    first_name: str,
    last_name: str,
    relation: GuardianRelation,
    phone: str,
    email: str,
    now: datetime,
) -> None:
    """Correct a guardian of this student, whose other children get the same correction. Raises InputError.

    What the old number or address follows of them ends, unless another guardian has it too.
    """
    author = _class_teacher(session, by, student_id)
    values = _checked(first_name, last_name, phone, email)
    tied = session.scalar(
        update(StudentGuardian)
        .where(
            StudentGuardian.school_id == author.school_id,
            StudentGuardian.student_id == student_id,
            StudentGuardian.guardian_id == guardian_id,
        )
        .values(relation=relation)
        .returning(StudentGuardian.guardian_id)
    )
    if tied is None:
        raise MissingError("This student has no such guardian.")
    old = _reached_by(session, author.school_id, guardian_id)
    session.execute(
        update(Guardian).where(Guardian.school_id == author.school_id, Guardian.id == guardian_id).values(**values)
    )
    _audit(session, "guardian.changed", guardian_id, author, student_id, now)
    gone = [
        before if before != after else None
        for before, after in zip(old, (values["phone"], values["email"]), strict=True)
    ]
    children = session.scalars(
        select(StudentGuardian.student_id).where(
            StudentGuardian.school_id == author.school_id, StudentGuardian.guardian_id == guardian_id
        )
    ).all()
    end_dropped(
        session,
        author.school_id,
        [Dropped(child, *gone) for child in children],
        EndReason.GUARDIAN_CHANGED,
        now,
        by=author.staff_id,
    )


def remove_guardian(session: Session, *, by: int, student_id: int, guardian_id: int, now: datetime) -> None:
    """The person is no guardian of this student any more. Raises InputError when they were none.

    What their number and address follow ends: the student, and those children of the same family whose guardian they
    are not either.
    """
    author = _class_teacher(session, by, student_id)
    reached_by = _reached_by(session, author.school_id, guardian_id)
    family = family_of(session, author.school_id, student_id)
    removed = session.scalar(
        delete(StudentGuardian)
        .where(
            StudentGuardian.school_id == author.school_id,
            StudentGuardian.student_id == student_id,
            StudentGuardian.guardian_id == guardian_id,
        )
        .returning(StudentGuardian.guardian_id)
    )
    if removed is None:
        raise MissingError("This student has no such guardian.")
    others = select(StudentGuardian.student_id).where(StudentGuardian.guardian_id == guardian_id)
    if session.scalar(others.limit(1)) is None:
        session.execute(delete(Guardian).where(Guardian.school_id == author.school_id, Guardian.id == guardian_id))
    _audit(session, "guardian.removed", guardian_id, author, student_id, now)
    end_dropped(
        session,
        author.school_id,
        [Dropped(child, *reached_by) for child in family],
        EndReason.GUARDIAN_REMOVED,
        now,
        by=author.staff_id,
    )


def _reached_by(session: Session, school_id: int, guardian_id: int) -> tuple[str | None, str | None]:
    """A guardian's telephone and address as they are recorded now."""
    row = session.execute(
        select(Guardian.phone, Guardian.email).where(Guardian.school_id == school_id, Guardian.id == guardian_id)
    ).one_or_none()
    return (row.phone, row.email) if row else (None, None)


def _class_teacher(session: Session, by: int, student_id: int) -> authority.Author:
    author = authority.author(session, by)
    authority.check_class_teacher(author, authority.class_of_student(session, author, student_id))
    return author


def _checked(first_name: str, last_name: str, phone: str, email: str) -> dict[str, str | None]:
    first, last = " ".join(first_name.split()), " ".join(last_name.split())
    if not first or not last:
        raise InputError("A guardian has a first and a last name: write both.")
    if len(first) > LONGEST_NAME or len(last) > LONGEST_NAME:
        raise InputError("The name is longer than {longest} characters: shorten it.", longest=LONGEST_NAME)
    number = destinations.accepted(phone) if phone.strip() else None
    if phone.strip() and number is None:
        raise InputError("This is no telephone number: write it as 0888123456.")
    address = email.strip().lower() or None
    if address and (address.count("@") != 1 or len(address) > 254 or " " in address):
        raise InputError("This is no e-mail address: check it.")
    return {"first_name": first, "last_name": last, "phone": number, "email": address}


def _audit(
    session: Session, action: str, guardian_id: int, author: authority.Author, student_id: int, now: datetime
) -> None:
    audit.write(
        session,
        action,
        "guardian",
        guardian_id,
        now,
        school_id=author.school_id,
        by=author.staff_id,
        student_id=student_id,
    )
