"""`eschool agi ...`: the voice process."""

import click


@click.group(name="agi")
def agi_group() -> None:
    """Answer calls: the server that Asterisk hands them to."""


@agi_group.command()
def serve() -> None:
    """Run the FastAGI server in the foreground until SIGTERM; calls in progress may end first."""
    import logs
    import settings
    from agi.voice import run_server

    config = settings.load()
    logs.configure("agi", config.log_level)
    run_server(config)
