"""`eschool students ...`: a new ID-code for a student, and who may be told of one."""

from typing import TYPE_CHECKING

import click

from db.kinds import CodeFollowers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from school.students.who_may_be_told import MayBeTold


@click.group(name="students")
def students() -> None:
    """Replace a student's ID-code, limit who may be told of a student, and change schools."""


@students.command(name="new-code")
@click.argument("code", metavar="CODE")
@click.option(
    "--followers",
    type=click.Choice([str(one) for one in CodeFollowers]),
    default=str(CodeFollowers.GUARDIANS_STAY),
    show_default=True,
    help="Which of those who came by the old code go on following.",
)
@click.option("--by", metavar="EMAIL", help="Whose decision it is; by default the platform operator's.")
def new_code(code: str, followers: str, by: str | None) -> None:
    """Give the student another ID-code and print it. CODE is the old one, which opens nothing any more."""
    from db.command_session import writing
    from school.students import lookup
    from school.students.labels import reissue

    with writing() as (session, now):
        pupil = lookup.student(session, code)
        label = reissue(
            session,
            pupil.school_id,
            pupil.student_id,
            by=lookup.staff(session, by, pupil.school_id) if by else None,
            now=now,
            followers=CodeFollowers(followers),
        )
    click.echo(label.code)


@students.command()
@click.argument("code", metavar="CODE")
@click.option(
    "--only-named/--anybody",
    default=None,
    help="Only guardians who may be told, and whom the class teacher approves; or whoever has the ID-code.",
)
@click.option("--bar", type=int, multiple=True, metavar="GUARDIAN", help="A guardian who may not be told.")
@click.option("--allow", type=int, multiple=True, metavar="GUARDIAN", help="A guardian who may be told again.")
@click.option("--note", default="", metavar="TEXT", help="What the school is to remember, such as the court order.")
@click.option("--by", metavar="EMAIL", help="Whose decision it is; by default the platform operator's.")
def told(
    code: str, only_named: bool | None, bar: tuple[int, ...], allow: tuple[int, ...], note: str, by: str | None
) -> None:
    """Print who may be told of a student, or change it, on every channel at once.

    CODE is the student's ID-code. GUARDIAN is a number that this command prints.
    """
    from db.command_session import writing
    from school.students import lookup
    from school.students.who_may_be_told import MayBeTold, change_who_may_be_told, who_may_be_told

    with writing() as (session, now):
        pupil = lookup.student(session, code)
        before = who_may_be_told(session, pupil.school_id, pupil.student_id)
        if bar or allow or only_named is not None:
            wanted = MayBeTold(
                before.only_named if only_named is None else only_named,
                dict.fromkeys(allow, True) | dict.fromkeys(bar, False),
            )
            staff_id = lookup.staff(session, by, pupil.school_id) if by else None
            ended = change_who_may_be_told(
                session, pupil.school_id, pupil.student_id, wanted, now, by=staff_id, note=note
            )
            click.echo(f"Ended: {ended}.", err=True)
        lines = list(_told(session, pupil.student_id, who_may_be_told(session, pupil.school_id, pupil.student_id)))
    click.echo("\n".join(lines))


def _told(session: "Session", student_id: int, now: "MayBeTold") -> "Iterable[str]":
    from school.students import lookup

    yield "Only those whom the school names." if now.only_named else "Whoever has the ID-code may follow."
    for guardian_id, relation in lookup.guardians(session, student_id):
        may = "may be told" if now.guardians[guardian_id] else "may not be told"
        yield f"{guardian_id:>6}  {relation:13}  {may}"


@students.command(name="go-to")
@click.argument("code", metavar="CODE")
@click.argument("school", metavar="SCHOOL")
@click.option("--last-day", type=click.DateTime(["%Y-%m-%d"]), help="The last day in this school; by default today.")
@click.option("--by", required=True, metavar="EMAIL", help="Whose decision it is: the principal's or administrator's.")
def go_to(code: str, school: str, last_day: "datetime | None", by: str) -> None:
    """Let a student go to another school of the platform, which has the register's code SCHOOL.

    CODE is the student's ID-code. The other school admits them with `eschool students admit`; this year's grades and
    absences come along.
    """
    from db.command_session import writing
    from school import transfers
    from school.students import lookup

    with writing() as (session, now):
        pupil = lookup.student(session, code)
        transfer = transfers.offer(
            session,
            pupil.school_id,
            pupil.student_id,
            school,
            by=lookup.staff(session, by, pupil.school_id),
            now=now,
            last_day=None if last_day is None else last_day.date(),
        )
    click.echo(f"Transfer {transfer}: the other school may admit the student now.")


@students.command()
@click.argument("transfer", type=int, metavar="TRANSFER", required=False)
@click.argument("class_name", metavar="CLASS", required=False)
@click.option("--school", "code", metavar="CODE", help="The school's code; not needed where there is one school.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day in the class.")
@click.option("--by", required=True, metavar="EMAIL", help="Whose decision it is: the principal's or administrator's.")
def admit(transfer: int | None, class_name: str | None, code: str | None, since: "datetime | None", by: str) -> None:
    """Admit a student whom another school let go into a CLASS of the newest year; without both, list who waits."""
    from db.command_session import writing
    from errors import InputError
    from school import transfers
    from school.setup import classes, years
    from school.students import lookup, student_code

    with writing() as (session, now):
        school_id = lookup.school_with(session, code)
        staff_id = lookup.staff(session, by, school_id)
        if transfer is None or class_name is None:
            waiting = transfers.offered(session, school_id, by=staff_id)
            for one in waiting:
                click.echo(f"{one.transfer_id}  {one.class_name}  last day {one.last_day}  {one.other_school}")
            if not waiting:
                click.echo("No student is on the way to this school.", err=True)
            return
        newest = years(session, school_id)[0]
        named = {one.name: one.id for one in classes(session, school_id, newest.id)}
        if class_name not in named:
            raise InputError(f"There is no class {class_name} in {newest.name}: give one of {', '.join(named)}.")
        student_id = transfers.admit(
            session,
            school_id,
            transfer,
            named[class_name],
            by=staff_id,
            now=now,
            since=None if since is None else since.date(),
        )
        given = student_code.in_force(session, student_id)
    click.echo(f"Admitted; the ID-code is {given}.")
