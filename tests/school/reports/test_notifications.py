"""Notifications are counted by what became of the messages that told them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.kinds import Channel, EventChange, EventKind, MessagePurpose, MessageState, NotificationState
from db.models import Message, Notification, Subscription
from db.session import Database
from school.reports import Filters, run

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def tell(session: Session, number: int, came_to: MessageState | None, at: datetime = AT, **changes: Any) -> None:
    """A notification whose message came to a state; none: still waiting for one."""
    subscription = session.execute(select(Subscription).limit(1)).scalars().one()
    common = {"from_hour": 8, "until_hour": 20, "created_at": at, "due_at": at}
    message = None
    if came_to:
        lease = {"lease_until": at, "lease_owner": "x"} if came_to is MessageState.CLAIMED else {}
        message = session.execute(
            insert(Message).returning(Message.id),
            common
            | {"channel": changes.get("channel", Channel.SMS), "purpose": MessagePurpose.NOTIFICATION, "text": "…"}
            | {"address": "+359888123456", "state": came_to, "expires_at": at + timedelta(days=2), "attempts": 1}
            | lease,
        ).scalar_one()
    session.execute(
        insert(Notification),
        common
        | {
            "school_id": subscription.school_id,
            "subscription_id": subscription.id,
            "subscriber_id": subscription.subscriber_id,
            "channel": Channel.SMS,
            "kind": EventKind.GRADE,
            "event_id": number,
            "change": EventChange.RECORDED,
            "state": NotificationState.BUNDLED if message else NotificationState.PENDING,
            "line": "…",
            "message_id": message,
        }
        | changes,
    )


def test_every_notification_has_one_fate(demonstration: Database) -> None:
    with demonstration.session() as session:
        for number, state in enumerate((*MessageState, None)):
            tell(session, number, state)
        tell(session, 20, None, state=NotificationState.CANCELLED)
        tell(session, 21, MessageState.SENT, channel=Channel.EMAIL, kind=EventKind.ABSENCE)
        tell(session, 22, MessageState.SENT, change=EventChange.CORRECTED)
        tell(session, 23, MessageState.SENT, at=AT - timedelta(days=60))
    with demonstration.reading() as session:
        report = run(session, 1, "notification_figures", Filters(since=date(2026, 11, 1)), AT.date())
    keys = [column.key for column in report.columns]
    sms, email = (dict(zip(keys, row.cells, strict=True)) for row in report.rows)
    assert (sms["channel"], sms["kind"], sms["told"], sms["changes"]) == ("SMS", "оценки", 11, 1)
    fates = {key: sms[key] for key in ("delivered", "sent", "waiting", "failed", "unknown", "cancelled")}
    assert fates == {"delivered": 1, "sent": 2, "waiting": 3, "failed": 2, "unknown": 1, "cancelled": 2}
    assert sum(int(str(count)) for count in fates.values()) == sms["told"]
    assert (email["channel"], email["kind"], email["sent"]) == ("е-поща", "отсъствия", 1)
    assert report.totals is not None
    assert report.totals[2] == 12


def test_a_day_is_sofias_day(demonstration: Database) -> None:
    with demonstration.session() as session:
        tell(session, 1, MessageState.SENT, at=datetime(2026, 11, 9, 22, 30, tzinfo=UTC))  # 00:30 on the 10th
    with demonstration.reading() as session:
        for day, rows in ((9, 0), (10, 1)):
            on = date(2026, 11, day)
            assert len(run(session, 1, "notification_figures", Filters(since=on, until=on), AT.date()).rows) == rows
