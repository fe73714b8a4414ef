"""`eschool subscriptions ...`: who follows whom and wants to be told what, and requests that wait for a decision."""

from typing import TYPE_CHECKING

import click

from db.kinds import END_REASONS_OF_STAFF, Channel, EndReason, EventKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from school.subscriptions.requests import SubscriptionRow
    from school.subscriptions.wishes import Wishes


@click.group(name="subscriptions")
def subscriptions() -> None:
    """Show who follows which student and what they are told, and decide on requests."""


@subscriptions.command(name="list")
@click.option("--waiting", is_flag=True, help="Only the requests that wait for a decision.")
@click.option("--by", metavar="EMAIL", help="Only those on which this staff member may decide.")
def list_subscriptions(waiting: bool, by: str | None) -> None:
    """Print subscriptions with their numbers; followers are masked."""
    from db.command_session import reading
    from db.kinds import SubscriptionStatus
    from school.students import lookup
    from school.subscriptions.requests import listed

    found = False
    with reading() as (session, _):
        staff_id = lookup.staff(session, by) if by else None
        for row in listed(
            session, status=[SubscriptionStatus.WAITING] if waiting else tuple(SubscriptionStatus), by=staff_id
        ):
            click.echo(_told(row))
            found = True
    if not found:
        click.echo("Nobody waits." if waiting else "Nobody follows a student yet.", err=True)


@subscriptions.command()
@click.argument("number", type=int)
@click.option("--by", metavar="EMAIL", help="Who decides; by default the class teacher.")
def approve(number: int, by: str | None) -> None:
    """Approve a request to follow; the person gets a PIN by SMS.

    NUMBER is the request's, from `eschool subscriptions list --waiting`.
    """
    import settings
    from db.command_session import writing
    from school.subscriptions import requests
    from school.wording.service import Numbers

    numbers = Numbers.of(settings.load())
    with writing() as (session, now):
        requests.approve(session, number, by=_who(session, number, by), now=now, numbers=numbers)
    click.echo("Approved: the PIN is on its way within the school's hours.")


@subscriptions.command()
@click.argument("number", type=int)
@click.option("--by", metavar="EMAIL", help="Who decides; by default the class teacher.")
def refuse(number: int, by: str | None) -> None:
    """Refuse a request to follow; the person is told nothing.

    NUMBER is the request's, from `eschool subscriptions list --waiting`.
    """
    from db.command_session import writing
    from school.subscriptions import requests

    with writing() as (session, now):
        requests.refuse(session, number, by=_who(session, number, by), now=now)
    click.echo("Refused.")


@subscriptions.command()
@click.argument("number", type=int)
@click.option(
    "--why",
    type=click.Choice([str(why) for why in END_REASONS_OF_STAFF]),
    required=True,
    help="The reason, for the school's history; the person is told none.",
)
@click.option("--note", default="", metavar="TEXT", help="What else the school is to remember.")
@click.option("--by", metavar="EMAIL", help="Whose decision it is; by default the platform operator's.")
def end(number: int, why: str, note: str, by: str | None) -> None:
    """End a follower of a student: nothing more is told on any channel.

    NUMBER is the subscription's, from `eschool subscriptions list`. Whoever is ended follows again only when the class
    teacher approves it.
    """
    from db.command_session import writing
    from school.students import lookup
    from school.subscriptions.ending import end_by_staff
    from school.subscriptions.requests import of_class

    with writing() as (session, now):
        staff_id = lookup.staff(session, by, of_class(session, number, school_id=None).school_id) if by else None
        end_by_staff(session, number, EndReason(why), by=staff_id, now=now, note=note)
    click.echo("Ended: the person and the student's other followers are told within the school's hours.")


_kinds = click.Choice([str(kind) for kind in EventKind])


