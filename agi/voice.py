"""Puts together everything that a call needs."""

from datetime import UTC, datetime

import logs
from agi.call_spool import CallSpool
from agi.clip_store import ClipStore
from agi.conversation import Conversation
from agi.dialogues import DIALOGUES
from agi.line import Line
from agi.message_spool import MessageSpool
from agi.outbound_calls import OutboundCalls
from agi.transport import BadClientError
from agi.voice_editions import VoiceEditions
from db.kinds import CallDirection
from db.session import Database
from errors import OperationError
from prompts.speech import inventory, phrase
from runtime.blocking import RunBlocking, run_here
from school.dialling import call_backs
from school.hearing import spoken
from school.security.phones import e164
from school.subscriptions import slow_speech
from settings import Settings

log = logs.get(__name__)


class Voice:
    """Serves calls from one database and one folder of clips. `run_blocking`: where to wait for the database."""

    def __init__(self, settings: Settings, database: Database, run_blocking: RunBlocking = run_here) -> None:
        self.spool = CallSpool(database, settings.home_path / "calls-waiting")
        self._editions = VoiceEditions(settings, database)
        self.clips = ClipStore(settings, self._entered_texts, self._editions.follow, inventory, self._slow_is_wished)
        self._new_texts = spoken.NewTexts()
        self._database = database
        self._takes = settings.home_path / "recordings" / "takes"
        page = f"{settings.web_root}/class/messages"
        self._messages = MessageSpool(database, settings.home_path / "messages-waiting", page)
        self._run_blocking = run_blocking
        self._outbound = OutboundCalls(settings, database, self.clips, self.spool, self._messages, run_blocking)

    def start(self) -> None:
        """Begin to store what the database did not take at once."""
        self.spool.start()
        self._messages.start()
        self._outbound.late.start()

    def stop(self) -> None:
        """Returns when all that ended is stored, or cannot be."""
        self._outbound.late.stop()
        self._messages.stop()
        self.spool.stop()

    def serve(self, line: Line) -> None:
        """One call, by the dialogue its dialplan asked for."""
        if line.script == "outbound":
            self._outbound.serve(line)
            return
        if line.script == "missed":
            self._run_blocking(lambda: self._call_back(e164(line.caller)))
            return
        dialogue = DIALOGUES.get(line.script)
        if dialogue is None:
            raise BadClientError("no dialogue of that name")
        caller = e164(line.caller)
        Conversation(
            line,
            self._database,
            self.clips,
            self.spool,
            CallDirection.INBOUND,
            caller,
            run_blocking=self._run_blocking,
            takes=self._takes,
            messages=self._messages,
        ).hold(dialogue)

    def _call_back(self, caller: str | None) -> None:
        """Somebody hung up while it rang."""
        try:
            with self._database.session() as session:
                outcome = call_backs.ask(session, caller, datetime.now(UTC))
        except OperationError as error:
            log.error("school.away", **logs.reason(error))
            return
        log.info("call_back.asked", outcome=outcome)

    def apologise(self, line: Line) -> None:
        """A call beyond what this machine serves: a word instead of silence."""
        sound = self.clips.sound(*phrase("apology"))
        line.play([sound] if sound else [])
        line.finish()

    def _slow_is_wished(self) -> bool:
        with self._database.reading() as session:
            return slow_speech.is_wished(session)

    def _entered_texts(self) -> spoken.Entered:
        with self._database.reading() as session:
            found = self._new_texts(session)
        if found.complete:  # once an hour, and after an erasure
            self._editions.forget_gone()
        return found
