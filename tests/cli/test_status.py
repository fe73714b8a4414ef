"""`eschool status`: what of this host should run and does not, and what lives elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.session import Database
from devtools.site import SECRET_KEY
from runtime.host import this_host
from school.monitoring import health
from school.monitoring.health import Health, Process
from settings import Settings
from tests.cli.test_command_line import eschool

pytestmark = pytest.mark.slow


@pytest.fixture
def elsewhere(database: Database) -> list[Health]:
    """Everything runs, on another host."""
    now = datetime.now(UTC)
    told = [
        Health(Process.VOICE, "host-b:1:2:3", "listening", True, now),
        Health(Process.DIALER, "host-b:1:2:3", "ready", True, now),
        Health(Process.GATEWAY, "host-b:1:2:3", "bound", True, now, part="a1/1"),
        Health(Process.GATEWAY, "host-b:1:2:3", "refused", False, now, part="a1/2"),
        Health(Process.SENDER, "host-b:1:2:3", "ready", True, now),
        Health(Process.SCHEDULER, "host-b:1:2:3", "keeping", True, now),
    ]
    with database.session() as session:
        health.say(session, *told)
    return told


def status(settings: Settings, home: Path, **more: str) -> tuple[int, dict[str, str]]:
    given = {"ESCHOOL_DATABASE_URL": settings.database, "ESCHOOL_SECRET_KEY": SECRET_KEY, **more}
    result = eschool("status", home=home, **given)
    lines = (line.strip().partition(" ") for line in result.stdout.splitlines())
    return result.returncode, {name: words.strip() for name, _, words in lines}


@pytest.mark.usefixtures("elsewhere")
def test_what_runs_on_another_host_does_not_count_for_this_one(settings: Settings, tmp_path: Path) -> None:
    code, told = status(settings, tmp_path)
    assert code == 1
    for process in ("dialer", "smpp", "mail", "scheduler"):
        assert told[process].startswith("away: no"), process
    assert told["scheduler"].endswith("; host-b keeps the clock")
    assert told["platform"] == f"this host is {this_host()}"
    assert told["host-b"] == "agi listening, dialer ready, smpp 1 of 2 links, mail ready, scheduler keeping"


def test_a_host_stands_by_for_the_clock_of_another(
    settings: Settings, database: Database, elsewhere: list[Health], tmp_path: Path
) -> None:
    here = replace(elsewhere[-1], instance=f"{this_host()}:1:2:3", state="standing by")
    with database.session() as session:
        health.say(session, here)
    code, told = status(settings, tmp_path, ESCHOOL_PROCESSES="scheduler")
    assert code == 0
    assert "host-b keeps the clock" in told["scheduler"]
    assert not told.keys() & {"dialer", "smpp", "mail", "web", "asterisk", "agi", "simulator", "mailbox"}


def test_processes_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    result = eschool("status", home=tmp_path, ESCHOOL_PROCESSES="mail,fax")
    assert result.returncode == 2
    assert "ESCHOOL_PROCESSES=mail,fax is not usable: give names out of asterisk, agi" in result.stderr
