"""One application over two schools for all tests of this folder, and browsers that are signed in without a password."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin_web.application import create_app
from db.models import Staff, Subscriber
from db.session import Database, open_database
from school.accounts import sessions
from school.billing import payers
from tests.admin_web.conftest import ADMINISTRATOR, CLASS_TEACHER_OF_8A, DOMAIN, OPERATOR, PRINCIPAL
from tests.admin_web.structure.two_schools import TwoSchools, add_request, add_stranger
from tests.conftest import settings_for
from tests.school.conftest import NOW

PEOPLE = {
    "teacher": "v.kirilov",
    "class teacher": CLASS_TEACHER_OF_8A,
    "principal": PRINCIPAL,
    "school administrator": ADMINISTRATOR,
    "platform operator": OPERATOR,
}


@dataclass
class Walk:
    """The application with both schools."""

    app: OpenAPI
    database: Database
    schools: TwoSchools

    def browser(self, who: str | None) -> FlaskClient:
        """A browser in which one of PEOPLE is signed in, or nobody."""
        client = self.app.test_client()
        if who is not None:
            with self.database.session() as session:
                staff_id = session.scalars(select(Staff.id).where(Staff.email == PEOPLE[who] + DOMAIN)).one()
                token = sessions.begin_session(session, staff_id, "a test", NOW)
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
                cookie["_fresh"] = True
        return client


class Visitor:
    """Somebody who asks for many addresses, and signs in as seldom as they can: that costs more than many a page."""

    def __init__(self, walk: Walk, who: str) -> None:
        self._walk = walk
        self._who = who
        self._browser = walk.browser(who)

    def open(self, address: str, method: str, **more: Any) -> TestResponse:
        """The answer; one who was signed out by what they asked before asks again."""
        answer = self._browser.open(address, method=method, buffered=True, **more)
        if answer.status_code == 302 and answer.location.startswith("/sign-in"):
            self.come_anew()
            answer = self._browser.open(address, method=method, buffered=True, **more)
        return answer

    def come_anew(self) -> None:
        """In another browser: what a form has changed may be of the session."""
        self._browser = self._walk.browser(self._who)


@pytest.fixture(scope="module")
def walk(sqlite_demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The application on the demonstration's day; forms need no token here."""
    home = tmp_path_factory.mktemp("two-schools")
    shutil.copy(sqlite_demonstration, home / "eschool.db")
    settings = settings_for(home, f"sqlite:///{home / 'eschool.db'}")
    database = open_database(settings)
    with time_machine.travel(NOW):
        schools = add_stranger(database, settings.database_url)
        add_request(database)
        with database.session() as session:
            payers.payer_of(session, session.scalars(select(Subscriber.id).limit(1)).one(), NOW)
        app = create_app(settings, database)
        app.config.update(RATELIMIT_ENABLED=False, WTF_CSRF_ENABLED=False)
        yield Walk(app, database, schools)
    database.dispose()
