"""`eschool lines ...`: what schools use of our lines, budgets, stopped campaigns, numbers that are not reached."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from school.lines import DayOfSchool, Stop


@click.group(name="lines")
def lines() -> None:
    """Show what schools use of our lines, set budgets, and decide on campaigns that were stopped."""


@lines.command()
def show() -> None:
    """Print what each school used today of its budget, and the campaigns that stand still."""
    from db.command_session import reading
    from school.lines import days, open_stops

    with reading() as (session, now):
        today, stops = days(session, now), open_stops(session)
    for one in today:
        click.echo(_used(one))
    for stop in stops:
        click.echo(_stopped(stop))


@lines.command()
@click.option("--school", "code", metavar="CODE", help="The school's code; not needed where there is one school.")
@click.option("--calls", type=int, metavar="NUMBER", help="Calls a day.")
@click.option("--minutes", type=int, metavar="NUMBER", help="Minutes of conversation a day.")
@click.option("--sms-parts", type=int, metavar="NUMBER", help="Parts of SMS a day.")
@click.option("--usual", is_flag=True, help="What the settings say, for all that is not given here.")
def budget(code: str | None, calls: int | None, minutes: int | None, sms_parts: int | None, usual: bool) -> None:
    """Give a school a budget of its own, from now on. What is not given stays as it is."""
    from db.command_session import writing
    from school.campaigns import stops
    from school.lines import Budget, days
    from school.lines import budget as own_budget
    from school.students import lookup

    with writing() as (session, now):
        school_id = lookup.school_with(session, code)
        before = Budget() if usual else own_budget(session, school_id)
        own = Budget(
            before.calls if calls is None else calls,
            before.minutes if minutes is None else minutes,
            before.sms_parts if sms_parts is None else sms_parts,
        )
        stops.change_budget(session, school_id, own, by=None, now=now)
        (today,) = days(session, now, school_id)
    click.echo(_used(today))


@lines.command()
@click.argument("number", type=int)
def release(number: int) -> None:
    """Let stopped campaigns go on. NUMBER is the stop's, from `eschool lines show`."""
    from db.command_session import writing
    from school.campaigns import stops

    with writing() as (session, now):
        stops.release(session, number, by=None, now=now)
    click.echo("Released: the campaigns go on.")


@lines.command()
@click.argument("number", type=int)
def confirm(number: int) -> None:
    """End the stopped campaigns that are under way, for good. NUMBER is the stop's, from `eschool lines show`."""
    from db.command_session import writing
    from school.campaigns import stops

    with writing() as (session, now):
        ended = stops.confirm(session, number, by=None, now=now)
    click.echo(f"Confirmed: {ended} campaigns ended.")


@lines.command()
@click.option("--school", "code", metavar="CODE", help="The school's code; all schools without it.")
def refused(code: str | None) -> None:
    """Print whose recorded numbers our lines do not reach, masked, and why."""
    from db.command_session import reading
    from school.campaigns.refused_numbers import refused_numbers
    from school.students import lookup

    found = False
    with reading() as (session, _):
        school_id = lookup.school_with(session, code) if code else None
        for one in refused_numbers(session, school_id):
            who = "guardian" if one.is_guardian else "follower"
            click.echo(f"{one.school}  {one.class_name:>4}  {one.student}  {who} {one.phone}: {one.refusal}")
            found = True
    if not found:
        click.echo("All recorded numbers are reached.", err=True)


@lines.command()
@click.option("--by", metavar="EMAIL", required=True, help="The leader of the school who apologises.")
@click.option("--text", metavar="WORDS", required=True, help="The words of the apology, in Bulgarian.")
@click.argument("number", type=int)
def apologise(by: str, text: str, number: int) -> None:
    """Apologise for a stopped campaign to exactly those it reached.

    NUMBER is the campaign's, from the address of its page.
    """
    from db.command_session import writing
    from db.models import Campaign
    from school.campaigns import apology
    from school.students import lookup

    with writing() as (session, now):
        of = session.get(Campaign, number)
        author = lookup.staff(session, by, of.school_id if of else None)
        made = apology.apologise(session, by=author, campaign_id=number, text=text, now=now)
    click.echo(f"The apology is campaign {made}.")


def _used(one: "DayOfSchool") -> str:
    used = ", ".join(
        f"{getattr(one, name)} of {'any number of' if most is None else most} {word}"
        for name, word in (("calls", "calls"), ("minutes", "minutes"), ("sms_parts", "SMS parts"))
        for most in (getattr(one.may, name),)
    )
    waits = f"; used up: {', '.join(one.waiting(1.0))}" if one.waiting(1.0) else ""
    return (
        f"{one.school_id:>4}  {one.name}: {used}; campaigns {one.campaign_calls} calls, {one.campaign_texts} SMS{waits}"
    )


def _stopped(stop: "Stop") -> str:
    from runtime.localtime import SOFIA

    at = f"{stop.began_at.astimezone(SOFIA):%d.%m.%Y %H:%M}"
    whose = stop.school or "all schools"
    return f"stop {stop.id}: campaigns of {whose} since {at}, {stop.used} where {stop.most} is usual"
