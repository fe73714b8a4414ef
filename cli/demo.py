"""`eschool demo`: the demonstration school, for trying the product without entering anything."""

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print all as JSON: people, codes, PINs, grades, absences.")
@click.option("--refresh", is_flag=True, help="Also add what has happened at school since it was loaded.")
def demo(as_json: bool, refresh: bool) -> None:
    """Load the demonstration school and list whom to call as.

    One that is there stays as it is; another school's database is refused.
    """
    from datetime import UTC, datetime

    import settings
    from db.migrate import upgrade_new
    from db.session import open_database
    from demonstration import describe, load, who_to_try

    config = settings.load()
    upgrade_new(config)
    database = open_database(config)
    try:
        with database.session() as session:
            loaded = load(session, datetime.now(UTC), refresh=refresh)
        click.echo("The demonstration school is loaded." if loaded else "The demonstration school is there.", err=True)
        with database.reading() as session:
            described = describe(session)
    finally:
        database.dispose()
    if as_json:
        click.echo(json.dumps({"inbound_number": config.inbound_number} | described, ensure_ascii=False, indent=1))
        return
    click.echo(f"{described['school']['name']}, {described['school']['school_year']}")
    for line in who_to_try(described):
        click.echo(line)
    click.echo("  all codes, PINs, grades and log-ins: eschool demo --json")
