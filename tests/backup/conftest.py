"""A filled platform of each kind with a folder for its backups, and empty places of each kind to restore them into."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from backup.making import make
from backup.restoring import Restored, restore
from db.session import Database, open_database
from devtools.site import SECRET_KEY
from settings import Settings

_numbers = count(1)


@dataclass
class Platform:
    """A platform's settings; `folder` is where its backups go."""

    settings: Settings
    folder: Path

    def back_up(self) -> Path:
        """The file of a backup made now."""
        return make(self.settings).path


@dataclass
class Place:
    """Somewhere to restore into: `into` is what the command line gets."""

    into: str
    home: Path
    settings: Settings

    def restore(self, file: Path, **more: Path) -> Restored:
        """As the command does."""
        return restore(self.settings, file, self.into, **more)  # type: ignore[arg-type]

    def open(self) -> Database:
        """What was restored."""
        return open_database(self.settings)


def settings_of(home: Path, url: str, folder: Path | None) -> Settings:
    """Settings of a platform that keeps its backups in a folder."""
    return Settings(home=home, database_url=url, secret_key=SECRET_KEY, backup_folder=folder)


@pytest.fixture
def platform(demonstration: Database, tmp_path: Path) -> Platform:
    """The demonstration school on each kind of database."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    folder = tmp_path / "backups"
    url = demonstration._writer.url.render_as_string(hide_password=False)
    return Platform(settings_of(home, url, folder), folder)


@pytest.fixture(params=["home", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty folder, and an empty database of a server."""
    home = tmp_path / "elsewhere"
    if request.param == "home":
        url = f"sqlite:///{home / 'eschool.db'}"
        yield Place(str(home), home, settings_of(home, url, None))
        return
    server = request.getfixturevalue("postgresql")
    name = f"restored_{next(_numbers)}"
    server.create(name)
    yield Place(server.url(name), home, settings_of(home, server.url(name), None))
    server.drop(name)
