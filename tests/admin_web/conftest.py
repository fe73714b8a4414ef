"""The application over the demonstration school, and browsers that sign in as its people."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from admin_web.application import create_app
from db.session import Database
from demonstration.secrets import password_of
from devtools.site import SECRET_KEY
from school.security.crypto import vault_of
from tests.conftest import settings_for
from tests.school.conftest import NOW

DOMAIN = "@demo-school.example"
MATHS, PRINCIPAL, ADMINISTRATOR, OPERATOR = "o.petkov", "direktor", "administrator", "operator"
CLASS_TEACHER_OF_8A = "m.stoyanova"


class Browser:
    """A test client that keeps its cookies and finds tokens on pages."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self._token = ""

    def get(self, address: str, *, status: int = 200) -> str:
        """A page's HTML; its status must be this."""
        return self._checked(self._client.get(address), status)

    def post(
        self, address: str, more: Mapping[str, object] | None = None, *, status: int | None = 302, **fields: object
    ) -> str:
        """Hand in a form with the token of the last page seen; `more` are fields whose names are no names of Python.

        `status` None: whatever comes.
        """
        data = {"csrf_token": self._token, **fields, **(more or {})}
        return self._checked(self._client.post(address, data=data), status)

    def answer(self, method: str, address: str, **more: object) -> TestResponse:
        """A raw answer."""
        return self._client.open(address, method=method, **more)  # type: ignore[arg-type]

    def sign_in(self, login: str, password: str | None = None, *, status: int = 302, **more: str) -> str:
        """Sign in as a person of the demonstration school."""
        email = login + DOMAIN
        password = password or password_of(vault_of(SECRET_KEY.encode()), email)
        return self.sign_in_as(email, password, status=status, **more)

    def sign_in_as(self, email: str, password: str, *, status: int = 302, **more: str) -> str:
        """Sign in as anybody."""
        self.get("/sign-in")
        return self.post("/sign-in", more, status=status, email=email, password=password)

    def _checked(self, answer: TestResponse, status: int | None) -> str:
        assert status in (None, answer.status_code), f"{answer.status}: {answer.text[:2000]}"
        if found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text):
            self._token = found[1]
        return answer.text


@pytest.fixture
def at_school() -> Iterator[time_machine.Traveller]:
    """The clock stands at NOW and goes on from there."""
    with time_machine.travel(NOW) as clock:
        yield clock


@pytest.fixture
def app(demonstration: Database, at_school: time_machine.Traveller, tmp_path: Path) -> OpenAPI:
    """The application over the demonstration school."""
    application = create_app(settings_for(tmp_path, "sqlite:///unused"), demonstration)
    application.config["RATELIMIT_ENABLED"] = False
    return application


@pytest.fixture
def browser(app: OpenAPI) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app: OpenAPI) -> Callable[[str], Browser]:
    """Gives a browser in which a person is signed in."""

    def sign_in(login: str) -> Browser:
        one = Browser(app.test_client())
        one.sign_in(login)
        return one

    return sign_in
