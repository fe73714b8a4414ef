"""`eschool db`: the database of this installation."""

import click


@click.group("db")
def db_group() -> None:
    """The database: bring it to this program's version, check that it answers."""


@db_group.command()
def upgrade() -> None:
    """Create the database or bring it to this program's version; nothing is lost, again changes nothing."""
    import settings
    from db.migrate import upgrade as bring_up_to_date

    config = settings.load()
    config.prepare_home()
    bring_up_to_date(config)
    click.echo("The database is up to date.")


@db_group.command()
def check() -> None:
    """Tell whether the database answers and is of this program's version."""
    import settings
    from db.session import open_database

    open_database(settings.load()).dispose()
    click.echo("The database answers and is up to date.")
