"""Restoring a backup into a home that is empty, or a database that is: whole, or not at all."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.orm import Session

import logs
from backup import aftermath, archive, disk
from backup.aftermath import Aftermath
from backup.archive import HOME, VOICE, Reader
from backup.building import Source, built, check_empty, check_versions, transaction, vault_of
from backup.making import silent
from backup.sealed import Header, check_key, header_of
from backup.snapshot import Told
from db.connecting import database_url
from db.keys import fingerprint
from db.session import Database, open_database
from errors import InputError, OperationError
from runtime.home import RESTORING
from school.privacy import erased_list, files
from school.privacy.erasure import Gone
from settings import SHORTEST_KEY, Settings, write_private

log = logs.get(__name__)

DATABASE_NAME = "eschool.db"
KEY_NAME = "secret.key"


@dataclass(frozen=True, slots=True)
class Target:
    """`home`: where files go. `file`: the SQLite file that is to be, None: a server's database at `url`."""

    home: Path
    url: URL
    file: Path | None
    is_home: bool
    """Whether a whole home is made, and not only a database beside a home that is there."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what remains to be told. `left`: files that were there already and are not overwritten."""

    header: Header
    rows: int
    files: tuple[str, ...]
    left: tuple[str, ...]
    aftermath: Aftermath
    key_written: Path | None


def restore(
    settings: Settings,
    path: Path,
    into: str,
    *,
    key_file: Path | None = None,
    erasures: Path | None = None,
    told: Told = silent,
) -> Restored:
    """Restore the backup `path` into a home folder, or a database's URL.

    `erasures`: the list of who was erased; by default the one beside the backup, if it is there. Raises InputError for
    what is not fit (a foreign file, another key, a newer version, a target that is not empty): then nothing was
    written; OperationError for a backup that is damaged, a full disk, a database that does not answer.
    """
    target = _target(settings, into)
    header = header_of(path)
    key = _key(settings, target, header, key_file)
    check_key(path, header, key)
    erased = _erasures(path, erasures)
    _check_target(target)
    with archive.reading(path, key) as reader:
        check_versions(reader.header, target.url)
        with _begun(target) as staging:
            return _restore(settings, reader, key, target, staging, erased, told)


def settle(settings: Settings, erasures: Path | None) -> Aftermath:
    """The end of a restore, for the settings' own database, which another tool has restored.

    Raises InputError for a list of the erased that is none, OperationError when the database does not answer.
    """
    listed = None if erasures is None else _erasures(erasures, erasures)
    database = open_database(settings)
    try:
        with database.session() as session:
            found = aftermath.settle(session, listed, datetime.now(UTC))
        if found.erased:
            files.clean(settings, database, found.erased)
    finally:
        database.dispose()
    return found


def _restore(
    settings: Settings, reader: Reader, key: bytes, target: Target, staging: Path, erased: str | None, told: Told
) -> Restored:
    source = Source(reader, key, staging, told)
    needed = sum(entry.size for entry in reader.manifest.files.values())
    disk.check_room(staging, needed, "what is restored")
    names = [name for name in reader.manifest.files if name.startswith((HOME, VOICE))]
    for name in names:
        _extract(reader, name, staging / "home" / _place(name))
    now = datetime.now(UTC)
    url = target.url if target.file is None else URL.create("sqlite", database=str(staging / DATABASE_NAME))
    with built(source, url) as connection:
        vault = vault_of(connection, key)
        with Session(connection, info={"vault": vault}, expire_on_commit=False) as session:
            found = aftermath.settle(session, erased, now)
            session.flush()
        left: tuple[str, ...] = ()
        if target.file is None:
            left = _moved(staging / "home", target.home)  # before the commit: the database's being there is the end
    if found.erased:
        _clean(settings, url, staging / "home" if target.file else target.home, key, found.erased)
    written = _keep_key(settings, target, key)
    if target.file is not None:
        left = _moved(staging / "home", target.home)
        _put_in_place(staging / DATABASE_NAME, target.file)
    places = tuple(sorted(_place(name) for name in names))
    log.info("backup.restored", rows=sum(reader.manifest.rows.values()), files=len(names))
    return Restored(reader.header, sum(reader.manifest.rows.values()), places, left, found, written)