@subscriptions.command()
@click.option("--channel", type=click.Choice([str(channel) for channel in Channel]), help="The channel to change.")
@click.option("--off", multiple=True, type=_kinds, help="A kind of event to leave out; may be repeated.")
@click.option("--on", multiple=True, type=_kinds, help="A kind of event to tell again; may be repeated.")
@click.option("--daily", type=click.IntRange(0, 23), metavar="HOUR", help="Tell once a day at this hour, Sofia time.")
@click.option("--at-once", is_flag=True, help="Tell everything at once, as it happens.")
@click.option("--usual", is_flag=True, help="The channel's usual way: at once, or by telephone not at all.")
@click.option("--speech", type=click.Choice(["slow", "usual"]), help="How fast calls with this follower are spoken.")
@click.argument("follower", metavar="NUMBER|EMAIL")
def wishes(
    channel: str | None,
    off: tuple[str, ...],
    on: tuple[str, ...],
    daily: int | None,
    at_once: bool,
    usual: bool,
    speech: str | None,
    follower: str,
) -> None:
    """Print what a follower wants to be told and when, or change it for one channel, or the speed of speech."""
    from db.command_session import writing
    from errors import InputError
    from school.following import notices
    from school.following import wording as notice_words
    from school.subscriptions import slow_speech, text_only
    from school.subscriptions import wishes as wanted

    times = (daily is not None) + at_once + usual
    if (off or on or times) and channel is None:
        raise InputError("Say on which channel: give --channel.")
    if times > 1:
        raise InputError("Give one of --daily, --at-once and --usual.")
    with writing() as (session, now):
        subscriber_id = _follower(session, follower)
        if channel is not None:
            of = Channel(channel)
            (before,) = (one for one in wanted.wishes(session, subscriber_id) if one.channel is of)
            unwanted = (before.unwanted | {EventKind(kind) for kind in off}) - {EventKind(kind) for kind in on}
            wanted.want_only(session, subscriber_id, of, unwanted)
            if usual:
                wanted.forget_when(session, subscriber_id, of)
            elif times:
                wanted.tell_at(session, subscriber_id, of, daily)
            if off or on or times:
                to = notices.recipient(session, subscriber_id)
                notices.send(session, to, notice_words.changed_by_operator(to.language, of), now)
        if speech is not None:
            slow_speech.switch(session, subscriber_id, speech == "slow", now)
        lines = [_wished(one) for one in wanted.wishes(session, subscriber_id)]
        if text_only.is_on(session, subscriber_id):
            lines.append("texts and no calls: SMS tell what calls would")
        if slow_speech.is_on(session, subscriber_id):
            lines.append("slow speech: calls are spoken slowly")
    click.echo("\n".join(lines))


def _wished(one: "Wishes") -> str:
    usual = "never, as nobody asked for it" if one.channel is Channel.CALL else "at once"
    when = usual if not one.timed else "at once" if one.daily_hour is None else f"daily at {one.daily_hour}:00"
    but = f", but not of {', '.join(sorted(one.unwanted))}" if one.unwanted else ""
    return f"{one.channel:5}  {when}{but}"


def _follower(session: "Session", written: str) -> int:
    from errors import InputError
    from school.security.phones import e164
    from school.subscriptions import subscribers

    found = subscribers.with_address(session, phone=e164(written), email=written.strip().lower())
    if found is None:
        raise InputError(f"{written} is the number or address of nobody who follows a student.")
    return found


def _who(session: "Session", number: int, by: str | None) -> int:
    from school.students import lookup
    from school.subscriptions.requests import of_class

    of = of_class(session, number, school_id=None)
    if by is not None:
        return lookup.staff(session, by, of.school_id)
    return lookup.who_records(
        session, of.school_id, class_id=of.class_id, subject_id=None, class_teacher_id=of.class_teacher_id
    )


def _told(row: "SubscriptionRow") -> str:
    from runtime.localtime import SOFIA

    moments = {"waiting": row.created_at, "active": row.following_since, "stopped": row.stopped_at}
    since = moments[row.status]
    when = f"{since.astimezone(SOFIA):%d.%m.%Y %H:%M}" if since else ""
    return f"{row.subscription_id:>6}  {row.status:8}  {row.class_name:>4}  {row.student}  {row.follower}  since {when}"
