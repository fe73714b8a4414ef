"""Structured logs: one line of JSON per event on stderr, and never a child's or parent's data.

Call `logs.configure()` once at a process's start, then `logs.get(__name__)` anywhere.
Events are named by what happened (`call.ended`), values are ids, counts, states and durations.
Phones are logged by `masked_phone` only; names, codes, grades and PINs never are.
"""

import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, TextIO

import structlog

from errors import DatabaseAwayError

OUTAGE_SECONDS = 60.0
OUTAGE = "outage"
"""The key of an event that says which outage it tells of; it is not written."""
DATABASE = "database"
FORBIDDEN_KEYS = frozenset(
    {"name", "student_code", "code", "pin", "national_id", "egn", "text", "phone", "caller", "email", "grade"}
)


def _refuse_personal_data(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank a value whose key says it is personal: a slip must not reach the disk."""
    for key in FORBIDDEN_KEYS.intersection(event):
        event[key] = "[removed]"
    return event


class _OneAMinute:
    """Lets an outage say once a minute that it lasts, and why: what waits for the database asks every second.

    All events that say that the database is away, by their name or by what `reason` and `outage` give, are one matter;
    any other `..._away` is one by its name. `more`: how many were left out since the line before.
    """

    def __init__(self, seconds: float = OUTAGE_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._said: dict[str, tuple[float, int]] = {}

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        matter = _matter(event)
        if matter is None:
            return event
        now = monotonic()
        with self._lock:
            said_at, more = self._said.get(matter, (-self._seconds, 0))
            if now - said_at < self._seconds:
                self._said[matter] = (said_at, more + 1)
                raise structlog.DropEvent
            self._said[matter] = (now, 0)
        if more:
            event["more"] = more
        return event


def _matter(event: MutableMapping[str, Any]) -> str | None:
    """Which outage an event tells of, if any."""
    name = str(event.get("event", ""))
    if event.pop(OUTAGE, None) == DATABASE or name.endswith(("database_away", "database.away")):
        return DATABASE
    return name if name.endswith(("_away", ".away")) else None


def configure(process: str, level: str = "INFO") -> None:
    """Send this process's events to stderr. `process` stands in every line (agi, smpp, web ...)."""

    def name_process(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        # Not a context variable: threads do not inherit those.
        return {"process": process, **event}

    structlog.configure(
        processors=[
            name_process,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _refuse_personal_data,
            _OneAMinute(),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(file=_Forgiving(sys.stderr)),  # type: ignore[arg-type]
    )


class _Forgiving:
    """A stream that a full disk, or a reader that is gone, costs the line and not the work about which it tells."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def get(module: str) -> Any:
    """A logger for one module."""
    return structlog.get_logger(module=module)


def masked_phone(phone: str | None) -> str:
    """`+359888123456` -> `+359…56`: enough to follow one call, too little to know whose it is."""
    return "hidden" if not phone else f"{phone[:4]}…{phone[-2:]}"


def reason(error: BaseException) -> dict[str, str]:
    """Why something failed, for an event: an error whose sentence quotes nothing that people entered."""
    return {"reason": str(error)} | ({OUTAGE: DATABASE} if isinstance(error, DatabaseAwayError) else {})


def outage(error: BaseException) -> dict[str, str]:
    """The reason to log where the database is away; nothing else's message, which may quote what people entered."""
    return reason(error) if isinstance(error, DatabaseAwayError) else {}


def where(error: BaseException) -> str:
    """What failed and where, innermost last, without the message: messages quote values, and values are personal."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    path = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {path}"
