"""Our side: a school with an outbox on each kind of database, and the gateway process that empties it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import click
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from bench.sms.outbox_rows import OPERATOR
from db.migrate import upgrade
from db.models import School
from db.session import Database
from demonstration import load
from devtools.pbx import eschool_process, settings_of
from devtools.postgres import PostgresServer, running_server
from settings import Settings

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
SECRET_KEY = "a key for benches that is long enough to be one"
DURABLE = {"listen_addresses": "", "max_wal_size": "4GB"}
"""PostgreSQL as it is delivered, every commit on the disk; only its checkpoints are rarer."""

OPERATORS = """
[operators.{name}]
host = "127.0.0.1"
port = {port}
system_id = "eschool"
password = "secret"
window = {window}
longest_retry_seconds = 1
"""


@dataclass(frozen=True)
class Outbox:
    """A database of the bench's own, in a home of its own."""

    kind: str
    variables: dict[str, str]

    @property
    def settings(self) -> Settings:
        """The settings of its processes."""
        return settings_of(self.variables)

    @contextmanager
    def open(self) -> Iterator[Database]:
        """The database."""
        database = Database(self.settings.database, self.settings.key())
        try:
            yield database
        finally:
            database.dispose()

    def write(self, what: Callable[[Session], None]) -> None:
        """Write in one transaction, and let the database learn what it holds now."""
        with self.open() as database:
            with database.session() as session:
                what(session)
            if self.kind == POSTGRESQL:
                with database.session() as session:
                    session.connection().execute(text("COMMIT"))
                    session.connection().execute(text("ANALYZE"))

    @contextmanager
    def gateway(self, smsc_port: int, window: int) -> Iterator[int]:
        """The gateway with one link to the SMSC: its process id."""
        home = self.settings.home_path
        (home / "operators.toml").write_text(OPERATORS.format(name=OPERATOR, port=smsc_port, window=window), "utf-8")
        with eschool_process(self.variables, "sms", "serve", log=home / "gateway.log") as process:
            yield process.pid


class Outboxes:
    """Makes outboxes: each a copy of a school made once on each kind of database."""

    def __init__(self, folder: Path, server: PostgresServer | None) -> None:
        self._folder, self._server = folder, server
        self._numbers = count(1)

    @contextmanager
    def fresh(self, kind: str, like: Outbox | None = None) -> Iterator[Outbox]:
        """The demonstration school without its hours of rest; or a copy of `like`, which nobody has open."""
        home = self._folder / f"home-{next(self._numbers)}"
        home.mkdir(mode=0o700)  # the gateway takes no other
        address = ""
        if kind == POSTGRESQL:
            assert self._server is not None
            self._server.create(home.name, like.settings.home_path.name if like else "template0")
            address = self._server.url(home.name)
        elif like:
            shutil.copy(like.settings.home_path / "eschool.db", home)
        outbox = Outbox(
            kind,
            {
                "ESCHOOL_HOME": str(home),
                "ESCHOOL_DATABASE_URL": address,
                "ESCHOOL_SECRET_KEY": SECRET_KEY,
                "ESCHOOL_OPERATORS_FILE": str(home / "operators.toml"),
                "ESCHOOL_LOG_LEVEL": "WARNING",
                "ESCHOOL_SMS_PARTS_A_DAY": "0",
            },
        )
        if like is None:
            upgrade(outbox.settings)
            outbox.write(_school)
        try:
            yield outbox
            _tell_of_troubles(home / "gateway.log")
        finally:
            if self._server is not None and kind == POSTGRESQL:
                self._server.drop(home.name)
            shutil.rmtree(home)


@contextmanager
def outboxes(folder: Path, kinds: list[str]) -> Iterator[Outboxes]:
    """A maker of outboxes, with a PostgreSQL server if one is wanted."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server(DURABLE)) if POSTGRESQL in kinds else None
        yield Outboxes(folder, server)


def _school(session: Session) -> None:
    load(session, datetime.now(UTC))
    session.execute(update(School).values(from_hour=0, until_hour=24))


def _tell_of_troubles(log: Path) -> None:
    """What the gateway warned of, on stderr: a figure got in trouble is not a figure of the product."""
    if log.exists():
        for one in log.read_text("utf-8", "replace").splitlines()[:5]:
            click.echo(f"  gateway: {one}", err=True)
