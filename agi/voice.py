"""The voice process: everything a call needs, put together."""

import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType

import logs
from agi.call_spool import CallSpool
from agi.clip_keeper import ClipKeeper
from agi.conversation import Conversation
from agi.dialogues import DIALOGUES
from agi.line import Line
from agi.outbound_calls import OutboundCalls
from agi.server import FastAgiServer
from agi.wire import BadClientError
from db.kinds import CallDirection
from db.session import Database
from errors import OperationError
from prompts.speech import phrase
from school import spoken
from school.phones import e164
from settings import Settings

log = logs.get(__name__)

DRAIN_SECONDS = 60.0

PRECEDENCE = -10
"""Niceness to ask for. Asterisk's many threads are always ready to send sound: one that takes the processor from a
thread of ours, which then holds the interpreter and cannot let go of it, keeps all callers waiting."""


class Voice:
    """Serves calls from one database and one folder of clips."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.spool = CallSpool(database, settings.home_path / "calls-waiting")
        self.clips = ClipKeeper(settings, self._entered_texts)
        self._database = database
        self._outbound = OutboundCalls(settings, database, self.clips, self.spool)

    def serve(self, line: Line) -> None:
        """One call, by the dialogue its dialplan asked for."""
        if line.script == "outbound":
            self._outbound.serve(line)
            return
        dialogue = DIALOGUES.get(line.script)
        if dialogue is None:
            raise BadClientError("no dialogue of that name")
        caller = e164(line.caller)
        Conversation(line, self._database, self.clips, self.spool, CallDirection.INBOUND, caller).hold(dialogue)

    def apologise(self, line: Line) -> None:
        """A call beyond what this machine serves: a word instead of silence."""
        clip = self.clips.find(*phrase("apology"))
        line.play([str(clip.with_suffix(""))] if clip else [])
        line.finish()

    def _entered_texts(self) -> set[str]:
        with self._database.reading() as session:
            return spoken.texts(session)


def _ask_for_precedence() -> None:
    """Threads to come included; without leave for it (root, CAP_SYS_NICE, LimitNICE of systemd) all stays as it is."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRECEDENCE)


def run_server(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then let the calls in progress end; a second signal ends at once."""
    voice = Voice(settings, Database(settings.database, settings.key()))
    address = (settings.agi_address, settings.agi_port)
    try:
        server = FastAgiServer(address, voice.serve, voice.apologise, settings.max_calls)
    except OSError as error:
        raise OperationError(
            f"The voice server cannot listen on {address[0]}:{address[1]} ({error.strerror}): "
            "end the program that uses the port or set ESCHOOL_AGI_PORT to a free one."
        ) from error
    voice.clips.start()
    voice.spool.start()
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            sys.exit(1)
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    _ask_for_precedence()
    gc.collect()
    gc.freeze()
    server.start()
    log.info("voice.listening", address=address[0], port=address[1])
    stop.wait()
    log.info("voice.draining", calls=server.figures.active)
    cut = server.drain(DRAIN_SECONDS)
    voice.clips.stop()
    voice.spool.stop()
    log.info("voice.stopped", cut_off=cut)
