"""The dialer's process: Asterisk on one side, the database on the other.

One event loop owns the connection to Asterisk and all that is decided; what waits for the database runs in threads.
A call goes on in Asterisk and the voice server whatever becomes of this process; the next one finds it there.
"""

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import logs
from agi.dialer.ami import AmiError, AmiLostError
from agi.dialer.calls import Calls
from agi.dialer.host_voice import HostVoice
from agi.dialer.maintenance import Maintenance
from agi.dialer.numbers import as_dialled
from agi.dialer.pacing import Pacer, Trunk
from agi.dialer.pbx import Pbx
from agi.dialer.recorder import Recorder
from db.connecting import Use
from db.kinds import CallResult, Channel
from db.session import Database, database_of_service
from errors import OperationError
from runtime.blocking import run_blocking
from runtime.host import this_host
from runtime.periodic import repeat
from runtime.signals import stop_event, until_stopped
from school.calling.policy import Pauses
from school.dialling import attempts, due_calls
from school.dialling.attempts import Ended
from school.dialling.due_calls import Dial, Limits
from school.monitoring.health import Health, Process
from school.outbox import LEASE, wake
from school.security import destinations
from settings import Settings

log = logs.get(__name__)

THREADS = 6
"""Choosing, recording and the four chores of maintenance: none waits for another's."""
ROOM_SECONDS = 0.05
"""Between two looks for room while all channels are in use, or the trunk rests."""
AWAY_SECONDS = 0.5
RECORD_SECONDS = 8.0
READY, TRUNK_FAILING = "ready", "trunk failing"
RINGING = (READY, TRUNK_FAILING)
"""The states in which somebody may be rung: a failing trunk is tried now and then."""


