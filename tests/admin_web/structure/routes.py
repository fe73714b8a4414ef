"""Every route with values for its arguments: a new argument must be told of here, or the tests of all routes fail."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from school.reports import REPORTS
from tests.admin_web.structure.two_schools import Ids

OF_A_SCHOOL = frozenset(
    {
        "class_id", "subject_id", "student_id", "guardian_id", "event_id", "subscription_id", "year_id", "staff_id",
        "assignment_id", "session_id", "token_id", "campaign_id", "recording_id", "timetable_id", "bell_schedule_id",
        "group_id", "substitution_id", "import_id", "notice_id", "message_id",
    }
)  # fmt: skip
"""Arguments that name a row of one school: of another school's, a route must say 403 or 404."""

ENTRIES = ("grade", "absence", "remark", "health")
FREE: dict[str, tuple[str, ...]] = {
    "on": ("2026-11-24",),
    "lesson": ("3",),
    "kind": ENTRIES,
    "report_id": tuple(REPORTS),
    "form": ("xlsx", "csv", "pdf"),
    "language": ("bg",),
    "token": ("nobody-has-this-token",),
    "filename": ("eschool.css",),
    "request_id": ("1",),
    "stop_id": ("1",),
    "refund_id": ("1",),
    "payer_id": ("1",),
    "school_id": ("1",),
    "transfer_id": ("1",),
    "number": ("1",),
    "section": ("1",),
    "invoice": ("26112400000001",),
}
"""Arguments that name no row of a school, and the values to try."""


@dataclass(frozen=True)
class Route:
    """One method of one rule, as the tests ask for it."""

    endpoint: str
    rule: str
    method: str
    arguments: frozenset[str]

    @property
    def of_a_school(self) -> frozenset[str]:
        """Those of its arguments that name a row of a school."""
        return self.arguments & OF_A_SCHOOL

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def routes(app: Flask) -> tuple[Route, ...]:
    """All of them, by address."""
    return tuple(
        Route(rule.endpoint, rule.rule, method, frozenset(rule.arguments))
        for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    )


def unknown_arguments(app: Flask) -> dict[str, set[str]]:
    """Arguments of routes that these tests have no values for, by rule."""
    found = {rule.rule: set(rule.arguments) - OF_A_SCHOOL - FREE.keys() for rule in app.url_map.iter_rules()}
    return {rule: arguments for rule, arguments in found.items() if arguments}


def addresses(app: Flask, route: Route, ids: Ids) -> Iterator[str]:
    """The addresses of a route with these ids: one for each combination of the other arguments that makes sense."""
    rule = next(one for one in app.url_map.iter_rules() if one.rule == route.rule and one.endpoint == route.endpoint)
    for values in _values(route, ids):
        _domain, address = _built(app, rule, values)
        yield address


def _values(route: Route, ids: Ids) -> Iterator[dict[str, Any]]:
    varied = [name for name in ("kind", "report_id") if name in route.arguments]
    fixed: dict[str, Any] = {name: ids.get(name, FREE[name][0]) for name in route.arguments if name in FREE}
    fixed |= {name: ids[name] for name in route.of_a_school if name != "event_id"}
    for value in FREE[varied[0]] if varied else ("",):
        values = fixed | ({varied[0]: value} if varied else {})
        if "event_id" in route.arguments:
            values["event_id"] = ids["event_id"][value or "school_event"]
        yield values


def _built(app: Flask, rule: Rule, values: dict[str, Any]) -> tuple[str, str]:
    del app
    built = rule.build(values, append_unknown=False)
    assert built is not None
    return built
