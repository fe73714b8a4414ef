"""What gunicorn has to say, as events of ours: with process ids, exit codes, signals and reasons.

Some of its sentences name addresses of pages, and those are about children: such values are left out.
"""

import logging
import re
from typing import Any

from gunicorn.glogging import Logger

import logs

log = logs.get(__name__)

HARMLESS = re.compile(
    r"SIG[A-Z0-9]+|signal \d+|Worker failed to boot\.|App failed to load\.|Master|usr[12]|hup|term|int|quit"
)
"""Words of its own that a sentence may name: signals, and why it stops."""
PERSONAL = "…"
_PLACE = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")


class OurLog(Logger):  # type: ignore[misc]  # the library ships no types
    """In place of its own files and formats."""

    def setup(self, cfg: Any) -> None:
        """Called once by gunicorn."""
        super().setup(cfg)
        self.error_log.handlers = [_ToEvents()]


class _ToEvents(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        place = logs.where(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None
        log.log(record.levelno, "gunicorn.said", sentence=sentence(record), **({"error": place} if place else {}))


def sentence(record: logging.LogRecord) -> str:
    """What it says; a value that is neither a number nor a word of its own is left out."""
    values = iter(record.args if isinstance(record.args, tuple) else ())
    return _PLACE.sub(lambda _: _shown(next(values, PERSONAL)), str(record.msg).split("\n")[0])


def _shown(value: object) -> str:
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) and HARMLESS.fullmatch(value) else PERSONAL
