"""The table of who may open what, as docs/web.md has it."""

from itertools import groupby

from flask import Flask

from admin_web.audience import Audience, audiences_of
from bench.page import table
from db.kinds import Role
from devtools.pbx import CHECKOUT
from tests.admin_web.structure.routes import Route, routes

PAGE = CHECKOUT / "docs" / "web.md"
BEGIN, END = "<!-- roles: begin -->", "<!-- roles: end -->"
COLUMNS: tuple[Role | Audience, ...] = (
    Role.TEACHER,
    Audience.CLASS_TEACHER,
    Role.PRINCIPAL,
    Role.SCHOOL_ADMINISTRATOR,
    Role.PLATFORM_OPERATOR,
)
NAMES = ("teacher", "class teacher", "principal", "administrator", "operator")
ELSEWHERE = {
    Audience.ANYONE: "anyone",
    Audience.API: "a token of the school",
    Audience.MONITORING: "the networks of `ESCHOOL_METRICS_NETWORKS`",
}


def matrix(app: Flask) -> list[str]:
    """Its lines."""
    shown = [one for one in routes(app) if one.endpoint != "static"]
    rows = []
    for (address, cells), group in groupby(shown, key=lambda one: (one.rule, _cells(app, one))):
        methods = ", ".join(one.method for one in group)
        rows.append((f"`{address}`", methods, *cells))
    return list(table(("address", "", *NAMES), rows))


def _cells(app: Flask, route: Route) -> tuple[str, ...]:
    declared = audiences_of(app, route.endpoint)
    for audience, words in ELSEWHERE.items():
        if audience in declared:
            return (words, *[""] * (len(COLUMNS) - 1))
    if Audience.SIGNED_IN in declared:
        return ("yes",) * len(COLUMNS)
    own: dict[Role | Audience, set[Role | Audience]] = {
        Audience.CLASS_TEACHER: {Role.TEACHER}
    }  # a class teacher is a teacher too
    return tuple("yes" if declared & ({one} | own.get(one, set())) else "" for one in COLUMNS)


def written_matrix() -> list[str]:
    """The lines that stand in the documentation."""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip().splitlines()


def write_matrix(app: Flask) -> None:
    """Put it there."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(matrix(app)) + f"\n{END}{after}", "utf-8")
