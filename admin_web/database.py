"""Sessions for views: short ones, closed before a page is rendered."""

from contextlib import AbstractContextManager

from flask import current_app
from sqlalchemy.orm import Session

from db.session import Database

KEY = "eschool.database"


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions[KEY]
    return found


def reading() -> AbstractContextManager[Session]:
    """A session that only reads."""
    return database().reading()


def writing() -> AbstractContextManager[Session]:
    """A session that commits at its end, or not at all."""
    return database().session()
