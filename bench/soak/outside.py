"""What the SMSC, the mail server and the telephones got; and, to compare, what our own tables say."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from bench.soak.accounts import Came, Owed, Piece, joined
from bench.soak.traffic import CHARGED
from db.kinds import CallDirection, FamilyState, MessageState, NotificationState
from db.models import Call, CallAttempt, Campaign, CampaignFamily, Message, Notification
from db.session import Database
from devtools.mailbox import Got
from devtools.smsc import Event

CAMPAIGN, FALLBACK = "families that took the campaign's call", "families that got its SMS instead"
TITLE = "Утре няма вода."
OPEN = (MessageState.READY, MessageState.CLAIMED)


def pieces(events: Iterable[Event]) -> list[Piece]:
    """Every submit_sm that the SMSC took."""
    found = []
    for one in events:
        if one["event"] != "submit" or one.get("muted"):
            continue
        address, text, at = f"+{one['destination']}", one["text"] or "", one["at"] / 1000
        header = bytes.fromhex(one["udh"][0]) if one["udh"] else b""
        if len(header) >= 5 and header[0] == 0:  # 3GPP TS 23.040, 9.2.3.24.1
            found.append(Piece(address, text, at, header[2:-2].hex(), header[-1], header[-2]))
        else:
            found.append(Piece(address, text, at))
    return found


def texts(events: Iterable[Event]) -> tuple[list[Came], int]:
    """Every SMS as its telephone shows it, and the parts of none."""
    return joined(pieces(events))


def letters(got: Iterable[Got]) -> list[Came]:
    """Every letter."""
    return [Came(one.recipient, one.text, one.at) for one in got]


def families(
    telephones: list[tuple[int, str]], rings: list[tuple[str, float]], heard: list[tuple[str, float]], at: float
) -> tuple[list[Owed], list[Came]]:
    """Each family is owed one call to its end, or its tries and an SMS: as something to be balanced.

    Whoever answered must have heard it once; whoever was rung and never heard it out is owed the SMS. A number that
    does not exist (devtools/telephone/parents.xml: it ends with 7) is owed nothing but to be tried.
    """
    ended, rung = Counter(number for number, _ in heard), Counter(number for number, _ in rings)
    owed, came = [], [Came(number, "heard", when) for number, when in heard]
    for _, phone in telephones:
        dialled = f"0{phone.removeprefix('+359')}"
        if ended[dialled]:
            owed.append(Owed(CAMPAIGN, dialled, "heard", at))
        elif dialled.endswith("7") and rung[dialled]:
            owed.append(Owed(CAMPAIGN, dialled, "rung", at))
            came.append(Came(dialled, "rung", at))
        else:
            owed.append(Owed(FALLBACK, phone, TITLE, at))
    return owed, came


@dataclass(frozen=True)
class Tables:
    """What our own tables say in the end."""

    open: int
    states: dict[str, int]
    campaign_open: int
    results: dict[str, int]
    calls: int
    charged_unknown: frozenset[str]
    pending: int


def tables(database: Database, campaign_id: int | None, since: datetime) -> Tables:
    """Read them."""
    with database.reading() as session:
        states = Counter(
            dict(
                session.execute(
                    select(Message.state, func.count()).where(Message.created_at >= since).group_by(Message.state)
                )
                .tuples()
                .all()
            )
        )
        waiting = session.scalar(select(func.count()).where(Message.state.in_(OPEN), Message.created_at >= since)) or 0
        campaign_open = (
            session.scalar(
                select(func.count()).where(
                    CampaignFamily.campaign_id == campaign_id,
                    CampaignFamily.state.in_((FamilyState.WAITING, FamilyState.CALLING)),
                )
            )
            or 0
        )
        results = Counter(
            str(one or "open")
            for one in session.scalars(
                select(CallAttempt.result)
                .join(CampaignFamily, CampaignFamily.id == CallAttempt.family_id)
                .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
                .where(Campaign.id == campaign_id)
            )
        )
        calls = (
            session.scalar(
                select(func.count()).where(Call.direction == CallDirection.INBOUND, Call.started_at >= since)
            )
            or 0
        )
        unknown = session.scalars(
            select(Message.address).where(Message.charged, Message.state == MessageState.UNKNOWN)
        ).all()
        pending = (
            session.scalar(
                select(func.count()).where(
                    Notification.state == NotificationState.PENDING,
                    Notification.due_at <= datetime.now(UTC) + timedelta(minutes=1),
                )
            )
            or 0
        )
    return Tables(
        waiting,
        {str(state): number for state, number in states.items()},
        campaign_open,
        dict(results),
        calls,
        frozenset(unknown),
        pending,
    )


def without_unknown(owed: list[Owed], unknown: frozenset[str]) -> tuple[list[Owed], int]:
    """What is charged and `unknown` is for a person to settle: it may have come or not. Gives how many there are."""
    kept = [
        Owed(one.kind, one.address, one.words, one.at, False) if one.kind == CHARGED and one.address in unknown else one
        for one in owed
    ]
    return kept, sum(one.kind == CHARGED and one.address in unknown for one in owed)
