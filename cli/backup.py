"""`eschool backup` and `eschool restore`: an encrypted copy of everything that cannot be made anew, and back again."""

import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from backup.aftermath import Aftermath
    from backup.restoring import Restored
    from backup.snapshot import Told

SAY_SECONDS = 10.0
"""How often progress is told where nobody watches a terminal."""


@click.group("backup", invoke_without_command=True)
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Where to; by default ESCHOOL_BACKUP_FOLDER."
)
@click.pass_context
def backup_group(context: click.Context, folder: Path | None) -> None:
    """Make a backup, while everything runs; `verify` restores one elsewhere to see that it is good.

    The file holds the database, recordings, and what waits in the home, encrypted under the secret key. The key itself
    is not in it: keep it apart, for nothing opens a backup without the key with which it was made.
    """
    if context.invoked_subcommand is not None:
        return
    import settings
    from backup.disk import megabytes
    from backup.making import make

    began = monotonic()
    made = make(settings.load(), folder, _progress())
    click.echo(
        f"{made.path}\n{made.rows:,} rows and {made.files} files, {megabytes(made.size)}, "
        f"{monotonic() - began:.1f} s. Verify it with `eschool backup verify`."
    )
    if made.old:
        click.echo(f"Older backups deleted: {made.old}.")


@backup_group.command("verify")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def verify_command(file: Path | None) -> None:
    """Restore the backup FILE, by default the newest one, into a temporary place, and look at all of it.

    Exit status 1 when it is not good. Nothing of it stays; what was found is shown by `eschool status`.
    """
    import settings
    from backup.verifying import verify

    found = verify(settings.load(), file, _progress())
    click.echo(f"{found.path.name} is good: {found.rows:,} rows restored into {found.where} in {found.seconds:.1f} s.")


@backup_group.command("list")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Which; by default ESCHOOL_BACKUP_FOLDER."
)
def list_command(folder: Path | None) -> None:
    """List the backups, the newest first: what they are of, and the fingerprint of the key that each takes."""
    import settings
    from backup import folder as folders
    from backup.disk import megabytes
    from backup.sealed import header_of
    from errors import InputError

    for path in folders.found(folders.folder_of(settings.load(), folder)):
        try:
            one = header_of(path)
        except InputError as error:
            click.echo(f"{path.name}  {error}")
            continue
        size = megabytes(path.stat().st_size)
        click.echo(f"{path.name}  {size:>12}  {one.database}, version {one.version}, key {one.key}")


@backup_group.command("settle")
@click.option("--erasures", type=click.Path(path_type=Path), help="The list of who was erased (erasures.jsonl).")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def settle_command(erasures: Path | None, yes: bool) -> None:
    """After another tool restored the database (Litestream, pgBackRest), do what `eschool restore` does at its end.

    Before any process starts: what may have been sent since is held, campaigns are paused, jobs are planned from now
    on, sessions end, and who was erased since is erased again.
    """
    import settings
    from backup.restoring import settle

    config = settings.load()
    if not yes:
        click.confirm("Everything that waits to be sent now will be held for your decision. Go on?", abort=True)
    click.echo("\n".join(_after(settle(config, erasures))))


@click.command("restore")
@click.option("--into", required=True, metavar="HOME|URL", help="An empty folder, or the address of an empty database.")
@click.option("--key-file", type=click.Path(path_type=Path), help="The secret key, where it is not in place already.")
@click.option(
    "--erasures",
    type=click.Path(path_type=Path),
    help="The list of who was erased; by default erasures.jsonl beside FILE.",
)
@click.argument("file", type=click.Path(path_type=Path))
def restore_command(into: str, key_file: Path | None, erasures: Path | None, file: Path) -> None:
    """Restore the backup FILE into an empty home, or an empty database of either kind; nothing is overwritten.

    Whoever was erased since is erased again, and what may have been sent since is held for you to decide. Start the
    processes only when you have read what it says.
    """
    import settings
    from backup.restoring import restore

    began = monotonic()
    done = restore(settings.load(), file, into, key_file=key_file, erasures=erasures, told=_progress())
    _tell(done, into, monotonic() - began)


def _tell(done: "Restored", into: str, seconds: float) -> None:
    from datetime import UTC, datetime

    from db.connecting import database_url
    from db.migrations import HEAD
    from runtime.localtime import SOFIA
    from school.monitoring.backups import age

    header = done.header
    shown = database_url(into).render_as_string(hide_password=True) if "://" in into else into
    lines = [f"Restored into {shown}: {done.rows:,} rows and {len(done.files)} files in {seconds:.1f} s."]
    if header.version != HEAD:
        lines.append(f"The database was brought from version {header.version} to {HEAD}.")
    if done.key_written:
        lines.append(f"The secret key is in {done.key_written}.")
    lines += [
        f"What was done after {header.made_at.astimezone(SOFIA):%d.%m.%Y %H:%M:%S} "
        f"({age(datetime.now(UTC) - header.made_at)} ago) is lost: entries, subscriptions and СТОП, barred followers, "
        "passwords, used recovery codes, withdrawn tokens.",
    ]
    lines += _after(done.aftermath)
    if any(name.startswith("voice/") for name in done.files):
        lines.append("Recordings of a folder of their own are in voice/ of the home: set ESCHOOL_RECORDINGS to it.")
    lines += [f"Not overwritten, because another one is there: {name}." for name in done.left]
    lines.append("Missing, because it is made anew: clips and Asterisk's configuration. Run `eschool setup`.")
    click.echo("\n".join(lines))


def _after(after: "Aftermath") -> list[str]:
    """What was done about the time between the backup and now."""
    lines = [
        f"Held as unknown, because they may have been sent since: {after.messages_held} messages. See them with "
        "`eschool outbox show --state unknown`, then `eschool outbox retry` or `eschool outbox settle`.",
        f"Campaigns paused: {after.campaigns_paused}; stopped, because they were to end by now: "
        f"{after.campaigns_stopped}. Their school resumes or stops them.",
        "Jobs are planned from now on; what was missed is not made up.",
        f"Staff sign in again ({after.sessions_ended} sessions ended).",
    ]
    if after.charges_stopped is not None:
        lines.append(
            f"Nobody is charged for now ({after.charges_stopped} charges that waited were stopped): who was charged "
            "since the backup is not known here. Read step 5 of docs/operations.md before `eschool billing release`."
        )
    if after.erased is None:
        lines.append(
            "There was no list of who was erased: whoever was erased since the backup is back. Find erasures.jsonl, "
            "and run `eschool privacy replay-erasures` before you start the processes."
        )
    else:
        lines.append(f"Erased again: {len(after.erased)}.")
    return lines


def _progress() -> "Told":
    """Tells progress on stderr: in one line that changes, or now and then in a line of its own."""
    last = monotonic()
    watched = sys.stderr.isatty()

    def told(what: str, done: int, of: int) -> None:
        nonlocal last
        is_over = bool(of) and done >= of
        if monotonic() - last < (0.2 if watched else SAY_SECONDS) and not (is_over and watched):
            return
        last = monotonic()
        share = f"{done / of:4.0%}" if of else f"{done:,}"
        click.echo(f"\r{what} {share}" if watched else f"{what} {share}", nl=not watched or is_over, err=True)

    return told
