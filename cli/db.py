"""`eschool db`: the tables of the configured database."""

import click


@click.group("db")
def db_group() -> None:
    """Create, upgrade and check the database."""


@db_group.command()
def upgrade() -> None:
    """Create the tables or bring them up to date. Safe at any time, and from several machines at once."""
    import logs
    import settings
    from db.migrate import upgrade as upgrade_database
    from db.migrations import HEAD

    config = settings.load()
    logs.configure("db", config.log_level)
    upgrade_database(config)
    click.echo(f"The database is up to date (version {HEAD}).")


@db_group.command()
def check() -> None:
    """Report whether the database can be reached, is up to date and is whole.

    It is read from end to end, which may take minutes; the processes go on meanwhile.
    """
    import settings
    from db.integrity import examined
    from db.migrations import HEAD
    from db.session import open_database
    from errors import OperationError

    config = settings.load()
    found = examined(config)
    if found.damage:
        raise OperationError("\n".join(found.damage))
    open_database(config).dispose()
    click.echo(f"The database answers, is up to date (version {HEAD}) and whole.")
    for sentence in found.not_examined:
        click.echo(f"Not examined: {sentence}")


@db_group.command()
@click.option("--yes", is_flag=True, help="Do it without asking.")
def widen(yes: bool) -> None:
    """Give ids 64 bits in tables that were too big for an upgrade to do it.

    PostgreSQL writes such a table anew, at 20 to 50 MB a second, and nobody reads or writes it meanwhile: stop all
    processes first, and have as much free disk as the largest table takes.
    """
    import settings
    from db.migrate import autocommitting
    from db.wide_ids import narrow, widen
    from errors import OperationError

    config = settings.load()
    if config.database.startswith("sqlite"):
        click.echo("SQLite's ids have 64 bits: there is nothing to do.")
        return
    with autocommitting(config) as connection:
        tables = narrow(connection)
        if not tables:
            click.echo("All ids have their 64 bits: there is nothing to do.")
            return
        for table in tables:
            click.echo(f"{table.name:20} {table.bytes / 2**20:10.0f} MB, {table.used:.1%} of its ids are used")
        if not yes and not click.confirm("Have all processes been stopped?"):
            raise OperationError("Nothing was changed.")
        for table in tables:
            widen(connection, table)
            click.echo(f"{table.name}: done.")


@db_group.command()
@click.argument("message")
def draft(message: str) -> None:
    """Draft the migration from the database as it is to the models in db.models, for a developer to finish."""
    import settings
    from db.migrate import draft as draft_migration

    click.echo(f"Review and complete {draft_migration(settings.load(), message)}.")
