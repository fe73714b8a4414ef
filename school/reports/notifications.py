"""What parents were told: notifications by channel and kind of event, and by what became of their message."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from db.kinds import EventChange, MessageState, NotificationState
from db.models import Message, Notification
from runtime.localtime import SOFIA
from school.reports.filters import Asked, Found, count_where
from school.reports.report import ChartKind, Column, ColumnKind, Row, Table, chart, percent
from school.reports.words import CHANNELS, EVENTS, TOTAL

WAITING = (MessageState.READY, MessageState.CLAIMED)
FATES: tuple[tuple[str, str, ColumnElement[bool]], ...] = (
    ("delivered", "Получени", Message.state == MessageState.DELIVERED),
    ("sent", "Изпратени", Message.state == MessageState.SENT),
    (
        "waiting",
        "Чакащи",
        (Notification.state == NotificationState.PENDING) | func.coalesce(Message.state.in_(WAITING), False),
    ),
    ("failed", "Неуспешни", Message.state.in_((MessageState.FAILED, MessageState.EXPIRED))),
    ("unknown", "С неизвестен край", Message.state == MessageState.UNKNOWN),
    (
        "cancelled",
        "Отменени",
        (Notification.state == NotificationState.CANCELLED)
        | func.coalesce(Message.state == MessageState.CANCELLED, False),
    ),
)
"""Key, heading and condition of what became of a notification; each has exactly one."""
COLUMNS = (
    Column("channel", "Канал"),
    Column("kind", "За какво"),
    Column("told", "Известия", ColumnKind.NUMBER),
    Column("changes", "От тях поправки", ColumnKind.NUMBER),
    Column("messages", "Съобщения", ColumnKind.NUMBER),
    *(Column(key, heading, ColumnKind.NUMBER) for key, heading, _ in FATES),
    Column("out_share", "Излезли, %", ColumnKind.PERCENT),
)


def notification_figures(session: Session, asked: Asked) -> Table:
    """A row for each channel and kind of event of the period."""
    found = _found(session, asked)
    channels, events = list(CHANNELS), list(EVENTS)
    ordered = sorted(found, key=lambda row: (channels.index(row.channel), events.index(row.kind)))
    fates = [[int(getattr(row, key)) for key, _, _ in FATES] for row in ordered]
    told = sum(row.told for row in ordered)
    of_channel = [[row for row in ordered if row.channel is channel] for channel in channels]
    return Table(
        columns=COLUMNS,
        rows=tuple(
            Row(
                (
                    CHANNELS[row.channel],
                    EVENTS[row.kind],
                    row.told,
                    row.changes,
                    row.messages,
                    *each,
                    percent(each[0] + each[1], row.told),
                )
            )
            for row, each in zip(ordered, fates, strict=True)
        ),
        totals=(
            TOTAL,
            None,
            told,
            sum(row.changes for row in ordered),
            None,
            *(sum(each[at] for each in fates) for at in range(len(FATES))),
            percent(sum(each[0] + each[1] for each in fates), told),
        ),
        chart=chart(
            ChartKind.STACKED,
            "Известия по канали",
            "известия",
            [CHANNELS[channel] for channel, rows in zip(channels, of_channel, strict=True) if rows],
            [
                (heading, [sum(int(getattr(row, key)) for row in rows) for rows in of_channel if rows])
                for key, heading, _ in FATES
            ],
        )
        if found
        else None,
        notes=(
            "Едно съобщение може да носи няколко известия, също от различен вид.",
            "Получени: телефонът е потвърдил. Изпратени: операторът или пощенският сървър ги е приел.",
        ),
    )


def _found(session: Session, asked: Asked) -> Sequence[Found]:
    since = datetime.combine(asked.first, time(), SOFIA)
    until = datetime.combine(asked.last + timedelta(days=1), time(), SOFIA)
    return session.execute(
        select(
            Notification.channel,
            Notification.kind,
            func.count().label("told"),
            count_where(Notification.change != EventChange.RECORDED).label("changes"),
            func.count(Notification.message_id.distinct()).label("messages"),
            *(count_where(condition).label(key) for key, _, condition in FATES),
        )
        .join_from(Notification, Message, Message.id == Notification.message_id, isouter=True)
        .where(
            and_(
                Notification.school_id == asked.school_id,
                Notification.created_at >= since,
                Notification.created_at < until,
            )
        )
        .group_by(Notification.channel, Notification.kind)
    ).all()
