"""`eschool subscriptions ...`: who follows whom, and the requests that wait for a decision."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from school.subscriptions.requests import SubscriptionRow


@click.group(name="subscriptions")
def subscriptions() -> None:
    """Show who follows which student, and decide on requests."""


@subscriptions.command(name="list")
@click.option("--waiting", is_flag=True, help="Only the requests that wait for a decision.")
@click.option("--by", metavar="EMAIL", help="Only those on which this staff member may decide.")
def list_subscriptions(waiting: bool, by: str | None) -> None:
    """Print subscriptions with their number; followers are masked."""
    from db.kinds import SubscriptionStatus
    from school import named
    from school.command_session import reading
    from school.subscriptions.requests import listed

    found = False
    with reading() as (session, _):
        staff_id = named.staff(session, by) if by else None
        for row in listed(session, status=SubscriptionStatus.WAITING if waiting else None, by=staff_id):
            click.echo(_told(row))
            found = True
    if not found:
        click.echo("Nobody waits." if waiting else "Nobody follows a student yet.", err=True)


@subscriptions.command()
@click.argument("number", type=int)
@click.option("--by", metavar="EMAIL", help="Who decides; else the class teacher.")
def approve(number: int, by: str | None) -> None:
    """Let the one who asked follow; they get their PIN by SMS.

    NUMBER is the request's, from `eschool subscriptions list --waiting`.
    """
    import settings
    from school.command_session import writing
    from school.service import Numbers
    from school.subscriptions import requests

    numbers = Numbers.of(settings.load())
    with writing() as (session, now):
        requests.approve(session, number, by=_who(session, number, by), now=now, numbers=numbers)
    click.echo("Approved: the PIN is on its way within the school's hours.")


@subscriptions.command()
@click.argument("number", type=int)
@click.option("--by", metavar="EMAIL", help="Who decides; else the class teacher.")
def refuse(number: int, by: str | None) -> None:
    """Do not let the one who asked follow; they are told nothing.

    NUMBER is the request's, from `eschool subscriptions list --waiting`.
    """
    from school.command_session import writing
    from school.subscriptions import requests

    with writing() as (session, now):
        requests.refuse(session, number, by=_who(session, number, by), now=now)
    click.echo("Refused.")


def _who(session: "Session", number: int, by: str | None) -> int:
    from school import named
    from school.subscriptions.requests import of_class

    if by is not None:
        return named.staff(session, by)
    of = of_class(session, number)
    return named.who_records(
        session, of.school_id, class_id=of.class_id, subject_id=None, class_teacher_id=of.class_teacher_id
    )


def _told(row: "SubscriptionRow") -> str:
    from settings import SOFIA

    moments = {"waiting": row.created_at, "active": row.following_since, "stopped": row.stopped_at}
    since = moments[row.status]
    when = f"{since.astimezone(SOFIA):%d.%m.%Y %H:%M}" if since else ""
    return f"{row.subscription_id:>6}  {row.status:8}  {row.class_name:>4}  {row.student}  {row.follower}  since {when}"
