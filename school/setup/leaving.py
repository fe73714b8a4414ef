"""A member of staff leaves the school: what they had to do is handed over, and they get in no more.

What they recorded stays under their name, as do classes and subjects of earlier years.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.models import ApiToken, Passkey, PasskeyChallenge, RecoveryCode, Staff, TeachingAssignment
from errors import InputError, MissingError
from school import audit
from school.accounts import discard_links, end_sessions_at_school
from school.accounts.memberships import CREDENTIALS, works_elsewhere
from school.setup import duties
from school.setup.classes import set_class_teacher
from school.setup.duties import Duty
from school.staff.leaders import check_is_led, check_leads, hold_leaders
from school.timetable.handing_over import hand_over
from school.years import calendar

Successors = Mapping[int, int | None]
"""The id of a duty -> who has it from now on; None: nobody yet, because whoever decides said so."""


def leave(
    session: Session,
    school_id: int,
    staff_id: int,
    *,
    leads: Successors,
    teaches: Successors,
    revoke_tokens: bool,
    by: int,
    now: datetime,
) -> None:
    """Hand everything over and switch the person off, all or nothing.

    Sessions and links of this school end; password, second factor and passkeys too, unless the person works at another
    school with them. Raises InputError when a duty is left out or goes to somebody who cannot have it.
    """
    hold_leaders(session, school_id)
    check_leads(session, school_id, by)
    if staff_id == by:
        raise InputError("You cannot take your own rights away: ask another leader.")
    one = session.execute(
        select(Staff.is_active, Staff.account_id, works_elsewhere().label("elsewhere"))
        .where(Staff.school_id == school_id, Staff.id == staff_id)
        .with_for_update()
    ).one_or_none()
    if one is None:
        raise MissingError("There is no such person in this school.")
    held = duties.of(session, school_id, staff_id, calendar.today(now))
    if {duty.id for duty in held.leads} != set(leads) or {duty.id for duty in held.teaches} != set(teaches):
        raise InputError("What this person has to do has changed meanwhile: look at the page again.")
    _check_successors(session, school_id, staff_id, {*leads.values(), *teaches.values()} - {None})
    for duty in held.leads:
        set_class_teacher(session, school_id, duty.id, leads[duty.id], by=by, now=now)
    for duty in held.teaches:
        _hand_over(session, school_id, staff_id, duty, teaches[duty.id], by, now)
    lessons = {(duty.class_id, duty.subject_id): teaches[duty.id] for duty in held.teaches if duty.subject_id}
    hand_over(session, school_id, staff_id, lessons, calendar.today(now), by=by, now=now)
    if revoke_tokens:
        _revoke_tokens(session, school_id, staff_id, by, now)
    session.execute(update(Staff).where(Staff.id == staff_id).values(is_active=False))
    end_sessions_at_school(session, staff_id, now)
    discard_links(session, staff_id)
    if one.account_id is not None:
        session.execute(update(Staff).where(Staff.id == staff_id).values(joined_at=None))
    elif not one.elsewhere:
        _forget_credentials(session, staff_id)
    check_is_led(session, school_id)
    audit.write(session, "staff.left", "staff", staff_id, now, school_id=school_id, by=by)


def _check_successors(session: Session, school_id: int, staff_id: int, wanted: set[int | None]) -> None:
    known = session.scalars(
        select(Staff.id).where(
            Staff.school_id == school_id, Staff.id.in_(wanted), Staff.is_active, Staff.id != staff_id
        )
    ).all()
    if set(known) != wanted:
        raise MissingError("There is no such teacher in this school.")


def _hand_over(
    session: Session, school_id: int, staff_id: int, duty: Duty, to: int | None, by: int, now: datetime
) -> None:
    """The assignment; who teaches the same to the class already keeps theirs."""
    there = to is not None and session.scalar(
        select(TeachingAssignment.id).where(
            TeachingAssignment.school_id == school_id,
            TeachingAssignment.class_id == duty.class_id,
            TeachingAssignment.subject_id == duty.subject_id,
            TeachingAssignment.staff_id == to,
        )
    )
    if to is None or there:
        session.execute(delete(TeachingAssignment).where(TeachingAssignment.id == duty.id))
    else:
        session.execute(update(TeachingAssignment).where(TeachingAssignment.id == duty.id).values(staff_id=to))
    action = "teaching.handed_over" if to is not None else "teaching.ended"
    audit.write(
        session, action, "teaching_assignment", duty.id, now, school_id=school_id, by=by,
        **{"class": duty.class_id}, subject=duty.subject_id, staff=[staff_id, to],
    )  # fmt: skip


def _revoke_tokens(session: Session, school_id: int, staff_id: int, by: int, now: datetime) -> None:
    revoked = session.scalars(
        update(ApiToken)
        .where(ApiToken.school_id == school_id, ApiToken.created_by == staff_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken.id)
    ).all()
    rows = [audit.row("api_token.revoked", "api_token", token, now, school_id=school_id, by=by) for token in revoked]
    audit.write_many(session, rows)


def _forget_credentials(session: Session, staff_id: int) -> None:
    """Who comes back is invited anew."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(dict.fromkeys(CREDENTIALS)))
    for table in (Passkey, PasskeyChallenge, RecoveryCode):
        session.execute(delete(table).where(table.staff_id == staff_id))
