"""The dialer's last look at a number, right before Asterisk is asked to call it."""

import asyncio

from agi.dialer.process import Dialer
from db.kinds import CallResult
from db.session import Database
from school.dialling.attempts import Ended
from school.dialling.due_calls import Dial
from settings import Settings

PHONES = ("+35990123456", "+35929876543", "+40712345678", "+359888123456")


def test_what_was_chosen_under_another_setting_is_not_originated(settings: Settings, database: Database) -> None:
    """Asterisk is away in this test: of the number that may be called the trunk did not take the call."""
    ends: list[Ended] = []

    async def scenario() -> None:
        dialer = Dialer(settings.model_copy(update={"destinations": "BG:mobile"}), database)
        dialer.calls._ended = ends.append
        for phone in PHONES:
            dialer.calls.begins(phone, None)
            await dialer._originate_one(Dial(phone, phone))

    asyncio.run(scenario())
    assert [(one.channel_id, one.result) for one in ends] == [
        *((phone, CallResult.NOT_ALLOWED) for phone in PHONES[:3]),
        (PHONES[3], CallResult.TRUNK),
    ]
