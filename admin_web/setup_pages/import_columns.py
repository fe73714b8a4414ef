"""The page on which a person says what the columns of their file are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.setup_pages.import_grades import grade_columns, grades_of_form
from admin_web.setup_pages.import_words import KINDS, ORDERS, WHATS, WHOSE, field_of, whats
from admin_web.setup_pages.waiting_file import waiting_now
from admin_web.translations import told
from errors import InputError
from school.roster import desk, uploads
from school.roster.answers import Choice
from school.roster.columns import Kind
from school.roster.desk import Waiting
from school.roster.guessing import ColumnGuess
from school.roster.headings import label_of
from school.roster.looking import Shape
from school.roster.names import Order
from school.years import calendar

UNDECIDED = "?"


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column on the page: `what` is UNDECIDED where the person must say it."""

    column: ColumnGuess
    what: str
    whose: str
    is_asked: bool


@setup_pages.get("/import/columns")
@open_to(*LEADERS)
def columns() -> ResponseReturnValue:
    """Every column with three examples and what it probably is."""
    try:
        waiting = waiting_now(calendar.today(moment()))
        with reading() as session:
            return _page(waiting, grade_columns(session, waiting))
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("setup.importing"))


@setup_pages.post("/import/columns")
@open_to(*LEADERS)
def answer_columns() -> ResponseReturnValue:
    """Keep what the person has said; what nobody has decided is asked again."""
    today = calendar.today(moment())
    try:
        waiting = waiting_now(today)
        if request.form.get("stamp") != waiting.upload.stamp:
            raise InputError(uploads.GONE)
        choices, headers = _choices(waiting), _headers(waiting)
        answers = desk.answer_columns(waiting, choices, headers)
        with writing() as session:
            uploads.answer(session, my_school(), me().staff_id, waiting.upload, answers)
        if "again" in request.form or headers:
            return redirect(url_for("setup.columns"))
        if not any(choice.kind for choice in choices.values()):
            raise InputError("Nothing of the file is to be read: choose what at least one table lists.")
        for choice in choices.values():
            desk.check_choice(choice)
        if _undecided():
            raise InputError("Say of every marked column what it holds, or that it is not read.")
    except InputError as error:
        flash(told(error), "error")
        gone = error.sentence == uploads.GONE
        return redirect(url_for("setup.importing" if gone else "setup.columns"))
    return redirect(url_for("setup.check"))


def _page(waiting: Waiting, grades: Mapping[str, Any]) -> ResponseReturnValue:
    return render_template(
        "setup/columns.html",
        file_name=waiting.upload.file_name,
        stamp=waiting.upload.stamp,
        shapes=[(number, shape, _rows(shape)) for number, shape in enumerate(waiting.shapes)],
        grades=grades,
        kinds=KINDS,
        orders=ORDERS,
        whats=whats,
        words=WHATS,
        whose=WHOSE,
        undecided=UNDECIDED,
        of_grades=Kind.GRADES,
        of_students=Kind.STUDENTS,
    )


def _rows(shape: Shape) -> list[ColumnRow]:
    """The columns with something in them, or with a heading that we know."""
    rows = []
    for one in shape.guess.columns:
        field = shape.field(one.index)
        if not one.filled and not field:
            continue
        what, whose = (UNDECIDED, "") if field is None else label_of(field)
        is_new = shape.choice is None or one.index not in shape.choice.fields
        rows.append(ColumnRow(one, what, whose, field is None or (is_new and not one.is_sure and field != "")))
    return rows


def _choices(waiting: Waiting) -> dict[str, Choice]:
    choices = {}
    for number, shape in enumerate(waiting.shapes):
        kind = _enum(Kind, request.form.get(f"s{number}-kind"))
        order = _enum(Order, request.form.get(f"s{number}-order"))
        fields = {} if kind is not shape.kind else _fields(number, shape, kind)
        class_name, grades = grades_of_form(number, shape)
        grades = grades if kind is Kind.GRADES else {}
        choices[shape.key] = Choice(kind, fields, order, class_name, grades)
    return choices


def _fields(number: int, shape: Shape, kind: Kind | None) -> dict[int, str]:
    fields = {}
    for one in shape.guess.columns:
        what = request.form.get(f"s{number}-c{one.index}-what")
        if kind is not None and what is not None and what != UNDECIDED:
            fields[one.index] = field_of(kind, what, request.form.get(f"s{number}-c{one.index}-whose", ""))
    return fields


def _headers(waiting: Waiting) -> dict[str, int]:
    """Rows of headings that the person has told otherwise than they were found."""
    told_rows: dict[str, int] = {}
    for number, shape in enumerate(waiting.shapes):
        for place, sheet in enumerate(shape.sheets):
            row = request.form.get(f"s{number}-header", type=int)
            found = sheet.header_rows[-1] if sheet.header_rows else 0
            if place == 0 and row is not None and row != found and 0 <= row <= 100:
                told_rows |= {one.table.name: row for one in shape.sheets}
    return told_rows


def _undecided() -> bool:
    return any(name.endswith("-what") and value == UNDECIDED for name, value in request.form.items())


def _enum(kind: Any, value: str | None) -> Any:
    try:
        return kind(value)
    except ValueError:
        return None
