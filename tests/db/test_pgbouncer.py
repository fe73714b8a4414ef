"""By way of a real PgBouncer: what works does so for long, and what cannot work is refused in a sentence."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from db.kinds import Channel
from db.session import Database, open_database
from devtools.pbx import eschool_process
from devtools.pgbouncer import PgBouncer, program, running_pgbouncer
from devtools.postgres import PostgresServer
from devtools.site import SECRET_KEY
from errors import OperationError
from school.monitoring import health
from school.outbox import wake
from settings import Settings
from tests.cli.test_command_line import eschool, sentence
from tests.db.test_silent_server import LONGEST, seconds_of_failure

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason="needs PgBouncer (Debian: apt install pgbouncer)"),
    pytest.mark.parametrize("database_address", ["postgresql"], indirect=True),
]


def settings_of(bouncer: PgBouncer, settings: Settings, direct: str = "") -> Settings:
    return Settings(
        home=settings.home,
        database_url=bouncer.url(name_of(settings)),
        database_direct_url=direct,
        secret_key=SECRET_KEY,
    )


def name_of(settings: Settings) -> str:
    return settings.database.split("@/")[1].split("?")[0]


@pytest.fixture(params=["transaction", "session"])
def mode(request: pytest.FixtureRequest) -> str:
    """How it pools."""
    return str(request.param)


@pytest.fixture
def bouncer(postgresql: PostgresServer, mode: str) -> Iterator[PgBouncer]:
    with running_pgbouncer(postgresql, mode) as found:
        yield found


@pytest.fixture
def pooled(bouncer: PgBouncer, settings: Settings, mode: str) -> Settings:
    """The settings that docs/operations.md gives for a pool of this kind."""
    direct = settings.database if mode == "transaction" else ""
    return settings_of(bouncer, settings, direct)


def variables(pooled: Settings, home: Path) -> dict[str, str]:
    return {
        "ESCHOOL_HOME": str(home),
        "ESCHOOL_DATABASE_URL": pooled.database_url,
        "ESCHOOL_DATABASE_DIRECT_URL": pooled.database_direct_url,
        "ESCHOOL_SECRET_KEY": SECRET_KEY,
    }


class TestPooled:
    def test_many_threads_ask_the_same_for_long(self, pooled: Settings) -> None:
        """So often that a statement would be prepared, on whichever server connection there is."""
        database = open_database(pooled)
        failed: list[Exception] = []

        def ask() -> None:
            try:
                for number in range(40):
                    with database.reading() as session:
                        asked = session.execute(text("SELECT CAST(:number AS integer)"), {"number": number})
                        assert asked.scalar() == number
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        database.dispose()
        assert not failed

    def test_what_one_process_prepares_is_in_no_others_way(self, pooled: Settings) -> None:
        """PgBouncer lends the second the server connection that the first used last."""
        for _ in range(2):
            with ExitStack() as closing:
                first, second = open_database(pooled), open_database(pooled)
                closing.callback(first.dispose)
                closing.callback(second.dispose)
                for database in (first, second, first):
                    for number in range(12):
                        with database.session() as session:
                            asked = session.execute(text("SELECT CAST(:number AS integer)"), {"number": number})
                            assert asked.scalar() == number

    def test_moments_are_in_utc(self, pooled: Settings, database: Database) -> None:
        with database.session() as session:
            name = session.execute(text("SELECT current_database()")).scalar_one()
            session.execute(text(f"ALTER DATABASE \"{name}\" SET timezone TO 'Europe/Sofia'"))
        opened = open_database(pooled)
        with opened.reading() as session:
            shown = session.execute(text("SHOW timezone")).scalar()
        opened.dispose()
        assert shown == "UTC" or not pooled.database_direct_url

    def test_a_sender_is_woken(self, pooled: Settings) -> None:
        database = open_database(pooled)
        waker = wake.listen(pooled.database_direct, Channel.SMS)
        waker.wait(0.1)
        with database.session() as session:
            wake.notify(session, Channel.SMS)
        assert waker.wait(5.0)
        waker.close()
        database.dispose()

    def test_two_schedulers_keep_one_clock_and_a_pooler_that_is_killed_stops_neither(
        self, pooled: Settings, database: Database, bouncer: PgBouncer, tmp_path: Path
    ) -> None:
        def states() -> list[str]:
            with database.reading() as session:
                found = health.speaking(session, datetime.now(UTC), health.Process.SCHEDULER)
            return sorted(one.state for one in found)

        with ExitStack() as running:
            for name in ("first", "second"):
                home = tmp_path / name
                home.mkdir(mode=0o700)
                log = tmp_path / f"{name}.log"
                running.enter_context(eschool_process(variables(pooled, home), "scheduler", "serve", log=log))
            waits_for(lambda: states() == ["keeping", "standing by"])
            bouncer.freeze()
            time.sleep(25)
            bouncer.thaw()
            waits_for(lambda: states() == ["keeping", "standing by"])
        for name in ("first", "second"):
            told = (tmp_path / f"{name}.log").read_text("utf-8")
            assert "Traceback" not in told
            assert "DuplicatePrepared" not in told

    def test_one_that_is_frozen_keeps_nobody_waiting(self, pooled: Settings, bouncer: PgBouncer) -> None:
        database = open_database(pooled)
        time.sleep(1.2)
        bouncer.freeze()
        try:
            assert seconds_of_failure(database) < LONGEST
        finally:
            bouncer.thaw()
            database.dispose()


@pytest.mark.parametrize("ignored", ["options", "extra_float_digits"])
def test_transactions_without_the_direct_address_are_refused_in_a_sentence(
    postgresql: PostgresServer, settings: Settings, database: Database, tmp_path: Path, ignored: str
) -> None:
    with running_pgbouncer(postgresql, "transaction", ignored) as bouncer:
        given = {"ESCHOOL_DATABASE_URL": bouncer.url(name_of(settings)), "ESCHOOL_SECRET_KEY": SECRET_KEY}
        told = sentence(eschool("scheduler", "serve", home=tmp_path / "home", **given), 1)
        assert "also set ESCHOOL_DATABASE_DIRECT_URL" in told
        with pytest.raises(OperationError, match="ESCHOOL_DATABASE_DIRECT_URL"):
            open_database(settings_of(bouncer, settings))


def waits_for(happened: Callable[[], bool], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
