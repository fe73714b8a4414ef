"""Accounts of a school's staff, and who teaches what to whom. Invitations are made by school.accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import SchoolClass, Staff, StaffRole, Subject, TeachingAssignment
from errors import InputError, MissingError
from school import audit
from school.accounts import discard_links, end_sessions_at_school
from school.accounts.factors import has_factor
from school.accounts.memberships import account_for_new_row, part
from school.roster import cells
from school.setup import duties
from school.staff.leaders import check_is_led, check_leads, hold_leaders
from school.years import calendar

ROLES = (Role.TEACHER, Role.PRINCIPAL, Role.SCHOOL_ADMINISTRATOR)
"""What a school may give; the platform's operators are not its business."""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works at the school. `has_password`: they have accepted the invitation.

    That somebody has an account through another school is never told before they accept.
    """

    id: int
    first_name: str
    last_name: str
    email: str
    is_active: bool
    has_password: bool
    has_second_factor: bool
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """Who teaches what to whom."""

    id: int
    class_id: int
    class_name: str
    subject_id: int
    subject: str
    staff_id: int
    teacher: str
    is_profiled: bool


def staff(session: Session, school_id: int) -> tuple[StaffMember, ...]:
    """The school's accounts by name, also those switched off."""
    roles: dict[int, list[Role]] = {}
    for staff_id, role in session.execute(
        select(StaffRole.staff_id, StaffRole.role).join(Staff).where(Staff.school_id == school_id)
    ):
        roles.setdefault(staff_id, []).append(role)
    rows = session.execute(
        select(
            Staff.id,
            Staff.first_name,
            Staff.last_name,
            Staff.email,
            Staff.is_active,
            or_(Staff.password_hash.is_not(None), Staff.joined_at.is_not(None)),
            and_(or_(Staff.account_id.is_(None), Staff.joined_at.is_not(None)), has_factor()),
        )
        .where(Staff.school_id == school_id)
        .order_by(Staff.last_name, Staff.first_name, Staff.id)
    )
    return tuple(StaffMember(*row, roles=tuple(sorted(roles.get(row[0], ())))) for row in rows)


def add_staff(
    session: Session,
    school_id: int,
    *,
    first_name: str,
    last_name: str,
    email: str,
    roles: Iterable[Role],
    by: int,
    now: datetime,
) -> int:
    """Make an account without a password; gives its id, to be invited. Raises InputError.

    Who has an account at another school is invited all the same, and works here once they confirm it.
    """
    check_leads(session, school_id, by)
    wanted = _roles(roles)
    address = cells.email(email)
    here = select(Staff.id).where(Staff.school_id == school_id, Staff.email == address)
    if session.scalar(here) is not None:
        raise InputError("Somebody of the school signs in with the address {email} already.", email=address)
    values = {
        "school_id": school_id,
        "account_id": account_for_new_row(session, address),
        "first_name": cells.name(first_name),
        "last_name": cells.name(last_name),
        "email": address,
        "password_hash": None,
        "created_at": now,
    }
    staff_id = session.execute(insert(Staff).values(values).returning(Staff.id)).scalar_one()
    session.connection().execute(insert(StaffRole), [{"staff_id": staff_id, "role": role} for role in wanted])
    audit.write(session, "staff.created", "staff", staff_id, now, school_id=school_id, by=by, roles=wanted)
    return staff_id


def change_staff(
    session: Session,
    school_id: int,
    staff_id: int,
    *,
    first_name: str,
    last_name: str,
    roles: Iterable[Role],
    is_active: bool,
    by: int,
    now: datetime,
) -> None:
    """Another name, other roles, or switched on and off; who is switched off is signed out of this school.

    Raises InputError, also when nobody would be left to lead the school, and for who is to be switched off while they
    have a class or teach: that is handed over first (school.setup.leaving).
    """
    hold_leaders(session, school_id)
    check_leads(session, school_id, by)
    wanted = _roles(roles)
    before = {one.id: one for one in staff(session, school_id)}
    if staff_id not in before:
        raise MissingError("There is no such person in this school.")
    old = before[staff_id]
    if staff_id == by and not (is_active and set(wanted) & {Role.PRINCIPAL, Role.SCHOOL_ADMINISTRATOR}):
        raise InputError("You cannot take your own rights away: ask another leader.")
    if old.is_active and not is_active and duties.has_any(session, school_id, staff_id, calendar.today(now)):
        raise InputError(
            "{name} has a class or teaches: hand that over first.", name=f"{old.first_name} {old.last_name}"
        )
    values = {"first_name": cells.name(first_name), "last_name": cells.name(last_name), "is_active": is_active}
    session.execute(update(Staff).where(Staff.school_id == school_id, Staff.id == staff_id).values(values))
    if set(wanted) != set(old.roles):
        session.execute(delete(StaffRole).where(StaffRole.staff_id == staff_id, StaffRole.role.in_(ROLES)))
        session.connection().execute(insert(StaffRole), [{"staff_id": staff_id, "role": role} for role in wanted])
    if old.is_active and not is_active:
        end_sessions_at_school(session, staff_id, now)
        discard_links(session, staff_id)
    check_is_led(session, school_id)
    audit.write(
        session, "staff.changed", "staff", staff_id, now, school_id=school_id, by=by,
        name=[f"{old.first_name} {old.last_name}", f"{values['first_name']} {values['last_name']}"],
        roles=[list(old.roles), wanted], is_active=[old.is_active, is_active],
    )  # fmt: skip