class Dialer:
    """Made and used in the event loop."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._destinations = destinations.of(settings.destinations)
        self._voice = HostVoice(settings)
        self._host = this_host()
        self.name = f"{self._host}:{os.getpid()}:{secrets.token_hex(3)}"
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
        self._pauses = Pauses(settings.pauses_scale)
        channels = min(settings.trunk_channels, settings.max_calls)
        self._pacer = Pacer(
            settings.dial_rate, channels, settings.inbound_share, Trunk(min(1.0, settings.pauses_scale))
        )
        self._recorder = Recorder(database, self._executor, self._pauses, lambda: self._waker.wake())
        self.calls = Calls(self._on_answer, self._on_end, self._recorder.talks_on)
        self._pbx = Pbx(
            settings.ami_port,
            settings.manager_secret(),
            lambda message: self.calls.event(message, self._loop.time()),
            self._compare,
            self.calls.forget,
        )
        self._maintenance = Maintenance(
            database,
            self.name,
            self._executor,
            self.calls,
            self._pauses,
            self._told,
            (settings.agi_address, settings.agi_port),
            self._voice_answers,
        )
        self._waker = wake.listen(settings.database_direct, Channel.CALL)
        self._loop = asyncio.get_running_loop()
        self._voice_is_up = False
        self._stopping = False
        self._messages_turn = True
        self._found_some = False
        self._choosing: asyncio.Future[list[Dial]] | None = None
        self._originating: set[asyncio.Task[None]] = set()
        self._dialled = self._answered = self._failed = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Dial until `stop` is set."""
        recording = asyncio.create_task(self._recorder.run())
        others = [
            asyncio.create_task(self._pbx.run()),
            asyncio.create_task(self._maintenance.run()),
            asyncio.create_task(self._dial_all()),
        ]
        try:
            await until_stopped(stop, recording, *others)
        finally:
            log.info("dialer.stopping", calls=self.calls.outbound)
            self._stopping = True
            self._waker.wake()
            await asyncio.wait([others[2]], timeout=RECORD_SECONDS)
            if self._originating:
                await asyncio.wait(self._originating, timeout=2.0)
            for task in others:
                task.cancel()
            await asyncio.wait(others)
            self._recorder.stop()
            await asyncio.wait([recording], timeout=RECORD_SECONDS)
            recording.cancel()  # its threads end next
            await self._maintenance.take_leave()
            self._waker.close()
            self._executor.shutdown(wait=False, cancel_futures=True)
            log.info("dialer.stopped")

    # Choosing and dialling

    async def _dial_all(self) -> None:
        await repeat(
            "dialer",
            self._dial_some,
            while_true=lambda: not self._stopping or self._choosing is not None,
            pause_seconds=AWAY_SECONDS,
        )

    async def _dial_some(self) -> None:
        """Dial what is chosen, each in its slot; the next ones are chosen meanwhile, or the pace would suffer."""
        choosing, self._choosing = self._choosing or self._begin_choosing(), None
        if choosing is None:
            await asyncio.sleep(ROOM_SECONDS)
            return
        dials = await choosing
        if not dials:
            if not self._stopping:
                await self._wait_for_work()
            return
        for dial in dials:
            self.calls.begins(dial.channel_id, dial.message_id)
        if not self._stopping:
            self._choosing = self._begin_choosing()
        for dial in dials:
            at = self._pacer.slot(self._loop.time())
            await asyncio.sleep(max(0.0, at - self._loop.time()))
            self._originate(dial)

    def _begin_choosing(self) -> "asyncio.Future[list[Dial]] | None":
        """None: nobody can be rung just now, or there is no room. Who is chosen is dialled even if we are to stop."""
        if not (self._pbx.is_up and self._voice_is_up):
            return None
        room = self._pacer.room(self._loop.time(), self.calls.outbound, self.calls.inbound)
        return self._loop.run_in_executor(self._executor, self._choose, room) if room else None

    def _choose(self, room: int) -> list[Dial]:
        """In a thread. The outbox and campaigns take turns at the first half of the room."""
        first = (room + 1) // 2 if room > 1 else int(self._messages_turn)
        self._messages_turn = not self._messages_turn
        if not self._found_some:  # in the midst of many there is no need to ask; otherwise no writer is kept waiting
            now = datetime.now(UTC)
            with self._database.reading() as session:
                due = due_calls.next_at(session, now)
            if due is None or due > now:
                return []
        with self._database.session() as session:
            limits = Limits(room, first, self._pauses.scale, self._voice.can_say)
            dials = due_calls.choose(session, self.name, limits, datetime.now(UTC))
        self._found_some = bool(dials)
        return dials

    async def _wait_for_work(self) -> None:
        def seconds() -> float:
            with self._database.reading() as session:
                due = due_calls.next_at(session, datetime.now(UTC))
            return wake.seconds_until(due, datetime.now(UTC), at_least=ROOM_SECONDS)

        pause = await run_blocking(self._executor, seconds)
        await run_blocking(self._executor, self._waker.wait, pause)

    def _originate(self, dial: Dial) -> None:
        self._dialled += 1
        task = self._loop.create_task(self._originate_one(dial))
        self._originating.add(task)
        task.add_done_callback(self._originating.discard)

    async def _originate_one(self, dial: Dial) -> None:
        if not self._destinations.reaches(dial.phone):  # it was chosen under another setting
            log.error("dialer.number_not_allowed")
            self.calls.never_began(dial.channel_id, CallResult.NOT_ALLOWED)
            return
        target = f"PJSIP/{as_dialled(dial.phone, self._settings.trunk_numbers)}@trunk"
        try:
            await self._pbx.originate(
                dial.channel_id, target, self._settings.inbound_number, self._settings.ring_seconds
            )
        except AmiLostError:
            log.warning("dialer.originate_unanswered")  # the next connection finds out whether it rang
        except AmiError as error:
            log.error("dialer.originate_refused", reason=str(error))
            self.calls.never_began(dial.channel_id, CallResult.TRUNK)

    # What the PBX tells

    def _on_answer(self, channel_id: str) -> None:
        self._answered += 1
        self._pacer.trunk.worked()
        self._recorder.answered(channel_id)

    def _on_end(self, end: Ended) -> None:
        if end.result is CallResult.TRUNK:
            self._failed += 1
            was_failing = self._pacer.trunk.is_failing
            self._pacer.trunk.failed(self._loop.time())
            if self._pacer.trunk.is_failing and not was_failing:
                log.warning("dialer.trunk_failing", cause=end.cause)
        elif end.result not in (None, CallResult.NOT_ALLOWED):
            self._pacer.trunk.worked()
        self._recorder.ended(end)

    async def _compare(self, pbx: Pbx) -> None:
        """After a connection: which of the attempts that nobody saw the end of are still calls."""
        channels = await pbx.channels()

        def settle() -> tuple[frozenset[str], int]:
            now = datetime.now(UTC)
            with self._database.session() as session:
                known = {one.channel_id: one.message_id for one in attempts.open_attempts(session, self._host)}
                alive = self.calls.there_are(channels, known)
                attempts.adopt(session, self.name, alive, now, LEASE)
                gone = known.keys() - alive
                attempts.lost(session, gone, now, self._pauses)
            return alive, len(gone)

        try:
            alive, gone = await run_blocking(self._executor, settle)
        except OperationError as error:
            raise AmiError(f"the database is away: {error}") from None
        if alive or gone:
            log.warning("dialer.compared", going_on=len(alive), gone=gone)

    def _voice_answers(self, answers: bool) -> None:
        if answers != self._voice_is_up:
            log.info("dialer.voice", answers=answers)
        self._voice_is_up = answers

    def _told(self) -> Health:
        if not self._pbx.is_up:
            state, error = "pbx away", self._pbx.last_error
        elif not self._voice_is_up:
            state, error = "voice away", "the voice server does not answer: nobody is rung"
        elif self._pacer.trunk.is_failing:
            state, error = TRUNK_FAILING, "the trunk's last calls failed: it is tried now and then"
        else:
            state, error = READY, ""
        figures = {
            "calls": self.calls.outbound,
            "inbound": self.calls.inbound,
            "most": self._pacer.most_outbound,
            "dialled": self._dialled,
            "answered": self._answered,
            "trunk_faults": self._failed,
        }
        return Health(
            Process.DIALER,
            self.name,
            state,
            state in RINGING,
            datetime.now(UTC),
            last_error=error,
            figures=figures,
        )


async def _run(settings: Settings, database: Database) -> None:
    stop = stop_event()
    dialer = Dialer(settings, database)
    log.info("dialer.started", dialer=dialer.name)
    await dialer.run(stop)


def serve(settings: Settings) -> None:
    """Dial until SIGTERM or SIGINT. It starts whether or not Asterisk, voice server and database can be reached."""
    database = database_of_service(settings, Use("dialer", THREADS))
    try:
        asyncio.run(_run(settings, database))
    finally:
        database.dispose()
