"""`eschool agi ...`: the voice server and the dialer."""

import click


@click.group(name="agi")
def agi_group() -> None:
    """Calls: the voice server, to which Asterisk hands calls, and the dialer, which calls parents."""


@agi_group.command()
def serve() -> None:
    """Run the voice server in the foreground until SIGTERM; calls in progress may end first."""
    import logs
    import settings
    from agi.process import run_server
    from runtime import home

    config = settings.load()
    logs.configure("agi", config.log_level)
    home.secure(config)
    run_server(config)


@agi_group.command()
def dial() -> None:
    """Run the dialer in the foreground until SIGTERM: it calls the parents of campaigns and of the outbox.

    It needs Asterisk and the voice server; while either is away, nobody is called. Calls under way go on when it ends.
    """
    import logs
    import settings
    from agi.dialer import serve as serve_calls
    from runtime import home

    config = settings.load()
    logs.configure("dialer", config.log_level)
    home.secure(config)
    serve_calls(config)
