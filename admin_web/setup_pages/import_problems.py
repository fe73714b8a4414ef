"""Problems of a file on a page: equal ones are one line, with fields in which they are put right."""

from dataclasses import dataclass
from hashlib import sha256

from flask import render_template
from flask.typing import ResponseReturnValue

from admin_web.translations import reader
from school.roster import desk, questions
from school.roster.desk import Waiting
from school.roster.plans import Preview
from school.roster.questions import Group
from school.roster.tables import Problem
from school.wording.translation import gettext

MOST_GROUPS = 30
"""Kinds of problem on one page: when these are answered, the next come."""
MOST_CELLS = 10
"""Cells of one kind that are corrected on one page."""
MOST_ROWS_NAMED = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A group on the page: `cells` are the fields in which single cells are corrected."""

    group: Group
    sentence: str
    rows: str
    cells: tuple[tuple[str, Problem], ...]


def cell_name(one: Problem) -> str:
    """A name for a cell's field: tables may be called anything."""
    return sha256(desk.cell_key(one).encode()).hexdigest()[:16]


def problems_page(
    waiting: Waiting, problems: tuple[Problem, ...], good: int, found: Preview | None = None
) -> ResponseReturnValue:
    """The problems in groups."""
    groups = questions.groups(problems)
    return render_template(
        "setup/problems.html",
        shown=[_shown(one) for one in groups[:MOST_GROUPS]],
        more=max(0, len(groups) - MOST_GROUPS),
        count=len(problems),
        good=good,
        file_name=waiting.upload.file_name,
        stamp=waiting.upload.stamp,
        notices=notices_of(found),
        has_columns=bool(waiting.shapes),
        most_cells=MOST_CELLS,
        told=lambda one: gettext(reader(), one.sentence, **dict(one.values)),
    )


def _shown(group: Group) -> Shown:
    tables = {table for table, _row in group.rows}
    named = [str(row) if len(tables) == 1 else f"{table}: {row}" for table, row in group.rows[:MOST_ROWS_NAMED]]
    rows = ", ".join(named) + (" …" if len(group.rows) > MOST_ROWS_NAMED else "")
    cells = () if group.is_one_answer or not group.field else group.problems[:MOST_CELLS]
    return Shown(
        group,
        gettext(reader(), group.sentence, **dict(group.values)),
        rows,
        tuple((cell_name(one), one) for one in cells if one.field),
    )


def notices_of(found: Preview | None) -> list[str]:
    """What should be seen before going on, each sentence once with its rows."""
    return [gettext(reader(), one.sentence, **dict(one.values)) for one in found.notices[:MOST_GROUPS]] if found else []
