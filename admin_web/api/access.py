"""Who calls the API: the token of the request, and the limit of requests."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from admin_web import hardening
from admin_web.database import reading, writing
from admin_web.people import moment
from school import integrations
from school.integrations import Holder
from settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


def check_token() -> None:
    """Before every request: aborts with 401 for a token that is missing, unknown or revoked, 403 for what it may not.

    Reading is what every token may; what records needs one that was made for it.
    """
    token = _shown()
    with reading() as session:
        of = integrations.holder(session, token) if token else None
    if of is None:
        raise Unauthorized(
            "Show a token of the school: Authorization: Bearer <token>.", www_authenticate=WWWAuthenticate("bearer")
        )
    if of.last_used_at is None or moment() - of.last_used_at > integrations.SEEN_EVERY:
        with writing() as session:
            integrations.touch_token(session, of, moment())
    g.token_holder = of


def records(view: Callable[P, T]) -> Callable[P, T]:
    """Marks a view that records: it needs a token that may."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        if not holder().may_write:
            abort(403, "This token may only read: the school's administrator makes one that may record.")
        return view(*args, **kwargs)

    return checked


def holder() -> Holder:
    """Who asks."""
    of: Holder = g.token_holder
    return of


def asker() -> str:
    """What requests are counted by: the token, or the network address of who shows none."""
    token = _shown()
    return hashlib.sha256(token.encode()).hexdigest() if token else hardening.asker()


def allowance() -> str:
    """How often one asker may ask."""
    config: Settings = current_app.config["ESCHOOL"]
    return f"{config.api_requests_a_minute} per minute"


def _shown() -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
