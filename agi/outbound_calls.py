"""Answered outbound calls: finds by its channel what each is about, and reports how it ended."""

import time
from datetime import UTC, datetime

import logs
from agi.call_spool import CallSpool
from agi.clip_store import ClipStore
from agi.conversation import Conversation
from agi.dialogue.outbound import ONLY_UNTIL_A_KEY, call_back, campaign_call, news_call, result_of
from agi.dialogue.steps import Step
from agi.late_results import LateResults
from agi.line import Line
from agi.message_spool import MessageSpool
from agi.transport import BadClientError
from db.kinds import CallDirection, CallOutcome, CallResult
from db.session import Database
from errors import OperationError
from prompts.clips import SLOW_TEMPO
from runtime.blocking import RunBlocking
from school.calling.policy import Pauses
from school.dialling import about, attempts
from school.dialling.about import CallBack, CampaignCall, OutboundCall
from settings import Settings

log = logs.get(__name__)


class OutboundCalls:
    """Serves them."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clips: ClipStore,
        spool: CallSpool,
        messages: MessageSpool,
        run_blocking: RunBlocking,
    ) -> None:
        self._run_blocking = run_blocking
        self._database = database
        self._clips = clips
        self._spool = spool
        self._short_code = settings.short_code
        self._number = settings.inbound_number
        self._pauses = Pauses(settings.pauses_scale)
        self.late = LateResults(database, self._pauses)
        self._takes = settings.home_path / "recordings" / "takes"
        self._messages = messages

    def serve(self, line: Line) -> None:
        """One call. Without a database, or for a channel that we know nothing of, the dialplan's apology ends it."""
        channel_id = line.env.get("agi_uniqueid", "")
        try:
            call = self._run_blocking(lambda: self._read(channel_id))
        except OperationError as error:
            log.error("school.away", **logs.reason(error))
            return
        if call is None:
            log.warning("outbound.unknown_channel")
            return
        until_a_key = round(ONLY_UNTIL_A_KEY / SLOW_TEMPO) if call.slow_speech else ONLY_UNTIL_A_KEY
        conversation = Conversation(
            line,
            self._database,
            self._clips,
            self._spool,
            CallDirection.OUTBOUND,
            call.phone,
            call.student_id if isinstance(call, CampaignCall) else None,
            self._run_blocking,
            takes=self._takes,
            only_until_a_key=until_a_key,
            messages=self._messages,
            slow_speech=call.slow_speech,
        )
        outcome, began = CallOutcome.FAILED, time.monotonic()
        try:
            outcome = conversation.hold(lambda now: self._first_step(call, now))
        except BadClientError:
            log.warning("outbound.bad_client")
        result = result_of(conversation.steps, outcome, time.monotonic() - began, until_a_key)
        if conversation.lacked_words and result is not CallResult.CUT_SHORT:
            result = CallResult.FAILED  # whoever took it does not know all: it is tried again when it can be said
        try:
            self._run_blocking(lambda: self._tell(channel_id, result))
        except OperationError as error:
            log.warning("outbound.not_told_yet", result=result, **logs.reason(error))
            self.late.add(channel_id, result)

    def _read(self, channel_id: str) -> OutboundCall | None:
        with self._database.reading() as session:
            return about.read(session, channel_id)

    def _first_step(self, call: OutboundCall, now: datetime) -> Step:
        if isinstance(call, CampaignCall):
            return campaign_call(call, now, self._short_code)
        if isinstance(call, CallBack):
            return call_back(call, now)
        return news_call(call, now, self._number)

    def _tell(self, channel_id: str, result: CallResult) -> None:
        with self._database.session() as session:
            attempts.told(session, channel_id, result, datetime.now(UTC), self._pauses)
