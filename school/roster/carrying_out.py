"""Carries out what was shown: all of it in the caller's transaction, or nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import logs
from db.models import School
from errors import InputError
from school.roster.ledger import Ledger
from school.roster.planned_changes import Change
from school.roster.plans import Options, prepare
from school.roster.rows import Roster
from school.roster.writing_families import FamilyWriter
from school.roster.writing_personnel import PersonnelWriter
from school.years import calendar

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What an import did."""

    students_new: int
    students_changed: int
    students_left: int
    staff_new: tuple[int, ...]
    """Accounts to invite: they have no password yet."""
    staff_changed: int


def carry_out(
    session: Session,
    school_id: int,
    roster: Roster,
    *,
    by: int,
    now: datetime,
    shown: str,
    options: Options | None = None,
    school_year_id: int | None = None,
) -> Done:
    """Write a roster. `shown` is the fingerprint of the preview that the person agreed to; `by` the staff member.

    Raises InputError, and then nothing is to be committed, when the roster has problems or the school has changed
    since the preview so that something else would happen.
    """
    options = options or Options()
    # Two who import at once take turns; the second then sees that the school has changed. Whoever saves a class holds
    # its students and writes rows of the school: those rows are not kept waiting.
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True))
    prepared = prepare(session, school_id, roster, calendar.today(now), options, school_year_id)
    if prepared.preview.problems:
        raise InputError("The file has errors: correct them and upload it again.")
    if prepared.preview.fingerprint != shown:
        raise InputError("The school's data has changed since you looked: look at the file again.")
    ledger = Ledger(session, school_id, by, now)
    families = FamilyWriter(ledger, prepared.facts, prepared.families)
    families.write_students()
    families.write_guardians()
    left = families.students_leave() if options.missing_leave else 0
    personnel = PersonnelWriter(ledger, prepared.facts, prepared.personnel)
    new_staff = personnel.write_staff()
    if options.missing_end:
        personnel.assignments_end()
    preview = prepared.preview
    done = Done(
        preview.count(Change.NEW, "student"),
        preview.count(Change.CHANGED, "student"),
        left,
        new_staff,
        preview.count(Change.CHANGED, "staff"),
    )
    ledger.note(
        "roster.imported",
        "school",
        school_id,
        students_new=done.students_new,
        students_changed=done.students_changed,
        students_left=left,
        staff_new=len(new_staff),
        staff_changed=done.staff_changed,
    )
    ledger.close()
    log.info("roster.imported", school=school_id, students=len(prepared.families.students), staff=len(new_staff))
    return done
