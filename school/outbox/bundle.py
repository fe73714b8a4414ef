"""Due notifications of one subscriber and channel -> one message, so that a family is told once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose, MessageState, NotificationState
from db.models import Message, Notification, School, SchoolClass, Student, Subscriber, Subscription
from school.events import EventRef
from school.outbox import hours
from school.outbox.states import is_pending
from school.wording.letters import Told, letters

KEEP_NEWS = timedelta(days=2)
"""How long after it was due what happened at school is still told."""
MOST_PER_SUBSCRIBER = 200
"""Notifications of one subscriber that one round takes; the next takes the rest."""

_ADDRESS = {Channel.SMS: Subscriber.phone, Channel.CALL: Subscriber.phone, Channel.EMAIL: Subscriber.email}


def make_messages(
    session: Session, channel: Channel, limit: int, now: datetime, claimed: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Make messages of the due notifications of up to `limit` subscribers, longest due first.

    Gives up to `limit` of them, as rows of the table with the values `claimed`; any beyond it are ready for the next
    claim. A message goes out within the hours of all that it tells; notifications out of their hours move to the next
    opening.
    """
    allowed: list[Row[Any]] = []
    early: dict[tuple[int, int], list[int]] = {}
    for row in _due(session, channel, _subscribers(session, channel, limit, now), now):
        if hours.is_allowed(now, row.from_hour, row.until_hour):
            allowed.append(row)
        else:
            early.setdefault((row.from_hour, row.until_hour), []).append(row.id)
    for opening, ids in early.items():
        _set(session, ids, due_at=hours.allowed_from(now, *opening))
    messages: list[dict[str, Any]] = []
    told: list[Sequence[int]] = []
    for _, rows in groupby(allowed, key=lambda row: row.subscriber_id):
        family = list(rows)
        if family[0].address is None:  # the number or address was taken away meanwhile
            _set(session, [row.id for row in family], state=NotificationState.CANCELLED)
            continue
        latin = channel is Channel.SMS and all(row.latin_sms for row in family)
        for letter in letters([_told(row) for row in family], channel, latin=latin):
            messages.append(_message(family, channel, letter.text, latin, now))
            told.append(letter.notification_ids)
    for number, message in enumerate(messages):
        message.update(claimed if number < limit else _NOT_CLAIMED)
    if messages:
        _store(session, messages, told)
    return messages[:limit]


_NOT_CLAIMED = {"state": MessageState.READY, "attempts": 0, "lease_owner": None, "lease_until": None}


def _store(session: Session, messages: list[dict[str, Any]], told: list[Sequence[int]]) -> None:
    """Insert the messages, give each its id, and put the notifications into them."""
    message_ids = _add(session, messages)
    told_in: list[tuple[int, int]] = []
    for message, message_id, notification_ids in zip(messages, message_ids, told, strict=True):
        message["id"] = message_id
        told_in += [(one, message_id) for one in notification_ids]
    _put(session, told_in)


def _put(session: Session, told_in: Sequence[tuple[int, int]]) -> None:
    """Put notifications into messages, by their ids."""
    if session.get_bind().dialect.name == "postgresql":  # to which a statement a row is a message a row
        ids, message_ids = zip(*told_in, strict=True)
        session.connection().execute(_ALL_BUNDLED, {"ids": list(ids), "message_ids": list(message_ids)})
    else:
        session.connection().execute(_BUNDLED, [{"of_notification": of, "in_message": to} for of, to in told_in])


def _add(session: Session, messages: Sequence[dict[str, Any]]) -> Sequence[int]:
    """Insert messages; gives their ids in the same order."""
    if session.get_bind().dialect.name != "postgresql":  # one writer at a time: nobody else gives ids meanwhile
        last = session.connection().execute(_LAST_ID).scalar() or 0
        message_ids = range(last + 1, last + 1 + len(messages))
        numbered = [{**message, "id": one} for message, one in zip(messages, message_ids, strict=True)]
        session.connection().execute(_ADD_MESSAGES, numbered)
        return message_ids
    columns = {name: [message[name] for message in messages] for name in _VARYING}
    alike = {name: messages[0][name] for name in _ALIKE}
    return sorted(session.connection().execute(_ADD_ALL_MESSAGES, columns | alike).scalars())


_VARYING = {
    "subscriber_id": "integer",
    "address": "varchar",
    "operator": "varchar",
    "text": "varchar",
    "latin": "boolean",
    "state": "varchar",
    "from_hour": "smallint",
    "until_hour": "smallint",
    "attempts": "smallint",
    "lease_owner": "varchar",
    "lease_until": "timestamptz",
}
_ALIKE = ("channel", "purpose", "due_at", "expires_at", "created_at")
_ADD_ALL_MESSAGES = text(
    f"INSERT INTO message ({', '.join((*_VARYING, *_ALIKE))}) "  # noqa: S608  # names of ours alone
    f"SELECT {', '.join(f'told.{name}' for name in _VARYING)}, :channel, :purpose, :due_at, :expires_at, :created_at "
    f"FROM unnest({', '.join(f'CAST(:{name} AS {kind}[])' for name, kind in _VARYING.items())}) "
    f"WITH ORDINALITY AS told ({', '.join(_VARYING)}, number) ORDER BY told.number RETURNING id"
)
"""A list a column instead of two thousand parameters: a third of the time. Ids are given in the order of the rows."""

