"""The web application as it runs: gunicorn with its processes, over a database of the test's own, on a school day."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import select

from db.models import SchoolClass, Subject, TeachingAssignment
from db.session import Database, open_database
from devtools.pbx import CHECKOUT, environment, settings_of
from devtools.telephone.free_ports import free_port
from settings import Settings

SECRET_KEY = "a key for tests that is long enough to be one"
START_SECONDS = 60.0
TEACHER, LEADER = "o.petkov", "direktor"
"""Log-ins before the @: who teaches mathematics in 8а, and the principal."""


def coming_school_day() -> datetime:
    """18:00 in Sofia on the first Tuesday after 20 November that is ahead: a browser forgets cookies of the past."""
    now = datetime.now(UTC)
    for year in (now.year, now.year + 1):
        on = datetime(year, 11, 21, 16, tzinfo=UTC)
        on += timedelta(days=(1 - on.weekday()) % 7)
        if on > now + timedelta(hours=12):
            return on
    raise AssertionError("there is one every year")


@dataclass
class Site:
    """A running copy. `now` is what its clock was set to at first."""

    variables: dict[str, str]
    now: datetime
    _began: float = field(default_factory=time.monotonic)
    server: subprocess.Popen[bytes] | None = None
    """The web application's first process."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.variables['ESCHOOL_WEB_PORT']}"

    @cached_property
    def settings(self) -> Settings:
        """What it was started with."""
        return settings_of(self.variables)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Its database."""
        database = open_database(self.settings)
        try:
            yield database
        finally:
            database.dispose()

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """`eschool COMMAND` beside it, its clock the same; its log is `<home>/<first word>-<second word>.log`."""
        log = self.settings.home_path / f"{command[0]}-{command[1]}.log"
        now = self.now + timedelta(seconds=time.monotonic() - self._began)
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "devtools.elsewhen", now.isoformat(), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(self.variables),
                cwd=CHECKOUT,
            )
            try:
                yield process
            finally:
                process.terminate()
                process.wait(30)


@contextmanager
def served(home: Path, now: datetime, **more: str) -> Iterator[Site]:
    """The web application over `<home>/eschool.db`, once it answers. `more`: settings, as ESCHOOL_WEB_WORKERS="1"."""
    variables = {
        "ESCHOOL_HOME": str(home),
        "ESCHOOL_SECRET_KEY": SECRET_KEY,
        "ESCHOOL_WEB_PORT": str(free_port()),
        "ESCHOOL_WEB_WORKERS": "2",
        **more,
    }
    site = Site(variables, now)
    with site.process("web", "serve") as process:
        site.server = process
        deadline = time.monotonic() + START_SECONDS
        while not _answers(site):
            assert process.poll() is None, (home / "web-serve.log").read_text("utf-8")
            assert time.monotonic() < deadline, "the web application did not start"
            time.sleep(0.1)
        yield site


def _answers(site: Site) -> bool:
    try:
        with urllib.request.urlopen(f"{site.url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def sheet_address(site: Site, lesson: int) -> str:
    """The address of a lesson's sheet."""
    with site.database() as database, database.reading() as session:
        row = session.execute(
            select(TeachingAssignment.class_id, TeachingAssignment.subject_id)
            .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
            .join(Subject, Subject.id == TeachingAssignment.subject_id)
            .where(SchoolClass.level == 8, Subject.name == "Математика")
        ).one()
    return f"/lessons/{row.class_id}/{row.subject_id}/{site.now.date()}/{lesson}"
