"""What a database's failure means for who waits for it: one sentence, also on what to do."""

import os
import re
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from db.poolers import REFUSED_BY_POOLER, PoolerRefusedError
from errors import DatabaseAwayError, DatabaseDiskError, OperationError

SQLITE_DISK = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR})
SQLITE_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
PRIMARY = 0xFF
"""The lower byte of an extended code is the primary one (https://www.sqlite.org/rescode.html)."""
DISK_FULL = "53100"
"""PostgreSQL's condition disk_full."""
DATA_EXCEPTION = "22"
"""The class of its conditions that are about a value, which their message quotes."""
WRITER = 120
"""The byte of the -shm file that a writer locks in WAL mode (https://www.sqlite.org/walformat.html, 2.3.1)."""
PENDING = 0x4000_0000
"""The first of the bytes that are locked in the database file in other modes, and before it is opened (os.h)."""
_LOCK = re.compile(
    r"\d+: \w+ +\w+ +(?P<kind>READ|WRITE) (?P<process>-?\d+) (?P<major>[0-9a-f]+):(?P<minor>[0-9a-f]+):(?P<inode>\d+) "
    r"(?P<first>\d+) (?P<last>\d+|EOF)"
)
"""A line of /proc/locks (proc_locks(5)) about a lock that is held; of one that is waited for it begins with `->`."""


def failure(error: Exception, url: URL, *, named: bool = False) -> OperationError:
    """The driver's or SQLAlchemy's error as it is told: a DatabaseAwayError, or the pooler's fault.

    `named`: with the address, for who runs a command.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = (getattr(cause, "sqlite_errorcode", None) or 0) & PRIMARY
    words = reason(error)
    if REFUSED_BY_POOLER in words:
        return PoolerRefusedError()
    if code == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", None) == DISK_FULL:
        return DatabaseDiskError(
            f"The database's disk is full ({words}): make room; nothing is saved until then, and nothing is lost.",
            is_full=True,
        )
    if code in SQLITE_DISK:
        return DatabaseDiskError(
            f"The database's disk cannot be written ({words}): look at the system's log (dmesg), then mend the disk or "
            "mount it anew.",
            is_full=False,
        )
    if is_damaged(error):
        return DatabaseAwayError(f"The database is damaged ({words}): `eschool db check` says where, and what to do.")
    if code == sqlite3.SQLITE_BUSY and (holders := lock_holders(Path(str(url.database)))):
        return DatabaseAwayError(
            f"The database is locked by {', '.join(holders)}: it can be written when that ends ({words})."
        )
    address = f" {url.render_as_string(hide_password=True)}" if named else ""
    return DatabaseAwayError(f"The database{address} does not answer: {words}.")


def is_damaged(error: Exception) -> bool:
    """Whether a SQLite file is damaged, or none."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (getattr(cause, "sqlite_errorcode", None) or 0) & PRIMARY in SQLITE_DAMAGED


def reason(error: Exception) -> str:
    """The driver's own words in one line, without SQL, parameters and values of rows: for people and for a log.

    A server's further lines (DETAIL, CONTEXT) quote rows, and so does what it and SQLite say of a value itself.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    sqlstate = getattr(cause, "sqlstate", None) or ""
    if sqlstate.startswith(DATA_EXCEPTION):
        return f"a value cannot be used ({type(cause).__name__}, {sqlstate})"
    told = getattr(getattr(cause, "diag", None), "message_primary", None) or str(cause)
    first = next((line.strip() for line in told.splitlines() if line.strip()), type(cause).__name__)
    return first.partition(" with text '")[0].rstrip(".:")


def lock_holders(database: Path) -> list[str]:
    """The other processes that hold a lock in which writers of this SQLite database wait: `sqlite3 (process 4711)`.

    Empty where the kernel does not tell, as of processes of another container.
    """
    files = {}
    for path, first, last in (
        (database.with_name(database.name + "-shm"), WRITER, WRITER),
        (database, PENDING, PENDING + 1),
    ):
        with suppress(OSError):
            found = path.stat()
            files[os.major(found.st_dev), os.minor(found.st_dev), found.st_ino] = (first, last)
    try:
        lines = Path("/proc/locks").read_text("ascii", "replace").splitlines()
    except OSError:
        return []
    processes = set()
    for line in lines:
        lock = _LOCK.match(line)
        if lock is None or lock["kind"] != "WRITE":
            continue
        place = files.get((int(lock["major"], 16), int(lock["minor"], 16), int(lock["inode"])))
        if place and int(lock["first"]) <= place[1] and (lock["last"] == "EOF" or int(lock["last"]) >= place[0]):
            processes.add(int(lock["process"]))
    return [_in_words(process) for process in sorted(processes - {os.getpid()}) if process > 0]


def _in_words(process: int) -> str:
    try:
        name = Path(f"/proc/{process}/comm").read_text("utf-8", "replace").strip()
    except OSError:
        return f"process {process}"
    return f"{name} (process {process})"
