"""The dialer's periodic work: renew leases, begin and end campaigns, settle what was left, report its state."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

import logs
from agi.dialer.calls import Calls
from db.session import Database
from db.threads import SessionThreads
from runtime.periodic import every, forgiving
from school import outbox
from school.calling.policy import Pauses
from school.campaigns import maintenance
from school.dialling import attempts
from school.monitoring import health
from school.monitoring.health import SAY_SECONDS, Health, Process
from school.outbox import RENEW_SECONDS

log = logs.get(__name__)

CAMPAIGN_SECONDS = 2.0
OVERDUE_SECONDS = 5.0
VOICE_SECONDS = 2.0
TICK_SECONDS = 0.5


class Maintenance:
    """Used in the event loop's thread. `told` gives how the dialer is; `voice` gets whether it answers."""

    def __init__(
        self,
        database: Database,
        dialer: str,
        executor: Executor,
        calls: Calls,
        pauses: Pauses,
        told: Callable[[], Health],
        voice_address: tuple[str, int],
        voice: Callable[[bool], None],
    ) -> None:
        self._in_session = SessionThreads(database, executor)
        self._dialer = dialer
        self._calls = calls
        self._pauses = pauses
        self._told = told
        self._voice_address = voice_address
        self._voice = voice
        self._said: tuple[str, str] | None = None
        self._say_at = 0.0

    async def run(self) -> None:
        """Do each chore when it is due, until cancelled."""
        await asyncio.gather(
            every(RENEW_SECONDS, self._renew),
            every(CAMPAIGN_SECONDS, lambda: self._in_session(maintenance.keep)),
            every(OVERDUE_SECONDS, self._settle_overdue),
            every(TICK_SECONDS, self._say),
            every(VOICE_SECONDS, self._ask_voice),
            every(TICK_SECONDS, self._tick),
        )

    async def take_leave(self) -> None:
        """The dialer stops."""
        with forgiving():
            await self._in_session(lambda session, _now: health.forget(session, Process.DIALER, self._dialer))

    async def _renew(self) -> None:
        message_ids = self._calls.message_ids
        if message_ids:
            await self._in_session(lambda session, now: outbox.renew(session, self._dialer, message_ids, now))

    async def _settle_overdue(self) -> None:
        settled = await self._in_session(lambda session, now: attempts.overdue(session, now, self._pauses))
        if settled:
            log.warning("dialer.settled_late", count=settled)

    async def _say(self) -> None:
        """When the state changed, or it is time again."""
        told, now = self._told(), asyncio.get_running_loop().time()
        state = (told.state, told.last_error)
        if state != self._said or now >= self._say_at:
            # Noted first, or a database that is away would be asked at every tick.
            self._said, self._say_at = state, now + SAY_SECONDS
            await self._in_session(lambda session, _now: health.say(session, told))

    async def _ask_voice(self) -> None:
        """Nobody is rung while there is nobody to speak."""
        try:
            async with asyncio.timeout(1.5):
                reader, writer = await asyncio.open_connection(*self._voice_address)
                writer.write(b"agi_network: yes\nagi_network_script: status\n\n")
                answers = bool(await reader.readline())
                writer.close()
        except (OSError, TimeoutError):
            answers = False
        self._voice(answers)

    async def _tick(self) -> None:
        self._calls.tick(asyncio.get_running_loop().time())
