"""`eschool timetable ...`: a school's timetable from a file, and which versions there are."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from school.timetable_import import Answers, Read


@click.group(name="timetable")
def timetable() -> None:
    """Import a school's timetable, and list its versions."""


@timetable.command(name="list")
@click.argument("school", metavar="SCHOOL")
def list_versions(school: str) -> None:
    """Print the versions of a school's timetable. SCHOOL is its NEISPUO code."""
    from db.command_session import reading
    from school.students import lookup
    from school.timetable.versions import versions

    with reading() as (session, _now):
        found = versions(session, lookup.school_with(session, school))
    for one in found:
        until = f"{one.ends_on}" if one.ends_on else "the next one"
        state = "in use" if one.is_published else "draft"
        click.echo(f"{one.id:>6}  {one.starts_on} until {until:12}  {one.lessons:>5} lessons  {state:6}  {one.title}")


@timetable.command(name="import")
@click.argument("school", metavar="SCHOOL")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, metavar="EMAIL", help="The school's leader whose decision it is.")
@click.option("--from", "starts_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day it is for.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day, when it is a passing one.")
@click.option("--week-a", type=click.DateTime(["%Y-%m-%d"]), help="A day of a week A, where weeks A and B differ.")
@click.option("--title", default="Разписание от файл", show_default=True, help="What the version is called.")
@click.option(
    "--name", "renamed", multiple=True, metavar="FILE=SCHOOL", help="What a name of the file is called at the school."
)
@click.option("--new-subjects", is_flag=True, help="Add the subjects that the school has not.")
@click.option("--partly", is_flag=True, help="Leave out what cannot be matched.")
@click.option("--publish", is_flag=True, help="Put it in use at once, and assign to teachers what they teach in it.")
def import_file(
    school: str,
    file: Path,
    by: str,
    starts_on: datetime,
    until: datetime | None,
    week_a: datetime | None,
    title: str,
    renamed: tuple[str, ...],
    *,
    new_subjects: bool,
    partly: bool,
    publish: bool,
) -> None:
    """Make a draft of the timetable in FILE: a workbook (.xlsx, .xls, .ods), or the XML export of aSc Timetables.

    SCHOOL is its NEISPUO code. A name that may mean several things, or nothing that the school has, must be told by
    --name; the command prints them all and writes nothing.
    """
    from db.command_session import writing
    from school import timetable_import
    from school.students import lookup
    from school.timetable import publishing
    from school.timetable.versions import Plan

    found = timetable_import.read(file.read_bytes())
    with writing() as (session, now):
        school_id = lookup.school_with(session, school)
        staff_id = lookup.staff(session, by)
        first = starts_on.date()
        read = timetable_import.prepare(session, school_id, found, first)
        answers = _answers(read, renamed, new_subjects=new_subjects, partly=partly)
        plan = Plan(title, first, until.date() if until else None, week_a.date() if week_a else None)
        done = timetable_import.carry_out(session, school_id, read.found, answers, plan, by=staff_id, now=now)
        if publish:
            publishing.publish(session, school_id, done.timetable_id, by=staff_id, now=now)
    for note in read.found.notes:
        click.echo(note.sentence.format(**note.values), err=True)
    click.echo(f"Timetable {done.timetable_id}: {done.lessons} lessons, {done.left_out} left out.")


def _answers(read: "Read", renamed: tuple[str, ...], *, new_subjects: bool, partly: bool) -> "Answers":
    """What is certain, and what was told. Raises InputError for a name that is neither."""
    from errors import InputError
    from school.timetable_import import KINDS, Answers

    told = dict(one.partition("=")[::2] for one in renamed)
    found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    unclear: list[str] = []
    for kind in KINDS:
        for name, guess in read.guesses[kind].items():
            if name in told:
                found[kind][name] = told[name]
            elif guess.is_certain:
                found[kind][name] = guess.text
            elif kind == "subject" and new_subjects and not guess.text:
                found[kind][name] = name
            elif not partly:
                unclear.append(f"{kind} {name}" + (f" ({guess.text}?)" if guess.text else ""))
    if unclear:
        raise InputError(
            "These names of the file are not clear: {names}. Tell each by --name, or use --partly.",
            names=", ".join(_first(unclear)),
        )
    return Answers(found["class"], found["subject"], found["teacher"], new_subjects)


def _first(names: list[str], most: int = 30) -> "Iterable[str]":
    yield from names[:most]
    if len(names) > most:
        yield f"and {len(names) - most} more"
