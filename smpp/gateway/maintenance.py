"""The gateway's periodic work: renew leases, report the state of the links, pick up what a crash left."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

import logs
from db.kinds import Channel
from db.session import Database
from db.threads import SessionThreads
from runtime.periodic import every, forgiving
from school import outbox
from school.monitoring import health
from school.monitoring.health import SAY_SECONDS, Health, Process
from school.outbox import RECLAIM_SECONDS, RENEW_SECONDS
from school.subscriptions import inbox
from smpp.gateway.receiver import keep_overdue
from smpp.gateway.sender import Sender
from smpp.gateway.text_handler import TextHandler
from smpp.protocol.link import Link
from smpp.protocol.segmentation import DefaultAlphabet
from smpp.protocol.session import LinkState

log = logs.get(__name__)

SOON_SECONDS = 0.1
"""Between a link's change and telling of it: several links change together."""
MATCH_SECONDS = 5.0
OVERDUE_SECONDS = 60.0
SETTLED = timedelta(seconds=5)
"""Texts that came so lately are being acted on by whoever received them."""
FITS = timedelta(minutes=1)
"""A receipt that has found no part by then fits nothing: the submit_sm_resp of its message was long answered."""
MOST_SWEPT = 500


class Maintenance:
    """Used in the event loop's thread. `owner` names this gateway; `alphabets`: each operator's default alphabet."""

    def __init__(
        self,
        database: Database,
        owner: str,
        executor: Executor,
        links: Sequence[Link],
        alphabets: dict[str, DefaultAlphabet],
        sender: Sender,
        text_handler: TextHandler,
    ) -> None:
        self._in_session = SessionThreads(database, executor)
        self._owner = owner
        self._links = links
        self._alphabets = alphabets
        self._sender = sender
        self._text_handler = text_handler
        self._changed = asyncio.Event()
        self._unfit = dict.fromkeys(alphabets, 0)
        self._unfit_until = datetime.now(UTC) - FITS
        self._has_swept = False

    def link_changed(self) -> None:
        """A link is in another state: tell it soon."""
        self._changed.set()

    async def run(self) -> None:
        """Do each chore when it is due, until cancelled."""
        await asyncio.gather(
            self._tell_links(),
            every(RENEW_SECONDS, self._renew),
            every(MATCH_SECONDS, self._match_early),
            every(RECLAIM_SECONDS, self._sweep),
            every(OVERDUE_SECONDS, self._make_overdue_whole),
            every(OVERDUE_SECONDS, self._count_unfit),
        )

    async def take_leave(self) -> None:
        """The gateway stops: it has no links any more."""
        with forgiving():
            await self._in_session(lambda session, now: health.forget(session, Process.GATEWAY, self._owner))

    async def _tell_links(self) -> None:
        while True:
            self._changed.clear()
            with forgiving():
                await self._say()
            try:
                async with asyncio.timeout(SAY_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(SOON_SECONDS)

    async def _say(self) -> None:
        now = datetime.now(UTC)
        told, unfit = [], dict(self._unfit)
        for link in self._links:
            told.append(_told(link, self._owner, now, unfit.pop(link.settings.operator, 0)))  # told once an operator
        await self._in_session(lambda session, _now: health.say(session, *told))

    async def _renew(self) -> None:
        message_ids = self._sender.in_hand
        if message_ids:
            began = asyncio.get_running_loop().time()
            await self._in_session(lambda session, now: outbox.renew(session, self._owner, message_ids, now))
            self._sender.renewed(message_ids, began)

    async def _match_early(self) -> None:
        await self._in_session(outbox.match_early)

    async def _sweep(self) -> None:
        await self._in_session(lambda session, now: outbox.reclaim_orphaned(session, Channel.SMS, now))
        # What is there before the first text came to this process, however lately, a crash may have left: whoever else
        # is acting on it has it locked, or has marked it.
        settled = SETTLED if self._has_swept else timedelta(0)

        def waiting(session: Session, now: datetime) -> list[int]:
            return inbox.waiting(session, now - settled, MOST_SWEPT)

        self._text_handler.add(await self._in_session(waiting))
        self._has_swept = True

    async def _count_unfit(self) -> None:
        since, until = self._unfit_until, datetime.now(UTC) - FITS
        found = await self._in_session(lambda session, _now: outbox.fitting_nothing(session, since, until))
        self._unfit_until = until
        for operator, number in found.items():
            self._unfit[operator] = self._unfit.get(operator, 0) + number
            hint = "compare response_ids and receipt_ids with what this operator sends"
            log.warning("receipts.fit_nothing", operator=operator, number=number, hint=hint)

    async def _make_overdue_whole(self) -> None:
        self._text_handler.add(await self._in_session(lambda session, now: keep_overdue(session, self._alphabets, now)))


def _told(link: Link, owner: str, now: datetime, unfit: int) -> Health:
    figures = {
        "accepted": link.accepted,
        "refused": link.refused,
        "throttled": link.throttled,
        "unknown": link.unknown,
        "deliveries": link.deliveries,
        "binds": link.binds,
        "under_way": link.under_way,
        "unfit_receipts": unfit,
    }
    return Health(
        Process.GATEWAY,
        owner,
        link.state,
        link.state is LinkState.BOUND,
        now,
        part=link.settings.name,
        last_error=link.last_error,
        figures=figures,
    )
