"""What the tests of the school's rules share."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from db.session import Database
from tests.demonstration_school import NOW
from tests.school.joined import Joined, joined

__all__ = ["NOW"]


@pytest.fixture
def session(untouched_database: Database) -> Iterator[Session]:
    """A session that may write to an empty database of each kind; whatever it writes is rolled back."""
    session = untouched_database._writing_session()
    yield session
    session.close()


@pytest.fixture
def school(session: Session) -> Joined:
    """A school that has just joined."""
    return joined(session)


@pytest.fixture
def stranger(session: Session) -> Joined:
    """Another school of the same platform."""
    return joined(session, "1690181")
