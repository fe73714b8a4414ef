"""A platform of two made-up schools in a database of each kind, only read; and the same as plain rows."""

import shutil
from collections.abc import Iterator
from itertools import count

import pytest

from bench.school_data import fill
from db.session import Database, open_database
from demonstration.rows.platform import Size
from devtools.postgres import PostgresServer
from tests.conftest import settings_for
from tests.school.reports.plain_rows import Book, read

_numbers = count(1)
SIZE = Size(schools=2, students=840, grades=16_000)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two schools of 17 classes, a school year long."""
    home = tmp_path_factory.mktemp("platform")
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), home / 'eschool.db')}"
    else:
        server: PostgresServer = request.getfixturevalue("postgresql")
        name = f"platform_{next(_numbers)}"  # test processes side by side come back to it after others
        server.create(name, request.getfixturevalue("postgresql_template"))
        url = server.url(name)
    settings = settings_for(home, url)
    fill(url, SIZE, key=settings.key())
    opened = open_database(settings)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def book(platform: Database) -> Book:
    """The second school's rows: the first one's must not show."""
    with platform.reading() as session:
        return read(session, school_id=2)