def _target(settings: Settings, into: str) -> Target:
    if "://" not in into:
        home = Path(into).expanduser().resolve()
        own = home / DATABASE_NAME
        return Target(home, URL.create("sqlite", database=str(own)), own, is_home=True)
    url = database_url(into)
    file = Path(str(url.database)).resolve() if url.drivername == "sqlite" else None
    return Target(settings.home_path, url, file, is_home=False)


def _key(settings: Settings, target: Target, header: Header, key_file: Path | None) -> bytes:
    """The key that is given, else that of the target, else that of the settings."""
    own = target.home / KEY_NAME
    if key_file is None and (settings.secret_key or not own.exists()):
        if not settings.secret_key and not settings.key_path.exists():
            raise InputError(
                "There is no secret key: give the file that has it with --key-file, or set ESCHOOL_SECRET_KEY."
            )
        return settings.key()
    file = key_file or own
    try:
        key = file.read_bytes()
    except OSError as error:
        raise InputError(f"The secret key {file} cannot be read ({error.strerror}).") from error
    if fingerprint(key.strip()) == header.key:
        key = key.strip()  # an editor has ended the line
    if len(key) < SHORTEST_KEY:
        raise InputError(f"{file} holds no whole secret key: give the platform's own from its backup.")
    return key


def _erasures(path: Path, given: Path | None) -> str | None:
    file = given or path.resolve().parent / erased_list.NAME
    if given is None and not file.exists():
        return None
    try:
        return file.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"The list {file} of who was erased cannot be read ({error}).") from error


def _check_target(target: Target) -> None:
    """Raises InputError for one that holds anything."""
    if target.file is None:
        with transaction(target.url) as connection:
            check_empty(connection)
        return
    if target.is_home:
        try:
            there = {path.name for path in target.home.iterdir()} if target.home.exists() else set()
        except OSError as error:
            raise InputError(f"{target.home} cannot be read ({error.strerror}): give another folder.") from error
        if DATABASE_NAME in there or (there - {KEY_NAME} and RESTORING not in there):
            raise InputError(f"{target.home} is not empty: nothing is overwritten, so give a folder that is.")
    elif target.file.exists():
        raise InputError(f"{target.file} is there already: nothing is overwritten, so give another file.")


@contextmanager
def _begun(target: Target) -> Iterator[Path]:
    """A private folder on the disk of what is to be; what an interrupted restore left in it is removed."""
    beside = target.home if target.file is None else target.file.parent
    staging = beside / RESTORING
    is_new = not beside.exists()
    with disk.told(beside, "the restore"):
        staging.mkdir(parents=True, exist_ok=True, mode=0o700)
        if is_new:
            beside.chmod(0o700)
    with (staging / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperationError(f"Another restore into {beside} is under way: wait for its end.") from None
        for left in [path for path in staging.iterdir() if path.name != "lock"]:
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()
        try:
            with disk.told(beside, "the restore"):
                yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _place(name: str) -> str:
    """Where below the home a file of the backup belongs; recordings of a folder of their own lie in `voice`."""
    return name.removeprefix(HOME)


def _extract(reader: Reader, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for block in reader.blocks(name):
            file.write(block)


def _moved(staged: Path, home: Path) -> tuple[str, ...]:
    """Put the files in their places; gives those that were left out because other ones are there."""
    left = []
    for path in sorted(staged.rglob("*")) if staged.exists() else ():
        if path.is_dir():
            continue
        place = home / path.relative_to(staged)
        if place.exists() and place.read_bytes() != path.read_bytes():
            left.append(path.relative_to(staged).as_posix())
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, place)
    return tuple(left)


def _put_in_place(built_file: Path, file: Path) -> None:
    """The database comes last, in one step: a home that has it is whole."""
    with built_file.open("rb") as written:
        os.fsync(written.fileno())
    built_file.rename(file)
    descriptor = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clean(settings: Settings, url: URL, home: Path, key: bytes, gone: Sequence[Gone]) -> None:
    """Delete what is left of the erased in the files that were restored, and in the database's own."""
    address = url.render_as_string(hide_password=False)
    of_target = Settings(**{**settings.model_dump(), "home": home, "database_url": address, "backup_folder": None})
    database = Database(address, key)
    try:
        files.clean(of_target, database, gone)
    finally:
        database.dispose()


def _keep_key(settings: Settings, target: Target, key: bytes) -> Path | None:
    """A new home needs its key; where the environment has it, that is enough."""
    path = target.home / KEY_NAME
    if not target.is_home or path.exists() or settings.secret_key.encode() == key:
        return None
    write_private(path, key.decode("ascii"))
    return path
