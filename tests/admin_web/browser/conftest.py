"""The demonstration school served by gunicorn on a coming school day, and Chromium windows of its people."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from db.migrate import upgrade
from db.session import open_database
from demonstration import load
from devtools.browser import CHROMIUM, PICTURES, SCREENSHOTS, Window
from devtools.site import Site, coming_school_day, served
from tests.conftest import settings_for

PATIENCE = 15_000.0
"""Milliseconds; the machine may be busy."""


@pytest.fixture(scope="session")
def school_day_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demonstration school as it is on the coming school day."""
    home = tmp_path_factory.mktemp("school-day")
    settings = settings_for(home, f"sqlite:///{home / 'eschool.db'}")
    upgrade(settings)
    database = open_database(settings)
    with database.session() as session:
        load(session, coming_school_day())
    database.dispose()
    return home


@pytest.fixture(scope="module")
def site(school_day_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application over a copy of it."""
    home = tmp_path_factory.mktemp("site")
    (home / "eschool.db").write_bytes((school_day_home / "eschool.db").read_bytes())
    with served(home, coming_school_day()) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Not for the session: Playwright keeps an event loop running, and others run their own."""
    assert CHROMIUM, "Chromium is missing: sh asterisk_conf/system_packages.sh test"
    if os.environ.get(PICTURES):
        SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Callable[..., Window]]:
    """Opens windows; `width` in CSS pixels. A script's error in any of them fails the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []
    name = re.sub(r"\W+", "-", request.node.name)

    def open_window(width: int = 1280, height: int = 900) -> Window:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="bg-BG")
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return Window(page, site, name)

    yield open_window
    for context in opened:
        context.close()
    assert not errors
