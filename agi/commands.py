"""`eschool agi ...`: the voice server and the dialer."""

import click


@click.group(name="agi")
def agi_group() -> None:
    """Speak with parents: the server that Asterisk hands calls to, and the dialer that rings them."""


@agi_group.command()
def serve() -> None:
    """Run the FastAGI server in the foreground until SIGTERM; calls in progress may end first."""
    import logs
    import settings
    from agi.process import run_server

    config = settings.load()
    logs.configure("agi", config.log_level)
    run_server(config)


@agi_group.command()
def dial() -> None:
    """Ring the parents of campaigns and of the outbox, in the foreground until SIGTERM.

    It needs Asterisk and the voice server; while one is away nobody is rung. Calls go on when it ends.
    """
    import logs
    import settings
    from agi.dialer import serve as serve_calls

    config = settings.load()
    logs.configure("dialer", config.log_level)
    serve_calls(config)
