"""`eschool privacy ...`: the rights of the people in it: a copy of what is stored of them, and erasing them."""

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from db.kinds import ErasureGround
    from school.privacy.people import Person

KINDS = click.Choice(["student", "parent", "staff"])
GROUNDS = click.Choice(["not-needed", "consent-withdrawn", "objection", "unlawful", "legal-duty"])
_kind = click.argument("kind", type=KINDS)
_who = click.argument("who")
_school = click.option(
    "--school",
    "code",
    metavar="CODE",
    help="The school's code; not needed for a student, or where there is one school.",
)


@click.group(name="privacy")
def privacy() -> None:
    """Give people a copy of what is stored of them, and erase them (GDPR, articles 15, 17 and 20).

    WHO is a student's ID-code (also a revoked one), a parent's number or e-mail address, or a staff member's address.
    """


@privacy.command()
@_kind
@_who
@_school
def show(kind: str, who: str, code: str | None) -> None:
    """Print in numbers what is stored of a person."""
    from db.command_session import reading
    from school.privacy import export, lookup

    with reading() as (session, _):
        person = lookup.one(session, kind, who, code)
        numbers = export.counts(session, person)
    click.echo(person.name)
    for title, number in numbers.items():
        if number:
            click.echo(f"{number:8}  {title}")


@privacy.command("export")
@_kind
@_who
@_school
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ZIP to write.")
def export_command(kind: str, who: str, code: str | None, output: Path) -> None:
    """Write the copy of everything that is stored of a person, as a ZIP that only you can read."""
    from datetime import UTC, datetime

    import settings
    from db.session import open_database
    from errors import InputError, OperationError
    from school.privacy import export, lookup

    now = datetime.now(UTC)
    database = open_database(settings.load())
    try:
        with database.session() as session:
            person = lookup.one(session, kind, who, code)
            export.note(session, person, now, by=None)
        with open(output, "xb", opener=_private) as file:
            for piece in export.stream(database.reading, person, now):
                file.write(piece)
    except FileExistsError:
        raise InputError(f"{output} is there already: choose another name.") from None
    except OSError as error:
        raise OperationError(f"{output} cannot be written ({error.strerror}): choose another place.") from error
    finally:
        database.dispose()
    click.echo(f"Written: {output}. Hand it over in a safe way and delete it.")


@privacy.command()
@_kind
@_who
@_school
@click.option("--ground", type=GROUNDS, help="Why before the end of the retention period; asked for when needed.")
@click.option("--still-here", is_flag=True, help="Erase a student who is still at the school, class book and all.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def erase(kind: str, who: str, code: str | None, ground: str | None, still_here: bool, yes: bool) -> None:
    """Erase a person and everything recorded of them or told to them. This cannot be undone.

    Of staff who left only the name and the account go: the class book stays valid.
    """
    from datetime import UTC, datetime

    import settings
    from db.session import open_database
    from school.privacy import erasure, export, files, lookup

    config = settings.load()
    now = datetime.now(UTC)
    database = open_database(config)
    try:
        with database.reading() as session:
            person = lookup.one(session, kind, who, code)
            numbers = export.counts(session, person)
            reason = _ground(session, person, now, ground, yes)
        if not yes:
            for title, number in numbers.items():
                if number:
                    click.echo(f"{number:8}  {title}")
            if person.is_active and kind == "student":
                click.echo("This student is still at the school: the class book goes too.", err=True)
            click.confirm(f"Erase {person.name} for ever?", abort=True)
        with database.session() as session:
            person = lookup.one(session, kind, who, code)
            gone = erasure.erase(session, person, now, by=None, ground=reason, still_here=still_here)
        files.clean(config, database, [gone])
    finally:
        database.dispose()
    click.echo("Erased.")


@privacy.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those of this day and later.")
def erasures(since: "datetime | None") -> None:
    """Print the list of who was erased, by id: keep it beside each backup, on another disk than the database."""
    from db.command_session import reading
    from runtime.localtime import SOFIA
    from school.privacy import erased

    first = since and since.replace(tzinfo=SOFIA)
    with reading() as (session, _):
        for line in erased.lines(session, first):
            click.echo(line)


@privacy.command("replay-erasures")
@click.argument("file", type=click.File("r", "utf-8"))
def replay_erasures(file: IO[str]) -> None:
    """Erase again, in a database that was restored from a backup, whoever the list FILE names.

    FILE was written by `eschool privacy erasures`; `-` reads from standard input. Run it before the processes start.
    """
    from datetime import UTC, datetime

    import settings
    from db.session import open_database
    from school.privacy import files
    from school.privacy.replaying import replay

    config = settings.load()
    database = open_database(config)
    try:
        with database.session() as session:
            done = replay(session, file.read(), datetime.now(UTC))
        files.clean(config, database, done)
    finally:
        database.dispose()
    click.echo(f"Erased again: {len(done)}.")


@privacy.command()
def clean() -> None:
    """Delete on this host the clips that nobody says any more, and what the database's files hold of deleted rows.

    Erasing does so on its own host, and a voice process on the host it runs on; this is for a host where none ran.
    """
    import settings
    from db.session import open_database
    from school.privacy import files

    config = settings.load()
    database = open_database(config)
    try:
        files.clean(config, database, ())
    finally:
        database.dispose()
    click.echo("Cleaned.")


def _ground(session: "Session", person: "Person", now: "datetime", ground: str | None, yes: bool) -> "ErasureGround":
    """The ground that was given; none is needed once the retention period is over."""
    from db.kinds import ErasureGround
    from errors import InputError
    from school.privacy import erasure

    if ground is None and erasure.is_expired(session, person, now):
        return ErasureGround.EXPIRED
    if ground is None and yes:
        raise InputError("The retention period is not over: say why with --ground.")
    if ground is None:
        ground = click.prompt("Why, before the retention period is over", type=GROUNDS)
    return ErasureGround(str(ground).replace("-", "_"))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
