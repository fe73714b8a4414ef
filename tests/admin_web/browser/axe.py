"""What axe-core finds wrong with a page for people who cannot see it well, or use no mouse."""

from functools import cache

from playwright.sync_api import Page

from devtools import npm

VERSION = "4.14.1"
SERIOUS = ("serious", "critical")


@cache
def _script() -> str:
    return (npm.modules("axe-core", VERSION) / "axe-core" / "axe.min.js").read_text("utf-8")


def faults(page: Page) -> list[str]:
    """Serious and critical faults of the page that is shown: rule and the first element each."""
    page.evaluate(_script())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"] if one["impact"] in SERIOUS]
