"""Ending subscriptions that are not the subscriber's own wish: by the school, by the family, or with what they rest on.

Whoever is ended gets nothing more on any channel, is told so in neutral words, and does not follow again without the
class teacher's word. The student's other followers are told too.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from db.kinds import EndReason, SubscriptionStatus
from db.models import (
    CampaignChild,
    CampaignFamily,
    Message,
    School,
    SchoolClass,
    Student,
    Subscriber,
    Subscription,
)
from school import audit, outbox
from school.following import wording
from school.following.notices import Recipient, send
from school.outbox.listing import masked as masked_address
from school.security.phones import masked

_FORGIVEN = frozenset({EndReason.NEW_CODE, EndReason.LEFT})
"""Who was ended only because an ID-code was replaced may come by the new one, as anybody may."""
_BY_RECORD = frozenset(
    {EndReason.GUARDIAN_REMOVED, EndReason.GUARDIAN_CHANGED, EndReason.NOT_TOLD, EndReason.ONLY_NAMED}
)
"""Who was ended by what the school records may come again when the school records them as a guardian again."""
LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class EndedBy:
    """Who ended it: a staff account, a subscriber, or (neither) the platform's operator or the product."""

    staff_id: int | None = None
    subscriber_id: int | None = None


def end(
    session: Session,
    subscription_ids: Collection[int],
    why: EndReason,
    now: datetime,
    *,
    by: EndedBy | None = None,
    note: str = "",
) -> int:
    """End these subscriptions, and withdraw the requests among them; gives how many there were.

    `note`: what staff wrote beside the reason, for the audit. Whether `by` may do it is for the caller to check. The
    statements are as many for one as for a class's; a message for each person who is told.
    """
    rows = _locked(session, subscription_ids)
    if not rows:
        return 0
    ids = [row.id for row in rows]
    session.execute(
        update(Subscription)
        .where(Subscription.id.in_(ids))
        .values(status=SubscriptionStatus.STOPPED, stopped_at=now, pin_hash=None, ended_why=why)
    )
    outbox.stop_telling(session, ids, now)
    outbox.drop_unasked(session, {row.subscriber_id for row in rows}, _campaign_messages(session, rows), now)
    _audit(session, rows, why, by or EndedBy(), note, now)
    active = [row for row in rows if row.status is SubscriptionStatus.ACTIVE]
    for row in active:
        _tell(session, row, why, now)
    _tell_family(session, active, now)
    return len(rows)


def must_wait(why: EndReason | None, is_known: bool) -> bool:
    """Whether who was ended for this reason (None: was not) waits for the class teacher when they ask again.

    `is_known`: the number or address is that of a guardian who may be told.
    """
    if why is None or why in _FORGIVEN:
        return False
    return not (is_known and why in _BY_RECORD)


def shown(phone: str | None, email: str | None) -> str:
    """A follower as others may see them: `+359 88* *** *56`, `m…@example.org`."""
    return masked(phone) if phone else masked_address(email or "")


def _locked(session: Session, subscription_ids: Collection[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Those that are not over, with whom they follow."""
    return session.execute(
        select(
            Subscription.id,
            Subscription.status,
            Subscription.school_id,
            Subscription.student_id,
            Subscription.subscriber_id,
            Subscriber.phone,
            Subscriber.email,
            Subscriber.language,
            Subscriber.operator,
            Student.first_name,
            SchoolClass.level,
            SchoolClass.letter,
            School.latin_sms,
            School.from_hour,
            School.until_hour,
        )
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(Student, Student.id == Subscription.student_id)
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .join(School, School.id == Subscription.school_id)
        .where(Subscription.id.in_(subscription_ids), Subscription.status != SubscriptionStatus.STOPPED)
        .order_by(Subscription.id)
        .with_for_update(of=Subscription)
    ).all()


def _campaign_messages(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> Sequence[int]:
    """SMS of campaigns to these telephones about these students that may still be waiting."""
    return session.scalars(
        select(Message.id)
        .join(CampaignFamily, CampaignFamily.message_id == Message.id)
        .join(CampaignChild, CampaignChild.family_id == CampaignFamily.id)
        .where(
            CampaignChild.school_id.in_({row.school_id for row in rows}),
            CampaignChild.student_id.in_({row.student_id for row in rows}),
            Message.address.in_({row.phone for row in rows if row.phone}),
        )
    ).all()


def _audit(
    session: Session,
    rows: Sequence[Row[*tuple[Any, ...]]],
    why: EndReason,
    by: EndedBy,
    note: str,
    now: datetime,
) -> None:
    details: dict[str, Any] = {"why": str(why)} | ({"reason": note} if note else {})
    audit.write_many(
        session,
        [
            audit.row(
                "subscription.ended",
                "subscription",
                row.id,
                now,
                school_id=row.school_id,
                by=by.staff_id,
                subscriber_id=by.subscriber_id,
                student_id=row.student_id,
                **details,
            )
            for row in rows
        ],
    )


def _tell(session: Session, row: Row[*tuple[Any, ...]], why: EndReason, now: datetime) -> None:
    """Tell who is ended."""
    words = wording.left if why is EndReason.LEFT else wording.ended
    to = _recipient(row)
    send(session, to, words(to.language, wording.child(to.language, row.first_name, _class_name(row))), now)


def _tell_family(session: Session, ended: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> None:
    """One message to each who still follows a student, of all who were ended."""
    of_student: Mapping[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in ended:
        of_student[row.student_id].append(row)
    others = session.execute(
        select(
            Subscription.student_id,
            Subscription.subscriber_id,
            Subscriber.phone,
            Subscriber.email,
            Subscriber.language,
            Subscriber.operator,
            School.latin_sms,
            School.from_hour,
            School.until_hour,
        )
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(School, School.id == Subscription.school_id)
        .where(
            Subscription.school_id.in_({row.school_id for row in ended}),
            Subscription.student_id.in_(of_student),
            Subscription.status == SubscriptionStatus.ACTIVE,
        )
        .order_by(Subscription.id)
    ).all()
    for other in others:
        rows = of_student[other.student_id]
        to = _recipient(other)
        followed = wording.child(to.language, rows[0].first_name, _class_name(rows[0]))
        masked_ones = [shown(row.phone, row.email) for row in rows]
        send(session, to, wording.ended_of_others(to.language, followed, masked_ones), now)


def _recipient(row: Row[*tuple[Any, ...]]) -> Recipient:
    return Recipient(
        row.subscriber_id,
        row.phone,
        row.email,
        row.language,
        row.operator,
        row.latin_sms,
        (row.from_hour, row.until_hour),
    )


def _class_name(row: Row[*tuple[Any, ...]]) -> str | None:
    return None if row.level is None else f"{row.level}{row.letter}"
