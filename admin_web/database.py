"""Sessions for views: short ones, closed before a page is rendered."""

from contextlib import AbstractContextManager

from flask import current_app
from sqlalchemy.orm import Session

from db.connecting import Use
from db.session import Database

KEY = "eschool.database"
USE = Use("web", 10)
"""Each process of the web: a connection for each of its threads, and two to spare."""


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
