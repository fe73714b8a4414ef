"""A school asks to join; the platform's operator decides; an approved one gets its administrator's account."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.kinds import Role, SchoolRequestStatus
from db.models import School, SchoolRequest, Staff, StaffRole
from errors import InputError, MissingError
from school import audit
from school.accounts.memberships import account_for_new_row
from school.roster import cells
from school.staff.leaders import check_operates
from school.wording.translation import Words

LONGEST_TITLE = 160
LONGEST_TEXT = 1000
INSTITUTION_CODE = re.compile(r"\d{6,7}", re.ASCII)
"""код по НЕИСПУО."""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A school that asked to join."""

    id: int
    institution_code: str
    school_name: str
    town: str
    first_name: str
    last_name: str
    email: str
    phone: str | None
    text: str
    status: SchoolRequestStatus
    created_at: datetime
    decided_at: datetime | None
    made_school_id: int | None


@dataclass(frozen=True, slots=True)
class Approved:
    """A new school, and its administrator, who is to be invited: the account has no password or no consent yet."""

    school_id: int
    administrator_id: int
    email: str


def ask_to_join(
    session: Session,
    *,
    institution_code: str,
    school_name: str,
    town: str,
    first_name: str,
    last_name: str,
    email: str,
    phone: str = "",
    text: str = "",
    now: datetime,
) -> int:
    """Write down a school's request; gives its id. Raises InputError for a field that cannot be right."""
    code = "".join(institution_code.split())
    if not INSTITUTION_CODE.fullmatch(code):
        raise InputError("A NEISPUO code has 6 or 7 digits: check it.")
    values = {
        "institution_code": code,
        "school_name": title(school_name, Words("The name of the school")),
        "town": title(town, Words("The town or village")),
        "first_name": cells.name(first_name),
        "last_name": cells.name(last_name),
        "email": cells.email(email),
        "phone": cells.phone(phone) if phone.strip() else None,
        "text": text.strip()[:LONGEST_TEXT],
        "status": SchoolRequestStatus.WAITING,
        "created_at": now,
    }
    if session.scalar(select(School.id).where(School.institution_code == code)) is not None:
        raise InputError("A school with this NEISPUO code is on the platform already: ask its administrator.")
    waiting = select(SchoolRequest.id).where(
        SchoolRequest.institution_code == code, SchoolRequest.status == SchoolRequestStatus.WAITING
    )
    if session.scalar(waiting) is not None:
        raise InputError("This school's request has been received already: we will answer by e-mail.")
    request_id = session.execute(insert(SchoolRequest).values(values).returning(SchoolRequest.id)).scalar_one()
    audit.write(session, "school.requested", "school_request", request_id, now, school_id=None)
    return request_id


def requests(session: Session, status: SchoolRequestStatus | None = None, limit: int = 200) -> tuple[RequestRow, ...]:
    """Requests, the oldest first, those that wait before others."""
    statement = select(
        SchoolRequest.id,
        SchoolRequest.institution_code,
        SchoolRequest.school_name,
        SchoolRequest.town,
        SchoolRequest.first_name,
        SchoolRequest.last_name,
        SchoolRequest.email,
        SchoolRequest.phone,
        SchoolRequest.text,
        SchoolRequest.status,
        SchoolRequest.created_at,
        SchoolRequest.decided_at,
        SchoolRequest.made_school_id,
    )
    if status is not None:
        statement = statement.where(SchoolRequest.status == status)
    waits_first = (SchoolRequest.status != SchoolRequestStatus.WAITING, SchoolRequest.created_at, SchoolRequest.id)
    found = session.execute(statement.order_by(*waits_first).limit(limit))
    return tuple(RequestRow(**row._mapping) for row in found)


def approve(session: Session, request_id: int, *, by: int, now: datetime) -> Approved:
    """Make the school and its administrator's account. Raises InputError when it was decided or the code is taken."""
    check_operates(session, by)
    request = _decide(session, request_id, SchoolRequestStatus.APPROVED, by, now)
    described = {"institution_code": request.institution_code, "name": request.school_name, "town": request.town}
    try:
        with session.begin_nested():
            school_id = session.execute(
                insert(School).values(described | {"created_at": now}).returning(School.id)
            ).scalar_one()
    except IntegrityError:
        raise InputError("A school with this NEISPUO code is on the platform already.") from None
    staff_id = session.execute(
        insert(Staff)
        .values(
            school_id=school_id,
            first_name=request.first_name,
            last_name=request.last_name,
            email=request.email,
            account_id=account_for_new_row(session, request.email),
            password_hash=None,
            created_at=now,
        )
        .returning(Staff.id)
    ).scalar_one()
    session.execute(insert(StaffRole).values(staff_id=staff_id, role=Role.SCHOOL_ADMINISTRATOR))
    session.execute(update(SchoolRequest).where(SchoolRequest.id == request_id).values(made_school_id=school_id))
    audit.write(session, "school.created", "school", school_id, now, school_id=school_id, by=by, request=request_id)
    roles = [Role.SCHOOL_ADMINISTRATOR]
    audit.write(session, "staff.created", "staff", staff_id, now, school_id=school_id, by=by, roles=roles)
    return Approved(school_id, staff_id, request.email)


def refuse(session: Session, request_id: int, *, by: int, now: datetime, reason: str = "") -> None:
    """Refuse a request. Raises InputError when it was decided already."""
    check_operates(session, by)
    _decide(session, request_id, SchoolRequestStatus.REFUSED, by, now)
    audit.write(
        session,
        "school.refused",
        "school_request",
        request_id,
        now,
        school_id=None,
        by=by,
        reason=reason[:LONGEST_TEXT],
    )


def title(text: str, what: str) -> str:
    """A line of text of at most 160 characters."""
    line = " ".join(text.split())
    if not line:
        raise InputError("{what} is missing: fill it in.", what=what)
    if len(line) > LONGEST_TITLE:
        raise InputError("{what} is longer than {most} characters: shorten it.", what=what, most=LONGEST_TITLE)
    return line


def _decide(session: Session, request_id: int, status: SchoolRequestStatus, by: int, now: datetime) -> SchoolRequest:
    """One of two who decide at once wins."""
    request = session.scalars(
        update(SchoolRequest)
        .where(SchoolRequest.id == request_id, SchoolRequest.status == SchoolRequestStatus.WAITING)
        .values(status=status, decided_at=now, decided_by=by)
        .returning(SchoolRequest)
    ).one_or_none()
    if request is None:
        raise MissingError("This request has been decided already or is gone.")
    return request
