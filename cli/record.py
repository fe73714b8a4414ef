"""`eschool record ...`: entering what happens at school by command, for imports and trials.

The same rules hold as on a teacher's page, and the same parents are told.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import click

from db.kinds import (
    FIRST_LESSON,
    LAST_LESSON,
    AbsenceKind,
    AbsenceReason,
    EventKind,
    ExcuseKind,
    GradeKind,
    Mark,
    RemarkKind,
    SchoolEventKind,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from db.events import EventRef
    from school.students.lookup import Pupil

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_by = click.option("--by", metavar="EMAIL", help="Who records it; by default the teacher, or else the principal.")
_student = click.option("--student", "code", metavar="CODE", required=True, help="The student's ID-code, 8 digits.")
_subject = click.option("--subject", metavar="NAME", required=True, help="The subject's name or its beginning.")
_on = click.option("--on", metavar="DATE", help="Such as 2026-11-24 or 24.11.2026; by default today.")


def _kind(kinds: type[StrEnum], default: StrEnum) -> Callable[[Decorated], Decorated]:
    values = click.Choice([str(kind) for kind in kinds])
    return click.option("--kind", type=values, default=str(default), show_default=True)


@click.group(name="record")
def record() -> None:
    """Record what happened at school; followers are told as if a teacher had entered it."""


@record.command()
@_student
@click.option("--subject", metavar="NAME", help="Name or its beginning; leave it out for level 1's annual result.")
@click.option("--grade", "value", required=True, help="2, 3.00 to 6.00, or a mark such as excellent or copes.")
@_kind(GradeKind, GradeKind.CURRENT)
@_on
@_by
def grade(code: str, subject: str | None, value: str, kind: str, on: str | None, by: str | None) -> None:
    """Record a grade."""
    from school.classbook import recording
    from school.students import lookup

    given = _grade(value)
    with _entering() as (session, now, lines):
        pupil = lookup.student(session, code)
        subject_id, subject_name = lookup.subject(session, pupil.class_id, subject) if subject else (None, "annual")
        ref = recording.record_grade(
            session,
            by=_author(session, pupil, subject_id, by),
            student_id=pupil.student_id,
            subject_id=subject_id,
            kind=GradeKind(kind),
            grade=given,
            on=_date(on, now),
            now=now,
        )
        lines += _told(session, ref, f"{pupil.given_name} ({pupil.class_name}): {subject_name}, {kind}, {given}", now)


@record.command()
@_student
@_subject
@_kind(AbsenceKind, AbsenceKind.UNEXCUSED)
@click.option("--lesson", type=int, required=True, help=f"Number of the lesson, {FIRST_LESSON} to {LAST_LESSON}.")
@click.option(
    "--reason", type=click.Choice([str(reason) for reason in AbsenceReason]), help="Why an absence is excused."
)
@_on
@_by
def absence(
    code: str, subject: str, kind: str, lesson: int, reason: str | None, on: str | None, by: str | None
) -> None:
    """Record an absence from a lesson."""
    from school.classbook import recording
    from school.students import lookup

    with _entering() as (session, now, lines):
        pupil = lookup.student(session, code)
        subject_id, subject_name = lookup.subject(session, pupil.class_id, subject)
        ref = recording.record_absence(
            session,
            by=_author(session, pupil, subject_id, by),
            student_id=pupil.student_id,
            subject_id=subject_id,
            kind=AbsenceKind(kind),
            on=_date(on, now),
            lesson=lesson,
            now=now,
            reason=AbsenceReason(reason) if reason else None,
        )
        lines += _told(
            session, ref, f"{pupil.given_name} ({pupil.class_name}): {subject_name}, {kind}, lesson {lesson}", now
        )


@record.command()
@_student
@click.option("--subject", metavar="NAME", help="The subject's name or its beginning; by default no subject.")
@_kind(RemarkKind, RemarkKind.CENSURE)
@click.option("--text", required=True, help="The remark itself.")
@_on
@_by
def remark(code: str, subject: str | None, kind: str, text: str, on: str | None, by: str | None) -> None:
    """Record a remark: censure or praise."""
    from school.classbook import recording
    from school.students import lookup

    with _entering() as (session, now, lines):
        pupil = lookup.student(session, code)
        subject_id = lookup.subject(session, pupil.class_id, subject)[0] if subject else None
        ref = recording.record_remark(
            session,
            by=_author(session, pupil, subject_id, by),
            student_id=pupil.student_id,
            subject_id=subject_id,
            kind=RemarkKind(kind),
            text=text,
            on=_date(on, now),
            now=now,
        )
        lines += _told(session, ref, f"{pupil.given_name} ({pupil.class_name}): {kind}", now)


@record.command()
@_student
@click.option("--from", "first", metavar="DATE", help="First day; by default today.")
@click.option("--until", "last", metavar="DATE", help="Last day; by default the first.")
@click.option("--text", required=True, help="The text of the note; it never leaves the school.")
@_by
def health(code: str, first: str | None, last: str | None, text: str, by: str | None) -> None:
    """Record a health note; parents are told only its dates."""
    from school.classbook import recording
    from school.students import lookup

    with _entering() as (session, now, lines):
        pupil = lookup.student(session, code)
        starts_on = _date(first, now)
        ref = recording.record_health_note(
            session,
            by=_author(session, pupil, None, by),
            student_id=pupil.student_id,
            starts_on=starts_on,
            ends_on=_date(last, now) if last else starts_on,
            note=text,
            now=now,
        )
        lines += _told(session, ref, f"{pupil.given_name} ({pupil.class_name}): health note", now)


@record.command()
@_student
@_kind(ExcuseKind, ExcuseKind.PARENT)
@click.option("--from", "first", metavar="DATE", help="First day; by default today.")
@click.option("--until", "last", metavar="DATE", help="Last day; by default the first.")
@click.option("--confirmed", metavar="DATE", help="When the parent confirmed an organiser's document.")
@_by
def excuse(code: str, kind: str, first: str | None, last: str | None, confirmed: str | None, by: str | None) -> None:
    """Excuse a student's absences on the given days; parents are told of each one."""
    from school.classbook import excuses
    from school.students import lookup

    with _entering() as (session, now, lines):
        pupil = lookup.student(session, code)
        starts_on = _date(first, now)
        done = excuses.excuse(
            session,
            by=_author(session, pupil, None, by),
            student_id=pupil.student_id,
            kind=ExcuseKind(kind),
            starts_on=starts_on,
            ends_on=_date(last, now) if last else starts_on,
            parent_confirmed_on=_date(confirmed, now) if confirmed else None,
            now=now,
        )
        lines.append(
            f"excuse: {pupil.given_name} ({pupil.class_name}): {done.absences} absences of {done.school_days} "
            f"school days, parents may excuse {done.days_left} more this year"
        )


