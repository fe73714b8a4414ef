"""Due notifications of one subscriber and channel -> one message, so that a family is told once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Executable, Integer, Row, Select, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import Channel, MessagePurpose, MessageState, NotificationState
from db.lists import Rows, among
from db.models import Message, Notification, School, SchoolClass, Student, Subscriber, Subscription
from school.lines import Holds, parts_of, tomorrow
from school.outbox import hours
from school.outbox.states import is_pending
from school.security.destinations import ERROR, Destinations
from school.wording.letters import NewsLine, letters
from school.wording.translation import in_latin

KEEP_NEWS = timedelta(days=2)
"""How long after it was due what happened at school is still told."""
TOGETHER = timedelta(minutes=1)
"""What is due so soon after what is told now is told with it: a family reads of two children in one message."""
MOST_PER_SUBSCRIBER = 200
"""Notifications of one subscriber that one round takes; the next takes the rest."""


class Made(NamedTuple):
    """A message that was made."""

    id: int
    subscriber_id: int
    school_id: int
    address: str
    operator: str | None
    text: str
    latin: bool
    from_hour: int
    until_hour: int


_MESSAGE, _NOTIFICATION, _SUBSCRIBER, _SUBSCRIPTION, _STUDENT, _CLASS, _SCHOOL = (
    model.metadata.tables[model.__tablename__]
    for model in (Message, Notification, Subscriber, Subscription, Student, SchoolClass, School)
)
"""Statements on tables, not classes, and built once: they take half the time."""
_ADDRESS = {Channel.SMS: _SUBSCRIBER.c.phone, Channel.CALL: _SUBSCRIBER.c.phone, Channel.EMAIL: _SUBSCRIBER.c.email}


def make_messages(
    session: Session,
    channel: Channel,
    limit: int,
    now: datetime,
    claimed: Mapping[str, Any],
    reached: Destinations,
    held: Holds,
    *,
    at_any_hour: bool = False,
) -> list[Made]:
    """Make messages of the due notifications of up to `limit` subscribers, longest due first.

    Gives up to `limit` of them, which have the values `claimed` in the table; any beyond it are ready for the next
    claim. A message goes out within the hours of all that it tells; notifications out of their hours move to the next
    opening, and those of a school whose day is used up to the next day's. What is for a number that our lines do not
    reach becomes a message that failed, so that the school sees why. `at_any_hour`: for messages that are not sent now.
    """
    allowed: list[Row[Any]] = []
    early: dict[tuple[int, int], list[int]] = {}
    for row in _due(session, channel, _subscribers(session, channel, limit, now), now):
        if at_any_hour or hours.is_allowed(now, row.from_hour, row.until_hour):
            allowed.append(row)
        else:
            early.setdefault((row.from_hour, row.until_hour), []).append(row.id)
    for opening, ids in early.items():
        _set(session, ids, due_at=hours.allowed_from(now, *opening))
    messages: list[Made] = []
    told: list[Sequence[int]] = []
    refused: list[Made] = []
    of_refused: list[Sequence[int]] = []
    for_later: dict[tuple[int, int], list[int]] = {}
    together = attrgetter("subscriber_id", "from_hour", "until_hour") if at_any_hour else attrgetter("subscriber_id")
    for _, rows in groupby(sorted(allowed, key=together) if at_any_hour else allowed, key=together):
        family = list(rows)
        if family[0].address is None:  # the number or address was taken away meanwhile
            _set(session, [row.id for row in family], state=NotificationState.CANCELLED)
            continue
        latin = channel is Channel.SMS and all(row.latin_sms or in_latin(row.language) for row in family)
        is_refused = channel is not Channel.EMAIL and not reached.reaches(family[0].address, channel)
        for letter in letters([_told(row) for row in family], channel, latin=latin):
            one = _made(family, channel, letter.text, latin)
            parts = parts_of(letter.text, latin=latin) if channel is Channel.SMS else 1
            if is_refused:
                refused.append(one)
                of_refused.append(letter.notification_ids)
            elif held.take(one.school_id, channel, campaign=False, number=parts):
                messages.append(one)
                told.append(letter.notification_ids)
            else:
                for_later.setdefault((one.from_hour, one.until_hour), []).extend(letter.notification_ids)
    for opening, ids in for_later.items():
        _set(session, ids, due_at=hours.allowed_from(tomorrow(now), *opening))
    _put(session, _refuse(session, channel, refused, now), of_refused)
    if at_any_hour:
        limit = len(messages)
    made = _add(session, channel, messages[:limit], now, claimed)
    _put(session, made + _add(session, channel, messages[limit:], now, _NOT_CLAIMED), told)
    return made


_NOT_CLAIMED = {"state": MessageState.READY, "attempts": 0, "lease_owner": None, "lease_until": None}


def _refuse(session: Session, channel: Channel, refused: Sequence[Made], now: datetime) -> list[Made]:
    made = _add(session, channel, refused, now, {**_NOT_CLAIMED, "state": MessageState.FAILED})
    if made:
        of_these = Message.id.in_([one.id for one in made])
        session.execute(
            update(Message)
            .where(of_these)
            .values(ended_at=now, error=ERROR)
            .execution_options(synchronize_session=False)
        )
    return made


def _add(
    session: Session, channel: Channel, messages: Sequence[Made], now: datetime, claimed: Mapping[str, Any]
) -> list[Made]:
    """Insert messages with the values `claimed`; gives them with their ids."""
    if not messages:
        return []
    rows, statement = _ADD[session.get_bind().dialect.name]
    alike = {"channel": channel, "now": now, "expires_at": now + KEEP_NEWS, **claimed}
    ids = session.connection().execute(statement, rows.parameters([message[1:] for message in messages]) | alike)
    return [message._replace(id=one) for message, one in zip(messages, sorted(ids.scalars()), strict=True)]


def _adding(dialect: str) -> tuple[Rows, Executable]:
    """Ids are given in the order of the rows."""
    varying = Made._fields[1:]
    rows = Rows(dialect, {name: _MESSAGE.c[name].type for name in varying})
    parameters = ("channel", "expires_at", *_NOT_CLAIMED)
    alike = {name: bindparam(name, type_=_MESSAGE.c[name].type) for name in parameters}
    alike |= {name: bindparam("now", type_=_MESSAGE.c[name].type) for name in ("due_at", "created_at")}
    alike["purpose"] = literal(MessagePurpose.NOTIFICATION, _MESSAGE.c.purpose.type)
    values = select(*(rows.table.c[name] for name in varying), *alike.values()).order_by(rows.table.c.ordinal)
    return rows, insert(_MESSAGE).from_select([*varying, *alike], values).returning(_MESSAGE.c.id)


def _put(session: Session, messages: Sequence[Made], told: Sequence[Sequence[int]]) -> None:
    """Put the notifications with these ids into the messages that tell them."""
    if messages:
        rows, statement = _PUT[session.get_bind().dialect.name]
        pairs = [(one, message.id) for message, ids in zip(messages, told, strict=True) for one in ids]
        session.connection().execute(statement, rows.parameters(pairs))


def _putting(dialect: str) -> tuple[Rows, Executable]:
    rows = Rows(dialect, {"id": _NOTIFICATION.c.id.type, "message_id": _MESSAGE.c.id.type})
    return rows, (
        update(_NOTIFICATION)
        .where(_NOTIFICATION.c.id == rows.table.c.id)
        .values(state=NotificationState.BUNDLED, message_id=rows.table.c.message_id)
    )


_ADD = {dialect: _adding(dialect) for dialect in ("sqlite", "postgresql")}
_PUT = {dialect: _putting(dialect) for dialect in ("sqlite", "postgresql")}


def _subscribers(session: Session, channel: Channel, limit: int, now: datetime) -> list[int]:
    """Subscribers who are due, locked: nobody else makes messages for them at the same time."""
    due = session.connection().execute(_DUE_SUBSCRIBERS, {"channel": channel, "now": now, "most": limit})
    subscriber_ids = set(due.scalars())
    if not subscriber_ids:
        return []
    return list(session.connection().execute(_LOCKED, {"subscribers": list(subscriber_ids)}).scalars())


_DUE_SUBSCRIBERS = (
    select(_NOTIFICATION.c.subscriber_id)
    .where(
        is_pending(),
        _NOTIFICATION.c.channel == bindparam("channel"),
        _NOTIFICATION.c.due_at <= bindparam("now"),
    )
    .order_by(_NOTIFICATION.c.due_at)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)
_LOCKED = (
    select(_SUBSCRIBER.c.id)
    .where(among(_SUBSCRIBER.c.id, "subscribers"))
    .order_by(_SUBSCRIBER.c.id)
    .with_for_update(skip_locked=True, key_share=True)
)


def _due(
    session: Session, channel: Channel, subscriber_ids: Sequence[int], now: datetime
) -> Sequence[Row[*tuple[Any, ...]]]:
    """All that these subscribers are to be told within a minute, a subscriber's together, in the order it happened."""
    if not subscriber_ids:
        return []
    return (
        session.connection()
        .execute(
            _due_on(channel),
            {"subscribers": subscriber_ids, "now": now + TOGETHER, "most": MOST_PER_SUBSCRIBER * len(subscriber_ids)},
        )
        .all()
    )


