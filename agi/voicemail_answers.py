"""Answers about parents' messages to class teachers: taking them, and playing them."""

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import logs
from agi.dialogue import message_queries as q
from agi.message_spool import MessageSpool
from db.session import Database
from errors import InputError, MissingError
from prompts.recording import by_telephone
from school.voicemail import hearing, keeping

log = logs.get(__name__)

LEAST_FREE = 64 * 2**20
"""Bytes: a disk with less takes no messages. A message takes 2 MB, the product needs the rest itself."""


class VoicemailAnswers:
    """Of one call."""

    def __init__(self, database: Database, new_file: Callable[[], str], messages: MessageSpool | None) -> None:
        """`messages`: None: this call leaves none."""
        self._database = database
        self._new_file = new_file
        self._messages = messages

    @property
    def kinds(self) -> Mapping[type, Callable[[Any], object]]:
        """Which questions are answered here."""
        return {
            q.OpenMessageDesk: self._open_desk,
            q.KeepMessage: self._keep,
            q.NextMessage: self._next,
            q.MarkHeard: self._mark_heard,
            q.MarkAnswered: self._mark_answered,
        }

    def _open_desk(self, question: q.OpenMessageDesk) -> keeping.Desk | q.NoRoom:
        if not self._has_room():
            return q.NoRoom()
        child = question.child
        with self._database.reading() as session:
            return keeping.desk(session, child.subscription_id, child.student_id, _now())

    def _keep(self, question: q.KeepMessage) -> keeping.Refusal | q.NoRoom | q.NothingHeard | None:
        if not self._has_room():  # what Asterisk wrote on a full disk is not whole
            return q.NoRoom()
        try:
            take = by_telephone.message(question.path, 1000 * keeping.LONGEST)
        except InputError:
            return q.NothingHeard()
        assert self._messages is not None
        return self._messages.keep(question.child.subscription_id, question.child.student_id, take, _now())

    def _next(self, question: q.NextMessage) -> q.Playable | None:
        staff_id = question.desk.staff_id
        with self._database.reading() as session:
            found = hearing.next_unheard(session, staff_id, question.after)
            if found is None:
                return None
            sound = hearing.sound(session, staff_id, found.message_id)
        file = by_telephone.playable(sound, self._new_file())
        return q.Playable(found.message_id, found.given_name, found.class_name, found.recorded_at, file)

    def _mark_heard(self, question: q.MarkHeard) -> bool:
        with self._database.session() as session:
            try:
                hearing.heard(session, question.desk.staff_id, question.message_id, _now())
            except MissingError:
                return False
        return True

    def _mark_answered(self, question: q.MarkAnswered) -> None:
        with self._database.session() as session:
            hearing.answered(session, question.desk.staff_id, question.message_id, _now())

    def _has_room(self) -> bool:
        try:
            free = shutil.disk_usage(Path(self._new_file()).parent).free
        except OSError as error:
            log.error("voicemail.no_folder", reason=error.strerror)
            return False
        if free < LEAST_FREE:
            log.error("voicemail.disk_full", free_mb=free // 2**20)
        return free >= LEAST_FREE


def _now() -> datetime:
    return datetime.now(UTC)
