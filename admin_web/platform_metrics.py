"""Figures for Prometheus of what the platform does: queues, lines, backups, processes and charging."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from admin_web.host_metrics import gauge
from school.billing.figures import BillingFigures
from school.billing.takings import Takings
from school.monitoring import backups
from school.monitoring.figures import Figures
from settings import Settings


def of_queues(found: Figures) -> Iterator[Any]:
    """What waits to be told, and what became of it."""
    yield gauge(
        "notifications_waiting",
        "Notifications that are in no message yet.",
        ("channel",),
        {(channel,): count for channel, count in found.waiting.items()},
    )
    yield gauge(
        "messages_under_way",
        "Messages to be sent, and those a sender has in hand.",
        ("channel", "state"),
        found.messages,
    )
    yield gauge(
        "overdue_seconds",
        "For how long the oldest has been due that nobody took.",
        ("channel",),
        {(channel,): seconds for channel, seconds in found.overdue.items()},
    )
    yield gauge(
        "messages_last_hour",
        "Messages made in the last hour by what became of them.",
        ("channel", "state"),
        found.recent_messages,
    )
    yield gauge(
        "calls_last_hour",
        "Calls begun in the last hour by how they ended.",
        ("direction", "outcome"),
        found.recent_calls,
    )


def of_lines(found: Figures) -> Iterator[Any]:
    """What schools used of the lines, and wrong codes at the doors."""
    yield gauge(
        "campaign_stops",
        "Campaigns that were stopped for being far beyond the usual and wait for a decision, by what was stopped.",
        ("of",),
        {(of,): count for of, count in found.stops.items()},
    )
    yield gauge(
        "lines_used_today",
        "What all schools used of the lines today.",
        ("kind",),
        {(kind,): used for kind, used in found.used_today.items()},
    )
    yield gauge(
        "schools_used_up",
        "Schools whose budget of today is used up: for campaigns, or for all that is no answer.",
        ("for",),
        {(whom,): count for whom, count in found.used_up.items()},
    )
    yield gauge(
        "wrong_codes_last_hour",
        "ID-codes and PINs that were wrong in the last hour by the door at which they were typed.",
        ("door",),
        {(door,): count for door, count in found.wrong_codes.items()},
    )


def of_backups(found: Figures, settings: Settings, now: datetime) -> Iterator[Any]:
    """How old they are, and whether somebody has to be alarmed."""
    yield gauge(
        "backup_timestamp_seconds",
        "Of what moment the newest backup is, and the newest that was found good; 0: there is none.",
        ("of",),
        {(of,): moment for of, moment in found.backups.items()},
    )
    yield gauge(
        "backup_alarm",
        "Whether the last good backup is too old by the settings of who answers; 0 where no folder is set.",
        (),
        {(): float(backups.is_too_old(settings, found.good_backup, now))},
    )


def of_processes(found: Figures) -> Iterator[Any]:
    """Whether each does its work, and what it counts."""
    yield gauge(
        "process_up",
        "Whether a process, or each of its parts, does its work: 0 also when it was silent lately.",
        ("process", "instance", "part"),
        {(one.process, one.instance, one.part): float(one.is_up) for one in found.processes},
    )
    yield gauge(
        "process_figure",
        "What a process that is not silent, or a part of it, counts since its start.",
        ("process", "instance", "part", "figure"),
        {
            (one.process, one.instance, one.part, name): float(value)
            for one in found.processes
            if not one.is_silent
            for name, value in one.figures.items()
        },
    )


def of_billing(found: BillingFigures) -> Iterator[Any]:
    """How charging goes."""
    yield gauge("billing_due", "Payers whose month is due and not dealt with yet.", (), {(): found.due})
    yield gauge(
        "billing_charges",
        "Attempts to charge made this month by what became of them, and failed ones by why.",
        ("state", "outcome"),
        found.charges,
    )
    yield gauge("billing_holds", "Holds that stand: while one does, payers are not charged.", (), {(): found.holds})
    yield gauge(
        "billing_last_run_timestamp_seconds",
        "When the monthly run ended last; 0: never, or parents do not pay.",
        (),
        {(): found.last_run},
    )
    yield gauge(
        "billing_difference_cents",
        "Hundredths that operators' files of the last months have otherwise than the books.",
        ("operator",),
        {(operator,): cents for operator, cents in found.differences.items()},
    )


def of_takings(found: Takings) -> Iterator[Any]:
    """What payers paid, and what nobody knows of."""
    yield gauge(
        "billing_revenue_cents",
        "Hundredths that payers paid this month, VAT included: on the telephone bill, and ahead by each way.",
        ("way", "currency"),
        found.revenue,
    )
    yield gauge(
        "billing_oldest_unknown_seconds",
        "Age of the oldest charge of which no operator told what became of it; 0: there is none.",
        (),
        {(): found.oldest_unknown},
    )
