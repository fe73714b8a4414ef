"""Messages that are no bundle of notifications: answers, and messages about a subscription."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db import bulk
from db.kinds import Channel, MessagePurpose, MessageState
from db.models import Message
from school.outbox import hours as opening_hours
from school.outbox import wake
from school.security.crypto import vault

PIN_PLACE = "{pin}"
"""Where in a message's text its PIN goes."""
PIN_PURPOSE = "message pin"
KEEP_ANSWER = timedelta(hours=12)
"""How long somebody waits for an answer; an older one only puzzles."""
LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail, written as `school.wording.plain_letters` says; to a subscriber, or (None) to somebody else."""

    subscriber_id: int | None
    address: str
    text: str


def enqueue(
    session: Session,
    *,
    channel: Channel,
    address: str,
    text: str,
    purpose: MessagePurpose,
    now: datetime,
    subscriber_id: int | None = None,
    school_id: int | None = None,
    operator: str | None = None,
    urgent: bool = False,
    charged: bool = False,
    pin: str | None = None,
    latin: bool = False,
    hours: tuple[int, int] = opening_hours.ALWAYS,
    keep_for: timedelta = KEEP_ANSWER,
) -> int:
    """Have a text sent as soon as `hours` (from, until; Sofia time) allow; gives the message's id.

    `address`: E.164 or e-mail address. `pin` goes where the text says `{pin}`, and is kept encrypted until it is sent.
    `charged`: the subscriber pays for it, so it is never sent again after an unknown outcome. `keep_for`: how long
    it is still of use after it may first go out. `school_id`: in whose day it counts. Raises ValueError for a text of
    more than 4000 characters.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a message has at most {LONGEST_TEXT} characters")
    due_at = opening_hours.allowed_from(now, *hours)
    message_id = session.scalars(
        insert(Message)
        .values(
            channel=channel,
            purpose=purpose,
            subscriber_id=subscriber_id,
            school_id=school_id,
            address=address,
            operator=operator,
            text=text,
            pin_encrypted=None if pin is None else vault(session).encrypt(PIN_PURPOSE, pin),
            latin=latin,
            charged=charged,
            urgent=urgent,
            state=MessageState.READY,
            due_at=due_at,
            expires_at=due_at + keep_for,
            from_hour=hours[0],
            until_hour=hours[1],
            attempts=0,
            created_at=now,
        )
        .returning(Message.id)
    ).one()
    wake.notify(session, channel)
    return message_id


@dataclass(frozen=True, slots=True)
class Sms:
    """An SMS to one subscriber. `operator`: by whose link it goes; `latin`: in Latin letters."""

    subscriber_id: int | None
    address: str
    text: str
    operator: str | None = None
    latin: bool = False


def enqueue_sms(
    session: Session,
    messages: Sequence[Sms],
    purpose: MessagePurpose,
    now: datetime,
    *,
    due_at: Sequence[datetime] = (),
    hours: tuple[int, int] = opening_hours.ALWAYS,
    keep_for: timedelta = KEEP_ANSWER,
    charged: bool = False,
) -> list[int]:
    """Have many SMS sent, each from its own moment on or (none given) now; gives their ids in the same order.

    As few statements for many as for one. The other parameters as for `enqueue`.
    """
    if not messages:
        return []
    moments = due_at or [now] * len(messages)
    starts = [opening_hours.allowed_from(moment, *hours) for moment in moments]
    table = Message.metadata.tables["message"]
    rows: list[dict[str, object]] = [
        {
            "channel": Channel.SMS,
            "purpose": purpose,
            "subscriber_id": message.subscriber_id,
            "address": message.address,
            "operator": message.operator,
            "text": message.text,
            "latin": message.latin,
            "charged": charged,
            "urgent": False,
            "state": MessageState.READY,
            "due_at": start,
            "expires_at": start + keep_for,
            "from_hour": hours[0],
            "until_hour": hours[1],
            "attempts": 0,
            "created_at": now,
        }
        for message, start in zip(messages, starts, strict=True)
    ]
    ids = bulk.new_ids(session, table, len(rows))
    if ids is None:
        inserted = session.connection().execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows)
        ids = list(inserted.scalars())
    else:
        bulk.insert_rows(session, table, [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)])
    wake.notify(session, Channel.SMS)
    return ids


def enqueue_letters(
    session: Session, letters: Sequence[Letter], purpose: MessagePurpose, now: datetime, keep_for: timedelta
) -> None:
    """Have many e-mails sent at once; one statement, however many there are."""
    if not letters:
        return
    session.connection().execute(
        insert(Message),
        [
            {
                "channel": Channel.EMAIL,
                "purpose": purpose,
                "subscriber_id": letter.subscriber_id,
                "address": letter.address,
                "text": letter.text,
                "latin": False,
                "charged": False,
                "urgent": False,
                "state": MessageState.READY,
                "due_at": now,
                "expires_at": now + keep_for,
                "from_hour": opening_hours.ALWAYS[0],
                "until_hour": opening_hours.ALWAYS[1],
                "attempts": 0,
                "created_at": now,
            }
            for letter in letters
        ],
    )
    wake.notify(session, Channel.EMAIL)
