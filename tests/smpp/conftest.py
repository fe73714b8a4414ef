"""Fixtures of the SMS room that need a school: the demonstration one, on both databases."""

from tests.school.conftest import (  # noqa: F401  # fixtures
    demonstration,
    empty_sqlite,
    postgresql_demonstration,
    sqlite_demonstration,
)
