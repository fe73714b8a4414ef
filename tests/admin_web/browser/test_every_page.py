"""Every page of every role: usable by people with impairments, on a telephone and by keyboard; valid HTML."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from admin_web.application import create_app
from admin_web.audience import CHECKED_ELSEWHERE, audiences_of
from db.models import School
from devtools.browser import Window
from devtools.site import Site
from tests.admin_web.browser import axe, html
from tests.admin_web.conftest import MATHS
from tests.admin_web.structure.conftest import PEOPLE
from tests.admin_web.structure.routes import addresses, routes
from tests.admin_web.structure.test_every_route import OWN_AUDIENCES, needed
from tests.admin_web.structure.two_schools import Ids, add_request, complete, ids_of

Windows = Callable[..., Window]
NO_PAGES = (
    "api.",
    "static",
    "metrics.",
    "health.",
    "home.choose_language",
    "home.icon",
    "accounts.set_password",
    "payment_calls.",
)
FILES = (".pdf", ".svg", ".xlsx", ".csv", ".wav", "/token", "/progress", "state-file")
ONE_OF_EACH = ("/reports/", "/entries/")
TELEPHONE = 360
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture(scope="module")
def own(site: Site) -> Ids:
    """One of everything of the demonstration school."""
    with site.database() as database:
        add_request(database)
        with database.session() as session:
            school = session.scalars(select(School.id)).one()
            complete(session, school)
        with database.reading() as session:
            return ids_of(session, school) | {"on": site.now.date().isoformat()}


@pytest.fixture(scope="module")
def app(site: Site) -> Iterator[OpenAPI]:
    """The application, to ask which addresses it has."""
    made = create_app(site.settings)
    yield made
    made.extensions["eschool.database"].dispose()


def pages(app: OpenAPI, own: Ids, who: str | None) -> Iterator[str]:
    """The addresses of all pages that a person may read."""
    allowed = CHECKED_ELSEWHERE | (OWN_AUDIENCES[who] if who else set())
    for route in routes(app):
        if route.method != "GET" or route.endpoint.startswith(NO_PAGES):
            continue
        declared = audiences_of(app, route.endpoint)
        if not declared & allowed or (who == "school administrator" and declared & OWN_AUDIENCES["principal"]):
            continue  # administrators see the same pages as principals, and a few of their own
        all_of_it = tuple(addresses(app, route, own))
        # A template looks the same for everybody: one role sees all that it is made for.
        for address in all_of_it if who == "principal" else all_of_it[:1]:
            if not address.endswith(FILES):
                query = "&".join(f"{name}={value}" for name, value in needed(route, own).items() if name != "on")
                yield address + (f"?{query}" if query else "")


@pytest.mark.parametrize("who", [None, *PEOPLE])
def test_every_page_is_usable(window: Windows, app: OpenAPI, own: Ids, who: str | None, tmp_path: Path) -> None:
    one = window()
    if who:
        one.enter_as(PEOPLE[who])
    wrong: list[str] = []
    seen = 0
    for address in pages(app, own, who):
        answer = one.page.goto(one.site.url + address)
        assert answer
        if answer.status in (403, 404) and who in ("teacher", "class teacher"):
            continue  # the page is for their role, what it is about is another's
        if "nobody-has-this-token" in address:
            assert answer.status == 404, address
            continue
        assert answer.status == 200, (address, answer.status)
        seen += 1
        name = re.sub(r"\W+", "-", address).strip("-") or "home"
        (tmp_path / f"{name}.html").write_text(answer.text(), "utf-8")
        wrong += [f"{address} {fault}" for fault in axe.faults(one.page)]
        one.page.set_viewport_size({"width": TELEPHONE, "height": 740})
        if one.page.evaluate(WIDER):
            wrong.append(f"{address} is wider than a telephone")
        one.page.set_viewport_size({"width": 1280, "height": 900})
        if who in (None, "principal") and not address.startswith(ONE_OF_EACH):
            one.shoot(f"page-{name}")
    wrong += html.faults(tmp_path)
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert seen >= 1


def test_the_checks_find_what_is_wrong(window: Windows, tmp_path: Path) -> None:
    one = window()
    bad = '<!doctype html><html><body><img src="x"><input><p id="a"></p><p id="a"></p></body></html>'
    one.page.set_content(bad)
    found = " ".join(axe.faults(one.page))
    assert all(rule in found for rule in ("image-alt", "label", "html-has-lang"))
    (tmp_path / "bad.html").write_text(bad, "utf-8")
    assert any("no-dup-id" in fault for fault in html.faults(tmp_path))


def test_all_of_a_page_is_reached_by_keyboard(window: Windows) -> None:
    one = window()
    one.enter_as(MATHS)
    one.open("/lessons/")
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.className") == "skip"
    one.page.keyboard.press("Enter")
    assert one.page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(60):
        one.page.keyboard.press("Tab")
        name = one.page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")
        # Of a date the browser marks the day, month or year itself.
        outlined = one.page.evaluate(
            "document.activeElement.type === 'date' || document.activeElement === document.body"
            " || getComputedStyle(document.activeElement).outlineStyle !== 'none'"
        )
        assert outlined, name
        reached.add(name)
    assert {"on", "of", "lesson", "Отвори", "Покажи"} <= reached
