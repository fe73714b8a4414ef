"""The class teacher's decision on parents' notices that do not count by themselves.

A notice is no request for permission: it is refused only for the limit, for lateness or for a missing reason, and only
where that holds (Ordinance on inclusive education, art. 62 (1) 3). The parent is told, with the reason.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from db.kinds import AbsenceReason, ExcuseKind, Language, NoticeState, Obstacle
from db.models import AbsenceNotice, SchoolClass, Student
from errors import InputError, MissingError
from school import audit
from school.attendance import telling, wording
from school.attendance.given import Given, Outcome
from school.attendance.notices import obstacles
from school.attendance.states import DECIDABLE
from school.classbook import excuses
from school.classbook.excuse_limits import ParentsLimits, parents_limits
from school.classbook.excuses import Paper
from school.staff import authority
from school.staff.authority import Author
from school.years import calendar


def accept(session: Session, notice_id: int, *, by: int, now: datetime) -> int:
    """Let a notice count, of its days the first ones that the limits allow; gives how many: none, when another note
    excuses all of them meanwhile.

    Raises MissingError when it is not of the school or waits no more, ForbiddenError unless `by` is the class teacher
    or leads the school, InputError when the year has no days left.
    """
    author, row = _waiting(session, notice_id, by)
    notice: AbsenceNotice = row.AbsenceNotice
    limits, left, fresh = _standing(session, notice, row.level)
    if not fresh:
        _excused_meanwhile(session, author, row, now)
        return 0
    days = fresh[: min(limits.days_at_once, left)]
    if not days:
        raise InputError("Parents' notes have {left} school days left this year.", left=left)
    paper = Paper(
        notice.student_id,
        notice.school_year_id,
        ExcuseKind.PARENT,
        notice.ground or AbsenceReason.FAMILY,
        days[0],
        days[-1],
        len(days),
    )
    done = excuses.record(session, author, paper, now)
    _decide(session, author, notice, now, state=NoticeState.ACCEPTED, excuse_note_id=done.note_id)

    def words(language: Language) -> str:
        return wording.accepted(language, row.first_name, notice.starts_on, notice.ends_on, days, left - len(days))

    telling.decided(session, notice.subscriber_id, words, now)
    return len(days)


def refuse(session: Session, notice_id: int, obstacle: Obstacle, *, by: int, now: datetime) -> bool:
    """Refuse a notice for a reason that holds; False: another note excuses all of its days meanwhile.

    Raises as `accept` does, and InputError for a reason that does not hold.
    """
    author, row = _waiting(session, notice_id, by)
    notice: AbsenceNotice = row.AbsenceNotice
    limits, left, fresh = _standing(session, notice, row.level)
    if not fresh:
        _excused_meanwhile(session, author, row, now)
        return False
    if obstacle not in _obstacles(notice, limits, left, fresh):
        raise InputError("A notice is refused only for the limit, for lateness or without a reason: choose what holds.")
    _decide(session, author, notice, now, state=NoticeState.REFUSED, refused_for=obstacle)

    def words(language: Language) -> str:
        return wording.refused(language, row.first_name, notice.starts_on, notice.ends_on, obstacle, limits, left)

    telling.decided(session, notice.subscriber_id, words, now)
    return True


def class_of(session: Session, notice_id: int, school_id: int) -> int:
    """The present class of the student of a notice. Raises MissingError when there is none in this school."""
    class_id = session.scalar(
        select(Student.class_id)
        .join(AbsenceNotice, AbsenceNotice.student_id == Student.id)
        .where(AbsenceNotice.id == notice_id, AbsenceNotice.school_id == school_id)
    )
    if class_id is None:
        raise MissingError("There is no such notice in this school.")
    return class_id


def _waiting(session: Session, notice_id: int, by: int) -> tuple[Author, Row[Any]]:
    """The notice, locked after its student as in `notices.give`; its student's class teacher decides."""
    author = authority.author(session, by)
    student_id = session.scalar(
        select(AbsenceNotice.student_id).where(
            AbsenceNotice.id == notice_id, AbsenceNotice.school_id == author.school_id
        )
    )
    if student_id is None:
        raise MissingError("There is no such notice in this school.")
    excuses.lock(session, student_id)
    row: Any = session.execute(
        select(AbsenceNotice, Student.first_name, Student.class_id, SchoolClass.level, SchoolClass.class_teacher_id)
        .join(Student, Student.id == AbsenceNotice.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(AbsenceNotice.id == notice_id, AbsenceNotice.school_id == author.school_id)
        .with_for_update(of=AbsenceNotice)
    ).one_or_none()
    if row is None:
        raise MissingError("There is no such notice in this school.")
    authority.check_class_teacher(author, authority.ClassOf(row.class_id, row.level, row.class_teacher_id))
    if row.AbsenceNotice.state not in DECIDABLE:
        raise MissingError("This notice is decided already.")
    return author, row


def _standing(session: Session, notice: AbsenceNotice, level: int) -> tuple[ParentsLimits, int, list[date]]:
    """(limits, days that the year has left, school days of the notice that are not excused yet)."""
    limits = parents_limits(notice.starts_on)
    of = (notice.school_id, notice.student_id)
    left = limits.days_a_year - excuses.days_used(session, *of, notice.school_year_id)
    days = excuses.school_days(
        session, notice.school_id, notice.school_year_id, level, notice.starts_on, notice.ends_on
    )
    covered = excuses.covered_days(session, *of, notice.starts_on, notice.ends_on)
    return limits, max(0, left), [day for day in days if day not in covered]


def _obstacles(notice: AbsenceNotice, limits: ParentsLimits, left: int, fresh: list[date]) -> tuple[Obstacle, ...]:
    first = fresh[0] if fresh else notice.starts_on
    told_on = calendar.today(notice.given_at)
    return obstacles(notice.school_days, len(fresh), left, limits, first, told_on, notice.ground)


def _excused_meanwhile(session: Session, author: Author, row: Row[Any], now: datetime) -> None:
    notice: AbsenceNotice = row.AbsenceNotice
    session.execute(
        update(AbsenceNotice)
        .where(AbsenceNotice.id == notice.id)
        .values(state=NoticeState.REPLACED)
        .execution_options(synchronize_session=False)
    )
    audit.write(
        session,
        "notice.replaced",
        "absence_notice",
        notice.id,
        now,
        school_id=author.school_id,
        by=author.staff_id,
        student_id=notice.student_id,
    )
    given = Given(Outcome.EXCUSED_ALREADY, notice.starts_on, notice.ends_on)
    telling.decided(session, notice.subscriber_id, lambda language: wording.given(language, row.first_name, given), now)


def _decide(session: Session, author: Author, notice: AbsenceNotice, now: datetime, **values: Any) -> None:
    session.execute(
        update(AbsenceNotice)
        .where(AbsenceNotice.id == notice.id)
        .values(decided_at=now, decided_by=author.staff_id, **values)
        .execution_options(synchronize_session=False)
    )
    audit.write(
        session,
        "notice.decided",
        "absence_notice",
        notice.id,
        now,
        school_id=author.school_id,
        by=author.staff_id,
        student_id=notice.student_id,
        decision=str(values["state"]),
        refused_for=str(values.get("refused_for", "")),
    )
