"""A school whose parents pay, and parents to follow its children."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from db.session import Database
from tests.school.billing.families import Families
from tests.school.joined import joined


@pytest.fixture(autouse=True)
def _billing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCHOOL_BILLING", "true")


@pytest.fixture
def session(untouched_database: Database) -> Iterator[Session]:
    """A session that may write to an empty database of each kind; whatever it writes is rolled back."""
    session = untouched_database._writing_session()
    yield session
    session.close()


@pytest.fixture
def families(session: Session) -> Families:
    """A school that has just joined, without children."""
    return Families(session, joined(session))