@cache
def _due_on(channel: Channel) -> Select[*tuple[Any, ...]]:
    """Parameters: `subscribers`, `now`, `most` rows. Built once a channel."""
    return (
        select(
            _NOTIFICATION.c.id,
            _NOTIFICATION.c.subscriber_id,
            _NOTIFICATION.c.kind,
            _NOTIFICATION.c.event_id,
            _NOTIFICATION.c.line,
            _NOTIFICATION.c.school_id,
            _NOTIFICATION.c.from_hour,
            _NOTIFICATION.c.until_hour,
            _SUBSCRIPTION.c.student_id,
            _STUDENT.c.first_name,
            _CLASS.c.level,
            _CLASS.c.letter,
            _SCHOOL.c.latin_sms,
            _SUBSCRIBER.c.language,
            _SUBSCRIBER.c.operator,
            _ADDRESS[channel].label("address"),
        )
        .join(_SUBSCRIPTION, _SUBSCRIPTION.c.id == _NOTIFICATION.c.subscription_id)
        .join(_STUDENT, _STUDENT.c.id == _SUBSCRIPTION.c.student_id)
        .join(_CLASS, _CLASS.c.id == _STUDENT.c.class_id, isouter=True)
        .join(_SCHOOL, _SCHOOL.c.id == _NOTIFICATION.c.school_id)
        .join(_SUBSCRIBER, _SUBSCRIBER.c.id == _NOTIFICATION.c.subscriber_id)
        .where(
            is_pending(),
            among(_NOTIFICATION.c.subscriber_id, "subscribers"),
            _NOTIFICATION.c.channel == channel,
            # Not by the index over due_at, which SQLite would read as far as anything is due: by that over subscribers.
            func.coalesce(_NOTIFICATION.c.due_at, _NOTIFICATION.c.due_at) <= bindparam("now"),
        )
        .order_by(_NOTIFICATION.c.subscriber_id, _NOTIFICATION.c.id)
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(skip_locked=True, of=_NOTIFICATION)
    )


def _told(row: Row[Any]) -> NewsLine:
    return NewsLine(
        notification_id=row.id,
        student_id=row.student_id,
        child=row.first_name,
        class_name=f"{row.level}{row.letter}" if row.level else "",
        event=EventRef(row.kind, row.event_id),
        line=row.line,
    )


def _made(family: Sequence[Row[Any]], channel: Channel, text: str, latin: bool) -> Made:
    """A message that has no id yet."""
    first = family[0]
    return Made(
        0,
        first.subscriber_id,
        first.school_id,
        first.address,
        first.operator if channel is Channel.SMS else None,
        text,
        latin,
        # All the hours contain this one, so what they have in common is not empty.
        max(row.from_hour for row in family),
        min(row.until_hour for row in family),
    )


def _set(session: Session, notification_ids: Sequence[int], **values: Any) -> None:
    session.execute(
        update(Notification)
        .where(Notification.id.in_(notification_ids))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
