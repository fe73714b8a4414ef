"""`eschool billing ...`: whether parents are charged, prices, operators' files, refunds, the ledger."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from school.billing.overview import MonthOfOperator


@click.group(name="billing")
def billing() -> None:
    """Show what parents paid, import operators' files, set prices, and stop or resume all charging."""


@billing.command()
def show() -> None:
    """Print payers by state, the months of each operator, and what needs looking at."""
    from db.command_session import reading
    from school.billing import overview

    with reading() as (session, now):
        found = overview.overview(session, now)
    click.echo("Payers: " + ", ".join(f"{count} {state}" for state, count in found.payers.items()))
    for one in found.months:
        click.echo(_month(one))
    for alarm in found.alarms:
        click.echo(f"Look at: {alarm}")


def _month(one: "MonthOfOperator") -> str:
    failed = ", ".join(f"{count} {name}" for name, count in sorted(one.failed.items())) or "none"
    settled = f"settled {one.settled_on}, share {one.share}" if one.is_settled else "not settled"
    return (
        f"{one.month:%Y-%m} {one.operator}: {one.charged} charged ({one.charged_amount}), failed {failed}, "
        f"{one.unknown} unknown; reported {one.reported}, {one.open_} in no file, {one.theirs_only} theirs only, "
        f"{one.differs} differ; {settled}"
    )


@billing.command()
@click.argument("scope", default="all")
@click.option("--reason", required=True, metavar="TEXT", help="Why nobody is charged.")
def hold(scope: str, reason: str) -> None:
    """Charge nobody from now on: of the operator SCOPE, or (all, which is usual) of any."""
    from db.command_session import writing
    from school.billing import holds

    with writing() as (session, now):
        stopped = holds.hold(session, scope, reason, now)
    click.echo(f"Held: {stopped} charges on their way were stopped, and are made again when the hold is lifted.")


@billing.command()
@click.argument("scope", default="all")
def release(scope: str) -> None:
    """Lift a hold: charge again."""
    from db.command_session import writing
    from school.billing import holds

    with writing() as (session, now):
        holds.lift(session, scope, now)
    click.echo("Released: charges are made again from the next run on.")


@billing.command()
@click.option("--from", "valid_from", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day of a month.")
@click.option("--first", required=True, metavar="AMOUNT", help="Price of the first child, VAT included: 0.61.")
@click.option("--further", default="0", metavar="AMOUNT", help="Of each further child; 0: all for the price of one.")
@click.option("--currency", default="EUR", show_default=True)
@click.option("--vat", default=20, show_default=True, help="VAT in percent.")
def price(valid_from: datetime, first: str, further: str, currency: str, vat: int) -> None:
    """Add a price, at least 30 days ahead. Payers are told of it, and where it rises asked to agree."""
    from db.command_session import writing
    from school.billing import prices
    from school.billing.money import parse

    with writing() as (session, now):
        prices.add(
            session,
            valid_from=valid_from.date(),
            first=parse(first, currency),
            further=parse(further, currency),
            vat_percent=vat,
            now=now,
        )
    click.echo("Added: payers are told of it by the next run.")


@billing.command(name="import")
@click.argument("operator")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--month", required=True, type=click.DateTime(["%Y-%m"]), help="When its charges were made: 2026-03.")
def import_(operator: str, file: Path, month: datetime) -> None:
    """Hold an OPERATOR's billing FILE against our charges. Importing it again changes nothing."""
    from datetime import UTC

    import settings
    from db.session import open_database
    from school.billing import collecting, reconciliation

    database = open_database(settings.load())
    try:
        now = datetime.now(UTC)
        while True:
            with database.session() as session:
                if not collecting.collect(session, now):
                    break
        found = reconciliation.import_file(database, operator, file, month.date(), now)
    finally:
        database.dispose()
    counted = ", ".join(f"{count} {verdict}" for verdict, count in sorted(found.counts.items())) or "no new lines"
    click.echo(f"Imported: {counted}; {found.repeated} were here already.")


@billing.command()
@click.argument("operator")
@click.option("--month", required=True, type=click.DateTime(["%Y-%m"]), help="When the charges were made: 2026-03.")
@click.option("--paid-out", required=True, metavar="AMOUNT", help="What the operator paid.")
@click.option("--share", required=True, metavar="AMOUNT", help="What it keeps by the contract.")
@click.option("--on", "on_day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="When it paid.")
def settle(operator: str, month: datetime, paid_out: str, share: str, on_day: datetime) -> None:
    """Close a month of an OPERATOR that has paid out. All files are imported: what is in none is written off."""
    from db.command_session import writing
    from school.billing import settlement
    from school.billing.money import parse

    with writing() as (session, now):
        whole = settlement.reported(session, operator, month.date())
        while any(settlement.end_open(session, operator, month.date(), now)):
            pass
        withheld = settlement.settle(
            session,
            operator,
            month.date(),
            paid_out=parse(paid_out, whole.currency),
            share=parse(share, whole.currency),
            settled_on=on_day.date(),
            now=now,
        )
    click.echo(f"Settled: {whole} reported, {withheld} withheld and written off.")


@billing.command()
@click.option("--export", "export_", is_flag=True, help="Every entry, as a beancount file on standard output.")
def ledger(export_: bool) -> None:
    """Print the balance of every account; payers together."""
    from db.command_session import reading
    from school.billing import beancount
    from school.billing.ledger import balances

    with reading() as (session, _):
        if export_:
            for line in beancount.export(session):
                click.echo(line)
            return
        for one in balances(session):
            click.echo(f"{one.code}: {one.amount.decimal} {one.amount.currency}")
