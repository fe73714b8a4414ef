"""A platform of two made-up schools in a database of each kind, only read; and the same as plain rows."""

import shutil
from collections.abc import Iterator
from datetime import date
from itertools import count, pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.school_data import fill
from db.models import SchoolClass, Student
from db.session import Database, open_database
from demonstration.rows.platform import Size
from devtools.postgres import PostgresServer
from tests.conftest import settings_for
from tests.school.enrolling import enrol
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
    with opened.session() as session:
        _move_some(session)
    yield opened
    opened.dispose()


def _move_some(session: Session) -> None:
    """In December a few go to the next class of their school, and in March one of them goes back."""
    classes = list(session.scalars(select(SchoolClass).order_by(SchoolClass.school_id, SchoolClass.id)))
    next_to = {one.id: other.id for one, other in pairwise(classes) if one.school_id == other.school_id}
    moving = session.execute(
        select(Student.id, Student.school_id, Student.class_id)
        .where(Student.class_id.in_(next_to), Student.id % 37 == 0)
        .order_by(Student.id)
    ).all()
    for at, row in enumerate(moving):
        enrol(session, row.id, next_to[row.class_id], date(2026, 12, 7), number=99)
        if at % 3 == 0:
            enrol(session, row.id, row.class_id, date(2027, 3, 2), number=98)


@pytest.fixture(scope="session")
def book(platform: Database) -> Book:
    """The second school's rows: the first one's must not show."""
    with platform.reading() as session:
        return read(session, school_id=2)
