"""What ends because it rested on something that is no more: a guardian, a guardian's number, an ID-code."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from db.kinds import CodeFollowers, EndReason, FollowWay, SubscriptionStatus
from db.models import EmailRequest, StudentGuardian, Subscriber, Subscription
from school import audit
from school.following import known, wording
from school.following.ending import EndedBy, end
from school.following.notices import recipient, send, write

BY_CODE = (FollowWay.CODE, FollowWay.EMAIL)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A telephone (E.164) and an e-mail address that belong to no guardian of a student by this record any more."""

    student_id: int
    phone: str | None
    email: str | None


def family_of(session: Session, school_id: int, student_id: int) -> frozenset[int]:
    """The student and all who share a guardian with them."""
    theirs = select(StudentGuardian.guardian_id).where(
        StudentGuardian.school_id == school_id, StudentGuardian.student_id == student_id
    )
    return frozenset(
        session.scalars(
            select(StudentGuardian.student_id).where(
                StudentGuardian.school_id == school_id, StudentGuardian.guardian_id.in_(theirs)
            )
        )
    ) | {student_id}


def end_dropped(
    session: Session, school_id: int, dropped: Collection[Dropped], why: EndReason, now: datetime, *, by: int | None
) -> int:
    """End what these numbers and addresses follow of these students, once the new record is flushed; gives how many.

    Not where another guardian of the student has the same number or address. Where a known telephone follows and only
    its address was dropped, the subscription stays without the address.
    """
    of_student: dict[int, set[str]] = defaultdict(set)
    for one in dropped:
        of_student[one.student_id] |= {address.lower() for address in (one.phone, one.email) if address}
    addresses = set().union(*of_student.values())
    if not addresses:
        return 0
    rows = session.execute(
        select(
            Subscription.id,
            Subscription.student_id,
            Subscription.subscriber_id,
            Subscriber.phone,
            Subscriber.email,
        )
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.school_id == school_id,
            Subscription.student_id.in_(of_student),
            Subscription.status != SubscriptionStatus.STOPPED,
            or_(Subscriber.phone.in_(addresses), Subscriber.email.in_(addresses)),
        )
    ).all()
    families = known.of_students(session, school_id, of_student)
    ending: list[int] = []
    without_address: set[int] = set()
    for row in rows:
        gone = of_student[row.student_id] - families[row.student_id].told
        if row.phone in gone or (row.email in gone and row.phone not in families[row.student_id].told):
            ending.append(row.id)
        elif row.email in gone:
            without_address.add(row.subscriber_id)
    for subscriber_id in without_address:
        take_address(session, subscriber_id, now, by=EndedBy(staff_id=by))
    return end(session, ending, why, now, by=EndedBy(staff_id=by))


def take_address(session: Session, subscriber_id: int, now: datetime, *, by: EndedBy) -> str | None:
    """Write to a subscriber with a telephone by e-mail no more; both are told. Gives the address, None: there was none.

    Raises nothing for who has no telephone: their address is all they follow by, and stays.
    """
    to = recipient(session, subscriber_id)
    if to.phone is None or to.email is None:
        return None
    session.execute(update(Subscriber).where(Subscriber.id == subscriber_id).values(email=None))
    audit.write(
        session,
        "address.removed",
        "subscriber",
        subscriber_id,
        now,
        school_id=None,
        by=by.staff_id,
        subscriber_id=by.subscriber_id,
    )
    write(session, to, wording.no_more_letters(to.language), now, email=to.email)
    if by.subscriber_id != subscriber_id:
        send(session, to, wording.address_removed(to.language, to.email), now)
    return to.email


def came_by_code(session: Session, school_id: int, student_id: int, become: CodeFollowers) -> tuple[int, ...]:
    """The subscriptions, and requests, that end when the student's ID-code is replaced."""
    if become is CodeFollowers.ALL_STAY:
        return ()
    rows = session.execute(
        select(Subscription.id, Subscriber.phone, Subscriber.email)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.school_id == school_id,
            Subscription.student_id == student_id,
            Subscription.status != SubscriptionStatus.STOPPED,
            or_(Subscription.came_by.is_(None), Subscription.came_by.in_(BY_CODE)),
        )
    ).all()
    family = known.of_student(session, school_id, student_id)
    return tuple(row.id for row in rows if become is CodeFollowers.ALL_END or not family.knows(row.phone, row.email))


def code_replaced(
    session: Session, school_id: int, student_id: int, become: CodeFollowers, now: datetime, *, by: int | None
) -> int:
    """The student has a new ID-code: end who is to end, and let no link work that was asked for by the old one."""
    session.execute(
        update(EmailRequest)
        .where(
            EmailRequest.school_id == school_id,
            EmailRequest.student_id == student_id,
            EmailRequest.confirmed_at.is_(None),
            EmailRequest.expires_at > now,
        )
        .values(expires_at=now)
    )
    ending = came_by_code(session, school_id, student_id, become)
    return end(session, ending, EndReason.NEW_CODE, now, by=EndedBy(staff_id=by))


def students_left(
    session: Session, school_id: int, student_ids: Collection[int], now: datetime, *, by: int | None
) -> int:
    """Students left the school: nobody follows them any more, and who comes back is followed anew."""
    ids = session.scalars(
        select(Subscription.id).where(
            Subscription.school_id == school_id,
            Subscription.student_id.in_(student_ids),
            Subscription.status != SubscriptionStatus.STOPPED,
        )
    ).all()
    return end(session, ids, EndReason.LEFT, now, by=EndedBy(staff_id=by))
