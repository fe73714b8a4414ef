"""A clock that is set by an hour, forward and back, under real processes (libfaketime moves it)."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.kinds import Channel, MessagePurpose, MessageState
from db.models import JobRun, Message
from db.session import open_database
from devtools.pbx import environment
from devtools.site import SECRET_KEY
from devtools.telephone.free_ports import free_port
from scheduler.jumps import Jumps
from school import outbox
from settings import Settings

HOUR = 3600


def test_a_clock_that_is_set_is_noticed_and_one_that_drifts_is_not() -> None:
    wall, steady = [1000.0], [50.0]
    jumps = Jumps(lambda: wall[0], lambda: steady[0])
    for moved, told in ((0.0, 0.0), (0.4, 0.0), (3600.0, 3600.0), (0.0, 0.0), (-3600.0, -3600.0), (-0.4, 0.0)):
        steady[0] += 1.0
        wall[0] += 1.0 + moved
        assert jumps.seconds() == pytest.approx(told)


class Moved:
    """Processes whose wall clock is so many seconds off, as a file says."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._file = settings.home_path / "faketime"
        self.set(0)

    def set(self, seconds: int) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.rename(self._file)

    @contextmanager
    def process(self, *command: str, **variables: str) -> Iterator[None]:
        (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        given = environment(
            {
                "ESCHOOL_HOME": str(self.settings.home_path),
                "ESCHOOL_SECRET_KEY": SECRET_KEY,
                "ESCHOOL_DATABASE_URL": self.settings.database,
                **variables,
            }
        )
        given |= {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        with (self.settings.home_path / f"{command[0]}-{command[1]}.log").open("wb") as log:
            process = subprocess.Popen(
                [Path(sys.executable).with_name("eschool"), *command], env=given, stdout=log, stderr=log
            )
            try:
                yield
                assert process.poll() is None
            finally:
                process.terminate()
                process.wait(30)


def eventually(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.3)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("faketime") is None, reason="no libfaketime here: `make test` installs it")
def test_letters_and_jobs_go_on_when_the_clock_is_set(settings: Settings) -> None:
    moved = Moved(settings)
    database = open_database(settings)
    port = {"ESCHOOL_MAIL_SIMULATOR_PORT": str(free_port())}

    def letter() -> int:
        with database.session() as session:
            found = outbox.enqueue(
                session,
                channel=Channel.EMAIL,
                address="parent@example.com",
                text="Здравейте",
                purpose=MessagePurpose.ANSWER,
                now=datetime.now(UTC),
            )
        return int(found)

    def sent() -> int:
        with database.reading() as session:
            return session.scalar(select(func.count()).where(Message.state == MessageState.SENT)) or 0

    def leases_were_seen_to() -> datetime | None:
        with database.reading() as session:
            return session.scalar(select(JobRun.started_at).where(JobRun.job == "leases", JobRun.ended_at.is_not(None)))

    with (
        moved.process("mail", "simulate", **port),
        moved.process("mail", "serve", **port),
        moved.process("scheduler", "serve"),
    ):
        letter()
        eventually(lambda: sent() == 1)
        eventually(lambda: leases_were_seen_to() is not None)
        moved.set(HOUR)
        time.sleep(3)
        letter()
        before = leases_were_seen_to()
        eventually(lambda: sent() == 2)
        eventually(lambda: leases_were_seen_to() not in (None, before))
        moved.set(0)
        time.sleep(3)
        before = leases_were_seen_to()
        letter()
        eventually(lambda: sent() == 3)
        eventually(lambda: leases_were_seen_to() not in (None, before))
    database.dispose()
