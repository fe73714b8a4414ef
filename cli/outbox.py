"""`eschool outbox ...`: what waits, what was sent, what went wrong, and what a person can do about it."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from db.kinds import MessageState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from school.outbox import Changed, Listed, Trace

MOST_AT_ONCE = 1000
"""Messages that one `retry` or `cancel` of a whole state takes; again takes the next."""

_states = click.Choice([str(state) for state in MessageState])
_ids = click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=click.IntRange(min=1))
_yes = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


@click.group(name="outbox")
def outbox() -> None:
    """Show messages to parents on every channel, send them again, cancel them.

    Texts and whole numbers are never shown.
    """


@outbox.command()
@click.option("--state", "states", type=_states, multiple=True, help="Only messages in this state; may be repeated.")
@click.option("--to", metavar="NUMBER|EMAIL", help="Only to this telephone or e-mail address.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="At most so many.")
@click.argument("number", required=False, type=click.IntRange(min=1))
def show(states: tuple[str, ...], to: str | None, limit: int, number: int | None) -> None:
    """Print how many messages wait and the newest ones, or everything about the message NUMBER.

    What each state means is in docs/operations.md.
    """
    from db.command_session import reading
    from school import outbox as sending

    with reading() as (session, now):
        if number is not None:
            lines = _traced(sending.trace(session, number))
        else:
            found = sending.show(session, states=[MessageState(s) for s in states], address=_address(to), limit=limit)
            counts = sending.counts(session)
            told = ", ".join(f"{state} {number}" for state, number in counts.messages.items())
            lines = [f"not in a message yet {counts.pending}, {told}", *(_line(one, now) for one in found)]
    click.echo("\n".join(lines))


@outbox.command()
@click.option("--state", type=click.Choice(["failed", "expired", "unknown"]), help="All messages in this state.")
@_yes
@_ids
def retry(numbers: tuple[int, ...], state: str | None, yes: bool) -> None:
    """Send messages again from the start, as soon as the permitted hours allow.

    Never what the subscriber may have paid for already.
    """
    from school import outbox as sending

    _change(numbers, state, yes, "sent again", sending.retry)


@outbox.command()
@click.option("--state", type=click.Choice(["ready"]), help="All messages in this state.")
@_yes
@_ids
def cancel(numbers: tuple[int, ...], state: str | None, yes: bool) -> None:
    """Cancel waiting messages: nobody will be told what they say.

    What a sender has in hand cannot be stopped.
    """
    from school import outbox as sending

    _change(numbers, state, yes, "cancelled", sending.cancel)


@outbox.command()
@click.option("--sent/--not-sent", "sent", required=True, default=None, help="What the operator's bill says.")
@click.option("--state", type=click.Choice(["unknown"]), help="All messages in this state.")
@_yes
@_ids
def settle(numbers: tuple[int, ...], sent: bool, state: str | None, yes: bool) -> None:
    """Settle messages whose outcome is unknown, once the operator's bill shows it, or after a backup was restored.

    Those that were not sent count as failed: `retry` sends them again.
    """
    from functools import partial

    from school import outbox as sending

    what = "settled as sent" if sent else "settled as failed"
    _change(numbers, state, yes, what, partial(sending.settle_unknown, sent=sent))


def _change(
    numbers: tuple[int, ...],
    state: str | None,
    yes: bool,
    what: str,
    change: "Callable[[Session, Sequence[int], datetime], Changed]",
) -> None:
    """Do it to those named, or to all in the state; status 2 when one that was named was refused."""
    from db.command_session import reading, writing
    from errors import InputError
    from school import outbox as sending

    if bool(numbers) == bool(state):
        raise InputError("Say which: either the messages' numbers, or --state.")
    if state:
        with reading() as (session, _):
            found = sending.show(session, states=[MessageState(state)], limit=MOST_AT_ONCE)
        numbers = tuple(one.id for one in found)
        if numbers and not yes:
            click.confirm(f"{_counted(len(numbers))} {state}, to be {what}. Go on?", abort=True)
    with writing() as (session, now):
        changed = change(session, numbers, now)
    click.echo(f"{_counted(len(changed.done))} {what}.")
    for number, why in changed.refused.items():
        click.echo(f"{number}: {why}", err=True)
    if changed.refused and not state:
        sys.exit(2)


def _counted(messages: int) -> str:
    return "1 message" if messages == 1 else f"{messages} messages"


def _address(to: str | None) -> str | None:
    from errors import InputError
    from school.security.phones import e164

    if to is None or "@" in to:
        return to and to.strip().lower()
    if phone := e164(to):
        return phone
    raise InputError(f"{to} is no telephone number or e-mail address: give one such as 0888123456.")


def _traced(told: "Trace") -> list[str]:
    one = told.message
    lines = [
        f"message {one.id}: {one.channel} {one.purpose} to {one.address}"
        + (f" by {one.operator}" if one.operator else ""),
        f"  {one.state}" + (f": {one.error}" if one.error else ""),
        f"  attempts {one.attempts}, created {_at(one.created_at)}, due {_at(one.due_at)}, "
        f"sent {_at(one.sent_at)}, ended {_at(one.ended_at)}",
    ]
    lines += [f"  tells {number} x {kind}, {change}" for kind, change, number in told.events]
    lines += [
        f"  part {part.number} of {part.total} by {part.operator}, id {part.smsc_id or 'none'}: {part.state}"
        + (f" ({part.error})" if part.error else "")
        + f", sent {_at(part.sent_at)}, ended {_at(part.ended_at)}"
        for part in told.parts
    ]
    return lines


def _line(one: "Listed", now: "datetime") -> str:
    parts = f"  {one.parts_delivered} of {one.parts} parts delivered" if one.parts else ""
    at = one.ended_at or one.due_at
    when = f"{'due' if one.ended_at is None and at > now else ''} {_at(at)}".strip()
    reason = f"  {one.error}" if one.error else ""
    return f"{one.id:>8}  {one.state:9}  {one.channel:5}  {one.purpose:12}  {one.address:16}  {when}{parts}{reason}"


def _at(moment: "datetime | None") -> str:
    from runtime.localtime import SOFIA

    return "never" if moment is None else f"{moment.astimezone(SOFIA):%d.%m.%Y %H:%M:%S}"
