"""`eschool retention ...`: how long a school keeps data."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from school.privacy.periods import Kept


@click.group(name="retention")
def retention() -> None:
    """Show and change how long a school keeps messages, calls and students who left."""


@retention.command()
def show() -> None:
    """Print the retention periods of every school."""
    from db.command_session import reading
    from school.privacy import retention as rules
    from school.students import lookup

    with reading() as (session, _):
        for one in lookup.schools(session):
            kept = rules.of_school(session, one.school_id)
            click.echo(f"{one.institution_code}  {one.name}: {_told(kept)}")


@retention.command()
@click.option("--school", "code", metavar="CODE", help="The school's code; not needed where there is one school.")
@click.option("--messages", type=int, metavar="DAYS", help="How long to keep messages with their texts.")
@click.option("--calls", type=int, metavar="DAYS", help="How long to keep records of calls.")
@click.option("--left", type=int, metavar="YEARS", help="How long to keep students after they left the school.")
def change(code: str | None, messages: int | None, calls: int | None, left: int | None) -> None:
    """Change a school's retention periods, from the next night on."""
    from db.command_session import writing
    from school.privacy import retention as rules
    from school.privacy.periods import Kept
    from school.students import lookup

    with writing() as (session, now):
        school_id = lookup.school_with(session, code)
        before = rules.of_school(session, school_id)
        kept = Kept(
            before.messages_days if messages is None else messages,
            before.calls_days if calls is None else calls,
            before.left_years if left is None else left,
        )
        rules.change(session, school_id, kept, now)
    click.echo(_told(kept))


def _told(kept: "Kept") -> str:
    return f"messages {kept.messages_days} days, calls {kept.calls_days} days, who left {kept.left_years} years"
