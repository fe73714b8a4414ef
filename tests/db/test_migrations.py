"""Migrations: they make the tables that the models describe, wherever they start, whoever runs them at once."""

import multiprocessing
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint, create_engine, inspect, text
from sqlalchemy.orm import Session

from db.connecting import database_url
from db.migrate import config, transaction, upgrade, upgrade_new, version
from db.migrations import HEAD
from db.models import Base
from db.session import make_engine
from errors import OperationError
from settings import Settings
from tests.conftest import settings_for
from tests.db.test_constraints import School8a

_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a database without tables, of each kind."""
    if request.param == "sqlite":
        yield settings_for(tmp_path, f"sqlite:///{tmp_path / 'eschool.db'}")
        return
    server = request.getfixturevalue("postgresql")
    name = f"empty_{next(_numbers)}"
    server.create(name)
    yield settings_for(tmp_path, server.url(name))
    server.drop(name)


class TestTables:
    def test_migrated_tables_are_those_of_the_models(self, settings: Settings) -> None:
        engine = make_engine(database_url(settings.database))
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_server_default": True})
            assert compare_metadata(context, Base.metadata) == []
        engine.dispose()

    def test_migrated_checks_are_those_of_the_models(self, empty: Settings) -> None:
        """Alembic compares no CHECK constraints, so they are compared here."""
        engine = make_engine(database_url(empty.database))
        Base.metadata.create_all(engine)
        modelled = checks(engine)
        Base.metadata.drop_all(engine)
        upgrade(empty)
        assert checks(engine) == modelled
        assert sum(map(len, modelled.values())) > 40
        engine.dispose()

    def test_the_newest_revision_is_read_from_the_file_names(self) -> None:
        engine = create_engine("sqlite://")
        with engine.connect() as connection:
            assert ScriptDirectory.from_config(config(connection)).get_heads() == [HEAD]
        engine.dispose()

    def test_every_table_of_a_school_has_the_school_in_an_index(self) -> None:
        by_key_of_the_year_or_student = {"term", "term_end"}
        for table in Base.metadata.tables.values():
            if "school_id" not in table.c or table.name in by_key_of_the_year_or_student:
                continue
            indexed = [index.columns.keys()[0] for index in table.indexes]
            unique = [one.columns.keys()[0] for one in table.constraints if isinstance(one, UniqueConstraint)]
            key = table.primary_key.columns.keys()[0]
            assert "school_id" in [*indexed, *unique, key], table.name


class TestUpgrade:
    def test_from_nothing_to_the_newest_and_again_without_change(self, empty: Settings) -> None:
        upgrade(empty)
        upgrade(empty)
        upgrade_new(empty)
        assert version_of(empty) == HEAD

    def test_down_to_nothing_and_up_again(self, empty: Settings) -> None:
        upgrade(empty)
        engine = make_engine(database_url(empty.database))
        with engine.begin() as connection:
            command.downgrade(config(connection), "base")
        with engine.connect() as connection:
            assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        engine.dispose()
        upgrade(empty)
        assert version_of(empty) == HEAD

    def test_a_filled_database_keeps_its_rows_step_by_step(self, empty: Settings) -> None:
        engine = make_engine(database_url(empty.database))
        with engine.begin() as connection:
            command.upgrade(config(connection), "0001")
            connection.execute(
                text(
                    "INSERT INTO school (institution_code, name, town, created_at) "
                    "VALUES ('1', 'СУ', 'Русе', '2026-11-24 16:00:00.000000')"
                )
            )
        engine.dispose()
        upgrade(empty)
        assert rows_of(empty, "SELECT name FROM school") == ["СУ"]
        assert version_of(empty) == HEAD

    def test_how_processes_were_is_dropped_and_all_else_kept_up_and_down(self, empty: Settings) -> None:
        said = "'ready', '', '{}', '2026-11-24 16:00:00.000000'"
        engine = make_engine(database_url(empty.database))
        with engine.begin() as connection:
            command.upgrade(config(connection), "0010")
            for statement in (
                "INSERT INTO school (institution_code, name, town, created_at) "
                "VALUES ('1', 'СУ', 'Русе', '2026-11-24 16:00:00.000000')",
                f"INSERT INTO dialer_status VALUES ('host:1', {said})",
                f"INSERT INTO link_status VALUES ('host:1', 'a1/1', 'a1', {said})",
                f"INSERT INTO process_status VALUES ('mail', 'host:1', {said})",
            ):
                connection.execute(text(statement))
        engine.dispose()
        upgrade(empty)
        assert rows_of(empty, "SELECT count(*) FROM process_status") == [0]
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO process_status VALUES "
                    "('smpp', 'host:1', 'a1/1', 'bound', true, '', '{}', '2026-11-24 16:00:00.000000')"
                )
            )
            command.downgrade(config(connection), "0010")
            tables = inspect(connection).get_table_names()
        engine.dispose()
        assert {"dialer_status", "link_status", "process_status"} <= set(tables)
        upgrade(empty)
        assert rows_of(empty, "SELECT name FROM school") == ["СУ"]

    def test_people_keep_their_second_factor_and_roles_up_and_down(self, empty: Settings) -> None:
        engine = make_engine(database_url(empty.database))
        with engine.begin() as connection:
            command.upgrade(config(connection), "0012")
            for statement in (
                "INSERT INTO staff (first_name, last_name, email, totp_encrypted, created_at) "
                "VALUES ('А', 'Б', 'a@b.example', 'secret', '2026-11-24 16:00:00.000000')",
                "INSERT INTO staff_role SELECT id, 'platform_operator' FROM staff",
            ):
                connection.execute(text(statement))
        engine.dispose()
        upgrade(empty)
        kept = "SELECT count(*) FROM staff JOIN staff_role ON staff_id = id WHERE totp_encrypted IS NOT NULL"
        assert rows_of(empty, kept + " AND totp_last_step IS NULL") == [1]
        with transaction(empty) as connection:  # without foreign keys, as upgrading: SQLite copies the table
            command.downgrade(config(connection), "0012")
        assert rows_of(empty, kept) == [1]

    def test_a_table_that_is_copied_keeps_its_rows_and_gives_no_id_again(self, empty: Settings) -> None:
        """What names events by id (heard marks, messages) would take a new absence for the one that was deleted."""
        engine = make_engine(database_url(empty.database))
        with engine.begin() as connection:
            command.upgrade(config(connection), "0010")
        with Session(engine) as session, session.begin():
            school = School8a(session, "1")
            school.absence(lesson=8)
            school.absence(lesson=7)
            kept, gone = session.scalars(text("SELECT id FROM absence ORDER BY id"))
            session.execute(text("DELETE FROM absence WHERE lesson = 7"))
        engine.dispose()
        upgrade(empty)
        engine = make_engine(database_url(empty.database))
        with Session(engine) as session, session.begin():
            assert list(session.execute(text("SELECT id, lesson FROM absence"))) == [(kept, 8)]
            session.execute(
                text(
                    "INSERT INTO absence (school_id, student_id, subject_id, staff_id, school_year_id, kind, on_date, "
                    "lesson, recorded_at) SELECT school_id, student_id, subject_id, staff_id, school_year_id, kind, "
                    "on_date, 15, recorded_at FROM absence"
                )
            )
            assert session.scalars(text("SELECT max(id) FROM absence")).one() > gone
        engine.dispose()

    def test_tables_that_are_copied_keep_what_points_at_them(self, empty: Settings) -> None:
        """SQLite would delete a message's parts and a campaign's families with the table that is copied."""
        at = "'2026-11-24 16:00:00.000000'"
        engine = make_engine(database_url(empty.database))
        with engine.begin() as connection:
            command.upgrade(config(connection), "0012")
            for statement in (
                f"INSERT INTO school (institution_code, name, town, created_at) VALUES ('1', 'СУ', 'Русе', {at})",
                "INSERT INTO staff (school_id, first_name, last_name, email, is_active, created_at) "
                f"VALUES (1, 'Надежда', 'Йовчева', 'd@school.example', true, {at})",
                "INSERT INTO message (channel, purpose, address, text, state, due_at, expires_at, from_hour, "
                "until_hour, attempts, created_at) "
                f"VALUES ('sms', 'service', '+359888123456', 'x', 'sent', {at}, {at}, 0, 24, 1, {at})",
                f"INSERT INTO message_part VALUES (1, 1, 1, 'a1', 'id', 'sent', {at}, NULL, NULL)",
                "INSERT INTO campaign (school_id, staff_id, kind, title, text, state, starts_at, ends_at, from_hour, "
                "until_hour, weekdays, attempts, created_at) VALUES (1, 1, 'announcement', 'x', '', 'finished', "
                f"'2026-11-24 15:00:00.000000', {at}, 8, 20, '12345', 3, {at})",
                "INSERT INTO campaign_family (school_id, campaign_id, state, position, message_id) "
                "VALUES (1, 1, 'not_reached', 1, 1)",
                "INSERT INTO campaign_telephone (family_id, position, phone, attempts) "
                "VALUES (1, 1, '+359888123456', 1)",
                "INSERT INTO call_attempt (channel_id, family_id, position, phone, dialer, dialled_at, result) "
                f"VALUES ('c', 1, 1, '+359888123456', 'h:1', {at}, 'no_answer')",
            ):
                connection.execute(text(statement))
        engine.dispose()
        upgrade(empty)
        for table in ("message", "message_part", "campaign", "campaign_family", "campaign_telephone", "call_attempt"):
            assert rows_of(empty, f"SELECT count(*) FROM {table}") == [1], table
        assert rows_of(empty, "SELECT message_id FROM campaign_family") == [1]

    def test_the_timetable_of_before_is_in_use_from_the_years_first_day_and_comes_back_down(
        self, empty: Settings
    ) -> None:
        at = "'2026-11-24 16:00:00.000000'"
        engine = make_engine(database_url(empty.database))
        with engine.begin() as connection:
            command.upgrade(config(connection), "0019")
            for statement in (
                f"INSERT INTO school (institution_code, name, town, created_at) VALUES ('1', 'СУ', 'Русе', {at})",
                "INSERT INTO school_year (school_id, starts_on, ends_on) VALUES (1, '2026-09-15', '2027-09-14')",
                "INSERT INTO school_year (school_id, starts_on, ends_on) VALUES (1, '2025-09-15', '2026-09-14')",
                "INSERT INTO staff (school_id, first_name, last_name, email, is_active, created_at) "
                f"VALUES (1, 'Надежда', 'Йовчева', 'd@school.example', true, {at})",
                "INSERT INTO subject (school_id, name) VALUES (1, 'Математика')",
                "INSERT INTO school_class (school_id, school_year_id, level, letter) VALUES (1, 1, 8, 'а')",
                "INSERT INTO timetable_lesson (school_id, class_id, subject_id, staff_id, weekday, lesson) "
                "VALUES (1, 1, 1, 1, 2, 9)",
            ):
                connection.execute(text(statement))
        engine.dispose()
        upgrade(empty)
        assert rows_of(empty, "SELECT count(*) FROM timetable WHERE published_at IS NOT NULL") == [1]
        lesson = "FROM timetable_lesson JOIN timetable ON timetable.id = timetable_lesson.timetable_id"
        assert [str(one) for one in rows_of(empty, f"SELECT starts_on {lesson}")] == ["2026-09-15"]
        assert rows_of(empty, f"SELECT lesson {lesson} WHERE week = 0 AND group_id IS NULL") == [9]
        with transaction(empty) as connection:  # without foreign keys, as upgrading: SQLite copies the table
            command.downgrade(config(connection), "0019")
        assert rows_of(empty, "SELECT weekday * 100 + lesson FROM timetable_lesson") == [209]

    def test_two_processes_at_once_upgrade_once(self, empty: Settings) -> None:
        processes = [
            multiprocessing.get_context("spawn").Process(target=upgrade, args=(empty,), daemon=True) for _ in range(2)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0, 0]
        assert version_of(empty) == HEAD

    def test_a_failing_step_leaves_nothing_behind(self, empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("power cut")

        monkeypatch.setattr("alembic.op.create_index", fail)
        with pytest.raises(RuntimeError, match="power cut"):
            upgrade(empty)
        monkeypatch.undo()
        upgrade(empty)
        assert version_of(empty) == HEAD

    def test_a_newer_database_is_not_touched(self, empty: Settings) -> None:
        upgrade(empty)
        engine = make_engine(database_url(empty.database))
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        engine.dispose()
        with pytest.raises(OperationError, match="newer than this program's"):
            upgrade(empty)

    def test_a_server_that_is_away_is_told_in_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(OperationError, match="does not answer"):
            upgrade(settings_for(tmp_path, f"postgresql://eschool:geheim@/x?host={tmp_path}"))

    def test_a_foreign_sqlite_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "letter.db").write_text("Уважаеми родители, " * 100)
        with pytest.raises(OperationError, match="not a database"):
            upgrade(settings_for(tmp_path, f"sqlite:///{tmp_path / 'letter.db'}"))

    def test_a_new_sqlite_file_is_private_to_its_owner(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        upgrade(settings_for(home, ""))
        assert home.stat().st_mode & 0o077 == 0


def checks(engine: Any) -> dict[str, dict[str, str]]:
    """Table -> CHECK name -> its SQL without white space."""
    with engine.connect() as connection:
        inspector = inspect(connection)
        return {
            table: {
                str(check["name"]): re.sub(r"\s", "", str(check["sqltext"]))
                for check in inspector.get_check_constraints(table)
            }
            for table in inspector.get_table_names()
            if table != "alembic_version"
        }


def version_of(settings: Settings) -> str | None:
    found: str | None = connected(settings, version)
    return found


def rows_of(settings: Settings, statement: str) -> list[Any]:
    found: list[Any] = connected(settings, lambda connection: list(connection.scalars(text(statement))))
    return found


def connected(settings: Settings, do: Any) -> Any:
    engine = make_engine(database_url(settings.database))
    try:
        with engine.connect() as connection:
            return do(connection)
    finally:
        engine.dispose()
