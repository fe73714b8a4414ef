"""What people see of the outbox and can do about it: lists without personal data, sending again, cancelling."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, func, literal, select, union_all, update
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose, MessageState, PartState, SubscriptionStatus
from db.models import Message, MessagePart, Notification, Subscription
from logs import masked_phone
from school.outbox import hours, wake
from school.outbox.enqueue import PIN_PLACE
from school.outbox.states import before, is_in, is_pending

KEEP_RETRIED = timedelta(hours=12)
"""How long what a person had sent again is tried for at the least."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A message without its text; `address` is masked."""

    id: int
    channel: Channel
    purpose: MessagePurpose
    address: str
    operator: str | None
    state: MessageState
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    error: str | None
    parts: int
    """Parts that an operator took."""
    parts_delivered: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What is not done: notifications that are in no message yet, and messages in the states that are no good end."""

    pending: int
    messages: dict[MessageState, int]
    """Of READY, CLAIMED, FAILED and UNKNOWN; states without messages stand with 0."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Messages that were changed, and for each other one that was asked for a sentence why it was not."""

    done: tuple[int, ...]
    refused: dict[int, str]


_COUNTED = (MessageState.READY, MessageState.CLAIMED, MessageState.FAILED, MessageState.UNKNOWN)


def show(
    session: Session,
    *,
    states: Collection[MessageState] = (),
    address: str | None = None,
    ids: Collection[int] | None = None,
    limit: int = 50,
) -> tuple[Listed, ...]:
    """The newest messages, in these states (none given: in any), to this address (E.164 or e-mail; None: to any).

    `ids`: only these; None: all.
    """
    wanted = select(Message).order_by(Message.id.desc()).limit(limit)
    if ids is not None:
        wanted = wanted.where(Message.id.in_(ids))
    if states:
        wanted = wanted.where(is_in(*states))
    if address is not None:
        wanted = wanted.where(Message.address == address)
    messages = session.scalars(wanted).all()
    parts = _parts(session, [message.id for message in messages])
    return tuple(
        Listed(
            id=message.id,
            channel=message.channel,
            purpose=message.purpose,
            address=masked(message.address),
            operator=message.operator,
            state=message.state,
            attempts=message.attempts,
            created_at=message.created_at,
            due_at=message.due_at,
            sent_at=message.sent_at,
            ended_at=message.ended_at,
            error=message.error,
            parts=parts.get(message.id, (0, 0))[0],
            parts_delivered=parts.get(message.id, (0, 0))[1],
        )
        for message in messages
    )


def counts(session: Session, channel: Channel | None = None) -> Counts:
    """How much waits, is in hand or went wrong, on one channel or on all; what is done is not counted."""
    of_channel = [Message.channel == channel] if channel else []
    rows = session.execute(
        union_all(
            *(
                select(literal(state, Message.state.type).label("state"), func.count().label("number"))
                .select_from(Message)
                .where(is_in(state), *of_channel)
                for state in (MessageState.READY, MessageState.CLAIMED)
            ),
            select(Message.state, func.count())
            .where(is_in(MessageState.FAILED, MessageState.UNKNOWN), *of_channel)
            .group_by(Message.state),
        )
    )
    found = {row.state: row.number for row in rows}
    pending = select(func.count()).select_from(Notification).where(is_pending())
    if channel:
        pending = pending.where(Notification.channel == channel)
    return Counts(session.scalar(pending) or 0, {state: found.get(state, 0) for state in _COUNTED})


def retry(session: Session, message_ids: Sequence[int], now: datetime) -> Changed:
    """Have messages sent again from the start, as soon as their hours allow: a person's decision.

    Refused for what is charged and may have gone out, for what is done, and where the PIN is forgotten.
    """
    rows = _locked(session, message_ids)
    taken = {message_id for message_id, (parts, _) in _parts(session, list(rows)).items() if parts}
    ended = _of_ended(session, list(rows))
    refused = {message_id: "There is no such message." for message_id in message_ids if message_id not in rows}
    done: list[int] = []
    for row in rows.values():
        why = _why_not_again(row, row.id in taken, row.id in ended)
        if why:
            refused[row.id] = why
            continue
        done.append(row.id)
        due_at = hours.allowed_from(now, row.from_hour, row.until_hour)
        values = {"due_at": due_at, "expires_at": max(row.expires_at, due_at + KEEP_RETRIED)}
        if row.state is not MessageState.READY:
            # One attempt stays counted: it may have reached the subscriber, as corrections must know.
            values |= {"state": MessageState.READY, "attempts": min(row.attempts, 1), "ended_at": None, "error": None}
        session.execute(update(Message).where(Message.id == row.id).values(**values))
    session.execute(
        delete(MessagePart)
        .where(MessagePart.message_id.in_([i for i in done if rows[i].state is not MessageState.READY]))
        .execution_options(synchronize_session=False)
    )
    for channel in {rows[message_id].channel for message_id in done}:
        wake.notify(session, channel)
    return Changed(tuple(done), refused)


