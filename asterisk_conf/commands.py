"""`eschool asterisk`: getting, configuring, running and checking Asterisk."""

import click

import settings as settings_module


@click.group("asterisk")
def asterisk_group() -> None:
    """Install, configure, run and check Asterisk, the PBX."""


@asterisk_group.command()
@click.option("--mirror", help="Debian mirror to download from, when Asterisk is unpacked into a folder.")
@click.option("--renew", is_flag=True, help="Download again, to get the newest version with its security updates.")
def install(mirror: str | None, renew: bool) -> None:
    """Obtain Asterisk 20 or newer, unless it is there already."""
    from asterisk_conf import folder, obtain

    settings = settings_module.load()
    asterisk = obtain.install(settings, click.echo, mirror=mirror or folder.MIRROR, renew=renew)
    click.echo(f"Asterisk {asterisk.version_text}: {asterisk.command[-1]}")


@asterisk_group.command()
def configure() -> None:
    """Write Asterisk's configuration from the settings."""
    from asterisk_conf import check, obtain
    from asterisk_conf import configure as configuration

    settings = settings_module.load()
    changed = configuration.configure(settings, obtain.require(settings))
    click.echo(f"{len(changed)} files written: {', '.join(path.name for path in changed)}" if changed else "No change.")
    if changed and check.is_running(settings):
        click.echo("The running Asterisk still has the former ones: restart it.")


@asterisk_group.command()
def run() -> None:
    """Configure Asterisk and run it in the foreground."""
    from asterisk_conf import run as running

    running.start(settings_module.load())


@asterisk_group.command()
def check() -> None:
    """Report everything that would keep Asterisk from serving calls, and how old it is."""
    from asterisk_conf import age, obtain
    from asterisk_conf import check as checking

    settings = settings_module.load()
    asterisk = obtain.require(settings)
    click.echo(age.described(asterisk))
    if told := age.warning(asterisk):
        click.echo(f"Warning: {told}", err=True)
    checking.check(settings)
    click.echo("Asterisk runs." if checking.is_running(settings) else "Asterisk is ready to be started.")


@asterisk_group.command()
def status() -> None:
    """Report whether Asterisk runs and how many calls it has."""
    from asterisk_conf import run as running

    click.echo(f"Asterisk: {running.status(settings_module.load())}.")


@asterisk_group.command()
@click.argument("command")
def tell(command: str) -> None:
    """Give the running Asterisk a console command, such as "core show uptime"."""
    from asterisk_conf import run as running

    click.echo(running.tell(settings_module.load(), command), nl=False)
