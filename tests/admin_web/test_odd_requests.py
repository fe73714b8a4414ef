"""Requests that nobody sends by mistake, and what an outage costs who asks meanwhile."""

import pytest
from flask_openapi3.openapi import OpenAPI

from admin_web.database import KEY
from db.session import Database
from tests.admin_web.api.program import Program, token
from tests.conftest import settings_for

DEEP = 200_000


@pytest.mark.parametrize("body", ["[" * DEEP + "]" * DEEP, "[" * DEEP, '{"events":' * DEEP + "1" + "}" * DEEP])
@pytest.mark.parametrize("address", ["/api/v1/grades", "/api/v1/absences"])
def test_json_that_is_nested_without_end_is_a_mistake_of_who_sends_it(
    app: OpenAPI, demonstration: Database, address: str, body: str
) -> None:
    headers = {"Authorization": f"Bearer {token(demonstration)}"}
    answer = app.test_client().post(address, data=body, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert answer.json is not None
    assert "nested too deeply" in answer.json["error"]


def test_json_in_a_passkeys_answer_that_is_nested_without_end_is_refused(app: OpenAPI, demonstration: Database) -> None:
    app.config["ESCHOOL"] = app.config["ESCHOOL"].model_copy(update={"public_url": "https://school.example"})
    client = app.test_client()
    page = client.get("/sign-in").text
    found = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    body = {"csrf_token": found, "answer": "[" * 19_000}
    answer = client.post("/sign-in/passkey", data=body, follow_redirects=True)
    assert [one.status_code for one in answer.history] == [302]
    assert "Ключът за достъп не беше приет." in answer.text


def test_what_an_outage_refuses_uses_up_nobodys_minute(
    app: OpenAPI, demonstration: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = Program(app, token(demonstration))
    app.config["RATELIMIT_ENABLED"] = True
    app.config["ESCHOOL"] = app.config["ESCHOOL"].model_copy(update={"api_requests_a_minute": 3})
    program.get("/school")
    away = settings_for(tmp_path_factory.mktemp("away"), "postgresql://nobody@127.0.0.1:1/nothing")
    app.extensions[KEY] = Database(away.database, away.key())
    for _ in range(10):
        program.get("/school", 503)
    app.extensions[KEY] = demonstration
    program.get("/school")
    program.get("/school")
    program.get("/school", 429)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "status"),
    [
        (1, None, 403),  # the proxy on this machine tells nobody's address: whoever asks is not this machine
        (1, "", 403),
        (1, "127.0.0.1", 200),
        (1, "203.0.113.7", 403),
        (1, "127.0.0.1, 203.0.113.7", 403),  # what the asker claims stands before what the proxy saw
        (2, "127.0.0.1", 403),
        (2, "127.0.0.1, 203.0.113.7", 200),
        (1, "unknown", 403),
    ],
)
def test_figures_are_for_whom_the_proxies_saw(
    demonstration: Database,
    tmp_path_factory: pytest.TempPathFactory,
    proxies: int,
    forwarded: str | None,
    status: int,
) -> None:
    from admin_web.application import create_app

    settings = settings_for(tmp_path_factory.mktemp("home"), "sqlite:///unused")
    app = create_app(settings.model_copy(update={"web_proxies": proxies}), demonstration)
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    assert answer.status_code == status
