"""Chromium windows of the demonstration school's people, for tests and for the documents' pictures."""

import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from demonstration.plan import words
from demonstration.secrets import password_of
from devtools.pbx import CHECKOUT
from devtools.site import SECRET_KEY, Site
from school.security.crypto import vault_of

PICTURES = "SCREENSHOTS"
"""The environment variable that asks for pictures."""
SCREENSHOTS = CHECKOUT / "screenshots"
"""Kept for whoever looks at a test run; git ignores them."""
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)


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
        """Keep a picture of the whole page, where the environment asks for them: that takes a while."""
        if os.environ.get(PICTURES):
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
        email = f"{login}@{words.EMAIL_DOMAIN}"
        self.sign_in(email, password_of(vault_of(SECRET_KEY.encode()), email))