@record.command()
@click.option("--class", "class_name", metavar="8а", help="The class invited; by default the whole school.")
@_kind(SchoolEventKind, SchoolEventKind.MEETING)
@click.option("--title", required=True)
@click.option("--place", required=True)
@click.option("--at", "moment", metavar="'DATE HH:MM'", required=True, help="When, such as '2026-12-01 18:30'.")
@click.option("--text", default="", help="What else parents should know.")
@_by
def meeting(class_name: str | None, kind: str, title: str, place: str, moment: str, text: str, by: str | None) -> None:
    """Announce a parents' meeting or an event."""
    from school.classbook import recording
    from school.students import lookup

    starts_at = _moment(moment)
    with _entering() as (session, now, lines):
        of = lookup.school_class(session, class_name) if class_name else None
        author = (
            lookup.staff(session, by, of.school_id if of else None)
            if by
            else lookup.who_records(
                session,
                of.school_id if of else lookup.only_school(session),
                class_id=of.class_id if of else None,
                subject_id=None,
                class_teacher_id=of.class_teacher_id if of else None,
            )
        )
        ref = recording.record_school_event(
            session,
            by=author,
            kind=SchoolEventKind(kind),
            class_id=of.class_id if of else None,
            title=title,
            place=place,
            starts_at=starts_at,
            text=text,
            now=now,
        )
        lines += _told(session, ref, f"{kind} for {of.name if of else 'the whole school'}", now)


