"""Who is told: a child of whom somebody has paid, or whom the platform trusts to pay. It knows dates, never states.

Billing decides the dates (`school.billing`). With `ESCHOOL_BILLING` off everybody is told. Calling us, hearing
everything by telephone, answers to texts, a school's own calls and messages to all families, and warnings before child
benefit is lost need no entitlement.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam, or_, select, true

import settings
from db.models import Cover, Payer, Subscription
from runtime.localtime import today


def is_on() -> bool:
    """Whether parents pay at all."""
    return settings.current().billing


def is_entitled(day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether followers of the subscription's student are told on a day (Sofia time): a part of their own query."""
    return (
        select(Cover.id)
        .join(Payer, Payer.id == Cover.payer_id)
        .where(
            Cover.school_id == Subscription.school_id,
            Cover.student_id == Subscription.student_id,
            Cover.ended_at.is_(None),
            or_(Payer.paid_until >= day, Payer.trusted_until >= day),
        )
        .exists()
    )


def is_told(now: datetime) -> ColumnElement[bool]:
    """The same for now; always true while parents do not pay."""
    return is_entitled(bindparam(None, today(now), type_=Payer.paid_until.type)) if is_on() else true()
