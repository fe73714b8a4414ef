"""`eschool key`: the secret key, and the data keys that it protects."""

import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from db.session import Database
    from settings import Settings


@click.group("key")
def key_group() -> None:
    """Show and exchange the secret key."""


@key_group.command("fingerprint")
def show_fingerprint() -> None:
    """Print the secret key's fingerprint, and whether it is the database's; exit status 1 if it is another one."""
    import settings
    from db import keys
    from db.session import Database

    config = settings.load()
    click.echo(f"secret key  {keys.fingerprint(config.key())}")
    database = Database(config.database_direct, config.key(), unfinished=True)
    try:
        database.vault()
    finally:
        database.dispose()
    click.echo("It is the key of the database.")


@key_group.command()
@click.option("--data-keys", is_flag=True, help="Also exchange the data key and encrypt everything anew under it.")
@click.option(
    "--new-key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File that holds the new secret key, at least 32 characters; by default a random one is made.",
)
def rotate(data_keys: bool, new_key_file: Path | None) -> None:
    """Exchange the secret key: at once, because it only protects the data keys. Then restart every process.

    If somebody may have seen the former key, stop every process first and give --data-keys: everything is encrypted
    anew under a data key that the former secret key never protected. PINs and links in letters go on working. What is
    interrupted is finished by running the same command again.
    """
    import logs
    import settings
    from db.session import Database

    config = settings.load()
    logs.configure("key", config.log_level)
    if data_keys:
        _refuse_while_processes_run(config)
    key, going_on = _rotated(config, new_key_file, data_keys=data_keys)
    database = Database(config.database_direct, key, unfinished=True)
    try:
        if data_keys:
            _exchange(database, key, going_on=going_on)
        elif database.vault().version == 1:
            click.echo(
                "The data key still comes from the first secret key: whoever has that, and a copy of the database, can "
                "read it. If that may be so, run `eschool key rotate --data-keys`."
            )
    finally:
        database.dispose()
    click.echo("Restart every process, and run `eschool asterisk configure` before Asterisk's. Staff sign in again.")


def _rotated(config: "Settings", new_key_file: Path | None, *, data_keys: bool) -> tuple[bytes, bool]:
    """Exchange the secret key, unless that was done by a command that was interrupted; gives the key in force.

    And whether an interrupted exchange of the data key goes on.
    """
    from db import keys
    from db.migrate import transaction
    from errors import InputError
    from settings import SHORTEST_KEY, new_key, write_private

    pending = config.key_path.with_name("secret.key.new")
    with transaction(config) as connection:
        written_with = keys.written_with(connection)
        unfinished = keys.is_unfinished(connection)
    if pending.exists() and keys.fingerprint(pending.read_bytes()) == written_with:
        # It was interrupted after the database had it, or the environment has been given it since.
        key = _put_in_place(config, pending)
        if not data_keys:
            click.echo(f"The exchange of the secret key is finished: {keys.fingerprint(key)}.")
            return key, False
        return key, unfinished
    if unfinished:
        if not data_keys:
            raise InputError("The data key is being exchanged: run `eschool key rotate --data-keys` to its end first.")
        return config.key(), True
    if new_key_file is not None:
        text = new_key_file.read_text("utf-8").strip()
        if len(text) < SHORTEST_KEY or not text.isascii():
            raise InputError(f"{new_key_file} holds no secret key: give at least {SHORTEST_KEY} plain characters.")
        pending.unlink(missing_ok=True)
    else:
        text = new_key()
    if not pending.exists():  # else one that was made, and never used
        config.prepare_home()
        write_private(pending, text)
    new = pending.read_bytes()
    with transaction(config) as connection:
        keys.rewrap(connection, config.key(), new)
    click.echo(f"The new secret key is {keys.fingerprint(new)}.")
    return _put_in_place(config, pending), False


def _put_in_place(config: "Settings", pending: Path) -> bytes:
    """Make the new key the one that is read at a start, or say who has to; gives it."""
    key = pending.read_bytes()
    if not config.secret_key:
        pending.replace(config.key_path)
        folder = os.open(config.home_path, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        click.echo(f"It is in {config.key_path}: copy it to every other host, and into the backup of the key.")
    elif config.secret_key.encode() == key:
        pending.unlink()
    else:
        click.echo(
            f"It is in {pending}: set ESCHOOL_SECRET_KEY to it on every host, put it into the backup of the key, and "
            "delete the file."
        )
    return key


def _exchange(database: "Database", key: bytes, *, going_on: bool) -> None:
    from school.security.exchange import exchange

    if going_on:
        click.echo("An exchange of the data key was interrupted; it goes on.")

    def told(table: str, done: int, total: int) -> None:
        ending = "\n" if done >= total else "\r"
        if ending == "\n" or sys.stderr.isatty():
            click.echo(f"{table:20} {done:>9,} of {total:,}{ending}", nl=False, err=True)

    found = exchange(database, key, told)
    click.echo(f"Everything is under the new data key: {found.written:,} rows were written anew.")
    if found.unreadable:
        click.echo(
            f"{found.unreadable:,} values can be read with none of the keys and stay as they were: they were written "
            "with a secret key that is lost.",
            err=True,
        )


def _refuse_while_processes_run(config: "Settings") -> None:
    """Raises OperationError, as far as can be seen: on this host, and what has reported to the database lately."""
    from sqlalchemy import select

    from db.migrate import transaction
    from db.models import ProcessStatus
    from errors import OperationError
    from school.monitoring.health import SILENT_AFTER

    with transaction(config) as connection:
        rows = connection.execute(
            select(ProcessStatus.process).where(ProcessStatus.updated_at > datetime.now(UTC) - SILENT_AFTER).distinct()
        )
        running = sorted(rows.scalars())
    for process, address, port in (
        ("web", config.web_address, config.web_port),
        ("agi", config.agi_address, config.agi_port),
    ):
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError:
            continue
        running.append(process)
    if running:
        raise OperationError(
            f"Processes run ({', '.join(running)}): stop every process on every host first, then wait 15 seconds."
        )
