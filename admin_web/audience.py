"""Who may open which page: every view declares its audience, and one that declares none is never served."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from db.kinds import Role
from school.accounts import SignedIn


class Audience(StrEnum):
    """Those who are no role of an account."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    CLASS_TEACHER = "class teacher"
    API = "a program with a token"  # the API checks the token
    MONITORING = "a monitoring system"  # the page checks the network address


View = TypeVar("View", bound=Callable[..., Any])

CHECKED_ELSEWHERE = {Audience.ANYONE, Audience.API, Audience.MONITORING}
LEADERS = (Role.PRINCIPAL, Role.SCHOOL_ADMINISTRATOR)
STAFF = (Role.TEACHER, *LEADERS)


def open_to(*audiences: Role | Audience, without_second_factor: bool = False) -> Callable[[View], View]:
    """Declare who may open a view; a person of any of them may. Whose data it shows is checked by what it asks for.

    `without_second_factor`: also who must set up a second factor first, because it is needed for that.
    """

    def declare(view: View) -> View:
        view.without_second_factor = without_second_factor  # type: ignore[attr-defined]
        view.audiences = frozenset(audiences)  # type: ignore[attr-defined]
        return view

    return declare


def audiences_of(app: Flask, endpoint: str) -> frozenset[Role | Audience]:
    """What an endpoint's view declared. Raises RuntimeError when it declared nothing."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return frozenset({Audience.ANYONE})
    declared: frozenset[Role | Audience] | None = getattr(app.view_functions[endpoint], "audiences", None)
    if not declared:
        raise RuntimeError(f"the view {endpoint} does not say who may open it: use open_to")
    return declared


def admits(audiences: frozenset[Role | Audience], who: SignedIn | None) -> bool:
    """Whether a person may open what is open to these."""
    if audiences & CHECKED_ELSEWHERE:
        return True
    if who is None:
        return False
    own: set[Role | Audience] = {Audience.SIGNED_IN, *who.roles}
    if who.own_class_id is not None:
        own.add(Audience.CLASS_TEACHER)
    return bool(audiences & own)


def check_audience() -> ResponseReturnValue | None:
    """Before every request: whom it does not admit is sent to the sign-in page, or told 403."""
    if request.endpoint is None:
        return None
    audiences = audiences_of(current_app, request.endpoint)
    if audiences & CHECKED_ELSEWHERE:
        return None
    if not current_user.is_authenticated:
        if request.method != "GET":
            abort(401)
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if current_user.who.must_set_up_factor and not _opens_without_second_factor(request.endpoint):
        if request.method != "GET":
            abort(403)
        return redirect(url_for("factors.second_factor"))
    if not admits(audiences, current_user.who):
        abort(403)
    return None


def _opens_without_second_factor(endpoint: str) -> bool:
    return bool(getattr(current_app.view_functions[endpoint], "without_second_factor", False))
