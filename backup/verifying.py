"""A backup is good when it was restored: into a temporary database, and every file read to its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from sqlalchemy import URL

import logs
from backup import archive, folder
from backup.archive import DATABASE, Reader
from backup.building import Source, built, check_versions, vault_of
from backup.making import silent
from backup.sealed import BadBackupError, Header, NoBackupError
from backup.server_programs import USE
from backup.snapshot import Told
from backup.temporary import database_beside
from db.connecting import database_url
from db.session import database_of_service
from errors import EschoolError
from school.monitoring import backups
from settings import Settings

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Verified:
    """A backup that is good. `where`: what kind of database it was restored into."""

    path: Path
    header: Header
    rows: int
    seconds: float
    where: str


def verify(settings: Settings, path: Path | None = None, told: Told = silent) -> Verified:
    """Restore a backup, by default the newest one of the settings' folder, elsewhere; nothing of it stays.

    What was found is noted in the platform's database, if that answers. Raises BadBackupError, or NoBackupError, when
    it is not good; another EschoolError when it could not be looked at, which says nothing of it and is not noted.
    """
    path = path or folder.newest(folder.folder_of(settings))
    key = settings.key()
    began = monotonic()
    with folder.work_folder(settings, "verifying") as work:
        try:
            with archive.reading(path, key) as reader:
                where = _look(settings, reader, Source(reader, key, work, told))
                found = Verified(path, reader.header, sum(reader.manifest.rows.values()), monotonic() - began, where)
        except (BadBackupError, NoBackupError) as error:
            if isinstance(error, BadBackupError) or path.match(folder.PATTERN):
                _note(settings, path, None, str(error))
            log.error("backup.not_good", file=path.name, reason=str(error))
            raise
    _note(settings, path, found.header, "")
    log.info("backup.verified", file=path.name, rows=found.rows, seconds=round(found.seconds, 1))
    return found


def _look(settings: Settings, reader: Reader, source: Source) -> str:
    with _place(settings, reader.header, source.work) as (url, where):
        check_versions(reader.header, url)
        with built(source, url) as connection:
            vault_of(connection, source.secret_key)
            connection.rollback()
    for name in reader.manifest.files:
        if name != DATABASE[reader.header.database]:
            for _ in reader.blocks(name):
                """It is compared with the manifest while it is read."""
    return where


@contextmanager
def _place(settings: Settings, header: Header, work: Path) -> Iterator[tuple[URL, str]]:
    """A database for a while: of a server's dump on the same server, where the account may make one; else SQLite."""
    own = database_url(settings.database_direct)
    in_file = (URL.create("sqlite", database=str(work / "verified.db")), "SQLite")
    if header.database == "postgresql" and own.drivername != "sqlite":
        with database_beside(own) as url:
            yield (url, "PostgreSQL") if url else in_file
    else:
        yield in_file


def _note(settings: Settings, path: Path, header: Header | None, trouble: str) -> None:
    try:
        database = database_of_service(settings, USE)
        try:
            with database.session() as session:
                made_at = header.made_at if header else datetime.fromtimestamp(path.stat().st_mtime, UTC)
                size = max(path.stat().st_size, 1)
                backups.verified(session, path.name, made_at, size, trouble, datetime.now(UTC))
        finally:
            database.dispose()
    except (EschoolError, OSError) as error:
        log.error("backup.not_noted", **logs.reason(error))
