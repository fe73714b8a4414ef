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


@web_group.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Let the owner of the account EMAIL, who lost telephone and recovery codes, sign in with the password alone.

    Codes, passkeys and sessions of the account end, and the person is told by e-mail. Make sure who asks.
    """
    from db.command_session import writing
    from school import accounts

    with writing() as (session, now):
        accounts.reset_by_email(session, email, by=None, now=now)
    click.echo(f"{email} signs in with the password alone now, until a second factor is set up again.")


@web_group.command("demand-second-factor")
@click.option("--school", "code", metavar="CODE", help="Of this school's leaders; without it, of all and of operators.")
@click.option("--off", is_flag=True, help="Demand it no more.")
def demand_second_factor(code: str | None, off: bool) -> None:
    """Demand a second factor of leaders and operators; who has none sets it up right after signing in."""
    from db.command_session import writing
    from school import accounts
    from school.students import lookup

    with writing() as (session, now):
        school_id = None if code is None else lookup.school_with(session, code)
        accounts.demand_second_factor(session, school_id, demanded=not off, by=None, now=now)
    whose = "all leaders and the platform's operators" if code is None else f"the leaders of school {code}"
    click.echo(f"A second factor is {'not demanded' if off else 'demanded'} of {whose}.")
