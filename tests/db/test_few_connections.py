"""Two whole hosts and a server of twenty connections: all processes live, and both webs answer."""

import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from db.migrate import upgrade
from db.session import Database
from devtools.pbx import eschool_process, free_addresses
from devtools.postgres import FAST, PostgresServer, running_server
from devtools.site import SECRET_KEY
from school.monitoring import health
from school.monitoring.health import Process
from tests.conftest import settings_for

PROCESSES = {
    "web": ("web", "serve"),
    "agi": ("agi", "serve"),
    "dialer": ("agi", "dial"),
    "smpp": ("sms", "serve"),
    "mail": ("mail", "serve"),
    "scheduler": ("scheduler", "serve"),
}
IDLE_HOST = 12
pytestmark = [pytest.mark.slow, pytest.mark.postgresql, pytest.mark.timeout(400)]


@pytest.fixture
def small_server() -> Iterator[PostgresServer]:
    with running_server({**FAST, "max_connections": "20"}) as server:
        yield server


def test_two_idle_hosts_leave_the_server_room(small_server: PostgresServer, tmp_path: Path) -> None:
    small_server.create("eschool")
    url = small_server.url("eschool")
    upgrade(settings_for(tmp_path, url))
    with ExitStack() as running:
        webs = []
        for host in ("first", "second"):
            home = tmp_path / host
            home.mkdir(mode=0o700)
            given = {
                **free_addresses(),
                "ESCHOOL_HOME": str(home),
                "ESCHOOL_DATABASE_URL": url,
                "ESCHOOL_SECRET_KEY": SECRET_KEY,
            }
            webs.append(given["ESCHOOL_WEB_PORT"])
            for name, command in PROCESSES.items():
                running.enter_context(eschool_process(given, *command, log=home / f"{name}.log"))
        database = Database(url, SECRET_KEY.encode())
        running.callback(database.dispose)
        everybody = {*Process}

        def spoke() -> set[str]:
            with database.reading() as session:
                return {one.process for one in health.found(session, datetime.now(UTC)) if not one.is_silent}

        deadline = time.monotonic() + 120
        while spoke() != everybody:
            assert time.monotonic() < deadline, spoke()
            time.sleep(1)
        answers: Counter[int] = Counter()
        until = time.monotonic() + 45
        while time.monotonic() < until:
            for port in webs:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=15) as answer:
                        answers[answer.status] += 1
                except urllib.error.HTTPError as error:
                    answers[error.code] += 1
                    error.close()
            time.sleep(1)
        with database.reading() as session:
            rows = session.execute(
                text(
                    "SELECT split_part(application_name, '@', 1), count(*) FROM pg_stat_activity "
                    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1 ORDER BY 1"
                )
            ).all()
        print(answers, {row[0]: row[1] for row in rows})
        assert set(answers) == {200}
        assert sum(count for _, count in rows) <= 2 * IDLE_HOST
