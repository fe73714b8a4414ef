"""One call from its first word to its record: drives the pure dialogue over a real line and the real school."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from asterisk.agi import AGIHangup

import logs
from agi.call_spool import CallSpool
from agi.clip_store import ClipStore
from agi.dialogue import pace
from agi.dialogue.steps import Bye, Event, HangUp, Play, Query, QueryResult, Record, Speech, Spoken, Step
from agi.dialogue.walk import Position, advance, start
from agi.line import Line
from agi.message_spool import MessageSpool
from agi.query_service import QueryService
from agi.transport import BadClientError
from db.events import EventRef
from db.kinds import CallDirection, CallOutcome, InputKind
from db.session import Database
from prompts.recording import by_telephone
from prompts.speech import phrase
from runtime.blocking import RunBlocking, run_here
from school.hearing.access import Child
from school.hearing.call_log import CallRecord, CallStep

log = logs.get(__name__)

LONGEST_CALL = 30 * 60
"""Seconds after which a call ends with the goodbye: a telephone left off the hook costs its owner money."""

LONGEST_CALL_OVER = Bye("longest-call", (phrase("goodbye"),), CallOutcome.FINISHED)

Dialogue = Callable[[datetime], Step]
"""Makes a dialogue's first step; the time is when the call began."""


class Conversation:
    """Drives one call; `hold` returns when it is over and its record is stored or spooled."""

    def __init__(
        self,
        line: Line,
        database: Database,
        clips: ClipStore,
        spool: CallSpool,
        direction: CallDirection,
        caller: str | None,
        student_id: int | None = None,
        run_blocking: RunBlocking = run_here,
        takes: Path | None = None,
        only_until_a_key: int | None = None,
        messages: MessageSpool | None = None,
        slow_speech: bool = False,
    ) -> None:
        """caller: the subscriber's number (E.164), whoever dialled; student_id: whom the call is about, if known.

        takes: the folder for what a dialogue records; it is emptied of it when the call is over.
        only_until_a_key: for a call that we made; seconds after which it ends if no key was pressed.
        messages: where what callers say to class teachers is kept.
        slow_speech: begin slowly; who turns out to want it, or not, is followed as soon as they are known.
        """
        self._line = line
        self._clips = clips.of_call()
        self._clips.slow = slow_speech
        self._spool = spool
        self._direction = direction
        self._caller = caller
        self._student_id = student_id
        self._answers = QueryService(database, self._caller, run_blocking, self._new_file, messages)
        self._call_id = uuid4()
        self._started = datetime.now(UTC)
        self._takes = takes
        self._only_until_a_key = only_until_a_key
        self._recorded = 0
        self._steps: list[CallStep] = []
        self._heard: dict[EventRef, None] = {}
        self._child: Child | None = None
        self._lacked_words = False

    @property
    def steps(self) -> tuple[CallStep, ...]:
        """The steps so far."""
        return tuple(self._steps)

    @property
    def lacked_words(self) -> bool:
        """Whether something that should have been said had no clip."""
        return self._lacked_words

    def hold(self, dialogue: Dialogue) -> CallOutcome:
        """Walk the caller through `dialogue`; whatever goes wrong here, the caller hears the apology."""
        outcome = CallOutcome.FAILED
        try:
            if self._only_until_a_key is None:
                self._line.take_over(LONGEST_CALL + 60)
            else:
                self._line.end_without_a_key(self._only_until_a_key)
            outcome = self._walk(start(dialogue(self._started), flush=self._only_until_a_key is not None))
        except AGIHangup:
            outcome = CallOutcome.HUNG_UP
        except BadClientError:
            raise
        except Exception as error:
            log.error("dialogue.failed", call=str(self._call_id), error=logs.where(error))
            self._apologise()
        finally:
            self._forget_takes()
            self._spool.store(self._record(outcome))
            log.info("call.ended", call=str(self._call_id), outcome=outcome, steps=len(self._steps))
        return outcome

    def _walk(self, position: Position) -> CallOutcome:
        deadline = time.monotonic() + LONGEST_CALL
        while True:
            action, state, at = position.action(), position.step.name, datetime.now(UTC)
            try:
                if isinstance(action, HangUp):
                    self._steps.append(CallStep(at, state, InputKind.NONE))
                    self._line.play(self._files(action.speech))
                    self._line.finish()
                    return action.outcome
                event = self._event(action)
            except AGIHangup:
                self._steps.append(CallStep(at, state, InputKind.HANGUP))
                raise
            moved = advance(position, event)
            if self._only_until_a_key is not None and moved.input_kind in (InputKind.KEY, InputKind.INVALID):
                self._only_until_a_key = None
                self._line.take_over(LONGEST_CALL + 60)
            self._line.unread(moved.unread)
            self._steps.append(CallStep(at, state, moved.input_kind))
            if moved.heard is not None:
                self._heard[moved.heard] = None
            position = moved.position if time.monotonic() < deadline else start(LONGEST_CALL_OVER)

    def _event(self, action: Play | Record | Query) -> Event:
        if isinstance(action, Query):
            return self._ask(action.question)
        return self._record_speech(action) if isinstance(action, Record) else self._collect(action)

    def _record_speech(self, record: Record) -> Event:
        path = self._new_file()
        assert self._takes is not None
        tone = by_telephone.tone(self._takes)
        try:
            there = self._line.record(self._files(record.speech), tone, path, record.longest, record.silence)
        except AGIHangup:
            if record.on_hang_up is not None and os.path.exists(f"{path}.wav"):
                self._answers.answer(record.on_hang_up(path))
            raise
        return Spoken(path if there else None)

    def _new_file(self) -> str:
        """Where a sound of this call alone can lie; without an extension."""
        assert self._takes is not None
        self._takes.mkdir(parents=True, exist_ok=True)
        self._recorded += 1
        return str(self._takes / f"{self._call_id}-{self._recorded}")

    def _forget_takes(self) -> None:
        for path in self._takes.glob(f"{self._call_id}-*") if self._takes and self._recorded else ():
            path.unlink(missing_ok=True)

    def _ask(self, question: object) -> Event:
        self._child = getattr(question, "child", self._child)
        self._line.send_silence()
        event = self._answers.answer(question)
        if isinstance(event, QueryResult):
            self._clips.slow = pace.is_slow(question, event.value, self._clips.slow)
        return event

    def _collect(self, play: Play) -> Event:
        files = [*play.sounds, *self._files(play.speech)]
        return self._line.collect(files, play.digits, play.wait, play.between, play.flush)

    def _files(self, speech: Speech) -> list[str]:
        """The clips of `speech`. A missing one is passed over: what is there still helps the caller."""
        pieces = [piece for sentence in speech for piece in sentence]
        found = [self._clips.sound(piece) for piece in pieces]
        if missing := found.count(None):
            self._lacked_words = True
            log.warning("clips.missing", call=str(self._call_id), missing=missing, of=len(pieces))
            self._clips.want(piece for piece, sound in zip(pieces, found, strict=True) if sound is None)
        return [sound for sound in found if sound is not None]

    def _apologise(self) -> None:
        try:
            self._line.play(self._files((phrase("apology"),)))
            self._line.finish()
        except (AGIHangup, BadClientError):
            log.info("call.gone", call=str(self._call_id))

    def _record(self, outcome: CallOutcome) -> CallRecord:
        return CallRecord(
            call_id=self._call_id,
            direction=self._direction,
            caller=logs.masked_phone(self._caller) if self._caller else None,
            started_at=self._started,
            answered_at=self._started,
            ended_at=datetime.now(UTC),
            outcome=outcome,
            subscription_id=self._child.subscription_id if self._child else None,
            student_id=self._child.student_id if self._child else self._student_id,
            steps=tuple(self._steps),
            heard=tuple(self._heard),
        )
