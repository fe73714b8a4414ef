"""`eschool check` and `eschool db check`: what an operator is told of a host, before and after something went wrong."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from db.integrity import examined
from db.migrate import transaction
from settings import Settings
from tests.cli.test_command_line import eschool, sentence


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demonstration school, to be copied."""
    home = tmp_path_factory.mktemp("school")
    assert eschool("demo", home=home).returncode == 0
    return home


@pytest.fixture
def home(set_up: Path, tmp_path: Path) -> Path:
    """A home of the test's own with the demonstration school."""
    return Path(shutil.copytree(set_up, tmp_path / "home"))


class TestDatabase:
    def test_a_whole_one_is_told_to_be_whole(self, home: Path) -> None:
        result = eschool("db", "check", home=home)
        assert result.returncode == 0
        assert "and whole" in result.stdout

    def test_a_damaged_page_is_found_and_what_to_do_is_told(self, home: Path) -> None:
        connection = sqlite3.connect(home / "eschool.db")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'grade'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.close()
        with (home / "eschool.db").open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(os.urandom(size))
        told = sentence(eschool("db", "check", home=home), 1)
        assert "is damaged" in told
        assert "restore the last backup" in told
        assert ".recover" in told
        everything = eschool("check", home=home)
        assert everything.returncode == 1
        assert "restore the last backup" in everything.stdout

    def test_a_truncated_file_is_found(self, home: Path) -> None:
        with (home / "eschool.db").open("r+b") as file:
            file.truncate(100_000)
        assert "is damaged" in sentence(eschool("db", "check", home=home), 1)

    def test_a_row_that_points_nowhere_is_found(self, home: Path) -> None:
        connection = sqlite3.connect(home / "eschool.db")
        connection.execute("UPDATE student SET class_id = 999999 WHERE id = 1")
        connection.commit()
        connection.close()
        assert "rows of student point at rows of school_class" in sentence(eschool("db", "check", home=home), 1)

    def test_each_kind_of_database_is_examined(self, settings: Settings) -> None:
        found = examined(settings)
        assert found.damage == ()
        if "postgresql" in settings.database:
            assert any("amcheck" in one for one in found.not_examined)
            with transaction(settings) as connection:
                connection.execute(text("CREATE EXTENSION amcheck"))
            assert not any("amcheck" in one for one in examined(settings).not_examined)
            assert examined(settings).damage == ()


class TestHome:
    def test_what_is_open_is_closed_at_the_start_of_a_command(self, home: Path) -> None:
        home.chmod(0o755)
        eschool("settings", home=home)
        assert home.stat().st_mode & 0o777 == 0o700

    def test_files_open_to_others_are_told(self, home: Path) -> None:
        (home / "eschool.db").chmod(0o644)
        result = eschool("check", home=home)
        assert result.returncode == 1
        assert f"home       {home / 'eschool.db'} is open to other users: run `chmod go= " in result.stdout
        assert "key        in order" in result.stdout

    def test_another_key_is_told_beside_all_the_rest(self, home: Path) -> None:
        (home / "secret.key").write_text("quite another key of more than 32 characters")
        result = eschool("check", home=home)
        assert result.returncode == 1
        assert "The secret key is not this database's" in result.stdout
        assert "asterisk" in result.stdout
        assert "Traceback" not in result.stderr
