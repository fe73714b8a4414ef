"""What a browser is told not to do, whatever a page holds: no script but ours, no frame, no sniffing."""

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from settings import Settings

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": ["'self'", "data:"],
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "manifest-src": "'self'",
}
"""No inline script or style anywhere: what an entered text smuggles in is never run."""

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=["600 per minute"], storage_uri="memory://")
"""Against floods, per network address and worker; guessing passwords is stopped by school.lockouts."""


talisman = Talisman()
IMAGE_POLICY = {"default-src": "'none'", "style-src": "'unsafe-inline'"}
"""Of an SVG image of its own: it brings its style sheet along, and nothing in it runs."""


def harden(app: Flask, settings: Settings) -> None:
    """Protect an application. Cookies need HTTPS unless it is served on this machine for trying it out."""
    app.config.update(
        SESSION_COOKIE_NAME="eschool",
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
    talisman.init_app(
        app,
        force_https=False,  # the proxy in front redirects; behind it every request looks like HTTP
        strict_transport_security=settings.web_https,
        content_security_policy=POLICY,
        referrer_policy="same-origin",
        session_cookie_secure=settings.web_https,
        permissions_policy={"geolocation": "()", "camera": "()", "microphone": "()"},
    )
    app.after_request(_keep_out_of_caches)


def _keep_out_of_caches(response: Response) -> Response:
    """Pages hold children's data: the next person at this computer must not find them by going back."""
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
