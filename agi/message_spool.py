"""Keeps parents' messages to class teachers; while the database is away they wait on disk, encrypted.

Whoever has spoken for two minutes and hung up cannot be asked again. A message that waited and is refused afterwards,
since its class has no class teacher or the school takes none now, is kept and offered again: the parent was told that
it is kept.
"""

import base64
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import logs
from db.session import Database
from errors import OperationError
from prompts.recording.takes import Take
from runtime import whole_file
from runtime.periodic import PeriodicThread
from school.voicemail import keeping

log = logs.get(__name__)

RETRY_SECONDS = 5.0
HOUR = 3600.0
STOP_SECONDS = 5.0
WAITING, REFUSED = "*.json", "*.refused"


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
        self._thread = PeriodicThread(
            "message-spool",
            (RETRY_SECONDS, self.drain_once),
            (HOUR, self.offer_refused),
            (HOUR, lambda: whole_file.forget_parts(self._folder)),
        )
        self._thread.start()

    def stop(self) -> None:
        """What waits is stored by the next process."""
        if self._thread is not None:
            self._thread.stop(STOP_SECONDS)
            self._thread = None

    def keep(self, subscription_id: int, student_id: int, take: Take, now: datetime) -> keeping.Refusal | None:
        """Keep a message; None: it is kept, or waits. Raises OperationError when neither database nor disk takes it."""
        try:
            with self._database.session() as session:
                return keeping.keep(
                    session, subscription_id, student_id, take.sound, take.milliseconds, self._page, now
                )
        except OperationError as error:
            sound = self._database.vault().encrypt_bytes(keeping.PURPOSE, take.sound)
            encoded = base64.b64encode(sound).decode()
            waiting = _Waiting(subscription_id, student_id, now.isoformat(), take.milliseconds, encoded)
            if not self._to_disk(waiting):
                raise
            log.warning("message.spooled", **logs.reason(error))
            return None

    def drain_once(self) -> int:
        """Store the waiting messages; gives how many. Stops quietly at the first the database cannot take."""
        return self._drain_all(WAITING)

    def offer_refused(self) -> int:
        """Store the messages that were refused when their time came, or delete them when the school's time is over."""
        return self._drain_all(REFUSED)

    def _drain_all(self, names: str) -> int:
        stored = 0
        for path in sorted(self._folder.glob(names)):
            try:
                stored += self._drain(path)
            except FileNotFoundError:  # an erasure took it
                continue
            except OperationError:
                break
            except OSError as error:  # the disk's trouble, not the message's
                log.error("spool.unreadable", error=error.strerror)
                break
        if stored:
            log.info("messages.stored_late", count=stored)
        return stored

    def _drain(self, path: Path) -> bool:
        try:
            waiting = _Waiting(**json.loads(path.read_text("utf-8")))
            sound = self._database.vault().decrypt_bytes(keeping.PURPOSE, base64.b64decode(waiting.sound))
            refused, is_over = self._to_database(waiting, sound)
        except (OperationError, OSError):
            raise
        except Exception as error:  # damaged, of another data key, or of a subscription that there is no more
            path.rename(path.with_suffix(".unreadable"))
            log.error("message.unreadable", file=path.name, error=logs.where(error))
            return False
        if refused is None:
            path.unlink(missing_ok=True)
        elif is_over:
            path.unlink(missing_ok=True)
            log.error("message.lost", reason=str(refused))
        elif path.suffix == ".json":
            path.rename(path.with_suffix(".refused"))
            log.warning("message.refused", reason=str(refused))
        return refused is None

    def _to_database(self, waiting: _Waiting, sound: bytes) -> tuple[keeping.Refusal | None, bool]:
        """(why it is not stored, whether it need not be offered again)."""
        of, at, now = waiting, datetime.fromisoformat(waiting.recorded_at), datetime.now(UTC)
        with self._database.session() as session:
            refused = keeping.keep(
                session, of.subscription_id, of.student_id, sound, of.milliseconds, self._page, now, spoken_at=at
            )
            return refused, refused is not None and keeping.is_over(session, of.student_id, at, now)

    def _to_disk(self, waiting: _Waiting) -> bool:
        path = self._folder / f"{uuid4()}.json"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            whole_file.write(path, json.dumps(asdict(waiting)).encode(), mode=0o600)
        except OSError as error:
            log.error("message.lost", reason=error.strerror)
            return False
        return True
