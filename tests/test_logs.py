"""An outage says once a minute that it lasts, and why."""

import io
import json
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import structlog

import logs
from errors import OperationError


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
        away = OperationError("The database does not answer: no route to host.")
        for _ in range(5):
            log.warning("chore.database_away", reason=str(away))
            log.error("recorder.database_away", reason=str(away), entries=2)
            log.error("request.failed", endpoint="home", **logs.outage(away))
            log.error("school.away", reason=str(away))
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
            log.info("call.ended", number=number)
        events = [str(line["event"]) for line in written()]
        assert sorted(events) == ["call.ended", "call.ended", "call.ended", "chore.database_away", "pbx.away"]

    def test_another_failure_tells_no_message(self) -> None:
        assert logs.outage(OperationError("The text „Мария“ cannot be spoken.")) == {}