def cancel(session: Session, message_ids: Sequence[int], now: datetime) -> Changed:
    """Cancel messages that wait, with what they were to tell. What a sender has in hand cannot be stopped.

    Refused for a month's charge: its debt would stay, and nobody would charge it again.
    """
    rows = _locked(session, message_ids)
    refused = {message_id: "There is no such message." for message_id in message_ids if message_id not in rows}
    done: list[int] = []
    for row in rows.values():
        if row.purpose is MessagePurpose.CHARGE:
            refused[row.id] = "It is a month's charge: stop charges with `eschool billing hold`."
        elif row.state in before(MessageState.CANCELLED):
            done.append(row.id)
        else:
            refused[row.id] = f"It is {row.state}: only what is ready can be cancelled."
    session.execute(
        update(Message)
        .where(Message.id.in_(done))
        .values(state=MessageState.CANCELLED, ended_at=now, pin_encrypted=None)
        .execution_options(synchronize_session=False)
    )
    return Changed(tuple(done), refused)


def settle_unknown(session: Session, message_ids: Sequence[int], now: datetime, *, sent: bool) -> Changed:
    """Tell what became of messages whose outcome is unknown: a person's decision, by the operator's bill.

    What was sent is done; what was not has failed, and may be sent again. No protocol answers this: query_sm asks by
    the name that the SMSC gave a message, and that is in the answer which never came.
    """
    rows = _locked(session, message_ids)
    refused = {message_id: "There is no such message." for message_id in message_ids if message_id not in rows}
    refused |= {
        row.id: f"It is {row.state}: only what is unknown can be settled."
        for row in rows.values()
        if row.state is not MessageState.UNKNOWN
    }
    done = tuple(message_id for message_id in rows if message_id not in refused)
    values = (
        {"state": MessageState.SENT, "sent_at": Message.ended_at, "pin_encrypted": None, "error": None}
        if sent
        else {"state": MessageState.FAILED, "error": "The operator did not charge it."}
    )
    session.execute(
        update(Message)
        .where(Message.id.in_(done))
        .values(ended_at=now, **values)
        .execution_options(synchronize_session=False)
    )
    return Changed(done, refused)


def masked(address: str) -> str:
    """`+359…56`, `m…@example.org`: enough to recognise, too little to know whose it is."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}" if at else masked_phone(address)


def _of_ended(session: Session, message_ids: Sequence[int]) -> set[int | None]:
    """Messages that tell of a student whom the subscriber does not follow any more."""
    return set(
        session.scalars(
            select(Notification.message_id)
            .join(Subscription, Subscription.id == Notification.subscription_id)
            .where(Notification.message_id.in_(message_ids), Subscription.status != SubscriptionStatus.ACTIVE)
        )
    )


def _why_not_again(row: Row[*tuple[object, ...]], parts_taken: bool, ended: bool) -> str | None:
    state: MessageState = row.state
    if ended:
        return "It tells of a student whom the subscriber does not follow any more."
    if state is not MessageState.READY and state not in before(MessageState.READY) - {MessageState.CLAIMED}:
        return f"It is {state}: only what is ready, failed, unknown or expired can be sent again."
    if row.purpose is MessagePurpose.CHARGE:
        return "It is a month's charge: billing tries it again when its time comes, and nobody else does."
    if row.charged and (state is MessageState.UNKNOWN or parts_taken):
        return "The subscriber may have paid for it already: what is charged is never sent twice."
    if PIN_PLACE in row.text and row.pin_encrypted is None and row.purpose is not MessagePurpose.NOTIFICATION:
        return "Its PIN was forgotten: the subscriber gets a new one by texting ПИН."
    return None


def _locked(session: Session, message_ids: Sequence[int]) -> dict[int, Row[*tuple[object, ...]]]:
    rows = session.execute(
        select(*Message.__table__.c).where(Message.id.in_(message_ids)).order_by(Message.id).with_for_update()
    ).all()
    return {row.id: row for row in rows}


def _parts(session: Session, message_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(parts taken, parts delivered) of each message that has any."""
    if not message_ids:
        return {}
    rows = session.execute(
        select(
            MessagePart.message_id,
            func.count(),
            func.count().filter(MessagePart.state == PartState.DELIVERED),
        )
        .where(MessagePart.message_id.in_(message_ids))
        .group_by(MessagePart.message_id)
    )
    return {message_id: (taken, delivered) for message_id, taken, delivered in rows}
