"""Files that are larger than other uploads: a view says how large, and only who may open it may send so much."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

from admin_web.audience import admits, audiences_of

View = TypeVar("View", bound=Callable[..., Any])


def largest_upload(size: int) -> Callable[[View], View]:
    """Declare that a view takes requests of up to `size` bytes."""

    def declare(view: View) -> View:
        view.largest_upload = size  # type: ignore[attr-defined]
        return view

    return declare


def register(app: Flask) -> None:
    """Before anything reads a form, as the check against forged requests does."""
    app.before_request(_allow)


def _allow() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    size: int | None = getattr(view, "largest_upload", None)
    if size is None or request.method != "POST" or not current_user.is_authenticated:
        return
    if admits(audiences_of(current_app, request.endpoint or ""), current_user.who):
        request.max_content_length = size
