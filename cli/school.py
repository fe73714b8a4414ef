"""`eschool school ...`: when and how a school's parents are told."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from school.setup.telling import TellingSettings
    from school.students.lookup import NamedSchool


@click.group(name="school")
def school() -> None:
    """Show and change when and how a school's parents are told."""


@school.command()
def show() -> None:
    """Print every school's code, name, delay, permitted hours and alphabet of SMS."""
    from db.command_session import reading
    from school.setup.telling import telling_of_schools
    from school.students import lookup

    with reading() as (session, _):
        schools, settings = lookup.schools(session), telling_of_schools(session)
    for one in schools:
        click.echo(_told(one, settings[one.school_id]))
    if not schools:
        click.echo("There is no school yet.", err=True)


@school.command()
@click.option("--school", "code", metavar="CODE", help="The school's code; not needed where there is one school.")
@click.option("--delay", type=int, metavar="MINUTES", help="How long an entry can be corrected before it is told.")
@click.option("--hours", metavar="FROM-UNTIL", help="Permitted hours of SMS and calls, Sofia time, such as 8-20.")
@click.option("--latin/--cyrillic", default=None, help="Alphabet of SMS; Latin letters take fewer parts.")
@click.option("--pin-always/--pin-for-strangers", default=None, help="Ask known telephones for the PIN too, or not.")
@click.option(
    "--email-waits/--email-follows",
    default=None,
    help="Whether an unknown e-mail address with the ID-code waits for the class teacher.",
)
@click.option(
    "--sms-waits/--sms-follows",
    default=None,
    help="Whether an unknown telephone number with the ID-code waits for the class teacher.",
)
@click.option("--greeting", metavar="TEXT", help="What known callers hear after the common greeting; empty: nothing.")
@click.option(
    "--voice-messages",
    type=int,
    metavar="DAYS",
    help="How long parents' spoken messages to class teachers are kept; 0: none are taken.",
)
@click.option(
    "--today-from", type=int, metavar="HOUR", help="Hour from which who asks is told what was entered of the day, 0-23."
)
def change(
    code: str | None,
    delay: int | None,
    hours: str | None,
    latin: bool | None,
    pin_always: bool | None,
    email_waits: bool | None,
    sms_waits: bool | None,
    greeting: str | None,
    voice_messages: int | None,
    today_from: int | None,
) -> None:
    """Change when and how a school tells parents, for everything recorded from now on."""
    from db.command_session import writing
    from school.setup.telling import change_telling
    from school.students import lookup

    from_hour, until_hour = _hours(hours) if hours is not None else (None, None)
    with writing() as (session, now):
        school_id = lookup.school_with(session, code)
        changed = change_telling(
            session,
            school_id,
            now,
            delay_minutes=delay,
            from_hour=from_hour,
            until_hour=until_hour,
            latin_sms=latin,
            pin_always=pin_always,
            new_email_waits=email_waits,
            new_sms_waits=sms_waits,
            greeting=greeting,
            voice_message_days=voice_messages,
            today_from_hour=today_from,
        )
        one = next(one for one in lookup.schools(session) if one.school_id == school_id)
    click.echo(_told(one, changed))


def _told(school: "NamedSchool", settings: "TellingSettings") -> str:
    delay = f"after {settings.delay_minutes} minutes" if settings.delay_minutes else "at once"
    letters = "Latin" if settings.latin_sms else "Cyrillic"
    return (
        f"{school.institution_code}  {school.name}: told {delay}, "
        f"SMS and calls from {settings.from_hour}:00 to {settings.until_hour}:00, SMS in {letters} letters"
        + (", known telephones give the PIN too" if settings.pin_always else "")
        + (", unknown e-mail addresses wait for the class teacher" if settings.new_email_waits else "")
        + (", unknown telephones wait for the class teacher" if settings.new_sms_waits else "")
        + f", the day from {settings.today_from_hour}:00"
        + (f", greeting: {settings.greeting}" if settings.greeting else "")
        + (
            f", messages to class teachers kept {settings.voice_message_days} days"
            if settings.voice_message_days
            else ", no messages to class teachers"
        )
    )


def _hours(written: str) -> tuple[int, int]:
    from errors import InputError

    first, dash, last = written.partition("-")
    if not (dash and first.strip().isdecimal() and last.strip().isdecimal()):
        raise InputError(f"{written!r} are no hours: write them as 8-20.")
    return int(first), int(last)
