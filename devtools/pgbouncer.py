"""A real PgBouncer of a test's own, before the tests' PostgreSQL."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from devtools.postgres import PostgresServer
from devtools.telephone.free_ports import free_port

CONFIGURATION = """
[databases]
* = host={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
logfile = {folder}/log
pidfile = {folder}/pid
pool_mode = {mode}
default_pool_size = 6
ignore_startup_parameters = {ignored}
"""


@dataclass
class PgBouncer:
    """One that runs."""

    port: int
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        """The address of a database by way of it."""
        return f"postgresql://eschool@127.0.0.1:{self.port}/{database}"

    def freeze(self) -> None:
        """It stands still, and its host acknowledges what it is sent."""
        self.process.send_signal(signal.SIGSTOP)
        while Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.01)

    def thaw(self) -> None:
        """It goes on."""
        self.process.send_signal(signal.SIGCONT)


def program() -> str | None:
    """Where PgBouncer is: Debian keeps it where only root looks."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def running_pgbouncer(server: PostgresServer, mode: str, ignored: str = "options") -> Iterator[PgBouncer]:
    """Start one; `mode`: session, transaction or statement, `ignored`: parameters that it takes and ignores."""
    folder, port = Path(tempfile.mkdtemp(prefix="eschool-pgbouncer-")), free_port()
    (folder / "users").write_text('"eschool" ""\n')
    (folder / "ini").write_text(
        CONFIGURATION.format(server=server.socket_folder, port=port, folder=folder, mode=mode, ignored=ignored)
    )
    if server.user:
        for one in (folder, *folder.iterdir()):
            shutil.chown(one, server.user)
    process = subprocess.Popen(
        [str(program()), "-q", str(folder / "ini")],
        user=server.user,
        group=server.user and pwd.getpwnam(server.user).pw_gid,
        extra_groups=[] if server.user else None,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process, folder / "log")
        yield PgBouncer(port, process)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"PgBouncer did not start: {log.read_text() if log.exists() else ''}")
