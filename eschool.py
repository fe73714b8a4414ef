"""The command line `eschool`: one entry for everything an operator does. Each room brings its own commands."""

import sys

import click

from errors import EschoolError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="infoserv-eschool")
def cli() -> None:
    """InfoServ e-School tells parents by telephone, SMS and e-mail what happens to their children at school."""


def main() -> None:
    """Run a command; a user's mistake ends in one sentence on stderr, never in a traceback."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except EschoolError as error:
        click.echo(f"eschool: {error}", err=True)
        sys.exit(error.exit_status)
