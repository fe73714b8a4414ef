"""`eschool web`: the web application."""

import click


@click.group("web")
def web_group() -> None:
    """The web application: pages for teachers, principals, parents and the platform's operator."""


@web_group.command()
def serve() -> None:
    """Serve the pages in the foreground until SIGTERM."""
    import logs
    import settings
    from admin_web import server
    from runtime import home

    config = settings.load()
    logs.configure("web", config.log_level)
    home.secure(config)
    server.serve(config)


@web_group.command()
@click.argument("email")
def invite(email: str) -> None:
    """Print a one-time link with which the owner of the account EMAIL sets a password."""
    from datetime import UTC, datetime

    import settings
    from db.session import open_database
    from school import accounts

    config = settings.load()
    database = open_database(config)
    try:
        with database.session() as session:
            token = accounts.invite_again(session, email, datetime.now(UTC))
    finally:
        database.dispose()
    click.echo(f"{config.web_root}/password/{token}")
