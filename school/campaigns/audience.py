"""Whom a campaign calls: each family once, whoever of its children is meant, its telephones in order.

Students who share a guardian or a telephone are one family. Its telephones are those of the guardians in the order in
which the school recorded them, then those that follow the children and may be rung.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from db.kinds import SubscriptionStatus
from db.models import (
    CampaignOptOut,
    Guardian,
    SchoolClass,
    Student,
    StudentGuardian,
    Subscriber,
    Subscription,
)
from school.security import destinations


@dataclass(frozen=True, slots=True)
class Telephone:
    """E.164; `guardian_id` None: it only follows the child."""

    phone: str
    guardian_id: int | None


@dataclass(frozen=True, slots=True)
class Pupil:
    """A student of the audience."""

    student_id: int
    name: str
    class_name: str


@dataclass(frozen=True, slots=True)
class Family:
    """The children meant, eldest class first, and the telephones in the order in which they are rung."""

    children: tuple[Pupil, ...]
    telephones: tuple[Telephone, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """`families` are called; `opted_out` want no campaigns on any of their telephones; `not_allowed` have only numbers
    that our lines do not reach (`school.security.destinations`); the others have no telephone."""

    families: tuple[Family, ...]
    opted_out: tuple[Family, ...]
    not_allowed: tuple[Family, ...]
    without_telephone: tuple[Pupil, ...]


def audience(session: Session, school_id: int, class_id: int | None, level: int | None) -> Audience:
    """The families of a class, of a level, or (both None) of the whole school. Four statements, whatever the size."""
    meant = _students(school_id, class_id, level)
    pupils = {
        row.id: Pupil(row.id, f"{row.first_name} {row.last_name}", f"{row.level}{row.letter}")
        for row in session.execute(
            select(Student.id, Student.first_name, Student.last_name, SchoolClass.level, SchoolClass.letter)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .where(meant)
            .order_by(SchoolClass.level.desc(), SchoolClass.letter, Student.number_in_class, Student.id)
        )
    }
    of_guardians = session.execute(
        select(StudentGuardian.student_id, Guardian.id, Guardian.phone, StudentGuardian.may_be_told)
        .join(Guardian, Guardian.id == StudentGuardian.guardian_id)
        .join(Student, Student.id == StudentGuardian.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(meant, StudentGuardian.school_id == school_id)
        .order_by(Guardian.id)
    ).all()
    of_followers = session.execute(
        select(Subscription.student_id, Subscriber.phone, Subscription.calls_enabled)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(Student, Student.id == Subscription.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(
            meant,
            Subscription.school_id == school_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscriber.phone.is_not(None),
        )
        .order_by(Subscription.id)
    ).all()
    no_calls = set(session.scalars(select(CampaignOptOut.phone).where(CampaignOptOut.school_id == school_id)))
    no_calls |= {str(row.phone) for row in of_followers if not row.calls_enabled}
    of_guardians, barred = _who_may_be_told(of_guardians)
    ties = [(row.student_id, f"guardian {row.id}") for row in of_guardians]
    ties += [(row.student_id, row.phone) for row in of_guardians if row.phone]
    ties += [(row.student_id, str(row.phone)) for row in of_followers]
    telephones: dict[int, list[Telephone]] = defaultdict(list)
    for row in of_guardians:
        if row.phone:
            telephones[row.student_id].append(Telephone(row.phone, row.id))
    for follower in of_followers:
        telephones[follower.student_id].append(Telephone(str(follower.phone), None))
    called: list[Family] = []
    opted_out: list[Family] = []
    not_allowed: list[Family] = []
    reached = destinations.current()
    without: list[Pupil] = []
    for student_ids in _together(pupils, ties):
        children = tuple(pupils[student_id] for student_id in student_ids)
        of_family = [one for student_id in student_ids for one in telephones[student_id]]
        in_order = _once(sorted(of_family, key=lambda one: (one.guardian_id is None, one.guardian_id or 0)))
        not_told = set().union(*(barred.get(student_id, ()) for student_id in student_ids))
        in_order = tuple(one for one in in_order if one.phone not in not_told)
        reachable = tuple(one for one in in_order if reached.reaches(one.phone))
        wanted = tuple(one for one in reachable if one.phone not in no_calls)
        if wanted:
            called.append(Family(children, wanted))
        elif reachable:
            opted_out.append(Family(children, reachable))
        elif in_order:
            not_allowed.append(Family(children, in_order))
        else:
            without += children
    return Audience(tuple(called), tuple(opted_out), tuple(not_allowed), tuple(without))


def _who_may_be_told(
    rows: Sequence[Row[*tuple[Any, ...]]],
) -> tuple[list[Row[*tuple[Any, ...]]], dict[int, set[str]]]:
    """The guardians who may be told of the student, and of each student the telephones of those who may not.

    A call names all children of a family: who may not be told of one is not called for the others either.
    """
    told = [row for row in rows if row.may_be_told]
    shared = {(row.student_id, row.phone) for row in told}
    barred: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if not row.may_be_told and row.phone and (row.student_id, row.phone) not in shared:
            barred[row.student_id].add(row.phone)
    return told, barred


def _students(school_id: int, class_id: int | None, level: int | None) -> ColumnElement[bool]:
    meant = (Student.school_id == school_id) & Student.class_id.is_not(None)
    if class_id is not None:
        return meant & (Student.class_id == class_id)
    return meant & (SchoolClass.level == level) if level is not None else meant


def _together(students: Iterable[int], ties: Iterable[tuple[int, str]]) -> list[list[int]]:
    """The students in groups of those who are tied to each other, directly or by way of others; in their order."""
    found: dict[int | str, int | str] = {}

    def root(one: int | str) -> int | str:
        while (above := found.setdefault(one, one)) != one:
            found[one] = found[above]
            one = above
        return one

    for student_id, tie in ties:
        found[root(tie)] = root(student_id)
    groups: dict[int | str, list[int]] = defaultdict(list)
    for student_id in students:
        groups[root(student_id)].append(student_id)
    return list(groups.values())


def _once(telephones: Iterable[Telephone]) -> tuple[Telephone, ...]:
    by_phone: dict[str, Telephone] = {}
    for one in telephones:
        by_phone.setdefault(one.phone, one)
    return tuple(by_phone.values())
