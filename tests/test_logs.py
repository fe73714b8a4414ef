"""An outage says once a minute that it lasts, and why."""

import io
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
import structlog
from sqlalchemy import make_url

import logs
from db.failures import failure
from errors import DatabaseAwayError, OperationError


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, object]]]]:
    """What a process has logged since the last look; a minute is a fifth of a second."""
    output = io.StringIO()
    monkeypatch.setattr(sys, "stderr", output)
    monkeypatch.setattr(logs._OneAMinute.__init__, "__defaults__", (0.2,))
    logs.configure("test")

    def look() -> list[dict[str, object]]:
        told = output.getvalue()
        output.seek(0)
        output.truncate()
        return [json.loads(line) for line in told.splitlines()]

    yield look
    structlog.reset_defaults()


Look = Callable[[], list[dict[str, object]]]


class TestOutage:
    def test_of_the_database_whoever_notices_it(self, written: Look) -> None:
        log = logs.get("test")
        away = DatabaseAwayError("The database does not answer: no route to host.")
        for _ in range(5):
            log.warning("chore.database_away", reason=str(away))
            log.error("recorder.database_away", reason=str(away), entries=2)
            log.error("request.failed", endpoint="home", **logs.outage(away))
            log.error("school.away", **logs.reason(away))
        (first,) = written()
        assert (first["event"], first["reason"]) == ("chore.database_away", str(away))
        time.sleep(0.25)
        log.error("recorder.database_away", reason=str(away))
        (second,) = written()
        assert (second["event"], second["more"]) == ("recorder.database_away", 19)

    def test_what_else_is_away_has_a_line_of_its_own_and_all_else_every_line(self, written: Look) -> None:
        log = logs.get("test")
        for number in range(3):
            log.warning("chore.database_away", reason="The database does not answer: full.")
            log.warning("pbx.away", reason="refused")
            log.error("job.failed", **logs.reason(OperationError("The database of the backup is damaged: x.")))
            log.info("call.ended", number=number)
        events = [str(line["event"]) for line in written()]
        assert sorted(events) == [
            "call.ended",
            "call.ended",
            "call.ended",
            "chore.database_away",
            *["job.failed"] * 3,
            "pbx.away",
        ]

    def test_of_a_database_whose_address_is_named(self, written: Look) -> None:
        """By whatever words it is told: a command's, a worker's that waits in vain, a full disk's."""
        log = logs.get("test")
        url = make_url("postgresql+psycopg://eschool@192.0.2.1/eschool")
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL
        for away in (
            failure(psycopg.OperationalError("connection refused"), url, named=True),
            failure(full, make_url("sqlite:////var/lib/eschool/eschool.db")),
            DatabaseAwayError("Every worker waits for the database."),
        ):
            log.error("school.away", **logs.reason(away))
            log.error("request.failed", **logs.outage(away))
        (only,) = written()
        assert (
            only["reason"]
            == "The database postgresql+psycopg://eschool@192.0.2.1/eschool does not answer: connection refused."
        )
        assert "outage" not in only

    def test_another_failure_tells_no_message(self) -> None:
        assert logs.outage(OperationError("The text „Мария“ cannot be spoken.")) == {}
