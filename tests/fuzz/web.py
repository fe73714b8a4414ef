"""The web application as it runs: all pages and forms as each role, and the API by its own document."""

import http.client
import itertools
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import schemathesis
import time_machine
from flask import session
from flask_openapi3.openapi import OpenAPI
from flask_wtf.csrf import generate_csrf
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sqlalchemy import select

from admin_web.application import create_app
from db.migrate import upgrade
from db.models import Staff
from db.session import Database, open_database
from demonstration import load
from devtools.pbx import settings_of
from devtools.postgres import PostgresServer, running_server
from devtools.site import SECRET_KEY, Site, served
from school.accounts import sessions
from tests.admin_web.api.program import token
from tests.admin_web.structure.routes import addresses, routes
from tests.admin_web.structure.two_schools import MARK, TwoSchools, add_request, add_stranger, everything_of
from tests.fuzz import requests_of
from tests.fuzz.pages import Form, forms
from tests.fuzz.target import Case, Fault, Target
from tests.fuzz.watch import Watch
from tests.school.conftest import NOW

PEOPLE = {
    "teacher": "v.kirilov",
    "class teacher": "m.stoyanova",
    "principal": "direktor",
    "school administrator": "administrator",
    "platform operator": "operator",
}
OPERATOR = "platform operator"
SLOW_SECONDS = 5.0
PATIENCE = 60.0
LIFE_SECONDS = 120.0
"""After so long everything begins anew, on the other kind of database: cases change the school."""
CHECK_EVERY = 250


@dataclass
class World:
    """Two schools, the application over them, and who is signed in. Only `others` must never be seen or changed."""

    site: Site
    database: Database
    schools: TwoSchools
    watch: Watch
    app: OpenAPI
    cookies: dict[str, str]
    bearer: str
    before: str

    def sign_in(self, who: str) -> None:
        """A new session, without a password."""
        with self.database.session() as rows:
            email = f"{PEOPLE[who]}@demo-school.example"
            staff_id = rows.scalars(select(Staff.id).where(Staff.email == email)).one()
            secret = sessions.begin_session(rows, staff_id, "fuzzing", NOW)
        client = self.app.test_client()
        with time_machine.travel(NOW), client.session_transaction() as cookie:
            cookie.update(_user_id=secret, _fresh=True, csrf_token="a" * 40)
        found = client.get_cookie("eschool")
        assert found
        self.cookies[who] = found.value

    @cached_property
    def form_token(self) -> str:
        """What the forms of everybody's session here must carry."""
        with self.app.test_request_context():
            session["csrf_token"] = "a" * 40
            return str(generate_csrf())


