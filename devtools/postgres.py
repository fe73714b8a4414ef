"""A real PostgreSQL server for the tests: its own data in a temporary folder, reached by a Unix socket only."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "listen_addresses": "",
}
"""Nothing of a test has to survive a power cut, a copied database waits for no vacuum, and no port is taken."""

_MEMORY = Path("/dev/shm")
"""Hundreds of databases are copied and dropped: in memory that costs a quarter."""


@dataclass
class PostgresServer:
    """A server that can be stopped and started again. `command` starts it, as `user` unless that is None."""

    socket_folder: Path
    command: Sequence[str]
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.socket_folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                user=self.user,
                group=self.user and pwd.getpwnam(self.user).pw_gid,
                extra_groups=[] if self.user else None,
                cwd=self.socket_folder,
            )
        _wait_until_it_answers(self)

    def stop(self) -> None:
        """Stop it as an operator does: whoever is connected is cut off."""
        if self.process:
            self.process.send_signal(signal.SIGINT)  # "fast" shutdown
            self.process.wait(30)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://eschool@/{database}?host={self.socket_folder}"

    def create(self, database: str, template: str = "template0") -> None:
        """Make a database as a copy of another."""
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def end_connections(self, database: str) -> None:
        """End every connection to a database, as a restart of the server does."""
        self._execute(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(
                sql.Literal(database)
            )
        )

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_server(configuration: Mapping[str, str] = FAST) -> Iterator[PostgresServer]:
    """Start a server and stop it at the end; it also ends when the tests are killed."""
    in_memory = configuration is FAST and _MEMORY.is_dir()
    folder = Path(tempfile.mkdtemp(prefix="eschool-postgres-", dir=_MEMORY if in_memory else None))
    try:
        user = _unprivileged_user() if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        _run([_program("initdb"), "-D", str(folder / "data"), "-U", "eschool", "-A", "trust", "-E", "UTF8", "-N"], user)
        settings = [part for name, value in configuration.items() for part in ("-c", f"{name}={value}")]
        command = [*_ends_with_us(), _program("postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
        server = PostgresServer(folder, command, user)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_it_answers(server: PostgresServer) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            if (server.process and server.process.poll() is not None) or time.monotonic() > deadline:
                told = (server.socket_folder / "log").read_text()
                raise RuntimeError(f"PostgreSQL did not start:\n{told}") from None
            time.sleep(0.05)
        else:
            return


def _run(command: list[str], user: str | None) -> None:
    group = pwd.getpwnam(user).pw_gid if user else None
    groups: list[str | int] | None = [] if user else None
    done = subprocess.run(command, user=user, group=group, extra_groups=groups, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")


def _ends_with_us() -> list[str]:
    """Ask the kernel to stop the server when the tests' process ends without doing so."""
    return ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []


def _program(name: str) -> str:
    """A program of the newest PostgreSQL: Debian keeps them in a folder per version, off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if not found:
        raise RuntimeError(f"{name} is missing: install PostgreSQL (Debian and Ubuntu: `apt install postgresql`).")
    return found


def _unprivileged_user() -> str:
    """PostgreSQL refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.")
