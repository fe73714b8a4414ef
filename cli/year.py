"""`eschool year ...`: going over to the next school year."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from school.rollover import RolloverPlan, Wishes

ENDING = {"promoted": "promoted", "repeats": "repeat", "leaves": "leave", "graduates": "graduate"}


@click.group(name="year")
def year() -> None:
    """Go over to the next school year: look at the plan, carry it out, or undo it."""


def _wishing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a plan; students are named by their ID-codes."""
    for option in (
        click.argument("start", type=int, metavar="START"),
        click.option("--repeat", multiple=True, metavar="CODE", help="A student who repeats the class."),
        click.option("--leave", multiple=True, metavar="CODE", help="A student who leaves the school."),
        click.option("--place", multiple=True, metavar="CODE=CLASS", help="A student's class in the new year: 6б."),
        click.option(
            "--finishing", default="7,12", show_default=True, metavar="LEVELS", help="Levels whose students graduate."
        ),
        click.option(
            "--farewell",
            type=click.DateTime(["%Y-%m-%d"]),
            help="Last day of who leaves or graduates; by default the last of the year that ends.",
        ),
        click.option("--school", "code", metavar="CODE", help="The school's code; not needed where there is one."),
    ):
        command = option(command)
    return command


@year.command(name="plan")
@_wishing
def plan_year(code: str | None, **wished: Any) -> None:
    """Print what going over to the school year that begins in START would do. Nothing is changed."""
    from db.command_session import reading
    from school import rollover
    from school.students import lookup

    with reading() as (session, _):
        school_id = lookup.school_with(session, code)
        step = rollover.plan(session, school_id, _wishes(session, school_id, **wished))
    _show(step)
    click.echo(f"Carry it out with --plan {step.fingerprint[:12]}.")


@year.command(name="begin")
@_wishing
@click.option(
    "--plan", "seen", metavar="PLAN", help="Only if the plan is still the one that `eschool year plan` printed."
)
@click.option("--by", required=True, metavar="EMAIL", help="Whose decision it is: the principal's or administrator's.")
def begin(code: str | None, seen: str | None, by: str, **wished: Any) -> None:
    """Go over to the school year that begins in START: all of it or nothing."""
    from db.command_session import writing
    from school import rollover
    from school.students import lookup

    with writing() as (session, now):
        school_id = lookup.school_with(session, code)
        wishes = _wishes(session, school_id, **wished)
        if seen is not None:
            whole = rollover.plan(session, school_id, wishes).fingerprint
            seen = whole if len(seen) >= 8 and whole.startswith(seen) else seen
        step = rollover.carry_out(
            session, school_id, wishes, by=lookup.staff(session, by, school_id), now=now, seen=seen
        )
    _show(step)
    click.echo("Done. Class teachers and teaching were copied: confirm them. `eschool year undo` takes it back.")


@year.command()
@click.option("--school", "code", metavar="CODE", help="The school's code; not needed where there is one.")
@click.option("--by", required=True, metavar="EMAIL", help="Whose decision it is: the principal's or administrator's.")
def undo(code: str | None, by: str) -> None:
    """Take the latest turn of the year back, while nothing is entered in the new year."""
    from db.command_session import writing
    from school import rollover
    from school.students import lookup

    with writing() as (session, now):
        school_id = lookup.school_with(session, code)
        count = rollover.undo(session, school_id, by=lookup.staff(session, by, school_id), now=now)
    click.echo(f"{count} students are in the classes where they were.")


@year.command()
@click.option("--school", "code", metavar="CODE", help="The school's code; not needed where there is one.")
def show(code: str | None) -> None:
    """Print where the school stands with the latest turn of the year."""
    from db.command_session import reading
    from school import rollover
    from school.students import lookup

    with reading() as (session, _):
        found = rollover.state(session, lookup.school_with(session, code))
    if found is None:
        click.echo("The school has not gone over to a new year yet.", err=True)
        return
    click.echo(f"{found.year.name}: since {found.carried_out_at:%Y-%m-%d}.")
    if found.farewell_at is None:
        click.echo(f"{found.leaving} students leave or graduate; their last day is {found.farewell_on}.")
    if found.can_be_undone:
        click.echo("Nothing was entered in the new year: it can be undone.")


def _wishes(
    session: "Session",
    school_id: int,
    *,
    start: int,
    repeat: tuple[str, ...],
    leave: tuple[str, ...],
    place: tuple[str, ...],
    finishing: str,
    farewell: date | None,
) -> "Wishes":
    from errors import InputError
    from school.rollover import Wishes
    from school.students import lookup

    def student(code: str) -> int:
        found = lookup.student(session, code)
        if found.school_id != school_id:
            raise InputError(f"{code} is a student of another school: check the code.")
        return found.student_id

    pairs = [one.partition("=") for one in place]
    if not all(code and name for code, _, name in pairs):
        raise InputError("Write --place as the ID-code, an equals sign and the class, such as 85459816=6b.")
    levels = [one.strip() for one in finishing.split(",") if one.strip()]
    if not all(one.isdecimal() and 1 <= int(one) <= 12 for one in levels):
        raise InputError("Write --finishing as levels from 1 to 12 with commas, such as 7,12.")
    return Wishes(
        start,
        repeaters=frozenset(map(student, repeat)),
        leavers=frozenset(map(student, leave)),
        placed={student(code): name for code, _, name in pairs},
        finishing=frozenset(map(int, levels)),
        farewell_on=None if farewell is None else date(farewell.year, farewell.month, farewell.day),
    )


def _show(step: "RolloverPlan") -> None:
    """Numbers and classes; no names of students: a terminal keeps what it showed."""
    from db.kinds import Language
    from school.wording.translation import in_language

    counts = ", ".join(f"{count} {ENDING[fate]}" for fate, count in step.numbers.items())
    click.echo(f"From {step.from_year.name} to {step.starts_on.year}/{step.starts_on.year + 1}: {counts}.")
    if step.calendar is not None:
        click.echo("The new year's calendar is made by the standard plan.")
    for one in step.classes:
        origin = f" from {one.from_class}" if one.from_class else ""
        click.echo(
            f"{one.name:4}{origin}: {one.students} students"
            + (", with its class teacher" if one.class_teacher_id else "")
            + (f", {one.assignments} assignments" if one.assignments else "")
            + ("" if one.made else " (the class is there already)")
        )
    if any(not one.fate.stays for one in step.students):
        click.echo(f"Who leaves or graduates has their last day on {step.farewell_on}.")
    for warning in step.warnings:
        click.echo(f"Beware: {in_language(Language('en'), warning)}", err=True)
