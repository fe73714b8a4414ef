"""Who may learn anything of a student: every guardian and whoever has the ID-code, unless a court limited it.

Two switches, on every channel at once: a guardian who may not be told, and only those whom the school names. Whoever
follows and may not is ended, what waits for them is not sent, and every new wish waits for the class teacher.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.kinds import EndReason, SubscriptionStatus
from db.models import Student, StudentGuardian, Subscriber, Subscription
from errors import InputError, MissingError
from school import audit
from school.following import known
from school.following.ending import LONGEST_NOTE, EndedBy, end
from school.staff import authority

AT_ONCE = 1000
"""National ids in one statement."""


@dataclass(frozen=True, slots=True)
class MayBeTold:
    """`only_named`: only guardians who may be told, and whom the class teacher lets follow.

    `guardians`: whether each (by id) may be told.
    """

    only_named: bool
    guardians: Mapping[int, bool]


def who_may_be_told(session: Session, school_id: int, student_id: int) -> MayBeTold:
    """How it stands. Raises MissingError when the school has no such student."""
    only_named = session.scalar(
        select(Student.only_named_followers).where(Student.school_id == school_id, Student.id == student_id)
    )
    if only_named is None:
        raise MissingError("There is no such student in this school.")
    rows = session.execute(
        select(StudentGuardian.guardian_id, StudentGuardian.may_be_told)
        .where(StudentGuardian.school_id == school_id, StudentGuardian.student_id == student_id)
        .order_by(StudentGuardian.guardian_id)
    )
    return MayBeTold(only_named, {row.guardian_id: row.may_be_told for row in rows})


def change_who_may_be_told(
    session: Session,
    school_id: int,
    student_id: int,
    wanted: MayBeTold,
    now: datetime,
    *,
    by: int | None,
    note: str = "",
) -> int:
    """Set both switches; gives how many subscriptions and requests ended. Guardians not in `wanted` stay as they are.

    `by`: the class teacher or a leader; None: the platform's operator at the command line. Raises ForbiddenError for
    anybody else, MissingError for no such student or guardian, InputError for too long a note.
    """
    note = checked_note(note)
    if by is not None:
        author = authority.author(session, by)
        if author.school_id != school_id:
            raise MissingError("There is no such student in this school.")
        authority.check_class_teacher(author, authority.class_of_student(session, author, student_id))
    # The row's lock makes two who change it take turns.
    session.execute(
        select(Student.id).where(Student.school_id == school_id, Student.id == student_id).with_for_update()
    )
    before = who_may_be_told(session, school_id, student_id)
    if wanted.guardians.keys() - before.guardians.keys():
        raise MissingError("This student has no such guardian.")
    changed = {id_: may for id_, may in wanted.guardians.items() if may is not before.guardians[id_]}
    if not changed and wanted.only_named is before.only_named:
        return 0
    session.execute(
        update(Student)
        .where(Student.school_id == school_id, Student.id == student_id)
        .values(only_named_followers=wanted.only_named)
    )
    if changed:
        session.connection().execute(
            update(StudentGuardian)
            .where(
                StudentGuardian.school_id == school_id,
                StudentGuardian.student_id == student_id,
                StudentGuardian.guardian_id == bindparam("of"),
            )
            .values(may_be_told=bindparam("may")),
            [{"of": id_, "may": may} for id_, may in changed.items()],
        )
    details: dict[str, Any] = {"reason": note} if note else {}
    audit.write(
        session,
        "student.who_may_be_told",
        "student",
        student_id,
        now,
        school_id=school_id,
        by=by,
        student_id=student_id,
        only_named=[before.only_named, wanted.only_named],
        guardians={str(id_): may for id_, may in changed.items()},
        **details,
    )
    switched_on = wanted.only_named and not before.only_named
    return _end_who_may_not(session, school_id, student_id, switched_on, now, by, note)


def limited_elsewhere(session: Session, fingerprints: Sequence[bytes]) -> frozenset[bytes]:
    """Which of these national ids are of students with such a limit at another school of the platform.

    A child who changes school keeps the limit: the new school may not know the order yet, and all who ask wait.
    """
    limited: set[bytes] = set()
    for start in range(0, len(fingerprints), AT_ONCE):
        barred = select(StudentGuardian.student_id).where(
            StudentGuardian.student_id == Student.id, StudentGuardian.may_be_told.is_(False)
        )
        limited |= set(
            session.scalars(
                select(Student.national_id_hash).where(
                    Student.national_id_hash.in_(fingerprints[start : start + AT_ONCE]),
                    Student.only_named_followers | barred.exists(),
                )
            )
        )
    return frozenset(limited)


def checked_note(note: str) -> str:
    """A note of staff in one line. Raises InputError when it is too long."""
    plain = " ".join(note.split())
    if len(plain) > LONGEST_NOTE:
        raise InputError("The note is longer than {longest} characters: shorten it.", longest=LONGEST_NOTE)
    return plain


def _end_who_may_not(
    session: Session, school_id: int, student_id: int, switched_on: bool, now: datetime, by: int | None, note: str
) -> int:
    """`switched_on`: just now. Whom the class teacher let follow afterwards is named."""
    rows = session.execute(
        select(Subscription.id, Subscription.status, Subscriber.phone, Subscriber.email)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.school_id == school_id,
            Subscription.student_id == student_id,
            Subscription.status != SubscriptionStatus.STOPPED,
        )
    ).all()
    family = known.of_student(session, school_id, student_id)
    barred = [row.id for row in rows if family.bars(row.phone, row.email)]
    # Who waits goes on waiting: the class teacher decides.
    unnamed = [
        row.id
        for row in rows
        if switched_on
        and row.id not in barred
        and row.status is SubscriptionStatus.ACTIVE
        and not family.knows(row.phone, row.email)
    ]
    ended_by = EndedBy(staff_id=by)
    return end(session, barred, EndReason.NOT_TOLD, now, by=ended_by, note=note) + end(
        session, unnamed, EndReason.ONLY_NAMED, now, by=ended_by, note=note
    )
