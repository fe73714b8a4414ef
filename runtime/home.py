"""The home folder's files: each is for the user alone who runs the product. See `settings.Settings.secure_home` too."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import logs
from errors import DiskError
from settings import PRIVATE, Settings

log = logs.get(__name__)

SQLITE_COMPANIONS = ("-wal", "-shm", "-journal")
RESTORING = ".restoring"
"""Folder beside a database that a restore is making, or was interrupted at."""


def secure(settings: Settings) -> None:
    """What a server does before anything else: see that the home is private, and close what former versions left open.

    A full or read-only disk keeps no server from its work, which then is to read. Raises OperationError for a home
    folder that cannot be private.
    """
    try:
        settings.prepare_home()
    except DiskError as error:
        log.warning("home.not_writable", reason=str(error))
    tightened = sum(_tighten(path, mode) for path, mode in _open_to_others(settings))
    if tightened:
        log.warning("home.tightened", files=tightened)


def problems(settings: Settings) -> list[str]:
    """What is still open to other users, or not ours, one sentence each; the home itself has been seen to already."""
    found = [f"{path} is open to other users: run `chmod go= {path}`." for path, _ in _open_to_others(settings)]
    found += [
        f"{path} belongs to another user: give it to the one who runs eschool (chown)."
        for path, entry in _entries(settings)
        if entry.st_uid != os.geteuid()
    ]
    return found


def _open_to_others(settings: Settings) -> Iterator[tuple[Path, int]]:
    """Files and folders of ours with permissions for others, with their modes."""
    for path, entry in _entries(settings):
        mode = stat.S_IMODE(entry.st_mode)
        if mode & PRIVATE and entry.st_uid == os.geteuid():
            yield path, mode


def _entries(settings: Settings) -> Iterator[tuple[Path, os.stat_result]]:
    """Everything below the home and the SQLite database, wherever that is.

    A link in the home is not followed, what it leads to may serve others; but the database and the key are ours
    wherever they are.
    """
    yield from _below(settings.home_path)
    for path in dict.fromkeys((*_database_files(settings), settings.key_path.resolve())):
        if not path.is_relative_to(settings.home_path) and (entry := _looked_at(path)) is not None:
            yield path, entry


def _below(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = folder / name
        entry = _looked_at(path)
        if entry is None or stat.S_ISLNK(entry.st_mode):
            continue
        yield path, entry
        if stat.S_ISDIR(entry.st_mode):
            yield from _below(path)


def _database_files(settings: Settings) -> Iterator[Path]:
    parts = urlsplit(settings.database)
    if parts.scheme.startswith("sqlite") and len(parts.path) > 1:
        path = Path(unquote(parts.path[1:])).resolve()
        yield path
        for ending in SQLITE_COMPANIONS:
            yield path.with_name(path.name + ending)


def _looked_at(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:  # it is gone meanwhile
        return None


def _tighten(path: Path, mode: int) -> bool:
    try:
        path.chmod(mode & ~PRIVATE)
    except OSError as error:
        log.warning("home.not_tightened", reason=error.strerror)
        return False
    return True
