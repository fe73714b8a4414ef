"""The inbox of parents' texts: stored before the SMSC gets its acknowledgement, and acted on exactly once."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

import logs
from db.models import InboundText
from school.security.crypto import Vault, vault

log = logs.get(__name__)

PURPOSE = "inbound text"
REPEATED_AT_ONCE = timedelta(seconds=5)
"""The same text so soon after the first is the network's repetition; a parent who asks again takes longer."""
REPEATED_ELSEWHERE = timedelta(minutes=10)
"""So long an SMSC may take to repeat, on another connection, what the first was lost with before its answer."""


@dataclass(frozen=True, slots=True)
class Received:
    """A text that waits to be acted on. `operator`: by whose link it came; `phone`: E.164."""

    text_id: int
    operator: str
    phone: str
    text: str = field(repr=False)


def store(
    session: Session,
    operator: str,
    connection: str,
    phone: str,
    words: str,
    now: datetime,
    *,
    living: Collection[str] = (),
) -> int | None:
    """Keep a text from an E.164 number; gives its id, or None when it is a repetition, which is not kept.

    `connection`: a token of the connection it came by, at most 40 characters. `living`: tokens of the connections that
    are up now: what came by one of them was answered there, so that the same words by another are a new text.
    """
    secrets = vault(session)
    fingerprint = secrets.fingerprint(PURPOSE, "\0".join((operator, phone, words)))
    if session.get_bind().dialect.name == "postgresql":
        # The same text may come by two links in the same moment: the second waits here for the first.
        number = int.from_bytes(fingerprint[:8], "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
    earlier = session.execute(
        select(InboundText.session, InboundText.received_at).where(
            InboundText.fingerprint == fingerprint, InboundText.received_at > now - REPEATED_ELSEWHERE
        )
    )
    for came_by, received_at in earlier:
        elsewhere = came_by != connection and came_by not in living
        if elsewhere or received_at > now - REPEATED_AT_ONCE:
            return None
    return session.scalars(
        insert(InboundText)
        .values(
            operator=operator,
            session=connection,
            phone=phone,
            text_encrypted=secrets.encrypt(PURPOSE, words),
            fingerprint=fingerprint,
            received_at=now,
        )
        .returning(InboundText.id)
    ).one()


def times_received(session: Session, operator: str, phone: str, words: str, since: datetime) -> int:
    """How often the number has sent this text since then, the present one among them."""
    whole = words.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot have been stored
    fingerprint = vault(session).fingerprint(PURPOSE, "\0".join((operator, phone, whole)))
    return (
        session.scalar(
            select(func.count())
            .select_from(InboundText)
            .where(InboundText.fingerprint == fingerprint, InboundText.received_at > since)
        )
        or 0
    )


def waiting(session: Session, before: datetime, limit: int) -> list[int]:
    """Ids of the texts received before the moment that nobody has acted on, oldest first."""
    return list(
        session.scalars(
            select(InboundText.id)
            .where(InboundText.handled_at.is_(None), InboundText.received_at < before)
            .order_by(InboundText.received_at)
            .limit(limit)
        )
    )


def take(session: Session, text_id: int, now: datetime) -> Received | None:
    """Take one text in hand to act on it in this transaction; None: somebody else has it, or it was acted on.

    It counts as acted on from `now`, unless the transaction is undone. A text written under another secret key can be
    read by nobody: it is marked so, and None.
    """
    row = session.execute(
        select(InboundText.operator, InboundText.phone, InboundText.text_encrypted)
        .where(InboundText.id == text_id, InboundText.handled_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    _mark(session, text_id, handled_at=now)
    words = read(vault(session), row.text_encrypted)
    if words is None:
        log.error("inbox.unreadable", text_id=text_id)
        understood_as(session, text_id, "unreadable", answered=False)
        return None
    return Received(text_id, row.operator, row.phone, words)


def read(secrets: Vault, encrypted: bytes) -> str | None:
    """The words of a text; None: it was written under another secret key, and can be read by nobody."""
    try:
        return secrets.decrypt(PURPOSE, encrypted)
    except InvalidTag:
        return None


def understood_as(session: Session, text_id: int, command: str, *, answered: bool) -> None:
    """What was done: `command` says what the text asked for, at most 20 characters; whether an answer goes out."""
    _mark(session, text_id, command=command[:20], answered=answered)


def _mark(session: Session, text_id: int, **values: Any) -> None:
    session.execute(
        update(InboundText)
        .where(InboundText.id == text_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
