"""The list of who was erased, kept beside the backups: whoever is erased today must not come back with yesterday's."""

import os
from datetime import UTC, datetime
from pathlib import Path

import logs
from db.session import Database
from runtime import whole_file
from school.privacy import erased
from settings import Settings

log = logs.get(__name__)

NAME = "erasures.jsonl"


def write(database: Database, folder: Path) -> int:
    """Add to the list in `folder` what it has not yet; gives how many lines it has.

    No line is ever taken away: after an older backup was restored the database knows fewer of them. Raises OSError when
    it cannot be written, OperationError when the database does not answer.
    """
    path = folder / NAME
    whole_file.forget_parts(folder, f".{NAME}.*.part")
    there = path.read_text("utf-8").splitlines() if path.exists() else []
    with database.reading() as session:
        found = list(dict.fromkeys([*there, *erased.lines(session)]))
    if found != there or not path.exists():
        whole_file.write(path, "".join(f"{line}\n" for line in found).encode())
    return len(found)


def write_beside_backups(settings: Settings, database: Database) -> None:
    """The same for the folder that the settings name; a folder that is away now is told of, and written to at night."""
    if settings.backup_folder is None:
        return
    folder = settings.backup_folder.expanduser()
    try:
        write(database, folder)
    except OSError as error:
        log.error("erasures.not_listed", reason=error.strerror or os.strerror(error.errno or 0), at=datetime.now(UTC))
