"""What an address asks of a report, and what can be chosen on its page."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import abort

from admin_web.numbers import calendar_year, row_id
from db.kinds import GradeKind
from school.accounts import SignedIn
from school.reports import REPORTS, Filters, Readers, ReportSpec, Span

NUMBERS: dict[str, Callable[[str], int]] = {
    "year": calendar_year,
    **dict.fromkeys(("subject_id", "level", "class_id", "staff_id", "student_id"), row_id),
}
"""The filters that are numbers, and what reads each."""


def reports_for(who: SignedIn) -> tuple[ReportSpec, ...]:
    """The reports that this person may read."""
    return tuple(spec for spec in REPORTS.values() if who.leads or spec.readers is Readers.TEACHERS)


def report_for(who: SignedIn, report_id: str) -> ReportSpec:
    """One of them. Aborts with 404 when there is none such, with 403 when it is not for them."""
    spec = REPORTS.get(report_id) or abort(404)
    if spec not in reports_for(who):
        abort(403)
    return spec


def read_filters(
    arguments: Mapping[str, str], visible_classes: frozenset[int] | None, state_counts_lateness: bool
) -> Filters:
    """The filters of an address, with the two that nobody chooses.

    Aborts with 404 for values that are none: only a typed address has them.
    """
    values: dict[str, Any] = {"visible_classes": visible_classes, "state_counts_lateness": state_counts_lateness}
    try:
        if arguments.get("span"):
            values["span"] = Span(arguments["span"])
        for name in ("since", "until"):
            if arguments.get(name):
                values[name] = date.fromisoformat(arguments[name])
        for name, read in NUMBERS.items():
            if arguments.get(name):
                values[name] = read(arguments[name])
        if arguments.get("grade_kind"):
            values["grade_kind"] = GradeKind(arguments["grade_kind"])
    except ValueError:
        abort(404)
    return Filters(**values)


def as_arguments(filters: Filters) -> dict[str, str]:
    """The same as an address has it."""
    named = {
        "span": None if filters.span is Span.YEAR else filters.span.value,
        "since": filters.since and filters.since.isoformat(),
        "until": filters.until and filters.until.isoformat(),
        "grade_kind": filters.grade_kind and filters.grade_kind.value,
        **{name: getattr(filters, name) for name in NUMBERS},
    }
    return {name: str(value) for name, value in named.items() if value}
