"""Security headers of every page: only our own scripts, no frames, no sniffing."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from school.security.doors import host_of
from settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    )
)
"""No inline script or style anywhere: what an entered text smuggles in is never run."""
IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""Of an SVG image of its own: it brings its style sheet along, and nothing in it runs."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # what frame-ancestors tells newer browsers
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
"""Of every answer. https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html"""
STRICT_TRANSPORT = "max-age=31556926; includeSubDomains"
"""For a year a browser comes by HTTPS only (RFC 6797). Told over HTTPS alone, as the RFC demands."""

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()


def asker() -> str:
    """Whose requests are counted together: an address, or the whole network of a host with IPv6."""
    return host_of(get_remote_address())


def was_served(response: Response) -> bool:
    """Whether a request counts towards a limit: nobody uses up their minute while we are not able to answer."""
    return response.status_code != HTTPStatus.SERVICE_UNAVAILABLE


limiter = Limiter(
    asker,
    default_limits=["600 per minute"],
    default_limits_deduct_when=was_served,
    storage_uri="memory://",
)
"""Against floods, per network address and worker; guessing is stopped by school.security.lockouts.

A whole school may share an address: where anybody may post, limits are by the minute, or one pupil could keep the
others out for an hour.
"""


def content_policy(policy: str) -> Callable[[View], View]:
    """Declare that a view's answers have a content security policy of their own."""

    def declare(view: View) -> View:
        view.content_policy = policy  # type: ignore[attr-defined]
        return view

    return declare


def let_forms_go_to(origin: str) -> None:
    """Let the forms of this one answer post to another site too, such as a bank's."""
    g.forms_go_to = origin


def harden(app: Flask, settings: Settings) -> None:
    """Protect an application. Cookies need HTTPS unless it is served on this machine for trying it out.

    Nothing is redirected to HTTPS here: the proxy in front does that, and behind it every request is plain HTTP.
    """
    app.config.update(
        # The prefix has browsers refuse the cookie from a neighbouring host, from HTTP, and for a part of the site.
        SESSION_COOKIE_NAME="__Host-eschool" if settings.web_https else "eschool",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.web_https,
        REMEMBER_COOKIE_SECURE=settings.web_https,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may stay open for a lesson
        MAX_CONTENT_LENGTH=12 * 2**20,
    )
    if settings.web_proxies:
        # Lock-outs and limits go by the asker's address, which only the proxies in front know.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.web_proxies, x_proto=settings.web_proxies)  # type: ignore[method-assign]
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_tell_the_browser)
    app.after_request(_keep_out_of_caches)


def _tell_the_browser(response: Response) -> Response:
    response.headers.update(HEADERS)
    view = current_app.view_functions.get(request.endpoint or "")
    if policy := getattr(view, "content_policy", None):
        response.headers["Content-Security-Policy"] = policy
    elif origin := g.get("forms_go_to"):
        response.headers["Content-Security-Policy"] = POLICY.replace(
            "form-action 'self'", f"form-action 'self' {origin}"
        )
    settings: Settings = current_app.config["ESCHOOL"]
    if settings.web_https and (request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"):
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response


def _keep_out_of_caches(response: Response) -> Response:
    """Pages hold children's data: the next person at this computer must not find them by going back."""
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
