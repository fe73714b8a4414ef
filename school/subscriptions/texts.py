"""How much one number texts, and what it was answered lately: limits that end a loop between two machines."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import InboundText

AN_HOUR = timedelta(hours=1)
TEXTS_AN_HOUR = 20
"""Texts of one number that are answered within an hour."""


def are_too_many(session: Session, phone: str, now: datetime) -> bool:
    """Whether the number has texted more than that within the hour; the present text is stored and counts."""
    texts = session.scalars(
        select(InboundText.id)
        .where(InboundText.phone == phone, InboundText.received_at > now - AN_HOUR)
        .limit(TEXTS_AN_HOUR + 1)
    )
    return len(texts.all()) > TEXTS_AN_HOUR


def answered(session: Session, phone: str, commands: tuple[str, ...], since: datetime) -> bool:
    """Whether a text of the number was understood as one of these and answered, at that moment or later."""
    found = session.scalar(
        select(InboundText.id)
        .where(
            InboundText.phone == phone,
            InboundText.received_at > since - AN_HOUR,  # a text may have waited; the index is by arrival
            InboundText.handled_at >= since,
            InboundText.command.in_(commands),
            InboundText.answered.is_(True),
        )
        .limit(1)
    )
    return found is not None
