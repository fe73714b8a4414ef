"""The demonstration school in a home of its own, made once and copied for every target."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import text

from db.migrate import upgrade
from db.session import Database, open_database
from demonstration import describe, load
from devtools.pbx import CLIPS, settings_of
from devtools.site import SECRET_KEY
from settings import Settings
from tests.fuzz.target import Fault


@dataclass
class Home:
    """A home with the demonstration school in `<home>/eschool.db`."""

    path: Path

    @property
    def variables(self) -> dict[str, str]:
        """What a process over it is started with."""
        return {"ESCHOOL_HOME": str(self.path), "ESCHOOL_SECRET_KEY": SECRET_KEY}

    @property
    def settings(self) -> Settings:
        """The same."""
        return settings_of(self.variables)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Its database."""
        database = open_database(self.settings)
        try:
            yield database
        finally:
            database.dispose()

    @cached_property
    def people(self) -> dict[str, Any]:
        """Who is at the school."""
        with self.database() as database, database.reading() as session:
            return describe(session)

    @cached_property
    def parents(self) -> list[tuple[str, str, str]]:
        """(telephone in E.164, PIN, the student's code) of those who follow somebody."""
        return [
            (one["phone"], one["pin"], student["student_code"])
            for student in self.people["students"]
            for one in student["subscriptions"]
            if one["status"] == "active" and one["pin"]
        ]


def make(folder: Path) -> Home:
    """A home with the school as it is now, and clips kept from other runs."""
    home = Home(folder)
    home.path.mkdir(parents=True, exist_ok=True)
    CLIPS.mkdir(parents=True, exist_ok=True)
    (home.path / "sounds").symlink_to(CLIPS)
    template = folder.parent / "school.db"
    if not template.exists():
        upgrade(home.settings)
        with home.database() as database, database.session() as session:
            load(session, datetime.now(UTC))
        shutil.copy(home.path / "eschool.db", template)
    else:
        shutil.copy(template, home.path / "eschool.db")
    return home


def row_faults(database: Database) -> list[Fault]:
    """What the database itself finds wrong, and texts that our own mistakes kept from being acted on."""
    found = []
    with database.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            for check in ("PRAGMA integrity_check", "PRAGMA foreign_key_check"):
                rows = [tuple(row) for row in session.execute(text(check)) if tuple(row) != ("ok",)]
                if rows:
                    found.append(Fault(check, f"{check}: {rows[:5]}"))
        failed = session.execute(text("SELECT count(*) FROM inbound_text WHERE command = 'failed'")).scalar_one()
        if failed:
            found.append(Fault("texts failed", f"{failed} texts are marked as failed"))
    return found
