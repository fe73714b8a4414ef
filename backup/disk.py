"""A full disk, told in one sentence: before anything is written if it can be foreseen, and when it fills meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.failures import reason
from errors import DiskError, OperationError, as_disk_error
from runtime import disk

SPARE = 64 * 2**20
"""Bytes that are left free for everything else."""
SQLITE_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")


def check_room(folder: Path, needed: int, what: str) -> None:
    """Raises OperationError when `folder`, which exists, has no room for so many bytes."""
    free = disk.free_bytes(folder)
    if free < needed + SPARE:
        raise DiskError(
            f"There is no room for {what} in {folder}: {megabytes(needed + SPARE)} are needed, "
            f"{megabytes(free)} are free.",
            is_full=True,
        )


@contextmanager
def told(folder: Path, what: str) -> Iterator[None]:
    """What goes wrong with files of the folder meanwhile, in one sentence. Raises OperationError."""
    try:
        yield
    except OSError as error:
        of_disk = as_disk_error(error)
        if of_disk is not None and of_disk.is_full:
            raise _full(folder, what) from error
        raise OperationError(f"{what[0].upper()}{what[1:]} in {folder} failed ({error.strerror or error}).") from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in SQLITE_FULL:
            raise _full(folder, what) from error
        raise OperationError(f"The database cannot be copied ({reason(error)}): run `eschool db check`.") from error


def _full(folder: Path, what: str) -> DiskError:
    return DiskError(f"The disk of {folder} is full: {what} was given up, nothing half-done is left.", is_full=True)


def megabytes(number: int) -> str:
    """A size for people."""
    return f"{number / 2**20:,.1f} MB"
