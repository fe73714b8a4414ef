"""Which files of the home belong into a backup: all that cannot be made anew.

The rule is written as what stays out, so that a folder which a later version adds is in the backup by itself.
"""

import os
import stat
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from db.connecting import database_url
from runtime.home import RESTORING, SQLITE_COMPANIONS
from settings import Settings

SECRET = ("secret.key*",)
"""The secret key is kept apart: a backup beside its key protects nothing."""
MADE_ANEW = (
    "sounds",  # clips: rendered by `eschool setup`
    "asterisk",  # written from the settings by `eschool asterisk configure`
    "metrics",  # files of figures of an earlier version
    ".*-litestream",  # of Litestream, which replicates the database by itself
    RESTORING,
    "backup-work",  # what a backup or its verification needs meanwhile
    "run.lock",
    "*.port",
    "*.socket",
    "*.log",
    "*.scheduler-lock",
)
"""Names at the top of the home."""
FETCHED = "recordings"
"""Recordings that the voice server fetched from the database..."""
TAKES = "recordings/takes"
"""... except what callers are recording just now."""
UNFINISHED = ("*.part", ".write-probe-*", ".*.part")
"""Files that are being written, wherever they are."""


def kept(settings: Settings) -> Iterator[tuple[str, Path]]:
    """(name below the home, path) of each file. Links are not followed: what they lead to is not the home's."""
    apart = {path.resolve() for path in _database_files(settings)}
    if settings.backup_folder is not None:
        apart.add(settings.backup_folder.expanduser().resolve())
    for name, path in _files(settings.home_path, settings.home_path):
        if not _stays_out(name) and not any(path.is_relative_to(one) for one in apart):
            yield name, path


def recordings(settings: Settings) -> Iterator[tuple[str, Path]]:
    """(name below it, path) of each file in the folder of a person's recordings, if the settings name one."""
    if settings.recordings is not None:
        folder = settings.recordings.expanduser().resolve()
        yield from _files(folder, folder)


def _stays_out(name: str) -> bool:
    top, _, below = name.partition("/")
    if any(fnmatch(top, pattern) for pattern in (*SECRET, *MADE_ANEW)):
        return True
    if top == FETCHED and below and not name.startswith(f"{TAKES}/"):
        return True
    return any(fnmatch(Path(name).name, pattern) for pattern in UNFINISHED)


def _files(top: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = folder / name
        try:
            mode = path.lstat().st_mode
        except OSError:  # it is gone meanwhile
            continue
        if stat.S_ISDIR(mode):
            yield from _files(top, path)
        elif stat.S_ISREG(mode):
            yield path.relative_to(top).as_posix(), path


def _database_files(settings: Settings) -> Iterator[Path]:
    url = database_url(settings.database)
    path = Path(str(url.database)) if url.drivername == "sqlite" else settings.home_path / "eschool.db"
    yield path
    for ending in SQLITE_COMPANIONS:
        yield path.with_name(path.name + ending)
