"""Files that are larger than other uploads: a view says how large, and only who may open it may send so much."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from admin_web.audience import admits, audiences_of

REFUSAL = "eschool.refusal"
"""In a request's environment: the error that is told instead, when its body could not be kept."""

View = TypeVar("View", bound=Callable[..., Any])


def largest_upload(size: int) -> Callable[[View], View]:
    """Declare that a view takes requests of up to `size` bytes."""

    def declare(view: View) -> View:
        view.largest_upload = size  # type: ignore[attr-defined]
        return view

    return declare


def register(app: Flask) -> None:
    """Before anything reads a form, as the check against forged requests does."""
    app.before_request(_refuse)
    app.before_request(_allow)


def largest_body(app: Flask, environment: dict[str, Any]) -> int:
    """How many bytes of a request may be kept before the application sees it.

    No database is asked: a session that is signed is proof enough for keeping a while what may be refused then.
    """
    most: int = app.config["MAX_CONTENT_LENGTH"]
    if environment["REQUEST_METHOD"] != "POST":
        return most
    try:
        endpoint, _ = app.url_map.bind_to_environ(environment).match()
    except HTTPException:
        return most
    size: int | None = getattr(app.view_functions.get(endpoint), "largest_upload", None)
    if size is None:
        return most
    session = app.session_interface.open_session(app, app.request_class(environment))
    return size if session and "_user_id" in session else most


def _refuse() -> None:
    if (error := request.environ.get(REFUSAL)) is not None:
        raise error


def _allow() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    size: int | None = getattr(view, "largest_upload", None)
    if size is None or request.method != "POST" or not current_user.is_authenticated:
        return
    if admits(audiences_of(current_app, request.endpoint or ""), current_user.who):
        request.max_content_length = size
