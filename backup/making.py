"""Making a backup: whole, or not at all."""

import mmap
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import logs
from backup import disk, folder, home_files
from backup.archive import BLOCK, DATABASE, HOME, VOICE, Writer
from backup.sealed import Sealer, new_header
from backup.server_programs import USE
from backup.snapshot import Snapshot, Told, of_server, of_sqlite
from db.connecting import database_url
from db.keys import fingerprint
from db.session import database_of_service
from errors import EschoolError, OperationError
from runtime.version import VERSION
from school.monitoring import backups
from school.privacy import erased_list
from settings import Settings

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written. `rows` of all tables; `files` of the home and of recordings; `old`: deleted ones."""

    path: Path
    made_at: datetime
    size: int
    rows: int
    files: int
    old: int


def silent(_what: str, _done: int, _of: int) -> None:
    """Says nothing of progress."""


def make(settings: Settings, into: Path | None = None, told: Told = silent) -> Made:
    """Write a backup into the folder of the settings, or `into`, and delete old ones there.

    Raises InputError when no folder is named, OperationError when the disk is full or the database does not answer:
    then nothing is left that looks like a backup.
    """
    where = folder.folder_of(settings, into)
    key = settings.key()
    with folder.alone(where), folder.work_folder(settings, "making") as work:
        _check_room(settings, where)
        # First the home's files: a call that waits there and is stored meanwhile is then in both, and stored once.
        kept = _copied(settings, key, work / "home")
        with _snapshot(settings, work, told) as snapshot, _part(where) as file, disk.told(where, "the backup"):
            _check_key(snapshot, key)
            header = new_header(key, snapshot.made_at, _kind(settings), snapshot.version, VERSION)
            files = [*((HOME + name, path) for name, path in kept)]
            files += [(VOICE + name, path) for name, path in home_files.recordings(settings)]
            with Writer(Sealer(file, header, key)) as writer:
                for name, path in files:
                    with path.open("rb") as one:
                        writer.add(name, one)
                _put_database(writer, snapshot, DATABASE[header.database], told)
                writer.finish(snapshot.rows)
            path = _put_in_place(file, where, snapshot.made_at)
        made = Made(path, snapshot.made_at, path.stat().st_size, sum(snapshot.rows.values()), len(files), 0)
        is_noted, verified = _note(settings, made, where)
        old = folder.forget_old(where, settings.backup_keep, verified) if is_noted else 0
    log.info("backup.made", file=path.name, bytes=made.size, rows=made.rows, files=len(files), deleted=old)
    return Made(path, made.made_at, made.size, made.rows, len(files), old)


def _kind(settings: Settings) -> str:
    return "sqlite" if database_url(settings.database).drivername == "sqlite" else "postgresql"


@contextmanager
def _snapshot(settings: Settings, work: Path, told: Told) -> Iterator[Snapshot]:
    url = database_url(settings.database_direct)
    if url.drivername == "sqlite":
        with of_sqlite(Path(str(url.database)), work, told) as snapshot:
            yield snapshot
    else:
        with of_server(url, work, told) as snapshot:
            yield snapshot


def _check_key(snapshot: Snapshot, key: bytes) -> None:
    """A backup under another key than its database's would be of no use. Raises OperationError."""
    if snapshot.keys - {fingerprint(key)}:
        raise OperationError(
            f"The secret key is not this database's (its fingerprint is {fingerprint(key)}, the database was written "
            f"with {', '.join(sorted(snapshot.keys))}): put back the right key, or try again if it was just exchanged."
        )


def _copied(settings: Settings, key: bytes, into: Path) -> list[tuple[str, Path]]:
    """The home's files, copied; but none with the secret key in it, wherever an operator has written that."""
    copied = []
    for name, path in home_files.kept(settings):
        copy = into / name
        with disk.told(into, "the copy of the home's files"):
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(path, copy)
            except FileNotFoundError:
                continue  # a call that is stored by now
        if _holds(copy, key):
            log.warning("backup.key_left_out", file=name)
        else:
            copied.append((name, copy))
    return copied


def _holds(path: Path, key: bytes) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(key) >= 0


def _check_room(settings: Settings, where: Path) -> None:
    """As far as can be foreseen: as much as last time and a little more; the first time half of SQLite's file."""
    there = folder.found(where)
    url = database_url(settings.database)
    if there:
        needed = there[0].stat().st_size * 6 // 5
    elif url.drivername == "sqlite" and Path(str(url.database)).exists():
        needed = Path(str(url.database)).stat().st_size // 2
    else:
        needed = 0
    disk.check_room(where, needed, "the backup")


def _note(settings: Settings, made: Made, where: Path) -> tuple[bool, str | None]:
    """Write down that it was made, and the list of who was erased.

    Gives whether that could be done, and the name of the last one that was verified.
    """
    try:
        database = database_of_service(settings, USE)
        try:
            with database.session() as session:
                backups.made(session, made.path.name, made.made_at, made.size)
                verified = backups.last_verified(session)
            with disk.told(where, "the list of who was erased"):
                erased_list.write(database, where)
        finally:
            database.dispose()
    except EschoolError as error:  # also a database of an older version, which is backed up before its upgrade
        log.error("backup.not_noted", **logs.reason(error))
        return False, None
    return True, verified.name if verified else None


@contextmanager
def _part(where: Path) -> Iterator[IO[bytes]]:
    """A file that has no backup's name until it is whole."""
    path = where / f".eschool-{os.getpid()}.part"
    try:
        with disk.told(where, "the backup"), path.open("xb") as file:  # what its end still writes may fail too
            yield file
    finally:
        path.unlink(missing_ok=True)  # it has been given its name, or failed


def _put_database(writer: Writer, snapshot: Snapshot, name: str, told: Told) -> None:
    done = 0
    with writer.entry(name) as entry:
        while block := snapshot.file.read(BLOCK):
            entry.write(block)
            done += len(block)
            told("writing the backup", done, snapshot.size)
    snapshot.check_end()


def _put_in_place(file: IO[bytes], where: Path, made_at: datetime) -> Path:
    """On the disk first, then by its name in one step."""
    file.flush()
    os.fsync(file.fileno())
    path = where / folder.name_of(made_at)
    Path(file.name).rename(path)
    descriptor = os.open(where, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return path
