"""`eschool agi ...`: the voice process."""

import click


@click.group(name="agi")
def agi_group() -> None:
    """Answer calls: the server Asterisk hands them to, and the plain script used while it is away."""


@agi_group.command()
def serve() -> None:
    """Run the FastAGI server in the foreground until SIGTERM; calls in progress may end first."""
    import logs
    import settings
    from agi.voice import run_server

    config = settings.load()
    logs.configure("agi", config.log_level)
    run_server(config)


@agi_group.command()
@click.argument("script", default="inbound")
def plain(script: str) -> None:
    """Serve one call on standard input and output, as the AGI script SCRIPT. Asterisk starts this, not a person."""
    import logs
    import settings
    from agi.voice import run_plain

    config = settings.load()
    logs.configure("agi-plain", config.log_level)
    run_plain(config, script)
