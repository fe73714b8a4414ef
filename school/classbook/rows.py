"""Rows of the class book as the rules allow them: each function checks one entry and builds its row.

Nothing is written here: a row goes into the class book by `school.classbook.writing`. Every function raises InputError
when a rule does not allow the entry; `checks` is of who enters, and asks about a class, a subject and a date only once.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from db.kinds import AbsenceKind, AbsenceReason, EventKind, GradeKind, Mark, RemarkKind, SchoolEventKind
from errors import ForbiddenError, InputError
from school.classbook import grade_scales, rules
from school.classbook.checks import Checks
from school.classbook.grade_scales import StoredGrade
from school.classbook.writing import New
from school.security.crypto import vault
from school.staff import authority
from school.staff.authority import Assignment, At, ClassOf


def grade(
    checks: Checks,
    *,
    student_id: int,
    subject_id: int | None,
    kind: GradeKind,
    given: Decimal | Mark,
    on: date,
    term: int | None = None,
    lesson: int | None = None,
) -> New:
    """A grade: 2, 3.00-6.00, or a mark in words where the level or special needs ask for one.

    `subject_id` is None for the overall annual result of level 1. `term` is the term that a term grade closes, when it
    is entered after the next one began; otherwise the date's own. `lesson` is the one it was given in, where it is
    known: a substitute grades in the lessons they give, and closes no term and no year.
    """
    of = checks.student_on(student_id, on)
    assignment = checks.teaches(of, subject_id, None if kind.closes else At(on, lesson))
    stored = graded(of, assignment, kind, subject_id, given)
    where = checks.entry_date(on)
    if term is not None and (kind is not GradeKind.TERM or not 1 <= term <= where.term):
        raise InputError("Only a term grade names its term, which must have begun: leave the term out.")
    values = _about(checks, student_id, where.school_year_id) | {
        "subject_id": subject_id,
        "term": term or where.term,
        "kind": kind,
        "scale": stored.scale,
        "value": stored.value,
        "mark": stored.mark,
        "on_date": on,
    }
    return New(EventKind.GRADE, values, {"kind": kind, "grade": shown(stored), **_substituting(assignment)})


def graded(
    of: ClassOf, assignment: Assignment, kind: GradeKind, subject_id: int | None, given: Decimal | Mark
) -> StoredGrade:
    """A grade as it is stored for a student of this class."""
    to = grade_scales.Graded(of.level, of.has_special_needs, kind, subject_id is not None, assignment.is_profiled)
    return grade_scales.permitted(given, to)


def shown(stored: Any) -> str:
    """A grade as the audit trail writes it: of a StoredGrade, or of a row of the table."""
    return str(stored.mark or stored.value)


def absence(
    checks: Checks,
    *,
    student_id: int,
    subject_id: int,
    kind: AbsenceKind,
    on: date,
    lesson: int,
    reason: AbsenceReason | None = None,
) -> New:
    """An absence from one lesson of a school day; `reason` goes with an excused one only."""
    rules.check_lesson(lesson)
    rules.check_reason(kind, reason)
    of = checks.student_on(student_id, on)
    assignment = checks.teaches(of, subject_id, At(on, lesson))
    where = checks.lesson_day(on, of.level)
    values = _about(checks, student_id, where.school_year_id) | {
        "subject_id": subject_id,
        "kind": kind,
        "reason": reason,
        "on_date": on,
        "lesson": lesson,
    }
    details = {"kind": kind, "on": str(on), "lesson": lesson, **_substituting(assignment)}
    return New(EventKind.ABSENCE, values, details)


def remark(
    checks: Checks,
    *,
    student_id: int,
    kind: RemarkKind,
    text: str,
    on: date,
    subject_id: int | None = None,
    lesson: int | None = None,
) -> New:
    """A censure or a praise by a teacher of the class or a lesson's substitute, about a subject or about none."""
    of = checks.student_on(student_id, on)
    checks.may_remark(of, subject_id, At(on, lesson))
    where = checks.entry_date(on)
    values = _about(checks, student_id, where.school_year_id) | {
        "subject_id": subject_id,
        "kind": kind,
        "text": rules.remark_text(text),
        "on_date": on,
    }
    return New(EventKind.REMARK, values, {"kind": kind})


def health_note(checks: Checks, *, student_id: int, starts_on: date, ends_on: date, note: str) -> New:
    """A health note by the class teacher; its text is kept encrypted."""
    authority.check_class_teacher(checks.author, checks.student(student_id))
    rules.check_health_dates(starts_on, ends_on)
    where = checks.any_date(starts_on)
    values = _about(checks, student_id, where.school_year_id) | {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "note_encrypted": vault(checks.session).encrypt(rules.HEALTH_NOTE, rules.health_text(note)),
    }
    return New(EventKind.HEALTH, values, {})


def school_event(
    checks: Checks,
    *,
    kind: SchoolEventKind,
    class_id: int | None,
    level: int | None,
    title: str,
    place: str,
    starts_at: datetime,
    text: str,
) -> New:
    """A parents' meeting or an event: of a class by who teaches it, of a level or of the whole school by a leader."""
    announcer = checks.author
    if class_id is not None:
        of = authority.class_of_school(checks.session, announcer, class_id)
        authority.check_knows_class(checks.session, announcer, of)
        level = None
    elif not announcer.leads:
        raise ForbiddenError("Only the school's leaders invite the whole school: choose a class.")
    rules.check_level(level)
    rules.check_ahead(starts_at, checks.now)
    values = {
        "school_id": announcer.school_id,
        "class_id": class_id,
        "level": level,
        "staff_id": announcer.staff_id,
        "kind": kind,
        "title": rules.title_text(title),
        "place": rules.place_text(place),
        "starts_at": starts_at,
        "text": rules.invitation_text(text),
    }
    return New(EventKind(kind), values, {})


def _substituting(assignment: Assignment) -> dict[str, int]:
    """What the audit trail says more of a substitute's entry."""
    return {} if assignment.substitution_id is None else {"substitution": assignment.substitution_id}


def _about(checks: Checks, student_id: int, school_year_id: int) -> dict[str, Any]:
    """What every row about a student says."""
    return {
        "school_id": checks.author.school_id,
        "student_id": student_id,
        "staff_id": checks.author.staff_id,
        "school_year_id": school_year_id,
    }
