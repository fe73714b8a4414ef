"""What every answer tells a browser, whatever is asked, and what only one over HTTPS tells it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from admin_web.application import create_app
from db.session import Database
from devtools.site import SECRET_KEY
from settings import Settings
from tests.admin_web.conftest import PRINCIPAL, Browser

EVERYWHERE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
OVER_HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3"}
ADDRESSES = ["/sign-in", "/", "/static/eschool.css", "/not/there", "/api/v1/openapi.json", "/api/v1/school"]


def told(answer: Response) -> dict[str, str]:
    """Those headers of an answer, and the one of HTTPS."""
    return {name: answer.headers[name] for name in (*EVERYWHERE, "Strict-Transport-Security") if name in answer.headers}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_brings_the_headers(browser: Browser, address: str) -> None:
    with browser.answer("GET", address) as answer:
        assert told(answer) == EVERYWHERE


def test_a_chart_may_bring_its_style_and_nothing_else(signed_in: Callable[[str], Browser]) -> None:
    headers = told(signed_in(PRINCIPAL).answer("GET", "/reports/absences_by_class/chart.svg"))
    policy = headers.pop("Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    assert headers.items() <= EVERYWHERE.items()


def test_pages_stay_in_no_cache_and_static_files_may(browser: Browser) -> None:
    assert browser.answer("GET", "/sign-in").headers["Cache-Control"] == "no-store"
    with browser.answer("GET", "/static/eschool.css") as answer:
        assert "max-age=3600" in answer.headers["Cache-Control"]


class TestBehindAProxyWithHttps:
    @pytest.fixture
    def ask(self, demonstration: Database, tmp_path: Path) -> Callable[[Mapping[str, str]], Response]:
        """Asks for the sign-in page with these headers."""
        settings = Settings(home=tmp_path, secret_key=SECRET_KEY, web_https=True, web_proxies=1)
        client = create_app(settings, demonstration).test_client()
        return lambda headers: client.get("/sign-in", headers=dict(headers))

    def test_a_browser_is_told_to_come_by_https_only(self, ask: Callable[[Mapping[str, str]], Response]) -> None:
        strict = {"Strict-Transport-Security": "max-age=31556926; includeSubDomains"}
        assert told(ask(OVER_HTTPS)) == EVERYWHERE | strict

    def test_but_not_over_http(self, ask: Callable[[Mapping[str, str]], Response]) -> None:
        assert told(ask({})) == EVERYWHERE

    def test_cookies_demand_it(self, ask: Callable[[Mapping[str, str]], Response]) -> None:
        cookie = ask(OVER_HTTPS).headers["Set-Cookie"]
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        assert cookie.startswith("__Host-eschool=")  # which browsers take from this host alone, and without a domain
        assert "Domain" not in cookie


def test_without_https_cookies_work_on_this_machine(browser: Browser) -> None:
    assert "Secure" not in browser.answer("GET", "/sign-in").headers["Set-Cookie"]
