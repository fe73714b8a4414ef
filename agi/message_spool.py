"""Keeps parents' messages to class teachers; while the database is away they wait on disk, encrypted.

Whoever has spoken for two minutes and hung up cannot be asked again.
"""

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

import logs
from db.models import VoiceMessage
from db.session import Database
from errors import OperationError
from prompts.recording.takes import Take
from runtime import whole_file
from runtime.periodic import PeriodicThread
from school.voicemail import keeping

log = logs.get(__name__)

RETRY_SECONDS = 5.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What a file holds; `sound` is encrypted as the database's is, in base64."""

    subscription_id: int
    student_id: int
    recorded_at: str
    milliseconds: int
    sound: str


class MessageSpool:
    """Messages go to the database at once, or to `folder`, one file each, readable by its owner only."""

    def __init__(self, database: Database, folder: Path, page: str) -> None:
        """`page`: the address at which class teachers hear what callers say to them."""
        self._database, self._folder, self._page = database, folder, page
        self._thread: PeriodicThread | None = None

    def start(self) -> None:
        """Store what waits on disk, now and whenever the database is back."""
        self._thread = PeriodicThread("message-spool", (RETRY_SECONDS, self.drain_once))
        self._thread.start()

    def stop(self) -> None:
        """What waits is stored by the next process."""
        if self._thread is not None:
            self._thread.stop(STOP_SECONDS)
            self._thread = None

    def keep(self, subscription_id: int, student_id: int, take: Take, now: datetime) -> keeping.Refusal | None:
        """Keep a message; None: it is kept, or waits. Raises OperationError when neither database nor disk takes it."""
        try:
            return self._to_database(subscription_id, student_id, take.sound, take.milliseconds, now)
        except OperationError as error:
            sound = self._database.vault().encrypt_bytes(keeping.PURPOSE, take.sound)
            encoded = base64.b64encode(sound).decode()
            waiting = _Waiting(subscription_id, student_id, now.isoformat(), take.milliseconds, encoded)
            if not self._to_disk(waiting):
                raise
            log.warning("message.spooled", reason=str(error))
            return None

    def drain_once(self) -> int:
        """Store the waiting messages; gives how many. Stops quietly at the first the database cannot take."""
        stored = 0
        for path in sorted(self._folder.glob("*.json")):
            try:
                stored += self._drain(path)
            except OperationError:
                break
        if stored:
            log.info("messages.stored_late", count=stored)
        return stored

    def _drain(self, path: Path) -> bool:
        try:
            waiting = _Waiting(**json.loads(path.read_text("utf-8")))
            at = datetime.fromisoformat(waiting.recorded_at)
            sound = self._database.vault().decrypt_bytes(keeping.PURPOSE, base64.b64decode(waiting.sound))
            refused = self._to_database(waiting.subscription_id, waiting.student_id, sound, waiting.milliseconds, at)
        except OperationError:
            raise
        except Exception as error:  # damaged, of another data key, or of a subscription that there is no more
            path.rename(path.with_suffix(".unreadable"))
            log.error("message.unreadable", file=path.name, error=logs.where(error))
            return False
        path.unlink(missing_ok=True)
        if refused is not None:
            log.error("message.lost", reason=str(refused))
        return refused is None

    def _to_database(
        self, subscription_id: int, student_id: int, sound: bytes, milliseconds: int, at: datetime
    ) -> keeping.Refusal | None:
        with self._database.session() as session:
            there = select(VoiceMessage.id).where(
                VoiceMessage.student_id == student_id,
                VoiceMessage.subscription_id == subscription_id,
                VoiceMessage.recorded_at == at,
            )
            if session.scalar(there) is not None:  # the database went away after it took it
                return None
            return keeping.keep(session, subscription_id, student_id, sound, milliseconds, self._page, at)

    def _to_disk(self, waiting: _Waiting) -> bool:
        path = self._folder / f"{uuid4()}.json"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            whole_file.write(path, json.dumps(asdict(waiting)).encode(), mode=0o600)
        except OSError as error:
            log.error("message.lost", reason=error.strerror)
            return False
        return True
