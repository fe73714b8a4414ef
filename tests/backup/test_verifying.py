"""A backup is believed when it was restored; whoever watches the platform sees how old the last good one is."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from backup import folder, home_files
from backup.temporary import ENDING, LOCK, database_beside
from backup.verifying import verify
from db.connecting import database_url, libpq_address
from db.kinds import JobOutcome
from db.session import open_database
from devtools.postgres import PostgresServer
from errors import EschoolError, InputError, OperationError
from scheduler.runner import Runner
from school.monitoring import backups
from school.monitoring.figures import figures
from settings import Settings
from tests.backup.conftest import Platform, settings_of


@contextmanager
def server_of(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection to the platform's own database."""
    with psycopg.connect(libpq_address(database_url(settings.database)), autocommit=True) as connection:
        yield connection


def databases(settings: Settings) -> set[str]:
    """Of the server of these settings."""
    with server_of(settings) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def leftovers(settings: Settings) -> list[str]:
    """Databases that a verification made."""
    return [name for name in databases(settings) if ENDING in name]


class TestVerifying:
    def test_a_good_one_is_noted_and_leaves_nothing_behind(self, platform: Platform) -> None:
        file = platform.back_up()
        is_server = platform.settings.database.startswith("postgresql")
        assert "ALARM: none was found good yet" in backups.status(platform.settings)
        found = verify(platform.settings)
        assert (found.path, found.where) == (file, "PostgreSQL" if is_server else "SQLite")
        assert found.rows > 5000
        assert backups.status(platform.settings) == "the last good one is 0 min old"
        assert list((platform.settings.home_path / folder.WORK).glob("*/*")) == []
        if is_server:
            assert leftovers(platform.settings) == []

    def test_a_damaged_one_is_noted_and_the_good_one_before_counts(self, platform: Platform) -> None:
        good = platform.back_up()
        verify(platform.settings)
        bad = platform.back_up()
        content = bytearray(bad.read_bytes())
        content[len(content) // 2] ^= 1
        bad.write_bytes(content)
        with pytest.raises(OperationError, match="damaged"):
            verify(platform.settings)
        told = backups.status(platform.settings)
        assert "the last good one is 0 min old" in told
        assert f"{bad.name} failed: " in told
        database = open_database(platform.settings)
        with database.reading() as session:
            last = backups.last_verified(session)
            moments = figures(session, datetime.now(UTC)).backups
        database.dispose()
        assert last is not None
        assert last.name == good.name
        assert 0 < moments["verified"] < moments["made"]

    def test_a_lost_row_is_found(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        """Were the snapshot and what was counted of two moments, the numbers would not agree."""
        kind = "sqlite" if platform.settings.database.startswith("sqlite") else "server"
        from backup import snapshot

        counted = getattr(snapshot, f"{kind}_rows")
        monkeypatch.setattr(
            f"backup.snapshot.{kind}_rows", lambda connection: counted(connection) | {"grade": 1_000_000}
        )
        platform.back_up()
        with pytest.raises(OperationError, match="The table grade has"):
            verify(platform.settings)

    def test_a_beginning_that_is_damaged_is_noted(self, platform: Platform) -> None:
        bad = platform.back_up()
        bad.write_bytes(b"?" + bad.read_bytes()[1:])
        with pytest.raises(InputError, match="is no backup"):
            verify(platform.settings)
        assert f"{bad.name} failed: " in backups.status(platform.settings)

    def test_one_that_could_not_be_looked_at_stays_good(self, platform: Platform) -> None:
        """Another process is at it, the share of backups is away, the key of its time is not here."""
        file = platform.back_up()
        verify(platform.settings)
        work = platform.settings.home_path / folder.WORK
        with (work / "verifying.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(OperationError, match="is at it"):
                verify(platform.settings)
        away = file.rename(file.with_suffix(".away"))
        with pytest.raises(InputError, match="cannot be read"):
            verify(platform.settings, file)
        away.rename(file)
        assert backups.status(platform.settings) == "the last good one is 0 min old"

    def test_there_is_none(self, platform: Platform) -> None:
        with pytest.raises(InputError, match="There is no backup in"):
            verify(platform.settings)


@pytest.mark.parametrize("demonstration", ["postgresql"], indirect=True)
class TestOnAServer:
    def test_only_its_own_leftovers_are_dropped(self, platform: Platform, postgresql: PostgresServer) -> None:
        own = str(database_url(platform.settings.database).database)
        foreign, other = f"{own}_verify", f"{own}_verify_12345678"
        platform.back_up()
        for name in (foreign, other):
            postgresql.create(name)
        try:
            with database_beside(database_url(platform.settings.database)) as url:
                assert url is not None
                postgresql.create("copied", str(url.database))
                with server_of(platform.settings) as server:
                    mark = server.execute(
                        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
                        [url.database],
                    ).fetchone()
                    assert mark is not None
                    server.execute(sql.SQL("COMMENT ON DATABASE copied IS {}").format(sql.Literal(mark[0])))
            assert verify(platform.settings).where == "PostgreSQL"
            there = databases(platform.settings)
            assert {foreign, other} <= there
            assert "copied" not in there
        finally:
            for name in (foreign, other):
                postgresql.drop(name)

    def test_one_host_verifies_at_a_time_and_the_other_one_notes_nothing(self, platform: Platform) -> None:
        platform.back_up()
        verify(platform.settings)
        with server_of(platform.settings) as another:
            another.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            with pytest.raises(OperationError, match="verifies a backup at the moment"):
                verify(platform.settings)
        assert backups.status(platform.settings) == "the last good one is 0 min old"
        assert leftovers(platform.settings) == []

    def test_a_server_that_ends_the_work_says_nothing_of_the_backup(
        self, platform: Platform, postgresql: PostgresServer
    ) -> None:
        platform.back_up()
        verify(platform.settings)

        def cut_off(what: str, _done: int, _of: int) -> None:
            if what == "loading rows":
                for name in leftovers(platform.settings):
                    postgresql.end_connections(name)

        with pytest.raises(OperationError, match="does not answer"):
            verify(platform.settings, told=cut_off)
        assert backups.status(platform.settings) == "the last good one is 0 min old"


@pytest.mark.parametrize("demonstration", ["postgresql"], indirect=True)
def test_an_account_that_may_make_no_database_verifies_in_sqlite(
    platform: Platform, postgresql: PostgresServer
) -> None:
    url = database_url(platform.settings.database)
    postgresql._execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier("plain")))
    try:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
            for statement in ("USAGE ON SCHEMA public", "ALL ON ALL TABLES IN SCHEMA public"):
                connection.execute(f"GRANT {statement} TO plain")
            connection.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO plain")
        plain = settings_of(
            platform.settings.home_path,
            url.set(username="plain").render_as_string(hide_password=False),
            platform.folder,
        )
        from backup.making import make

        make(plain)
        assert verify(plain).where == "SQLite"
    finally:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
            connection.execute("DROP OWNED BY plain")
        postgresql._execute(sql.SQL("DROP ROLE {}").format(sql.Identifier("plain")))


class TestByNight:
    def test_the_clock_makes_one_and_verifies_it(self, platform: Platform) -> None:
        database = open_database(platform.settings)
        outcome, result = Runner(platform.settings, database).run("backup")
        assert outcome is JobOutcome.DONE, result
        assert "found good" in result
        assert backups.status(platform.settings) == "the last good one is 0 min old"
        database.dispose()

    def test_it_does_nothing_where_nobody_asked_for_it(self, platform: Platform) -> None:
        database = open_database(platform.settings)
        for silent in ({"backup_nightly": False}, {"backup_folder": None}):
            config = platform.settings.model_copy(update=silent)
            assert Runner(config, database).run("backup") == (
                JobOutcome.DONE,
                "No backup is set up to be made by night.",
            )
        assert not platform.folder.exists()
        database.dispose()

    def test_a_folder_that_is_away_is_a_job_that_failed(self, platform: Platform, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        config = platform.settings.model_copy(update={"backup_folder": tmp_path / "file" / "backups"})
        database = open_database(config)
        outcome, result = Runner(config, database).run("backup")
        assert outcome is JobOutcome.FAILED
        assert "cannot be made" in result
        database.dispose()

    def test_an_old_one_raises_alarm(self, platform: Platform) -> None:
        platform.back_up()
        verify(platform.settings)
        database = open_database(platform.settings)
        with database.session() as session:
            session.execute(text("UPDATE backup SET made_at = :at"), {"at": datetime.now(UTC) - timedelta(hours=31)})
        database.dispose()
        assert backups.status(platform.settings).startswith("ALARM: the last good one is 1 day 7 h old")
        patient = platform.settings.model_copy(update={"backup_alarm_hours": 48})
        assert not backups.status(patient).startswith("ALARM")


def test_what_lies_in_a_home_is_kept_unless_it_is_made_anew(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made_anew = (
        "secret.key", "secret.key.new", "eschool.db", "eschool.db-wal", "eschool.db-shm", "eschool.db.scheduler-lock",
        "sounds/espeak/a.wav", "asterisk/etc/sip.conf", "metrics/counter.db", "run.lock", "sms-simulator.port",
        "recordings/0a1b.wav", ".eschool.db-litestream/ltx/0",
        "backup-work/making/copy.db", "backups/eschool-1.backup", "calls-waiting/a.json.part",
    )  # fmt: skip
    kept = ("calls-waiting/a.json", "calls-waiting/b.unreadable", "mail/a.eml", "recordings/takes/a.wav", "texts/1")
    for name in (*made_anew, *kept):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")
    (home / "link").symlink_to(tmp_path)
    settings = settings_of(home, "", home / "backups")
    assert {name for name, _ in home_files.kept(settings)} == set(kept)


def test_recordings_of_a_folder_of_their_own_are_kept_too(platform: Platform, tmp_path: Path) -> None:
    from backup.making import make
    from backup.restoring import restore

    voice = tmp_path / "voice"
    voice.mkdir()
    (voice / "apology.wav").write_bytes(b"RIFF")
    file = make(platform.settings.model_copy(update={"recordings": voice})).path
    if platform.settings.database.startswith("sqlite"):
        restore(platform.settings, file, str(tmp_path / "new"))
        assert (tmp_path / "new" / "voice" / "apology.wav").read_bytes() == b"RIFF"
    else:
        with pytest.raises(EschoolError, match="not empty"):
            restore(platform.settings, file, str(tmp_path))
