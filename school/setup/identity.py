"""A student's name changes, or their ЕГН or ЛНЧ was recorded wrongly; and the school itself gets another name.

Whatever was printed or sent under the old name stays as it was. Pages, reports and files made from now on say the new
name, of earlier years too, as a duplicate of a certificate does; the old one is in the history of the school.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.kinds import NationalIdKind
from db.models import School, Student
from errors import InputError, MissingError
from school import audit
from school.roster import cells
from school.security.crypto import vault
from school.setup.requests import title
from school.staff.leaders import check_leads
from school.students import national_ids
from school.students.who_may_be_told import limited_elsewhere
from school.wording.translation import Words
from school.years import calendar

NO_STUDENT = "There is no such student in this school."
TAKEN = "This number cannot be recorded here: check it, and if it is right, write to the platform's operator."
"""The same whether the other child is of this school or of another: nobody learns where a child goes to school."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a student is; the number is masked."""

    first_name: str
    middle_name: str
    last_name: str
    national_id: str
    kind: NationalIdKind
    birth_date: date

    @property
    def name(self) -> str:
        """All three."""
        return " ".join(filter(None, (self.first_name, self.middle_name, self.last_name)))


def identity(session: Session, school_id: int, student_id: int) -> Identity:
    """Raises MissingError when the student is not of this school."""
    one = session.scalar(select(Student).where(Student.school_id == school_id, Student.id == student_id))
    if one is None:
        raise MissingError(NO_STUDENT)
    number = national_ids.decrypt(vault(session), one.national_id_encrypted)
    return Identity(one.first_name, one.middle_name, one.last_name, number.masked, number.kind, one.birth_date)


def rename(
    session: Session,
    school_id: int,
    student_id: int,
    *,
    first_name: str,
    middle_name: str,
    last_name: str,
    by: int,
    now: datetime,
) -> None:
    """Another name from now on. Raises InputError for what is no name."""
    check_leads(session, school_id, by)
    one = _student(session, school_id, student_id)
    before = " ".join(filter(None, (one.first_name, one.middle_name, one.last_name)))
    one.first_name, one.last_name = cells.name(first_name), cells.name(last_name)
    one.middle_name = cells.name(middle_name) if middle_name.strip() else ""
    after = " ".join(filter(None, (one.first_name, one.middle_name, one.last_name)))
    if before == after:
        return
    session.flush()
    audit.write(
        session, "student.renamed", "student", student_id, now, school_id=school_id, by=by, before=before, after=after
    )


def correct_national_id(
    session: Session,
    school_id: int,
    student_id: int,
    text: str,
    *,
    birth_date: date | None,
    by: int,
    now: datetime,
) -> None:
    """The right ЕГН or ЛНЧ; `birth_date` is for a ЛНЧ, an ЕГН has its own. The history says that it was corrected.

    Raises InputError for a number that is none, and for one of another child of this school or of one who goes to
    school anywhere on the platform.
    """
    check_leads(session, school_id, by)
    one = _student(session, school_id, student_id)
    number = national_ids.parse(text, calendar.today(now))
    born = number.birth_date or birth_date
    if born is None:
        raise InputError("An LNCh needs the birth date too: fill it in.")
    secrets = vault(session)
    mark = number.fingerprint(secrets)
    if mark != one.national_id_hash:
        _check_free(session, school_id, student_id, mark)
    elif born == one.birth_date:
        return
    before = national_ids.decrypt(secrets, one.national_id_encrypted).masked
    limited = bool(limited_elsewhere(session, [mark]))
    try:
        with session.begin_nested():
            one.national_id_kind, one.birth_date = number.kind, born
            one.national_id_encrypted, one.national_id_hash = number.encrypted(secrets), mark
            one.only_named_followers = one.only_named_followers or limited
            session.flush()
    except IntegrityError:  # two at the same moment
        raise InputError(TAKEN) from None
    audit.write(
        session, "student.national_id_corrected", "student", student_id, now, school_id=school_id, by=by,
        before=before, after=number.masked,
    )  # fmt: skip


def rename_school(session: Session, school_id: int, name: str, town: str, *, by: int, now: datetime) -> None:
    """The school is called otherwise, on pages, labels, in letters and by telephone. Raises InputError."""
    check_leads(session, school_id, by)
    new = (title(name, Words("The name of the school")), title(town, Words("The town or village")))
    old = session.execute(select(School.name, School.town).where(School.id == school_id).with_for_update()).one()
    if tuple(old) == new:
        return
    session.execute(update(School).where(School.id == school_id).values(name=new[0], town=new[1]))
    audit.write(
        session, "school.renamed", "school", school_id, now, school_id=school_id, by=by,
        before=", ".join(old), after=", ".join(new),
    )  # fmt: skip


def school_name(session: Session, school_id: int) -> tuple[str, str]:
    """Its name and town."""
    row = session.execute(select(School.name, School.town).where(School.id == school_id)).one()
    return row.name, row.town


def _check_free(session: Session, school_id: int, student_id: int, fingerprint: bytes) -> None:
    other = session.scalar(
        select(Student.id)
        .where(
            Student.national_id_hash == fingerprint,
            Student.id != student_id,
            or_(Student.school_id == school_id, Student.class_id.is_not(None)),
        )
        .limit(1)
    )
    if other is not None:
        raise InputError(TAKEN)


def _student(session: Session, school_id: int, student_id: int) -> Student:
    found = session.scalar(
        select(Student).where(Student.school_id == school_id, Student.id == student_id).with_for_update()
    )
    if found is None:
        raise MissingError(NO_STUDENT)
    return found
