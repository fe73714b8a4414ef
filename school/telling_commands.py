"""`eschool school ...`: when and how a school's parents are told."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from school.telling import Habits


@click.group(name="school")
def school() -> None:
    """Show and change when and how a school's parents are told."""


@school.command()
def show() -> None:
    """Print every school's code, name, delay, hours and letters."""
    from school.command_session import reading
    from school.telling import habits

    with reading() as (session, _):
        found = habits(session)
    for one in found:
        click.echo(_told(one))
    if not found:
        click.echo("There is no school yet.", err=True)


@school.command()
@click.option("--school", "code", metavar="CODE", help="The school's code; not needed where there is one school.")
@click.option("--delay", type=int, metavar="MINUTES", help="How long an entry waits, so that it can be corrected.")
@click.option("--hours", metavar="FROM-UNTIL", help="When SMS and calls may come, Sofia time, such as 8-20.")
@click.option("--latin/--cyrillic", default=None, help="Letters of SMS; Latin ones take fewer parts.")
def change(code: str | None, delay: int | None, hours: str | None, latin: bool | None) -> None:
    """Change them, for what is recorded from now on."""
    from school.command_session import writing
    from school.telling import change_habits

    wanted = _hours(hours) if hours is not None else None
    with writing() as (session, now):
        changed = change_habits(session, code, now, delay_minutes=delay, hours=wanted, latin=latin)
    click.echo(_told(changed))


def _told(one: "Habits") -> str:
    delay = f"after {one.delay_minutes} minutes" if one.delay_minutes else "at once"
    letters = "Latin" if one.latin else "Cyrillic"
    return (
        f"{one.institution_code}  {one.name}: told {delay}, "
        f"SMS and calls from {one.from_hour}:00 to {one.until_hour}:00, SMS in {letters} letters"
    )


def _hours(written: str) -> tuple[int, int]:
    from errors import InputError

    first, dash, last = written.partition("-")
    if not (dash and first.strip().isdecimal() and last.strip().isdecimal()):
        raise InputError(f"{written!r} are no hours: write them as 8-20.")
    return int(first), int(last)
