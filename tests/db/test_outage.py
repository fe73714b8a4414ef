"""The server stops for a while: each process says so once, with the reason, and all go on when it is back."""

import json
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.migrate import upgrade
from db.session import Database
from devtools.pbx import eschool_process, free_addresses
from devtools.postgres import running_server
from devtools.site import SECRET_KEY
from school.monitoring import health
from school.monitoring.health import Process
from tests.conftest import settings_for

PROCESSES = {
    Process.VOICE: ("agi", "serve"),
    Process.GATEWAY: ("sms", "serve"),
    Process.SENDER: ("mail", "serve"),
    Process.SCHEDULER: ("scheduler", "serve"),
}
AWAY_SECONDS = 25.0
pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


def test_each_process_says_so_once_with_the_reason(tmp_path: Path) -> None:
    with running_server() as server, ExitStack() as running:
        server.create("eschool")
        url = server.url("eschool")
        upgrade(settings_for(tmp_path, url))
        given = {
            **free_addresses(),
            "ESCHOOL_HOME": str(tmp_path),
            "ESCHOOL_DATABASE_URL": url,
            "ESCHOOL_SECRET_KEY": SECRET_KEY,
        }
        for process, command in PROCESSES.items():
            running.enter_context(eschool_process(given, *command, log=tmp_path / f"{process}.log"))
        database = Database(url, SECRET_KEY.encode())
        running.callback(database.dispose)
        wait_for_all(database, since=datetime.now(UTC))
        before = {process: len(troubles(tmp_path / f"{process}.log")) for process in PROCESSES}
        server.stop()
        time.sleep(AWAY_SECONDS)
        told = {process: troubles(tmp_path / f"{process}.log")[before[process] :] for process in PROCESSES}
        server.start()
        wait_for_all(database, since=datetime.now(UTC))
    for process, lines in told.items():
        assert len(lines) == 1, (process, lines)
        assert "The database does not answer: " in str(lines[0]["reason"]) or "connection" in str(lines[0]["reason"])


def troubles(log: Path) -> list[dict[str, Any]]:
    """Everything but what is said in good times, and of a mail server and an operator that this test has not."""
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
    return [
        line
        for line in lines
        if line["level"] in ("warning", "error") and not line["event"].startswith(("link.", "smtp."))
    ]


def wait_for_all(database: Database, since: datetime) -> None:
    """Until each process has spoken after a moment."""
    deadline, spoke = time.monotonic() + 60, set[Process]()
    while time.monotonic() < deadline:
        with database.reading() as session:
            spoke = {one.process for one in health.found(session, since) if one.updated_at > since}
        if spoke == set(PROCESSES):
            return
        time.sleep(0.5)
    raise AssertionError(f"only {spoke} spoke")
