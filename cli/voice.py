"""`eschool prompts voice`: which recordings callers hear, for who has no page at hand."""

import click


@click.group("voice", help="Which recordings callers hear: editions of all that is recorded.")
def voice() -> None:
    """Show and change the edition that is in use."""


@voice.command("list", help="Print the editions that can be used: number, when it was made, recordings.")
def list_command() -> None:
    from db.command_session import reading
    from runtime.localtime import SOFIA
    from school.recordings import editions

    with reading() as (session, _):
        found, used = editions.editions(session), editions.in_use(session)
    for one in found:
        made = one.made_at.astimezone(SOFIA)
        in_use = "  in use" if one.edition_id == used else ""
        click.echo(f"{one.edition_id}  {made:%Y-%m-%d %H:%M}  {one.recordings} recordings{in_use}")
    if used is None:
        click.echo("No edition is in use: the speech engine says everything.", err=True)


@voice.command("publish", help="Make an edition of all that is recorded now, and put it into use.")
def publish_command() -> None:
    from db.command_session import writing
    from school.recordings import editions

    with writing() as (session, now):
        number = editions.publish(session, by=None, now=now)
    click.echo(f"Edition {number} is in use: each host makes it ready and takes it.")


@voice.command("use", help="Put edition NUMBER into use again.")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def use_command(number: int) -> None:
    from db.command_session import writing
    from school.recordings import editions

    with writing() as (session, now):
        editions.use(session, number, by=None, now=now)
    click.echo(f"Edition {number} is in use: each host makes it ready and takes it.")


@voice.command("off", help="Let the speech engine say everything.")
def off_command() -> None:
    from db.command_session import writing
    from school.recordings import editions

    with writing() as (session, now):
        editions.use(session, None, by=None, now=now)
    click.echo("No edition is in use: the speech engine says everything.")
