"""The web while its database is silent: every request ends soon, and the figures for monitoring can still be read."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from admin_web.application import create_app
from admin_web.database import KEY
from db.session import Database
from devtools.silent_line import SilentLine, silent_line
from devtools.site import SECRET_KEY
from settings import Settings
from tests.admin_web.test_metrics import figure
from tests.db.test_silent_server import LONGEST, address_by

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)]


@pytest.fixture
def line(settings: Settings) -> Iterator[SilentLine]:
    with silent_line(Path(settings.database.rpartition("host=")[2]) / ".s.PGSQL.5432") as found:
        yield found


@pytest.fixture
def client(line: SilentLine, settings: Settings) -> Iterator[FlaskClient]:
    """An application whose database is at the other end of the line."""
    app = create_app(Settings(home=settings.home, database_url=address_by(line, settings), secret_key=SECRET_KEY))
    yield app.test_client()
    database: Database = app.extensions[KEY]
    database.dispose()


def test_each_request_ends_and_monitoring_can_be_read(client: FlaskClient, line: SilentLine) -> None:
    assert figure(client.get("/metrics").text, "eschool_database_up") == 1
    assert figure(client.get("/metrics").text, "eschool_clock_keepers") == 0
    time.sleep(1.2)
    line.fall_silent()
    told = ""
    for address, status in (("/metrics", 200), ("/healthz", 503), ("/metrics", 200)):
        began = time.monotonic()
        answer = client.get(address)
        assert time.monotonic() - began < LONGEST, address
        assert answer.status_code == status
        told = answer.text
    assert figure(told, "eschool_database_up") == 0
    assert figure(told, "eschool_disk_bytes", what="free") > 0
    line.speak()
    assert client.get("/healthz").status_code == 200
    assert figure(client.get("/metrics").text, "eschool_database_up") == 1