class Pages(Target):
    """The application; it is begun anew from time to time."""

    def __init__(self, begin: Callable[[], tuple[World, ExitStack]], *, searching: bool) -> None:
        self._begin = begin
        self._world, self._stack = begin()
        self._born = time.monotonic()
        self._number = itertools.count(1)
        self._chance = random.Random(1)
        self._connection: http.client.HTTPConnection | None = None
        if not searching:
            return
        self._forms = self._harvest()
        document: Any = schemathesis.openapi.from_url(f"{self._world.site.url}/api/v1/openapi.json")
        self._operations = [one.ok() for one in document.get_all_operations()]

    def close(self) -> None:
        """Stop the application."""
        self._forget_connection()
        self._stack.close()

    def strategy(self) -> SearchStrategy[Case]:
        schools = self._world.schools
        return st.one_of(
            requests_of.forms(self._forms, schools),
            requests_of.forms(self._forms, schools),
            requests_of.routes(self._addresses(), tuple(PEOPLE), schools),
            requests_of.api(self._operations),
        )

    def attempt(self, case: Case) -> list[Fault]:
        if time.monotonic() - self._born > LIFE_SECONDS:
            found = self.final()
            self._renew()
            if found:
                return found
        world = self._world
        began = time.monotonic()
        try:
            try:
                status, headers, body = self._ask(case)
            except (OSError, http.client.HTTPException):  # it was idle for too long: anew
                self._forget_connection()
                status, headers, body = self._ask(case)
        except (OSError, http.client.HTTPException) as error:
            self._forget_connection()
            return [
                Fault(f"no answer: {type(error).__name__}", f"{case['method']} {case['target'][:200]}"),
                *world.watch.faults(),
            ]
        found = self._judge(case, status, body, time.monotonic() - began)
        who = case["who"]
        if who == OPERATOR and case["method"] != "GET":
            world.before = everything_of(world.database, world.schools.other_school)
        elif next(self._number) % CHECK_EVERY == 0:
            found += self._changed()
        found += world.watch.faults()
        if who in PEOPLE and status in (302, 401) and "sign-in" in headers.get("Location", "sign-in"):
            self._sign_in_again(who)
        return found

    def final(self) -> list[Fault]:
        return self._changed() + self._world.watch.faults()

    def _judge(self, case: Case, status: int, body: bytes, seconds: float) -> list[Fault]:
        route = f"{case['method']} {_route(self._world.app, case)}"
        told = f"{status} {route} as {case['who']}: {case['target'][:200]}"
        found = []
        if status >= 500:
            found.append(Fault(f"{status} {route}", told))
        if b"Traceback (most recent" in body:
            found.append(Fault(f"traceback {route}", told))
        if MARK.encode() in body and case["who"] != OPERATOR:
            found.append(Fault(f"another school's data {route}", told))
        if seconds > SLOW_SECONDS:
            found.append(Fault(f"slow {route}", f"{seconds:.1f} s: {told}"))
        return found

    def _changed(self) -> list[Fault]:
        now = everything_of(self._world.database, self._world.schools.other_school)
        if now == self._world.before:
            return []
        self._world.before = now
        return [Fault("another school's rows", "rows of the other school were changed")]

    def _ask(self, case: Case) -> tuple[int, Any, bytes]:
        world = self._world
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", int(world.site.url.rpartition(":")[2]), timeout=PATIENCE
            )
        headers = {
            "X-Forwarded-For": ".".join(str(self._chance.randrange(1, 255)) for _ in range(4)),
            **case["headers"],
        }
        if case["who"] == "program":
            headers["Authorization"] = f"Bearer {world.bearer}"
        elif case["who"]:
            headers["Cookie"] = f"eschool={world.cookies[case['who']]}"
            headers["X-CSRFToken"] = world.form_token
        self._connection.request(case["method"], case["target"], bytes.fromhex(case["body"]), headers)
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def _forget_connection(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _sign_in_again(self, who: str) -> None:
        self._world.sign_in(who)
        status, _, _ = self._ask({"who": who, "method": "GET", "target": "/", "headers": {}, "body": ""})
        if status in (302, 401):  # the account itself is gone
            self._renew()

    def _renew(self) -> None:
        self.close()
        self._world, self._stack = self._begin()
        self._born = time.monotonic()

    def _addresses(self) -> list[tuple[str, str]]:
        app, schools = self._world.app, self._world.schools
        return [
            (route.method, address)
            for ids in (schools.own, schools.own, schools.others)
            for route in routes(app)
            if route.endpoint != "static"
            for address in addresses(app, route, ids)
        ]

    def _harvest(self) -> list[tuple[str, Form]]:
        """The forms that each role finds on its pages, each once a role."""
        found: dict[tuple[str, str, str, tuple[str, ...]], tuple[str, Form]] = {}
        for who in PEOPLE:
            for method, address in dict.fromkeys(self._addresses()):
                if method != "GET" or "/api/" in address or "language" in address:
                    continue
                status, headers, body = self._ask(
                    {"who": who, "method": "GET", "target": address, "headers": {}, "body": ""}
                )
                if status != 200 or not headers.get("Content-Type", "").startswith("text/html"):
                    continue
                for form in forms(address, body.decode("utf-8")):
                    if "sign-out" not in form.address:
                        names = tuple(name for name, _ in form.fields)
                        found.setdefault((who, form.method, form.address, names), (who, form))
        return list(found.values())


def _route(app: OpenAPI, case: Case) -> str:
    try:
        path = case["target"].partition("?")[0]
        endpoint, _ = app.url_map.bind("localhost").match(path, method=case["method"])
    except Exception:  # an address of nobody's
        return "?"
    return str(endpoint)


class _Worlds:
    """Begins worlds, on each kind of database in turn."""

    def __init__(self, folder: Path, server: PostgresServer | None, kinds: tuple[str, ...]) -> None:
        self._folder, self._server = folder, server
        self._kinds = itertools.cycle(kinds)
        self._number = itertools.count(1)
        self._schools: dict[str, TwoSchools] = {}

    def begin(self) -> tuple[World, ExitStack]:
        """A world and what ends it."""
        stack = ExitStack()
        home = self._folder / f"home-{next(self._number)}"
        home.mkdir(mode=0o700, parents=True)
        kind = next(self._kinds)
        url = self._database(kind, home, stack)
        more = {"ESCHOOL_DATABASE_URL": url, "ESCHOOL_WEB_PROXIES": "1", "ESCHOOL_API_REQUESTS_A_MINUTE": "1000000"}
        site = stack.enter_context(served(home, NOW, **more))
        database = stack.enter_context(site.database())
        app = create_app(site.settings, database)
        schools = self._schools[kind]
        assert site.server
        watch = Watch(site.server, home / "web-serve.log")
        before = everything_of(database, schools.other_school)
        with time_machine.travel(NOW):
            world = World(site, database, schools, watch, app, {}, token(database), before)
        for who in PEOPLE:
            world.sign_in(who)
        return world, stack

    def _database(self, kind: str, home: Path, stack: ExitStack) -> str:
        if kind == "sqlite":
            template = self._folder / "two-schools.db"
            if kind not in self._schools:
                self._schools[kind] = _fill(home, f"sqlite:///{template}")
            shutil.copy(template, home / "eschool.db")
            return f"sqlite:///{home / 'eschool.db'}"
        assert self._server
        server, name = self._server, f"life_{home.name.replace('-', '_')}"
        if kind not in self._schools:
            server.create("two_schools")
            self._schools[kind] = _fill(home, server.url("two_schools"))
        server.create(name, "two_schools")
        stack.callback(server.drop, name)
        return server.url(name)


def _fill(home: Path, url: str) -> TwoSchools:
    settings = settings_of({"ESCHOOL_HOME": str(home), "ESCHOOL_SECRET_KEY": SECRET_KEY, "ESCHOOL_DATABASE_URL": url})
    upgrade(settings)
    database = open_database(settings)
    with time_machine.travel(NOW):
        with database.session() as rows:
            load(rows, NOW)
        schools = add_stranger(database, settings.database)
        add_request(database)
    database.dispose()
    return schools


@contextmanager
def opened(folder: Path, *kinds: str, searching: bool = True) -> Iterator[Target]:
    """The application over two schools, on these kinds of database; by default on both in turn.

    `searching`: cases will be drawn, which takes reading all pages first.
    """
    kinds = kinds or ("postgresql", "sqlite")
    with ExitStack() as stack:
        server = stack.enter_context(running_server()) if "postgresql" in kinds else None
        pages = Pages(_Worlds(folder / "http", server, kinds).begin, searching=searching)
        stack.callback(pages.close)
        yield pages
