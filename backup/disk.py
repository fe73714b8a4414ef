"""A full disk, told in one sentence: before anything is written if it can be foreseen, and when it fills meanwhile."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import OperationError

SPARE = 64 * 2**20
"""Bytes that are left free for everything else."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SQLITE_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")


def check_room(folder: Path, needed: int, what: str) -> None:
    """Raises OperationError when `folder`, which exists, has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise OperationError(
            f"There is no room for {what} in {folder}: {megabytes(needed + SPARE)} are needed, "
            f"{megabytes(free)} are free."
        )


@contextmanager
def told(folder: Path, what: str) -> Iterator[None]:
    """What goes wrong with files of the folder meanwhile, in one sentence. Raises OperationError."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise _full(folder, what) from error
        raise OperationError(f"{what[0].upper()}{what[1:]} in {folder} failed ({error.strerror or error}).") from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in SQLITE_FULL:
            raise _full(folder, what) from error
        raise OperationError(f"The database cannot be copied ({error}): run `eschool db check`.") from error


def _full(folder: Path, what: str) -> OperationError:
    return OperationError(f"The disk of {folder} is full: {what} was given up, nothing half-done is left.")


def megabytes(number: int) -> str:
    """A size for people."""
    return f"{number / 2**20:,.1f} MB"