def correct_email(session: Session, school_id: int, staff_id: int, email: str, *, by: int, now: datetime) -> None:
    """Correct the address of somebody who has not accepted the invitation; links sent to the old one work no more.

    Raises InputError for who has accepted (they change it themselves), and when somebody of the school has it.
    """
    check_leads(session, school_id, by)
    address = cells.email(email)
    found = session.execute(
        select(Staff.email, or_(Staff.password_hash.is_not(None), Staff.joined_at.is_not(None)).label("has_accepted"))
        .where(Staff.school_id == school_id, Staff.id == staff_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise MissingError("There is no such person in this school.")
    old: str = found.email
    if found.has_accepted:
        raise InputError("This person has accepted the invitation: they change the address under their profile.")
    if session.scalar(select(Staff.id).where(Staff.school_id == school_id, Staff.email == address)) is not None:
        raise InputError("Somebody of the school signs in with the address {email} already.", email=address)
    part(session, staff_id, address, account_for_new_row(session, address))
    discard_links(session, staff_id)
    audit.write(
        session, "staff.email_corrected", "staff", staff_id, now, school_id=school_id, by=by, email=[old, address]
    )


def assignments(session: Session, school_id: int, year_id: int) -> tuple[AssignmentRow, ...]:
    """Who teaches what to whom in a year, by class and subject."""
    rows = session.execute(
        select(
            TeachingAssignment.id,
            SchoolClass.id,
            SchoolClass.level,
            SchoolClass.letter,
            Subject.id,
            Subject.name,
            Staff.id,
            Staff.first_name,
            Staff.last_name,
            TeachingAssignment.is_profiled,
        )
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .join(Staff, Staff.id == TeachingAssignment.staff_id)
        .where(TeachingAssignment.school_id == school_id, SchoolClass.school_year_id == year_id)
        .order_by(SchoolClass.level, SchoolClass.letter, Subject.name, Staff.last_name)
    )
    return tuple(
        AssignmentRow(id_, class_id, f"{level}{letter}", subject_id, subject, staff_id, f"{first} {last}", profiled)
        for id_, class_id, level, letter, subject_id, subject, staff_id, first, last, profiled in rows
    )


def assign(
    session: Session,
    school_id: int,
    year_id: int,
    *,
    staff_id: int,
    subject_id: int,
    classes: Sequence[int],
    is_profiled: bool = False,
    by: int,
    now: datetime,
) -> tuple[int, ...]:
    """A teacher teaches a subject to classes of a year; what is there already stays. Gives the new ids.

    Raises InputError, MissingError for what the school or the year has not.
    """
    check_leads(session, school_id, by)
    person = select(Staff.id).where(Staff.school_id == school_id, Staff.id == staff_id, Staff.is_active)
    if session.scalar(person.with_for_update()) is None:
        raise MissingError("There is no such teacher in this school.")
    if session.scalar(select(Subject.id).where(Subject.school_id == school_id, Subject.id == subject_id)) is None:
        raise MissingError("There is no such subject in this school.")
    wanted = list(dict.fromkeys(classes))
    found = session.execute(
        select(SchoolClass.id, SchoolClass.level).where(
            SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id, SchoolClass.id.in_(wanted)
        )
    ).all()
    if len(found) != len(wanted):
        raise MissingError("There is no such class in this school year.")
    if is_profiled and any(row.level < 11 for row in found):
        raise InputError("Profiled subjects are taught at levels 11 and 12 only: check the classes.")
    there = set(
        session.scalars(
            select(TeachingAssignment.class_id).where(
                TeachingAssignment.school_id == school_id,
                TeachingAssignment.staff_id == staff_id,
                TeachingAssignment.subject_id == subject_id,
            )
        )
    )
    rows = [
        {
            "school_id": school_id,
            "class_id": class_id,
            "subject_id": subject_id,
            "staff_id": staff_id,
            "is_profiled": is_profiled,
        }
        for class_id in wanted
        if class_id not in there
    ]
    if not rows:
        return ()
    ids = session.execute(
        insert(TeachingAssignment).returning(TeachingAssignment.id, sort_by_parameter_order=True), rows
    )
    made = tuple(ids.scalars())
    notes = [
        audit.row(
            "teaching.assigned", "teaching_assignment", id_, now, school_id=school_id, by=by,
            **{"class": one["class_id"]}, subject=subject_id, staff=staff_id,
        )
        for id_, one in zip(made, rows, strict=True)
    ]  # fmt: skip
    audit.write_many(session, notes)
    return made


def end_assignment(session: Session, school_id: int, assignment_id: int, *, by: int, now: datetime) -> None:
    """A teacher teaches this no more; grades given stay. Raises InputError when there is no such row."""
    check_leads(session, school_id, by)
    ended = session.execute(
        delete(TeachingAssignment)
        .where(TeachingAssignment.school_id == school_id, TeachingAssignment.id == assignment_id)
        .returning(TeachingAssignment.class_id, TeachingAssignment.subject_id, TeachingAssignment.staff_id)
    ).one_or_none()
    if ended is None:
        raise MissingError("This assignment is gone already.")
    audit.write(
        session, "teaching.ended", "teaching_assignment", assignment_id, now, school_id=school_id, by=by,
        **{"class": ended.class_id}, subject=ended.subject_id, staff=ended.staff_id,
    )  # fmt: skip


def _roles(roles: Iterable[Role]) -> list[Role]:
    wanted = sorted(set(roles))
    if not wanted:
        raise InputError("Choose at least one role.")
    if not set(wanted) <= set(ROLES):
        raise InputError("The school cannot give this role.")
    return wanted
