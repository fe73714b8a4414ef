"""The command line `eschool`: one entry for everything an operator does. Each package brings its own commands."""

import sys
from collections.abc import Iterable
from itertools import groupby

import click

from admin_web.commands import web_group
from agi.commands import agi_group
from asterisk_conf.commands import asterisk_group
from cli.backup import backup_group, restore_command
from cli.billing import billing
from cli.check import WARNING, check_command
from cli.db import db_group
from cli.demo import demo
from cli.key import key_group
from cli.lines import lines
from cli.outbox import outbox
from cli.privacy import privacy
from cli.prompts import prompts_group
from cli.record import record
from cli.retention import retention
from cli.school import school
from cli.students import students
from cli.subscriptions import subscriptions
from cli.timetable import timetable
from cli.year import year
from epay.commands import epay_group
from errors import EschoolError, as_disk_error
from mail.commands import mail_group
from runtime.version import VERSION
from scheduler.commands import schedule_group, scheduler_group
from settings import Settings
from smpp.commands import sms_group


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="eschool")
def cli() -> None:
    """Tells parents by telephone, SMS and e-mail what happens to their children at school.

    `eschool run` sets up and starts everything on this machine. On a real host each process runs on its own:
    `eschool asterisk run`, `eschool agi serve`, `eschool agi dial`, `eschool sms serve`, `eschool mail serve`,
    `eschool scheduler serve` and `eschool web serve`.

    Settings are environment variables ESCHOOL_*; `eschool settings` lists them with their meaning and value.
    """


@cli.command()
def run() -> None:
    """Set up what is missing and run everything on this machine until Ctrl-C."""
    import launcher
    import settings

    config = settings.load()
    with launcher.alone(config):
        launcher.prepare(config)
        sys.exit(launcher.run(config))


@cli.command()
def setup() -> None:
    """Set up what is missing, without starting anything.

    That is the database, the demonstration school, Asterisk and its configuration, and the clips.
    """
    import launcher
    import settings

    launcher.prepare(settings.load())


@cli.command()
def status() -> None:
    """Print the state of each process that is to run on this host; exit status 1 if one is away.

    ESCHOOL_PROCESSES names them where these are not all. What lives on other hosts is listed last.
    """
    import launcher
    import settings

    found = launcher.states(settings.load())
    for process, state in found.items():
        click.echo(f"{process:10} {state}")
    if any(state.startswith("away") for state in found.values()):
        sys.exit(1)


@cli.command("settings")
def list_settings() -> None:
    """List every setting by group, with its value and its meaning.

    Secrets are shown as (set).
    """
    import settings

    for group, members in groupby(settings.described(settings.load()), key=lambda one: one.group):
        click.echo(f"\n{group}\n")
        for one in members:
            click.echo(f"{one.variable}={one.value}\n    {one.meaning}")


def _entered_texts(config: Settings) -> Iterable[str]:
    """The pieces that the school's entered texts need; prompts itself knows no school."""
    from db.session import open_database
    from school.hearing import spoken

    database = open_database(config)
    try:
        with database.reading() as session:
            return spoken.texts(session)
    finally:
        database.dispose()


def _asterisk(config: Settings) -> Iterable[str]:
    """What is wrong with Asterisk, and its age."""
    from asterisk_conf.age import warning
    from asterisk_conf.check import problems
    from asterisk_conf.obtain import find

    yield from problems(config)
    asterisk = find(config)
    if asterisk is not None and (told := warning(asterisk)):
        yield f"{WARNING}{told}"


def _clips(config: Settings) -> Iterable[str]:
    """What cannot be said on the telephone."""
    from prompts.check import faults
    from prompts.speech import inventory

    found = faults(config, {*inventory(), *_entered_texts(config)})
    return [f"{' '.join(found)} Run `eschool prompts render`."] if found else []


cli.add_command(check_command({"asterisk": _asterisk, "clips": _clips}))
cli.add_command(asterisk_group)
cli.add_command(agi_group)
cli.add_command(sms_group)
cli.add_command(mail_group)
cli.add_command(epay_group)
cli.add_command(scheduler_group)
cli.add_command(schedule_group)
cli.add_command(web_group)
cli.add_command(prompts_group(_entered_texts))
cli.add_command(db_group)
cli.add_command(backup_group)
cli.add_command(restore_command)
cli.add_command(key_group)
cli.add_command(demo)
cli.add_command(school)
cli.add_command(record)
cli.add_command(timetable)
cli.add_command(retention)
cli.add_command(privacy)
cli.add_command(students)
cli.add_command(subscriptions)
cli.add_command(year)
cli.add_command(outbox)
cli.add_command(lines)
cli.add_command(billing)


def main() -> None:
    """Run a command; a user's mistake ends in one sentence on stderr, never in a traceback."""
    import logs
    from runtime import parent

    parent.end_with_it()
    # A command tells a person in sentences; what it logs matters when something is odd. Servers configure their own.
    logs.configure("eschool", "WARNING")
    try:
        cli(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except EschoolError as error:
        click.echo(f"eschool: {error}", err=True)
        sys.exit(error.exit_status)
    except OSError as error:
        told = as_disk_error(error)
        if told is None:
            raise
        click.echo(f"eschool: {told}", err=True)
        sys.exit(told.exit_status)
