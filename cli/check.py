"""`eschool check`: everything that an operator should know before a parent finds out."""

import sys
from collections.abc import Callable, Iterable, Mapping

import click

from settings import Settings

Look = Callable[[Settings], Iterable[str]]
"""Gives a sentence for each thing that is wrong; one that begins with WARNING only deserves a look."""
WARNING = "warning: "


def check_command(more: Mapping[str, Look]) -> click.Command:
    """The command. `more`: what this package cannot look at itself, by topic."""

    @click.command()
    def check() -> None:
        """Check this host: the home folder, the secret key, the database, its backups, Asterisk and the clips.

        Exit status 1 if something keeps the product from working or data is open to others; what only deserves a look
        is a warning. `eschool status` tells which processes run.
        """
        import settings

        config = settings.load()
        wrong = 0
        looks = {"home": _home, "key": _key, "database": _database, "backup": _backup} | dict(more)
        for topic, look in looks.items():
            found = list(_looked(look, config))
            wrong += sum(not sentence.startswith(WARNING) for sentence in found)
            for sentence in found or ["in order"]:
                click.echo(f"{topic:10} {sentence}")
        if wrong:
            sys.exit(1)

    return check


def _looked(look: Look, config: Settings) -> Iterable[str]:
    """What a check finds; one that cannot be made tells why."""
    from errors import EschoolError

    try:
        yield from look(config)
    except EschoolError as error:
        yield from str(error).splitlines()


def _home(config: Settings) -> Iterable[str]:
    from runtime import home

    return home.problems(config)


def _key(config: Settings) -> Iterable[str]:
    from db.session import open_database

    open_database(config).dispose()
    return ()


def _database(config: Settings) -> Iterable[str]:
    from db.integrity import examined

    found = examined(config)
    return [*found.damage, *(f"{WARNING}{one}" for one in found.not_examined)]


def _backup(config: Settings) -> Iterable[str]:
    from school.monitoring import backups

    told = backups.status(config)
    if config.backup_folder is None:
        return [f"{WARNING}no backups are made by themselves: set ESCHOOL_BACKUP_FOLDER."]
    return [f"{told}: see `eschool schedule list`."] if told.startswith("ALARM") else ()
