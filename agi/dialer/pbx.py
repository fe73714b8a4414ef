"""The connection to Asterisk, kept up; after each reconnection our calls are compared with Asterisk's."""

import asyncio
from collections.abc import Awaitable, Callable

import logs
from agi.dialer.ami import Ami, AmiError, AmiLostError, Message

log = logs.get(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 3.0
PING_SECONDS = 10.0

ADDRESS = "127.0.0.1"
"""Asterisk's manager interface listens on the loopback alone."""
USER = "eschool"


class Pbx:
    """Used in one event loop. `connected` is awaited after each connection, before anything is dialled on it."""

    def __init__(
        self,
        port: int,
        secret: str,
        on_event: Callable[[Message], None],
        connected: Callable[["Pbx"], Awaitable[None]],
        lost: Callable[[], None],
    ) -> None:
        self._port = port
        self._secret = secret
        self._on_event = on_event
        self._connected = connected
        self._lost = lost
        self._ami: Ami | None = None
        self.is_up = False
        self.last_error = ""

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._once()
                pause = FIRST_PAUSE
            except AmiError as error:
                if str(error) != self.last_error:
                    log.warning("pbx.away", reason=str(error))
                self.last_error = str(error)
            finally:
                self._down()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def channels(self) -> list[Message]:
        """Every channel there is. Raises AmiError."""
        return await self._there().listed("CoreShowChannels", {})

    async def originate(self, channel_id: str, target: str, caller: str, ring_seconds: int) -> None:
        """Ring `target` (`PJSIP/0888123456@trunk`). What becomes of it is told by events.

        Raises AmiError when Asterisk refuses, AmiLostError when it is not known whether it rings.
        """
        await self._there().action(
            "Originate",
            {
                "Channel": target,
                "ChannelId": channel_id,
                "Context": "outbound",
                "Exten": "call",
                "Priority": "1",
                "CallerID": f"<{caller}>",
                "Timeout": str(ring_seconds * 1000),
                "Async": "true",
            },
            action_id=channel_id,
        )

    async def _once(self) -> None:
        self._ami = await Ami.connect(ADDRESS, self._port, USER, self._secret, self._on_event)
        try:
            await self._connected(self)
            self.is_up, self.last_error = True, ""
            log.info("pbx.connected")
            while not self._ami.lost.is_set():
                try:
                    async with asyncio.timeout(PING_SECONDS):
                        await self._ami.lost.wait()
                except TimeoutError:
                    await self._ami.action("Ping", {})
            raise AmiLostError("the connection to Asterisk was lost")
        finally:
            self.is_up = False
            await self._ami.close()

    def _there(self) -> Ami:
        if self._ami is None:
            raise AmiError("Asterisk is away")
        return self._ami

    def _down(self) -> None:
        self.is_up, self._ami = False, None
        self._lost()
