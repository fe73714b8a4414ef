"""Claims messages as the links can take them, as soon as there are any."""

import asyncio
from concurrent.futures import Executor
from datetime import UTC, datetime

from db.kinds import Channel
from db.session import Database
from runtime.blocking import run_blocking
from runtime.periodic import repeat
from school import outbox
from school.outbox import Outgoing, wake
from smpp.gateway.sender import Sender

IN_VAIN_SECONDS = 0.2
"""Pause when something is due that could not be claimed: another gateway is at it."""
AGAIN_SECONDS = 1.0
"""Pause while the database is away."""
FOR_ANSWERS = 20
"""Messages claimed at least when answers wait, however many others are in hand."""


class Claimer:
    """Used in the event loop's thread."""

    def __init__(self, database: Database, address: str, owner: str, executor: Executor) -> None:
        self._database = database
        self._owner = owner
        self._executor = executor
        self._waker = wake.listen(address, Channel.SMS)
        self._patience = outbox.Patience()
        self._more = True
        self._room = asyncio.Event()
        self._answers = False
        self._stopping = False

    def hungry(self) -> None:
        """There is room for more messages."""
        self._room.set()
        if self._more:
            self._waker.wake()

    def answers_wait(self) -> None:
        """Somebody waits for an answer that was just put into the outbox."""
        self._answers = True
        self._room.set()
        self._waker.wake()

    def stop(self) -> None:
        """Claim no more: let `run` end."""
        self._stopping = True
        self._room.set()
        self._waker.wake()

    async def run(self, sender: Sender) -> None:
        """Claim for the sender until stopped."""
        try:
            await repeat(
                "claimer",
                lambda: self._once(sender),
                while_true=lambda: not self._stopping,
                pause_seconds=AGAIN_SECONDS,
            )
        finally:
            self._waker.close()

    async def _once(self, sender: Sender) -> None:
        wanted = max(sender.wanted, FOR_ANSWERS if self._answers and sender.can_send else 0)
        if not wanted:
            self._more = True  # what the database tells meanwhile is not heard
            self._room.clear()
            await self._room.wait()
            return
        self._answers = False
        messages, pause = await run_blocking(self._executor, self._claim, wanted, sender.room)
        self._more = not pause
        sender.take(messages)
        if pause:
            # What is due and was left, to another gateway or for want of room, is looked at again once there is room.
            self._more = pause == IN_VAIN_SECONDS
            self._more = await self._wait(pause)

    def _claim(self, wanted: int, room: int) -> tuple[tuple[Outgoing, ...], float]:
        """The messages, and for how many seconds there is nothing more to claim. In a thread.

        Of what is charged only so much as goes out at once: its outcome is not known when this process dies.
        """
        now = datetime.now(UTC)
        # Reading waits for no writer and keeps none waiting.
        with self._patience.asking(), self._database.reading() as session:
            due = outbox.next_due(session, Channel.SMS, now)
        if due is None or due > now:
            return (), wake.seconds_until(due, now)
        with self._patience.asking(), self._database.session() as session:
            messages = outbox.claim(
                session,
                Channel.SMS,
                owner=self._owner,
                limit=wanted,
                now=now,
                most_charged=room,
                reclaim=self._patience.is_over,
            )
        if len(messages) == wanted:
            return messages, 0.0
        with self._database.reading() as session:
            due = outbox.next_due(session, Channel.SMS, now)
        return messages, max(wake.seconds_until(due, now), IN_VAIN_SECONDS)

    async def _wait(self, seconds: float) -> bool:
        woken = await run_blocking(self._executor, self._waker.wait, seconds)
        return woken or seconds < wake.LONGEST_WAIT
