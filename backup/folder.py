"""The folder of backups: their names, what is kept, what a killed one left behind, and one at a time."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from errors import InputError, OperationError
from settings import Settings

PATTERN = "eschool-*.backup"
PART = ".eschool-*.part"
"""What is being written: no name by which a backup is looked for."""
WORK = "backup-work"
LOCK = ".lock"


def folder_of(settings: Settings, given: Path | None = None) -> Path:
    """Where backups lie. Raises InputError when nobody said where, OperationError when the folder cannot be used."""
    wanted = given or settings.backup_folder
    if wanted is None:
        raise InputError("Say where backups go: set ESCHOOL_BACKUP_FOLDER, or give --folder.")
    folder = wanted.expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OperationError(f"The folder {folder} cannot be made ({error.strerror}): give another one.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OperationError(f"The folder {folder} cannot be written: give another one, or let this user write there.")
    return folder


def name_of(made_at: datetime) -> str:
    """`eschool-20261127T034219.123Z.backup`: names are in the order of time."""
    return f"eschool-{made_at.astimezone(UTC):%Y%m%dT%H%M%S}.{made_at.microsecond // 1000:03}Z.backup"


def found(folder: Path) -> list[Path]:
    """All backups, the newest first."""
    return sorted(folder.glob(PATTERN), key=lambda path: path.name, reverse=True)


def newest(folder: Path) -> Path:
    """Raises InputError when there is none."""
    there = found(folder)
    if not there:
        raise InputError(f"There is no backup in {folder}: make one with `eschool backup`.")
    return there[0]


def forget_old(folder: Path, keep: int, verified: str | None) -> int:
    """Delete all but the newest `keep`, and the last one that was verified; gives how many."""
    old = [path for path in found(folder)[keep:] if path.name != verified]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one who writes a backup there; what a killed one left is removed. Raises OperationError."""
    try:
        with (folder / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OperationError(f"Another backup is being written into {folder}: wait for its end.") from None
            for left in folder.glob(PART):
                left.unlink(missing_ok=True)
            yield
    except PermissionError as error:
        raise OperationError(f"The folder {folder} cannot be written ({error.strerror}).") from error


@contextmanager
def work_folder(settings: Settings, what: str) -> Iterator[Path]:
    """A private folder in the home for what is needed meanwhile; what a killed process left there is removed.

    Raises OperationError when another one of this home is at it.
    """
    settings.prepare_home()
    work = settings.home_path / WORK / what
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (work.parent / f"{what}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperationError(f"Another process of {settings.home_path} is at it: wait for its end.") from None
        shutil.rmtree(work)
        work.mkdir(mode=0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
