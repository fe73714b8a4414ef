"""The gateway process: links to the operators on one side, the database on the other.

One event loop owns the links and all that is decided; what waits for the database runs in a few threads.
"""

import asyncio
import gc
import sys
from concurrent.futures import ThreadPoolExecutor

import logs
from db.connecting import Use
from db.session import Database, database_of_service
from runtime.signals import stop_event, until_stopped
from school import outbox
from school.wording.service import Numbers
from settings import Settings
from smpp.gateway import configured
from smpp.gateway.claimer import Claimer
from smpp.gateway.lanes import Lane, Part, taken_part
from smpp.gateway.maintenance import Maintenance
from smpp.gateway.operators import Operators
from smpp.gateway.receiver import understood
from smpp.gateway.recorder import Recorder
from smpp.gateway.routing import Router
from smpp.gateway.sender import Sender
from smpp.gateway.text_handler import TextHandler
from smpp.protocol.link import Arrival, Link
from smpp.protocol.outcomes import Sent, SubmitOutcome
from smpp.protocol.pdus import Submit
from smpp.protocol.session import BindKind

log = logs.get(__name__)

THREADS = 5
"""Claimer, recorder, text handler and maintenance wait for the database side by side."""
DRAIN_SECONDS = 5.0
"""How long answers of the operators are waited for at the end."""
COLLECT_AFTER = 10_000
"""Objects made until the collector looks for cycles among them: a message leaves none."""
SWITCH_SECONDS = 0.0005
"""How long a database thread whose answer is there waits for the busy loop: places in the window wait with it."""
RECORD_SECONDS = 8.0
"""How long the database is waited for at the end."""


class Gateway:
    """Made and used in the event loop. It is the links' handler."""

    def __init__(self, settings: Settings, operators: Operators, database: Database) -> None:
        self.owner = outbox.new_owner()
        self._operators = operators.operators
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
        self.links = [Link(one, self) for operator in self._operators.values() for one in operator.links()]
        lanes = [
            Lane(link, self._operators[link.settings.operator])
            for link in self.links
            if link.settings.kind is not BindKind.RECEIVER
        ]
        numbers = Numbers.of(settings)
        self._claimer = Claimer(database, settings.database_direct, self.owner, self._executor)
        self._text_handler = TextHandler(database, self._executor, numbers, self._claimer.answers_wait)
        self._recorder = Recorder(
            database,
            self.owner,
            self._executor,
            recorded=lambda attempts: self._sender.recorded(attempts),
            texts=self._text_handler.add,
            living=self._living,
        )
        self._sender = Sender(
            Router(operators), lanes, self._recorder.result, self._recorder.give_back, self._claimer.hungry
        )
        alphabets = {name: operator.default_alphabet for name, operator in self._operators.items()}
        self._maintenance = Maintenance(
            database, self.owner, self._executor, self.links, alphabets, self._sender, self._text_handler
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; then take leave of the operators and the database."""
        for link in self.links:
            link.start()
        claiming = asyncio.create_task(self._claimer.run(self._sender))
        recording = asyncio.create_task(self._recorder.run())
        answering = asyncio.create_task(self._text_handler.run())
        maintaining = asyncio.create_task(self._maintenance.run())
        try:
            await until_stopped(stop, claiming, recording, answering, maintaining)
        finally:
            log.info("gateway.draining", in_doubt=self._sender.in_doubt)
            self._claimer.stop()
            self._text_handler.stop()
            await asyncio.wait([claiming, answering], timeout=RECORD_SECONDS)
            self._sender.stop()
            await asyncio.gather(*(link.stop(DRAIN_SECONDS) for link in self.links))
            self._recorder.stop()
            await asyncio.wait([recording], timeout=RECORD_SECONDS)
            recording.cancel()  # its threads end next
            maintaining.cancel()
            await asyncio.wait([maintaining])
            await self._maintenance.take_leave()
            # A chore that was cut short may still be at the database, which is closed next.
            await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)
            log.info("gateway.stopped", in_doubt=self._sender.in_doubt)

    def _living(self) -> frozenset[str]:
        return frozenset(token for link in self.links if (token := link.connection))

    # What the links tell

    def arrived(self, link: Link, arrival: Arrival) -> None:
        """A text, a part of one or a receipt came."""
        what = understood(self._operators[link.settings.operator], arrival.connection, arrival.message)
        if what is None:
            arrival.stored()
        else:
            self._recorder.delivery(what, arrival)

    def late_response(self, link: Link, submit: Submit, outcome: SubmitOutcome) -> None:
        """The true outcome of a part whose outcome had been told as unknown."""
        part = submit.note
        if isinstance(part, Part) and outcome.sent is Sent.ACCEPTED:
            operator = self._operators[link.settings.operator]
            self._recorder.late(part.message_id, taken_part(part, operator, outcome))

    def changed(self, link: Link) -> None:
        """The link's state is another."""
        self._maintenance.link_changed()
        self._sender.pump()


async def _run(settings: Settings, operators: Operators, database: Database) -> None:
    stop = stop_event()
    gateway = Gateway(settings, operators, database)
    # What is there now stays: the collector need not look at it again and again, nor so often.
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_SECONDS)
    log.info("gateway.started", gateway=gateway.owner, links=len(gateway.links))
    await gateway.run(stop)


def serve(settings: Settings) -> None:
    """Run the gateway until SIGTERM or SIGINT. Raises InputError for an operators file that is not usable.

    It starts whether or not operators and database can be reached, and keeps trying.
    """
    operators = configured.operators(settings)
    database = database_of_service(settings, Use("smpp", THREADS))
    try:
        asyncio.run(_run(settings, operators, database))
    finally:
        database.dispose()
