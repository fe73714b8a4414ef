"""How long a backup, its verification and a restore take on a filled database, and how much writers notice.

    python -m bench.backup --students 10000 --grades 500000

On SQLite and on a real PostgreSQL of its own, with writers that commit all the time. RTO here is what `eschool restore`
takes; RPO is the age of what is restored: the time between two backups and what one takes.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import text

from backup import folder
from bench.measures import percentile
from bench.school_data import KEY, fill
from db.migrate import upgrade
from db.session import Database, open_database
from demonstration.rows.platform import Size
from devtools.pbx import CHECKOUT, ESCHOOL, environment
from devtools.postgres import running_server
from settings import Settings

PAUSE = 0.01
"""Seconds between two transactions of the writer."""


@dataclass(frozen=True, slots=True)
class Took:
    """A command: seconds, and MB of memory at its peak."""

    seconds: float
    megabytes: float


def run(settings: Settings, *command: str) -> Took:
    """An `eschool` command of its own process, as an operator starts it."""
    script = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    )
    variables = {
        "ESCHOOL_HOME": str(settings.home_path),
        "ESCHOOL_DATABASE_URL": settings.database_url,
        "ESCHOOL_SECRET_KEY": KEY,
        "ESCHOOL_BACKUP_FOLDER": str(settings.backup_folder),
    }
    began = time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-c", script, str(ESCHOOL), *command],
        env=environment(variables),
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Took(time.perf_counter() - began, int(told.stdout.splitlines()[-1]) / 1024)


@contextmanager
def writer(database: Database) -> Iterator[list[float]]:
    """Commits a small transaction every PAUSE seconds; gives how long each took, in milliseconds."""
    times: list[float] = []
    over = threading.Event()

    def write() -> None:
        while not over.wait(PAUSE):
            began = time.perf_counter()
            with database.session() as session:
                session.execute(text("UPDATE school SET created_at = created_at WHERE id = 1"))
            times.append((time.perf_counter() - began) * 1000)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


def slowest(times: list[float]) -> str:
    """The median and the 99th percentile, in milliseconds."""
    return f"{median(times):.1f} / {percentile(sorted(times), 99):.1f}"


def measure(settings: Settings, size: Size, fresh: Callable[[str], str]) -> list[str]:
    """One kind of database; `fresh` gives the address of an empty one, or the path of a home, to restore into."""
    upgrade(settings)
    fill(settings.database, size)
    database = open_database(settings)
    with writer(database) as alone:
        time.sleep(3)
    with writer(database) as beside:
        made = run(settings, "backup")
    database.dispose()
    file = folder.newest(folder.folder_of(settings))
    verified = run(settings, "backup", "verify")
    restored = run(settings, "restore", "--into", fresh("same"), str(file))
    other = run(settings, "restore", "--into", fresh("other"), str(file))
    return [
        f"{file.stat().st_size / 2**20:.0f} MB",
        *(f"{one.seconds:.1f} s, {one.megabytes:.0f} MB" for one in (made, verified, restored, other)),
        f"{slowest(alone)} -> {slowest(beside)} ms",
    ]


def main() -> None:
    """Read the command line, fill, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--grades", type=int, default=500_000)
    parser.add_argument("--schools", type=int, default=16)
    given = parser.parse_args()
    size = Size(schools=given.schools, students=given.students, grades=given.grades)
    work = Path(tempfile.mkdtemp(prefix="eschool-bench-backup-"))
    heading = ("", "file", "backup", "verify", "restore", "restore onto the other kind", "a commit, median / p99")
    rows = []
    try:
        with running_server({"listen_addresses": ""}) as server:
            for kind in ("SQLite", "PostgreSQL"):
                home = work / kind
                server.create(kind.lower())
                url = server.url(kind.lower()) if kind == "PostgreSQL" else f"sqlite:///{home / 'eschool.db'}"
                settings = Settings(home=home, database_url=url, secret_key=KEY, backup_folder=work / f"{kind}-backups")

                def fresh(which: str, kind: str = kind) -> str:
                    if (kind == "SQLite") == (which == "same"):
                        return str(work / f"{kind}-restored-{which}")
                    server.create(f"restored_{kind.lower()}_{which}")
                    return server.url(f"restored_{kind.lower()}_{which}")

                rows.append([kind, *measure(settings, size, fresh)])
                if kind == "SQLite":
                    rows[-1][0] = f"SQLite, {(home / 'eschool.db').stat().st_size / 2**20:.0f} MB"
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(
        f"{given.students:,} students, {given.grades:,} grades; {os.cpu_count()} cores ({platform.machine()}), load "
        f"{os.getloadavg()[0]:.1f}\n"
    )
    for row in (heading, ["---"] * len(heading), *rows):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
