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
    """Report whether the database can be reached and is up to date."""
    import settings
    from db.migrations import HEAD
    from db.session import open_database

    open_database(settings.load()).dispose()
    click.echo(f"The database answers and is up to date (version {HEAD}).")


@db_group.command()
@click.argument("message")
def draft(message: str) -> None:
    """Draft the migration from the database as it is to the models in db.models, for a developer to finish."""
    import settings
    from db.migrate import draft as draft_migration

    click.echo(f"Review and complete {draft_migration(settings.load(), message)}.")