_MESSAGE = Message.metadata.tables["message"]
_LAST_ID = text("SELECT seq FROM sqlite_sequence WHERE name = 'message'")
_ADD_MESSAGES = insert(_MESSAGE)
"""With ids of our own: SQLite, asked to tell which it gave, would be asked a row at a time."""
_BUNDLED = (
    update(Notification)
    .where(Notification.id == bindparam("of_notification"))
    .values(state=NotificationState.BUNDLED, message_id=bindparam("in_message"))
)
_ALL_BUNDLED = text(
    "UPDATE notification SET state = 'bundled', message_id = told.message_id "
    "FROM unnest(CAST(:ids AS bigint[]), CAST(:message_ids AS bigint[])) AS told (id, message_id) "
    "WHERE notification.id = told.id"
)


def _subscribers(session: Session, channel: Channel, limit: int, now: datetime) -> list[int]:
    """Subscribers who are due, locked: nobody else makes messages for them at the same time."""
    due = session.scalars(
        select(Notification.subscriber_id)
        .where(is_pending(), Notification.channel == channel, Notification.due_at <= now)
        .order_by(Notification.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return []
    return list(
        session.scalars(
            select(Subscriber.id)
            .where(Subscriber.id.in_(set(due)))
            .order_by(Subscriber.id)
            .with_for_update(skip_locked=True, key_share=True)
        )
    )


def _due(
    session: Session, channel: Channel, subscriber_ids: Sequence[int], now: datetime
) -> Sequence[Row[*tuple[Any, ...]]]:
    """All that these subscribers are to be told now, a subscriber's together, in the order it happened."""
    if not subscriber_ids:
        return []
    return session.execute(
        _due_on(channel),
        {"subscribers": subscriber_ids, "now": now, "most": MOST_PER_SUBSCRIBER * len(subscriber_ids)},
    ).all()


@cache
def _due_on(channel: Channel) -> Select[*tuple[Any, ...]]:
    """Parameters: `subscribers`, `now`, `most` rows. Built once a channel."""
    return (
        select(
            Notification.id,
            Notification.subscriber_id,
            Notification.kind,
            Notification.event_id,
            Notification.line,
            Notification.from_hour,
            Notification.until_hour,
            Subscription.student_id,
            Student.first_name,
            SchoolClass.level,
            SchoolClass.letter,
            School.latin_sms,
            Subscriber.language,
            Subscriber.operator,
            _ADDRESS[channel].label("address"),
        )
        .join(Subscription, Subscription.id == Notification.subscription_id)
        .join(Student, Student.id == Subscription.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id, isouter=True)
        .join(School, School.id == Notification.school_id)
        .join(Subscriber, Subscriber.id == Notification.subscriber_id)
        .where(
            is_pending(),
            Notification.subscriber_id.in_(bindparam("subscribers", expanding=True)),
            Notification.channel == channel,
            # Not by the index over due_at, which SQLite would read as far as anything is due: by that over subscribers.
            func.coalesce(Notification.due_at, Notification.due_at) <= bindparam("now"),
        )
        .order_by(Notification.subscriber_id, Notification.id)
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(skip_locked=True, of=Notification)
    )


def _told(row: Row[Any]) -> Told:
    return Told(
        notification_id=row.id,
        student_id=row.student_id,
        child=row.first_name,
        class_name=f"{row.level}{row.letter}" if row.level else "",
        event=EventRef(row.kind, row.event_id),
        line=row.line,
    )


def _message(family: Sequence[Row[Any]], channel: Channel, text: str, latin: bool, now: datetime) -> dict[str, Any]:
    return {
        "channel": channel,
        "purpose": MessagePurpose.NOTIFICATION,
        "subscriber_id": family[0].subscriber_id,
        "address": family[0].address,
        "operator": family[0].operator if channel is Channel.SMS else None,
        "text": text,
        "pin_encrypted": None,
        "latin": latin,
        "charged": False,
        "urgent": False,
        "due_at": now,
        "expires_at": now + KEEP_NEWS,
        # All the hours contain this one, so what they have in common is not empty.
        "from_hour": max(row.from_hour for row in family),
        "until_hour": min(row.until_hour for row in family),
        "created_at": now,
    }


def _set(session: Session, notification_ids: Sequence[int], **values: Any) -> None:
    session.execute(
        update(Notification)
        .where(Notification.id.in_(notification_ids))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
