"""The notices of a class as its class teacher sees them: what waits for a decision, and what was decided."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceReason, Channel, ExcuseKind, NoticeState, Obstacle
from db.models import AbsenceNotice, ExcuseNote, Staff, Student, Subscriber
from school.attendance.notices import REASON, obstacles
from school.attendance.states import DECIDABLE
from school.classbook.excuse_limits import ParentsLimits, parents_limits
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
