"""An outbox on each kind of database."""

import pytest

from db.session import Database
from tests.school.outbox.post_office import PostOffice


@pytest.fixture
def office(database: Database) -> PostOffice:
    """An empty outbox and one gateway."""
    return PostOffice(database)
