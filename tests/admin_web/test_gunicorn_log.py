"""What gunicorn says keeps process ids, codes, signals and reasons, and no address of a page."""

import json
import logging
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from admin_web.gunicorn_log import sentence
from devtools.site import Site, served
from school.monitoring import health
from tests.school.conftest import NOW


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("gunicorn.error", logging.ERROR, "arbiter.py", 1, message, values, None)


@pytest.mark.parametrize(
    ("message", "values", "told"),
    [
        ("Worker (pid:%s) was sent %s! Perhaps out of memory?", (71, "SIGKILL"), "Worker (pid:71) was sent SIGKILL!"),
        ("Worker (pid:%s) exited with code %s.", (71, 3), "Worker (pid:71) exited with code 3."),
        ("WORKER TIMEOUT (pid:%s)", (71,), "WORKER TIMEOUT (pid:71)"),
        ("Reason: %s", ("Worker failed to boot.",), "Reason: Worker failed to boot."),
        ("Error handling request %s", ("/lessons/student/17?name=Мария",), "Error handling request …"),
        ("Exception during worker exit:\n%s", ("Traceback Мария",), "Exception during worker exit:"),
    ],
)
def test_a_sentence(message: str, values: tuple[object, ...], told: str) -> None:
    assert sentence(record(message, *values)).startswith(told)
    assert "Мария" not in sentence(record(message, *values))


@pytest.mark.slow
def test_of_a_worker_that_is_killed(sqlite_demonstration: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_demonstration, tmp_path / "eschool.db")
    log = tmp_path / "web-serve.log"
    with served(tmp_path, NOW, ESCHOOL_WEB_WORKERS="1") as site:
        while not (found := workers_of(site)):
            time.sleep(0.1)
        (worker,) = found
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while f"(pid:{worker}) was sent SIGKILL" not in log.read_text("utf-8"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    (line,) = [line for line in log.read_text("utf-8").splitlines() if f"pid:{worker}" in line]
    assert json.loads(line)["event"] == "gunicorn.said"


def workers_of(site: Site) -> list[int]:
    """The web's process that listens is the parent of its workers; they say in the database which they are."""
    with site.database() as database, database.reading() as session:
        found = health.found(session, site.now, health.Process.WEB)
    return [int(one.instance.split(":")[2]) for one in found]
