"""The demonstration school as it is at a fixed moment, in a database of each kind, for the tests of every room.

It is loaded once a session and kind, and copied for each test.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from db.migrate import upgrade
from db.session import Database, open_database
from demonstration import load
from devtools.postgres import PostgresServer
from tests.conftest import settings_for

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
"""A Tuesday, 18:00 in Sofia: ten weeks into the school year."""

_numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with the demonstration school, to be copied."""
    home = tmp_path_factory.mktemp("sqlite-demonstration")
    _load(home, f"sqlite:///{home / 'eschool.db'}")
    return home / "eschool.db"


@pytest.fixture(scope="session")
def postgresql_demonstration(postgresql: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PostgreSQL database with the demonstration school, to be copied."""
    postgresql.create("demonstration")
    _load(tmp_path_factory.mktemp("postgresql-demonstration"), postgresql.url("demonstration"))
    return "demonstration"


def _load(home: Path, url: str) -> None:
    settings = settings_for(home, url)
    upgrade(settings)
    database = open_database(settings)
    with database.session() as session:
        load(session, NOW)
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def demonstration(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The demonstration school at NOW, in a database of the test's own, on each kind."""
    server: PostgresServer | None = None
    name = f"demonstration_{next(_numbers)}"
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_demonstration"), tmp_path / "demonstration.db")
        url = f"sqlite:///{tmp_path / 'demonstration.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        server.create(name, request.getfixturevalue("postgresql_demonstration"))
        url = server.url(name)
    database = open_database(settings_for(tmp_path, url))
    yield database
    database.dispose()
    if server:
        server.drop(name)


@pytest.fixture
def empty_sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database without a school, for what does not depend on the kind of database."""
    shutil.copy(sqlite_template, tmp_path / "empty.db")
    database = open_database(settings_for(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}"))
    yield database
    database.dispose()
