"""`eschool students ...`: a new ID-code for a student, and who may be told of one."""

from typing import TYPE_CHECKING

import click

from db.kinds import CodeFollowers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from school.students.who_may_be_told import MayBeTold


@click.group(name="students")
def students() -> None:
    """Replace a student's ID-code, and limit who may be told of a student."""


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
