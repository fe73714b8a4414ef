"""Fixtures that all rooms share: settings of a home of its own, and a database on SQLite and on a real PostgreSQL.

A test that takes `database` runs twice, on both. Each gets a fresh copy of a database migrated once a session.

Tests are marked by what they need, so that `make check` can leave out what takes its time; the marks are explained in
pyproject.toml.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from xdist.remote import Producer

from db import session
from db.migrate import upgrade
from db.session import Database, open_database
from devtools.pbx import ENGINE
from devtools.postgres import PostgresServer, running_server
from devtools.site import SECRET_KEY
from settings import Settings
from tests import hypothesis_profiles
from tests.scheduling import CallsTogether, file_of, turn

pytest_plugins = ["tests.demonstration_school"]
MARKS = {"postgresql": "postgresql", "chromium": "browser"}
"""Fixture -> the mark of the tests that take it, however indirectly."""
PATIENCE = 600
"""Seconds for a test of calls and its fixtures: the first in a fresh checkout waits until all clips are rendered."""
_numbers = count(1)
hypothesis_profiles.register()


def pytest_configure() -> None:
    """All plugins are loaded."""
    os.environ["ESCHOOL_ENGINE"] = ENGINE
    session.SQLITE_SYNCHRONOUS = "OFF"  # as of PostgreSQL in devtools.postgres: no test cuts the power
    hypothesis_profiles.print_examples()


@pytest.hookimpl(tryfirst=True)  # before pytest selects by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need PostgreSQL or a browser, and put files first that take long."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if item.get_closest_marker("calls"):
            item.add_marker(pytest.mark.timeout(PATIENCE))
        for fixture in MARKS.keys() & set(item.fixturenames):
            item.add_marker(MARKS[fixture])
        if hasattr(item, "callspec") and "postgresql" in item.callspec.params.values():
            item.add_marker("postgresql")
    marks: dict[str, set[str]] = defaultdict(set)
    for item in items:
        marks[file_of(item.nodeid)].update(mark.name for mark in item.iter_markers())
    turns = {file: turn(file, of_tests) for file, of_tests in marks.items()}
    items.sort(key=lambda item: turns[file_of(item.nodeid)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> CallsTogether | None:
    """Where files are dealt out, all those of calls go to one process."""
    return CallsTogether(config, log) if config.getvalue("dist") == "loadfile" else None


def settings_for(home: Path, database_url: str) -> Settings:
    """Settings of a test: nothing comes from the environment but what the test run itself set."""
    return Settings(home=home, database_url=database_url, secret_key=SECRET_KEY)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test session."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied."""
    home = tmp_path_factory.mktemp("sqlite-template")
    upgrade(settings_for(home, f"sqlite:///{home / 'eschool.db'}"))
    return home / "eschool.db"


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated PostgreSQL database, to be copied."""
    postgresql.create("migrated")
    upgrade(settings_for(tmp_path_factory.mktemp("postgresql-template"), postgresql.url("migrated")))
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database, on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "eschool.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    server.create(name, request.getfixturevalue("postgresql_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def settings(database_address: str, tmp_path: Path) -> Settings:
    """Settings of a home and a database of the test's own."""
    return settings_for(tmp_path, database_address)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The test's own database, open."""
    opened = open_database(settings)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def untouched_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated, empty database of each kind for tests that roll back whatever they write: it costs them no copy."""
    home = tmp_path_factory.mktemp("untouched")
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), home / 'eschool.db')}"
    else:
        server: PostgresServer = request.getfixturevalue("postgresql")
        name = f"untouched_{next(_numbers)}"
        server.create(name, request.getfixturevalue("postgresql_template"))
        url = server.url(name)
    opened = open_database(settings_for(home, url))
    yield opened
    opened.dispose()
