"""A backup while everybody writes is of one moment; a killed one leaves nothing that looks like a backup."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from backup import folder
from backup.making import make
from db.migrate import upgrade
from db.session import Database, open_database
from devtools.pbx import CHECKOUT, ESCHOOL, environment
from errors import OperationError
from settings import Settings
from tests.backup.conftest import Place, Platform, settings_of

BALANCE = 1_000_000
"""Two rows of `line_use` always have this together: a half transaction shows."""


def variables(settings: Settings) -> dict[str, str]:
    return {
        "ESCHOOL_HOME": str(settings.home_path),
        "ESCHOOL_DATABASE_URL": settings.database_url,
        "ESCHOOL_SECRET_KEY": settings.secret_key,
        "ESCHOOL_BACKUP_FOLDER": str(settings.backup_folder or ""),
    }


def fill(database: Database, megabytes: int) -> None:
    """Make the database large enough that copying it takes a while."""
    many = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "INSERT INTO audit (at, action, entity, entity_id, details) "
        "SELECT '2026-11-24 10:00:00+00', 'test', 'test', i, :long FROM n"
    )
    for part in range(megabytes):
        with database.session() as session:
            session.execute(text(many), {"long": f'{{"{part}": "{os.urandom(260).hex()}"}}'})


@contextmanager
def writers(database: Database) -> Iterator[list[int]]:
    """Threads that move from one row to the other as fast as they can; gives how often they did."""
    with database.session() as session:
        school = session.scalars(text("SELECT min(id) FROM school")).one()
        for day, calls in (("2001-01-01", BALANCE), ("2001-01-02", 0)):
            session.execute(
                text(
                    "INSERT INTO line_use "
                    "(school_id, day, calls, call_seconds, sms_parts, campaign_calls, campaign_texts) "
                    "VALUES (:school, :day, :calls, 0, 0, 0, 0)"
                ),
                {"school": school, "day": day, "calls": calls},
            )
    done, over = [0], threading.Event()

    def move() -> None:
        while not over.is_set():
            with database.session() as session:
                for day, by in (("2001-01-01", -1), ("2001-01-02", 1)):
                    session.execute(
                        text("UPDATE line_use SET calls = calls + :by WHERE day = :day"), {"by": by, "day": day}
                    )
            done[0] += 1

    threads = [threading.Thread(target=move) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_it_holds_no_half_transaction(platform: Platform, place: Place) -> None:
    database = open_database(platform.settings)
    fill(database, 20)
    with writers(database) as moved:
        while moved[0] < 10:
            time.sleep(0.01)
        before = moved[0]
        file = platform.back_up()
        after = moved[0]
    database.dispose()
    assert after > before  # nobody had to wait for its end
    place.restore(file)
    restored = place.open()
    with restored.reading() as session:
        calls = session.scalars(
            text("SELECT calls FROM line_use WHERE day IN ('2001-01-01', '2001-01-02') ORDER BY day")
        ).all()
    restored.dispose()
    assert sum(calls) == BALANCE
    assert before <= calls[1] <= after + 3


def test_a_killed_backup_leaves_no_file_and_the_next_one_tidies_up(platform: Platform) -> None:
    database = open_database(platform.settings)
    fill(database, 60)
    database.dispose()
    for after in (0.0, 0.15, 0.4):
        process = subprocess.Popen([ESCHOOL, "backup"], env=environment(variables(platform.settings)), cwd=CHECKOUT)
        deadline = time.monotonic() + 60
        while not list(platform.folder.glob(folder.PART)):
            assert process.poll() is None, "it was over before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.returncode == -signal.SIGKILL and not folder.found(platform.folder):
            break
    assert folder.found(platform.folder) == []
    assert len(list(platform.folder.glob(folder.PART))) == 1
    made = make(platform.settings)
    assert folder.found(platform.folder) == [made.path]
    assert list(platform.folder.glob(folder.PART)) == []
    assert list((platform.settings.home_path / folder.WORK).glob("*/*")) == []


def test_a_killed_restore_is_no_platform_and_can_be_made_again(platform: Platform, place: Place) -> None:
    database = open_database(platform.settings)
    fill(database, 40)
    database.dispose()
    file = platform.back_up()
    process = subprocess.Popen(
        [ESCHOOL, "restore", "--into", place.into, str(file)],
        env=environment(variables(place.settings)),
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    is_home = place.into == str(place.home)
    while not list(place.home.glob(".restoring/eschool.db" if is_home else ".restoring/*")):
        assert process.poll() is None, "it was over before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    time.sleep(0.02 if is_home else 0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(OperationError):  # there is no database, or no table in it
        place.open()
    if is_home:
        with pytest.raises(OperationError, match=r"A restore into .* was interrupted"):
            upgrade(place.settings)
    deadline = time.monotonic() + 30
    rows = 0
    while not rows:
        try:
            rows = place.restore(file).rows
        except OperationError:  # the server has not noticed yet that the killed one is gone
            assert time.monotonic() < deadline
            time.sleep(0.5)
    assert rows > 80_000
    place.open().dispose()


def test_it_needs_no_memory_for_the_size_of_the_database(platform: Platform, place: Place, tmp_path: Path) -> None:
    """Of a database that is 100 MB larger the backup takes no more, and the restore less than that."""

    def peak(*command: str, of: Mapping[str, str]) -> int:
        script = (
            "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
        )
        told = subprocess.run(
            [sys.executable, "-c", script, str(ESCHOOL), *command],
            env=environment(of), cwd=CHECKOUT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return int(told.stdout.splitlines()[-1])

    small = peak("backup", of=variables(platform.settings))
    database = open_database(platform.settings)
    fill(database, 100)
    database.dispose()
    assert peak("backup", of=variables(platform.settings)) < small + 20_000
    newest = str(folder.newest(platform.folder))
    at_rest = peak("outbox", "show", of=variables(platform.settings))
    assert peak("restore", "--into", place.into, newest, of=variables(place.settings)) < at_rest + 50_000


class TestTheDisk:
    def test_a_disk_without_room_is_refused_at_once(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("backup.disk.SPARE", 10**18)
        with pytest.raises(OperationError, match="There is no room for"):
            make(platform.settings)
        assert folder.found(platform.folder) == []

    def test_a_disk_that_fills_meanwhile(self, platform: Platform) -> None:
        """By a limit on the size of files, which ends a write as a full disk does: in the middle of it."""
        waiting = platform.settings.home_path / "calls-waiting"
        waiting.mkdir()
        for number in range(4):
            (waiting / f"{number}.json").write_bytes(os.urandom(2**20))

        def limited() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (5 * 2**19, 5 * 2**19))

        told = subprocess.run(
            [ESCHOOL, "backup"], env=environment(variables(platform.settings)), cwd=CHECKOUT, capture_output=True,
            text=True, preexec_fn=limited, check=False,
        )  # fmt: skip
        assert told.returncode == 1
        (line,) = told.stderr.splitlines()
        assert line.startswith(f"eschool: The disk of {platform.folder} is full: ")
        assert folder.found(platform.folder) == []
        assert list(platform.folder.glob(folder.PART)) == []


def test_two_at_once_are_one_and_a_refusal(platform: Platform) -> None:
    with folder.alone(folder.folder_of(platform.settings)), pytest.raises(OperationError, match="Another backup"):
        make(platform.settings)


def test_the_newest_are_kept_and_the_last_good_one(tmp_path: Path, platform: Platform) -> None:
    from backup.verifying import verify

    few = settings_of(platform.settings.home_path, platform.settings.database_url, platform.folder).model_copy(
        update={"backup_keep": 2}
    )
    good = make(few).path
    verify(few, good)
    others = [make(few).path for _ in range(3)]
    assert folder.found(platform.folder) == [others[2], others[1], good]
