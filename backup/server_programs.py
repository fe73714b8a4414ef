"""PostgreSQL's own programs pg_dump and pg_restore, and how they are told where the server is."""

import os
import shutil
from pathlib import Path

from sqlalchemy import URL

from db.connecting import CONNECT_SECONDS, Use, name_of
from errors import OperationError

USE = Use("backup", 2)
"""pg_dump's own connections besides, which have the same name."""
DEBIANS = Path("/usr/lib/postgresql")
"""Debian keeps the programs of each version in a folder of their own, off the PATH."""


def program(name: str) -> str:
    """The newest one there is: pg_dump must not be older than the server. Raises OperationError when there is none."""
    versions = sorted(DEBIANS.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if not found:
        raise OperationError(
            f"{name} is missing: install PostgreSQL's client (Debian: `apt install postgresql-client`)."
        )
    return found


def environment(url: URL) -> dict[str, str]:
    """Where the server is, and with which password: no other user sees an environment, but everybody a command line."""
    given = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
        "PGSSLROOTCERT": url.query.get("sslrootcert"),
        "PGSSLCERT": url.query.get("sslcert"),
        "PGSSLKEY": url.query.get("sslkey"),
        "PGTZ": "UTC",
        "PGCONNECT_TIMEOUT": CONNECT_SECONDS,
        "PGAPPNAME": name_of(USE),
    }
    return os.environ | {name: str(value) for name, value in given.items() if value}
