"""The demonstration school served by gunicorn on a coming school day, and Chromium windows of its people."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from db.migrate import upgrade
from db.session import open_database
from demonstration import load
from demonstration.secrets import password_of
from devtools.pbx import CHECKOUT
from school.security.crypto import vault_of
from tests.admin_web.conftest import DOMAIN
from tests.admin_web.served import Site, coming_school_day, served
from tests.conftest import SECRET_KEY, settings_for

SCREENSHOTS = CHECKOUT / "screenshots"
"""Kept for whoever looks at a test run; git ignores them."""
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
PATIENCE = 15_000.0
"""Milliseconds; the machine may be busy."""


@dataclass
class Window:
    """One person's browser window."""

    page: Page
    site: Site
    name: str

    @property
    def context(self) -> BrowserContext:
        """Its cookies and its connection."""
        return self.page.context

    def open(self, address: str) -> None:
        """Go to an address of the application."""
        answer = self.page.goto(self.site.url + address)
        assert answer
        assert answer.status < 400, (address, answer.status)

    def shoot(self, what: str) -> None:
        """Keep a picture of the window."""
        self.page.screenshot(path=SCREENSHOTS / f"{what}.png", full_page=True)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in with the keyboard."""
        self.open("/sign-in")
        self.page.get_by_label("Имейл").fill(email)
        self.page.get_by_label("Парола").fill(password)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("button", name="Изход").wait_for()

    def enter_as(self, login: str) -> None:
        """Sign in as a person of the demonstration school."""
        email = login + DOMAIN
        self.sign_in(email, password_of(vault_of(SECRET_KEY.encode()), email))


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
