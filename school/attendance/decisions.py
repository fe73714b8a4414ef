"""Parents' notices that do not count by themselves: what lies before the class teacher, and the decision.

A notice is no request for permission: it is refused only for the limit, for lateness or for a missing reason, and only
where that holds (Ordinance on inclusive education, art. 62 (1) 3). The parent is told, with the reason.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, func, select, update
from sqlalchemy.orm import Session

from db.kinds import AbsenceReason, Channel, ExcuseKind, Language, NoticeState, Obstacle
from db.models import AbsenceNotice, ExcuseNote, SchoolClass, Staff, Student, Subscriber
from errors import InputError, MissingError
from school import audit
from school.attendance import telling, wording
from school.attendance.given import Given, Outcome
from school.attendance.notices import REASON, obstacles
from school.attendance.states import DECIDABLE
from school.classbook import excuses
from school.classbook.excuse_limits import ParentsLimits, parents_limits
from school.classbook.excuses import Paper
from school.following.ending import shown
from school.security.crypto import vault
from school.staff import authority
from school.staff.authority import Author
from school.years import calendar

SHOWN_FOR = timedelta(days=60)
"""How long a notice that waits no more stands on the page."""
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ListedNotice:
    """A notice as the class teacher sees it. `follower`: the masked number of who gave it.

    `days_left`: what parents' notices of this student have left in the year of the notice.
    """

    notice_id: int
    student_id: int
    student: str
    follower: str
    channel: Channel
    starts_on: date
    ends_on: date
    school_days: int
    ground: AbsenceReason | None
    reason: str = field(repr=False)
    given_at: datetime
    state: NoticeState
    obstacles: tuple[Obstacle, ...]
    """Why it waits: for one of these it may be refused. Empty: it waits no more, or nothing stands in its way now."""
    refused_for: Obstacle | None
    days_left: int
    limits: ParentsLimits
    decided_by: str | None

    @property
    def waits(self) -> bool:
        """Whether it is to be decided."""
        return self.state in DECIDABLE

    @property
    def may_count(self) -> int:
        """School days of it that may be accepted."""
        return max(0, min(self.school_days, self.limits.days_at_once, self.days_left))


def listed(session: Session, by: int | Author, class_id: int, now: datetime) -> tuple[ListedNotice, ...]:
    """The notices of a class: what waits, the longest first, then the rest, the newest first.

    For its class teacher and the school's leaders. Raises InputError for anybody else. Three statements at most.
    """
    reader = authority.author(session, by)
    authority.check_class_teacher(reader, authority.class_of_school(session, reader, class_id))
    waits = AbsenceNotice.state.in_(DECIDABLE)
    rows = session.execute(
        select(
            AbsenceNotice,
            Student.first_name,
            Student.last_name,
            Subscriber.phone,
            Subscriber.email,
            _used().label("used"),
            Staff.first_name.label("decider_first"),
            Staff.last_name.label("decider_last"),
        )
        .join_from(AbsenceNotice, Student, Student.id == AbsenceNotice.student_id)
        .outerjoin(Subscriber, Subscriber.id == AbsenceNotice.subscriber_id)
        .outerjoin(Staff, Staff.id == AbsenceNotice.decided_by)
        .where(
            AbsenceNotice.school_id == reader.school_id,
            Student.class_id == class_id,
            AbsenceNotice.state != NoticeState.REPLACED,
            waits | (AbsenceNotice.given_at >= now - SHOWN_FOR),
        )
        .order_by(case((waits, 0), else_=1), case((waits, AbsenceNotice.id), else_=-AbsenceNotice.id))
        .limit(MOST_SHOWN)
    ).all()
    return tuple(_listed(session, row) for row in rows)


def count_waiting(session: Session, school_id: int, class_id: int) -> int:
    """How many notices of a class wait."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AbsenceNotice)
            .join(Student, Student.id == AbsenceNotice.student_id)
            .where(
                AbsenceNotice.school_id == school_id,
                AbsenceNotice.state == NoticeState.WAITING,
                Student.class_id == class_id,
            )
        )
        or 0
    )


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


def _used() -> Any:
    """School days that parents' notes of a notice's student have used in its year."""
    return (
        select(func.coalesce(func.sum(ExcuseNote.school_days), 0))
        .where(
            ExcuseNote.school_id == AbsenceNotice.school_id,
            ExcuseNote.student_id == AbsenceNotice.student_id,
            ExcuseNote.school_year_id == AbsenceNotice.school_year_id,
            ExcuseNote.kind == ExcuseKind.PARENT,
        )
        .correlate(AbsenceNotice)
        .scalar_subquery()
    )


def _listed(session: Session, row: Row[Any]) -> ListedNotice:
    notice: AbsenceNotice = row.AbsenceNotice
    limits = parents_limits(notice.starts_on)
    left = limits.days_a_year - int(row.used)
    # Days that are excused already are left out only when it is decided: that is asked of each notice.
    found = obstacles(
        notice.school_days,
        notice.school_days,
        left,
        limits,
        notice.starts_on,
        calendar.today(notice.given_at),
        notice.ground,
    )
    encrypted = notice.reason_encrypted
    return ListedNotice(
        notice_id=notice.id,
        student_id=notice.student_id,
        student=f"{row.first_name} {row.last_name}",
        follower=shown(row.phone, row.email) if row.phone or row.email else "",
        channel=notice.channel,
        starts_on=notice.starts_on,
        ends_on=notice.ends_on,
        school_days=notice.school_days,
        ground=notice.ground,
        reason=vault(session).decrypt(REASON, encrypted) if encrypted else "",
        given_at=notice.given_at,
        state=notice.state,
        obstacles=found if notice.state in DECIDABLE else (),
        refused_for=notice.refused_for,
        days_left=left,
        limits=limits,
        decided_by=f"{row.decider_first} {row.decider_last}" if row.decider_first else None,
    )


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
