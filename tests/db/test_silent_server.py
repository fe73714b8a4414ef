"""A server that is cut off or frozen without a word: nobody waits for longer than ten seconds, then all goes on."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from db.connecting import COMMAND, Use, arguments, libpq_address
from db.pools import ServerPool
from db.session import Database
from devtools.silent_line import SilentLine, silent_line
from devtools.site import SECRET_KEY
from errors import OperationError
from settings import Settings

LONGEST = 10.0
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)]


@pytest.fixture
def line(settings: Settings) -> Iterator[SilentLine]:
    folder = settings.database.rpartition("host=")[2]
    with silent_line(Path(folder) / ".s.PGSQL.5432") as found:
        yield found


def address_by(line: SilentLine, settings: Settings) -> str:
    name = settings.database.split("@/")[1].split("?")[0]
    return f"postgresql://eschool@{line.host}:{line.port}/{name}"


@pytest.fixture
def distant(line: SilentLine, settings: Settings) -> Iterator[Database]:
    """The test's database at the other end of a line."""
    opened = Database(address_by(line, settings), SECRET_KEY.encode(), use=Use("test", 4))
    with opened.reading() as session:
        session.execute(text("SELECT 1"))
    yield opened
    opened.dispose()


def seconds_of_failure(database: Database, statement: str = "SELECT 1") -> float:
    """How long it takes until one is told that the database does not answer."""
    began = time.monotonic()
    with pytest.raises(OperationError, match="database does not answer"), database.reading() as session:
        session.execute(text(statement))
    return time.monotonic() - began


class TestSilence:
    def test_a_question_during_which_it_falls_silent_ends(self, distant: Database, line: SilentLine) -> None:
        threading.Timer(1.0, line.fall_silent).start()
        assert seconds_of_failure(distant, "SELECT pg_sleep(3)") < LONGEST

    def test_a_question_on_an_idle_connection_and_all_after_it_end(self, distant: Database, line: SilentLine) -> None:
        time.sleep(1.2)  # an idle connection is asked first whether it still lives
        line.fall_silent()
        assert seconds_of_failure(distant) < LONGEST
        assert seconds_of_failure(distant) < LONGEST
        line.speak()
        with distant.reading() as session:
            assert session.execute(text("SELECT 2")).scalar() == 2

    def test_many_that_ask_at_once_wait_no_longer(self, distant: Database, line: SilentLine) -> None:
        time.sleep(1.2)
        line.fall_silent()
        waited: list[float] = []
        threads = [threading.Thread(target=lambda: waited.append(seconds_of_failure(distant))) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(waited) == 8
        assert max(waited) < LONGEST

    def test_a_long_question_to_a_server_that_answers_goes_on(self, distant: Database) -> None:
        with distant.reading() as session:
            assert session.execute(text("SELECT 7 FROM pg_sleep(8)")).scalar() == 7


class TestConnections:
    def test_they_are_named_and_given_back_when_idle(
        self, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        used = Database(settings.database, SECRET_KEY.encode(), use=Use("smpp", 3))
        threads = [threading.Thread(target=_sleep, args=(used,)) for _ in range(6)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(connections(database, "eschool smpp@")) == 3
        monkeypatch.setattr("db.pools.IDLE_SECONDS", 0.5)
        deadline = time.monotonic() + 20
        while connections(database, "eschool smpp@"):
            assert time.monotonic() < deadline, "idle connections stay"
            time.sleep(0.1)
        _sleep(used)
        used.dispose()

    def test_the_server_frees_what_a_lost_host_held(self, settings: Settings) -> None:
        """As far as the connection asks it to; over a Unix socket it has nothing to ask."""
        with silent_line(Path(settings.database.rpartition("host=")[2]) / ".s.PGSQL.5432") as line:
            address = address_by(line, settings)
            with psycopg.connect(address, **arguments(COMMAND)) as connection:
                shown = connection.execute("SELECT current_setting('idle_in_transaction_session_timeout')").fetchone()
        assert shown == ("1min",)

    def test_a_server_that_is_full_for_a_moment_costs_no_error(self, settings: Settings, database: Database) -> None:
        with database.session() as session:
            name = session.execute(text("SELECT current_database()")).scalar_one()
            session.execute(text(f'ALTER DATABASE "{name}" CONNECTION LIMIT 2'))
            session.execute(text("CREATE ROLE newcomer LOGIN"))
        try:
            address = settings.database.replace("eschool@", "newcomer@")
            first = psycopg.connect(address, autocommit=True)
            threading.Timer(1.0, first.close).start()
            used = Database(address, SECRET_KEY.encode())
            began = time.monotonic()
            with used._writer.connect() as connection:
                assert connection.execute(text("SELECT 1")).scalar() == 1
            assert time.monotonic() - began > 0.5
            used.dispose()
        finally:
            with database.session() as session:
                session.execute(text("DROP ROLE newcomer"))


def _sleep(database: Database) -> None:
    with database.reading() as session:
        session.execute(text("SELECT pg_sleep(0.3)"))


def connections(database: Database, name: str) -> list[str]:
    """The names of the connections to the test's database that begin so."""
    with database.reading() as session:
        return list(
            session.scalars(
                text(
                    "SELECT application_name FROM pg_stat_activity "
                    "WHERE datname = current_database() AND starts_with(application_name, :name)"
                ),
                {"name": name},
            )
        )


def test_the_pool_is_ours(database: Database) -> None:
    assert isinstance(database._writer.pool, ServerPool)
    assert libpq_address(database._writer.url).startswith("postgresql://")
