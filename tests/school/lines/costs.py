"""A campaign at the demonstration school, with limits low enough to be met."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.kinds import CallResult, Channel, MessagePurpose, MessageState
from db.models import CallAttempt, CampaignStop, Message
from school import lines, outbox
from school.lines import DayOfSchool
from school.outbox import Ending, Outgoing, Result, TakenPart
from tests.school.campaigns.conftest import Campaigning

OWNER = "gateway 1"
HOUR = timedelta(hours=1)
SetLimits = Callable[..., None]


def school_id(campaigning: Campaigning) -> int:
    (today,) = days(campaigning)
    return today.school_id


def days(campaigning: Campaigning) -> tuple[DayOfSchool, ...]:
    with campaigning.database.reading() as session:
        return lines.days(session, campaigning.now)


def calls(campaigning: Campaigning) -> int:
    with campaigning.database.reading() as session:
        return session.scalar(select(func.count()).select_from(CallAttempt)) or 0


def stops(campaigning: Campaigning) -> list[CampaignStop]:
    with campaigning.database.reading() as session:
        return list(session.scalars(select(CampaignStop).order_by(CampaignStop.id)))


def put_campaign_sms(campaigning: Campaigning, number: int, text: str = "Утре няма вода.") -> list[int]:
    school = school_id(campaigning)
    with campaigning.database.session() as session:
        return [
            outbox.enqueue(
                session,
                channel=Channel.SMS,
                address=f"+359888{place:06}",
                text=text,
                purpose=MessagePurpose.CAMPAIGN,
                now=campaigning.now,
                school_id=school,
                keep_for=timedelta(days=2),
            )
            for place in range(number)
        ]


def claim(campaigning: Campaigning, limit: int = 1000) -> tuple[Outgoing, ...]:
    with campaigning.database.session() as session:
        return outbox.claim(session, Channel.SMS, owner=OWNER, limit=limit, now=campaigning.now)


def sent(campaigning: Campaigning, messages: tuple[Outgoing, ...], parts: int = 1) -> None:
    results = [
        Result(
            one.message_id,
            Ending.SENT,
            tuple(TakenPart(n, parts, "a1", f"{one.message_id}-{n}") for n in range(1, parts + 1)),
        )
        for one in messages
    ]
    with campaigning.database.session() as session:
        outbox.record(session, OWNER, results, campaigning.now)


def states(campaigning: Campaigning, ids: list[int]) -> dict[MessageState, int]:
    with campaigning.database.reading() as session:
        rows = session.execute(select(Message.state, func.count()).where(Message.id.in_(ids)).group_by(Message.state))
        return {state: number for state, number in rows}  # noqa: C416  # a Row is no pair to mypy


def ring_all(campaigning: Campaigning, result: CallResult = CallResult.REACHED, room: int = 21) -> int:
    """Ring until nobody else is chosen just now; gives how many."""
    rung = 0
    while dials := campaigning.choose(room):
        rung += len(dials)
        for dial in dials:
            campaigning.answered(dial, result)
    return rung


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> SetLimits:
    """Set settings by their names without ESCHOOL_."""

    def set_them(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"ESCHOOL_{name.upper()}", str(value))

    return set_them
