"""School years: proposed by the minister's order, corrected by the school."""

from datetime import date
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, FieldList, Form, FormField, StringField
from wtforms.validators import DataRequired, Length, Optional

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.numbers import calendar_year
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.translations import _, _l
from school import setup
from school.years import calendar

BLANK_ROWS = 3
LEVELS = range(1, 13)


class FreeDaysForm(Form):  # type: ignore[misc]  # the library ships no types
    """A vacation or holiday; left empty, it is none."""

    starts_on = DateField(_l("Първи ден"), [Optional()])
    ends_on = DateField(_l("Последен ден"), [Optional()])
    name = StringField(_l("Име"), [Length(max=160)])


class YearForm(FlaskForm):  # type: ignore[misc]
    """A school year."""

    starts_on = DateField(_l("Учебната година започва на"), [DataRequired(_l("Изберете дата."))])
    ends_on = DateField(_l("Учебната година свършва на"), [DataRequired(_l("Изберете дата."))])
    term_1_starts = DateField(_l("Първият срок започва на"), [DataRequired(_l("Изберете дата."))])
    term_1_ends = DateField(_l("Първият срок свършва на"), [DataRequired(_l("Изберете дата."))])
    term_2_starts = DateField(_l("Вторият срок започва на"), [DataRequired(_l("Изберете дата."))])
    term_2_ends = DateField(_l("Вторият срок свършва на"), [DataRequired(_l("Изберете дата."))])
    level_ends = FieldList(DateField(_l("Последен ден"), [Optional()]), min_entries=12, max_entries=12)
    vacations = FieldList(FormField(FreeDaysForm), max_entries=60)

    def plan(self) -> setup.CalendarPlan:
        """What was filled in."""
        rows = [row for row in self.vacations.data if row["starts_on"] or row["ends_on"] or row["name"]]
        return setup.CalendarPlan(
            self.starts_on.data,
            self.ends_on.data,
            (self.term_1_starts.data, self.term_1_ends.data),
            (self.term_2_starts.data, self.term_2_ends.data),
            tuple((level, day) for level, day in zip(LEVELS, self.level_ends.data, strict=True) if day),
            tuple(sorted(setup.FreeDays(row["starts_on"], row["ends_on"] or row["starts_on"], row["name"])
                         for row in rows)),
        )  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        """Each vacation has a first day."""
        good: bool = super().validate(extra_validators)
        for entry in self.vacations:
            if (entry.form.ends_on.data or entry.form.name.data) and not entry.form.starts_on.data:
                entry.form.starts_on.errors = [*entry.form.starts_on.errors, _("Изберете първия ден.")]
                good = False
        return good


def filled(plan: setup.CalendarPlan) -> dict[str, Any]:
    """The form's values of a plan."""
    ends = dict(plan.level_ends)
    vacations: list[Any] = [
        {"starts_on": one.starts_on, "ends_on": one.ends_on, "name": one.name} for one in plan.vacations
    ]
    return {
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "term_1_starts": plan.term_1[0],
        "term_1_ends": plan.term_1[1],
        "term_2_starts": plan.term_2[0],
        "term_2_ends": plan.term_2[1],
        "level_ends": [ends.get(level) for level in LEVELS],
        "vacations": vacations + [{"starts_on": None, "ends_on": None, "name": ""}] * BLANK_ROWS,
    }


@setup_pages.get("/years")
@open_to(*LEADERS)
def year() -> ResponseReturnValue:
    """The school's years."""
    with reading() as session:
        rows = setup.years(session, my_school())
    return render_template("setup/years.html", years=rows, proposed=_next_start(rows))


@setup_pages.route("/years/new", methods=["GET", "POST"])
@open_to(*LEADERS)
def new_year() -> ResponseReturnValue:
    """A new year, filled in with what the minister ordered or what is usual."""
    with reading() as session:
        start = request.args.get("start", type=calendar_year) or _next_start(setup.years(session, my_school()))
    proposal = setup.standard_plan(start)
    form = YearForm(data=filled(proposal))
    if form.validate_on_submit() and done(
        lambda session: setup.add_year(session, my_school(), form.plan(), by=me().staff_id, now=moment()),
        _("Учебната година е записана."),
    ):
        return redirect(url_for("setup.overview"))
    return render_template("setup/year.html", form=form, proposal=proposal, start=start, year=None)


@setup_pages.route("/years/<int:year_id>", methods=["GET", "POST"])
@open_to(*LEADERS)
def one_year(year_id: int) -> ResponseReturnValue:
    """A year's dates."""
    with reading() as session:
        row = next((one for one in setup.years(session, my_school()) if one.id == year_id), None) or abort(404)
        plan = setup.plan_of(session, my_school(), year_id)
    form = YearForm(data=filled(plan))
    if form.validate_on_submit() and done(
        lambda session: setup.change_year(session, my_school(), year_id, form.plan(), by=me().staff_id, now=moment()),
        _("Промените са записани."),
    ):
        return redirect(url_for("setup.year"))
    return render_template("setup/year.html", form=form, proposal=None, year=row)


@setup_pages.post("/years/<int:year_id>/remove")
@open_to(*LEADERS)
def remove_year(year_id: int) -> ResponseReturnValue:
    """Take back a year that was made by mistake."""
    done(
        lambda session: setup.remove_year(session, my_school(), year_id, by=me().staff_id, now=moment()),
        _("Учебната година е премахната."),
    )
    return redirect(url_for("setup.year"))


def _next_start(rows: tuple[setup.YearRow, ...]) -> int:
    """The year to propose: this one, or the one after the newest there is."""
    today: date = calendar.today(moment())
    running = today.year if today.month >= 6 else today.year - 1
    return rows[0].starts_on.year + 1 if rows else running
