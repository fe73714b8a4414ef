"""Ending somebody else's subscription: people of the school with a reason, the family's first subscriber by SMS."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import END_REASONS_OF_STAFF, EndReason, SubscriptionStatus
from db.models import Subscriber, Subscription
from errors import InputError, MissingError
from school.following import known
from school.following.ending import EndedBy, end, shown
from school.staff import authority
from school.students.who_may_be_told import checked_note
from school.subscriptions.requests import of_class
from school.subscriptions.subscribers import Followed, one

SHORTEST_NUMBER = 9
"""Digits of a whole telephone number, without the country."""


class RemovalOutcome(StrEnum):
    """What came of a wish of the family to end a follower."""

    REMOVED = "removed"
    NOBODY = "nobody"  # no follower has this number
    NOT_FIRST = "not first"  # who asks may not
    GUARDIAN = "guardian"  # the school recorded the follower as a guardian: only the school may


@dataclass(frozen=True, slots=True)
class Removable:
    """Another follower of a student: `shown` masked, `number` what is texted behind МАХНИ."""

    subscription_id: int
    subscriber_id: int
    shown: str
    number: str
    phone: str | None
    is_guardian: bool


@dataclass(frozen=True, slots=True)
class Removal:
    """`shown`: who was ended, and of which students."""

    outcome: RemovalOutcome
    shown: str = ""
    children: tuple[Followed, ...] = ()


def end_by_staff(
    session: Session, subscription_id: int, why: EndReason, *, by: int | None, now: datetime, note: str = ""
) -> None:
    """End a subscription. `by`: the class teacher or a leader; None: the platform's operator at the command line.

    Raises ForbiddenError for anybody else, MissingError when the school has no such one or it is over already,
    InputError for a reason that is not among END_REASONS_OF_STAFF or too long a note.
    """
    if why not in END_REASONS_OF_STAFF:
        raise InputError("Choose a reason: {reasons}.", reasons=", ".join(END_REASONS_OF_STAFF))
    note = checked_note(note)
    author = authority.author(session, by) if by is not None else None
    try:
        of = of_class(session, subscription_id, author.school_id if author else None)
    except MissingError:
        raise MissingError("There is no such subscription.") from None
    if author and not author.leads and author.staff_id != of.class_teacher_id:
        authority.check_class_teacher(
            author, authority.class_of_student(session, author, one(session, subscription_id).student_id)
        )
    if not end(session, [subscription_id], why, now, by=EndedBy(staff_id=by), note=note):
        raise MissingError("This subscription has ended already.")


def removable(session: Session, subscriber_id: int, followed: Iterable[Followed]) -> tuple[Removable, ...] | None:
    """Who else follows those of these students whose first subscriber this is; None: it is nobody's first."""
    found: list[Removable] = []
    is_first = False
    for child in followed:
        if child.subscription_id not in known.first_subscriptions(session, child.school_id, child.student_id):
            continue
        is_first = True
        family = known.of_student(session, child.school_id, child.student_id)
        for row in session.execute(
            select(
                Subscription.id,
                Subscription.subscriber_id,
                Subscription.removal_number,
                Subscriber.phone,
                Subscriber.email,
            )
            .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
            .where(
                Subscription.school_id == child.school_id,
                Subscription.student_id == child.student_id,
                Subscription.subscriber_id != subscriber_id,
                Subscription.status == SubscriptionStatus.ACTIVE,
            )
            .order_by(Subscription.id)
        ):
            number = row.removal_number or (row.phone[-2:] if row.phone else str(row.id))
            is_guardian = family.knows(row.phone, row.email)
            found.append(
                Removable(row.id, row.subscriber_id, shown(row.phone, row.email), number, row.phone, is_guardian)
            )
    return tuple(found) if is_first else None


def end_by_family(
    session: Session, subscriber_id: int, followed: Iterable[Followed], number: str, now: datetime
) -> Removal:
    """End what one other follower follows of these students, as the family's first subscriber asks.

    `number`: as the warning told it, or the whole telephone number. Where it means several people nobody is ended.
    """
    others = removable(session, subscriber_id, followed)
    if others is None:
        return Removal(RemovalOutcome.NOT_FIRST)
    meant = [other for other in others if _is_meant(other, number)]
    if len({other.subscriber_id for other in meant}) != 1:
        return Removal(RemovalOutcome.NOBODY)
    ending = [other for other in meant if not other.is_guardian]
    if not ending:
        return Removal(RemovalOutcome.GUARDIAN)
    children = tuple(one(session, other.subscription_id) for other in ending)
    ids = [other.subscription_id for other in ending]
    end(session, ids, EndReason.FAMILY, now, by=EndedBy(subscriber_id=subscriber_id))
    return Removal(RemovalOutcome.REMOVED, ending[0].shown, children)


def _is_meant(other: Removable, number: str) -> bool:
    if len(number) >= SHORTEST_NUMBER:
        return other.phone is not None and other.phone.endswith(number[-SHORTEST_NUMBER:])
    return other.number == number
