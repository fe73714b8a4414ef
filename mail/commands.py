"""`eschool mail ...`: the sender of e-mails, and a mail server to try it with."""

from pathlib import Path

import click


@click.group(name="mail")
def mail_group() -> None:
    """E-mail: the sender, and a mail server for trying it without a real one."""


@mail_group.command()
def serve() -> None:
    """Run the mail sender in the foreground until SIGTERM.

    Without ESCHOOL_SMTP_URL it hands its letters to the simulator.
    """
    import logs
    import settings
    from mail.sender import serve as send
    from runtime import home

    config = settings.load()
    logs.configure("mail", config.log_level)
    home.secure(config)
    send(config)


@mail_group.command()
def simulate() -> None:
    """Run a mail server for trying the product, in the foreground until SIGTERM.

    It keeps every letter in <home>/mail and forwards none.
    """
    import logs
    import settings
    from mail.simulator import process
    from runtime import home

    config = settings.load()
    logs.configure("mailbox", config.log_level)
    home.secure(config)
    process.serve(config)


@mail_group.command()
def check() -> None:
    """Connect to the mail server and sign in, without sending anything."""
    import settings
    from mail.connection import Connection
    from mail.server import domain, sender_address, server

    config = settings.load()
    found, sender = server(config), sender_address(config)
    connection = Connection(found, domain(config))
    connection.open()
    connection.close()
    signed_in = f", signed in as {found.user}" if found.user else ", without signing in"
    click.echo(f"{found.host}:{found.port} answers, {found.security}{signed_in}. Letters come from {sender}.")


@mail_group.command()
@click.option("--all", "everything", is_flag=True, help="All letters, not only the last one.")
@click.argument("address", required=False)
def read(address: str | None, everything: bool) -> None:
    """Print the last letter that the simulator received, or the last one to ADDRESS."""
    import settings
    from errors import OperationError
    from mail.simulator import endpoint

    folder = endpoint.folder(settings.load())
    found = [shown for path in sorted(folder.glob("*.eml"), reverse=True) if (shown := _shown(path, address))]
    if not found:
        raise OperationError(f"There is no such letter in {folder}.")
    click.echo("\n\n".join(reversed(found if everything else found[:1])))


def _shown(path: Path, address: str | None) -> str:
    """A letter as a mail program shows it; nothing for one to somebody else."""
    from email import message_from_bytes
    from email.policy import default

    letter = message_from_bytes(path.read_bytes(), policy=default)
    if address is not None and address.lower() not in str(letter["To"]).lower():
        return ""
    body = letter.get_body(("plain",))
    lines = [f"{name}: {letter[name]}" for name in ("From", "To", "Subject", "Date")]
    attached = [f"({part.get_filename()}: {part.get_content_type()})" for part in letter.iter_attachments()]
    text = str(body.get_content()).rstrip() if body is not None else ""
    return "\n".join([str(path), *lines, "", text, *attached])