@record.group()
def correct() -> None:
    """Correct what was recorded by mistake; whoever was told of it is told of the correction."""


@correct.command("grade")
@click.argument("grade_id", type=int)
@click.option("--grade", "value", required=True, help="The right grade.")
@_by
def correct_grade(grade_id: int, value: str, by: str | None) -> None:
    """Change the value of the grade with the number GRADE_ID."""
    from school.classbook import correcting

    given = _grade(value)
    with _entering() as (session, now, lines):
        author = _author_of_grade(session, grade_id, by)
        ref = correcting.correct_grade(session, by=author, grade_id=grade_id, grade=given, now=now)
        lines += _told(session, ref, f"corrected to {given}", now)


@record.group()
def delete() -> None:
    """Delete what was recorded by mistake; whoever was told of it is told that it does not count."""


@delete.command("grade")
@click.argument("grade_id", type=int)
@_by
def delete_grade(grade_id: int, by: str | None) -> None:
    """Delete the grade with the number GRADE_ID."""
    from db.events import EventRef
    from school.classbook import correcting

    with _entering() as (session, now, lines):
        author = _author_of_grade(session, grade_id, by)
        correcting.delete_grade(session, by=author, grade_id=grade_id, now=now)
        lines += _told(session, EventRef(EventKind.GRADE, grade_id), "deleted", now)


def _author(session: "Session", pupil: "Pupil", subject_id: int | None, email: str | None) -> int:
    from school.students import lookup

    if email:
        return lookup.staff(session, email, pupil.school_id)
    return lookup.who_records(
        session,
        pupil.school_id,
        class_id=pupil.class_id,
        subject_id=subject_id,
        class_teacher_id=pupil.class_teacher_id,
    )


def _author_of_grade(session: "Session", grade_id: int, email: str | None) -> int:
    from db.models import Grade
    from errors import InputError
    from school.students import lookup

    row = session.get(Grade, grade_id)
    if email:
        return lookup.staff(session, email, row.school_id if row else None)
    if row is None:
        raise InputError(f"There is no grade {grade_id}: its number was printed when it was recorded.")
    return row.staff_id


@contextmanager
def _entering() -> Iterator[tuple["Session", datetime, list[str]]]:
    """A session, now, and lines to print once it is committed."""
    from db.command_session import writing

    lines: list[str] = []
    with writing() as (session, now):
        yield session, now, lines
    for line in lines:
        click.echo(line)


def _told(session: "Session", ref: "EventRef", what: str, now: datetime) -> list[str]:
    """What was recorded, who is to be told and when."""
    from runtime.localtime import SOFIA
    from school.outbox.pending import about_to_be_told

    lines = [f"{ref.kind} {ref.id}: {what}"]
    tellings = about_to_be_told(session, ref)
    for one in tellings:
        due = one.first_due_at.astimezone(SOFIA)
        when = "now" if one.first_due_at <= now else f"at {due:%H:%M on %d.%m}"
        followers = "1 follower is" if one.followers == 1 else f"{one.followers} followers are"
        lines.append(f"  {followers} told by {one.channel} {when}")
    return lines if tellings else [*lines, "  nobody is to be told"]


def _grade(value: str) -> Decimal | Mark:
    from errors import InputError

    try:
        return Decimal(value.strip().replace(",", "."))
    except InvalidOperation:
        pass
    try:
        return Mark(value.strip().lower())
    except ValueError:
        raise InputError(f"{value!r} is no grade: give 2, 3.00 to 6.00, or one of {', '.join(Mark)}.") from None


def _date(written: str | None, now: datetime) -> date:
    from errors import InputError
    from school.years.calendar import today

    if written is None:
        return today(now)
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(written.strip(), form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    raise InputError(f"{written!r} is no date: write it as 2026-11-24 or 24.11.2026.")


def _moment(written: str) -> datetime:
    from errors import InputError
    from runtime.localtime import SOFIA

    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M"):
        try:
            return datetime.strptime(written.strip(), form).replace(tzinfo=SOFIA)
        except ValueError:
            continue
    raise InputError(f"{written!r} is no date and hour: write it as '2026-12-01 18:30'.")
