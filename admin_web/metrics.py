"""`/metrics` for Prometheus: requests of the pages, and the state of the platform. Names no person and no address."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from time import perf_counter
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from admin_web import host_metrics
from admin_web.audience import Audience, open_to
from admin_web.database import reading
from admin_web.host_metrics import gauge
from admin_web.people import moment
from admin_web.request_figures import BUCKETS, RequestFigures
from errors import OperationError
from school.billing.figures import BillingFigures
from school.billing.figures import figures as billing_figures
from school.billing.takings import Takings, takings
from school.monitoring.figures import figures
from school.monitoring.servers import server_figures
from settings import Settings

KEY = "eschool.metrics"

metrics_pages = Blueprint("metrics", __name__)


def slots(settings: Settings) -> int:
    """For each process, and for those that end while their successors serve already."""
    return 2 * settings.web_workers + 2


def measure(app: Flask) -> None:
    """Count an application's requests and the time that they take."""
    counted = app.extensions[KEY] = RequestFigures(slots(app.config["ESCHOOL"]))

    def begin() -> None:
        g.began = perf_counter()

    def note(response: Response) -> Response:
        if "began" in g:
            seconds = perf_counter() - g.began
            known = request.method if request.method in ("GET", "HEAD", "POST") else "other"
            counted.note((request.endpoint or "none", known, str(response.status_code)), seconds)
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(note)


@metrics_pages.get("/metrics")
@open_to(Audience.MONITORING)
def metrics() -> Response:
    """Everything, for who asks from the networks that the settings name."""
    config: Settings = current_app.config["ESCHOOL"]
    if not _may_read(config):
        abort(403)
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Requests(current_app.extensions[KEY]))
    registry.register(_Platform(config))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(config: Settings) -> bool:
    """The address that counts is the asker's, which the proxies of the settings tell, each by a value of its own.

    Where one is missing the address is a proxy's, as it is of what comes through a proxy that the settings do not know.
    """
    told = [one for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    if len(told) < config.web_proxies or (told and not config.web_proxies):
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:  # a proxy that tells no address
        return False
    return any(address in ip_network(one) for one in config.metrics_networks.split(",") if one)


def _of_takings(found: Takings) -> Iterator[Any]:
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


def _of_billing(found: BillingFigures) -> Iterator[Any]:
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


class _Requests:
    """What the web's processes served, as prometheus_client collects it."""

    def __init__(self, counted: RequestFigures) -> None:
        self._counted = counted

    def collect(self) -> Iterator[Any]:
        """All kinds of requests."""
        from prometheus_client.core import HistogramMetricFamily

        family = HistogramMetricFamily(
            "eschool_web_request_seconds", "Seconds that requests took.", labels=("endpoint", "method", "status")
        )
        for key, one in sorted(self._counted.all().items()):
            served, buckets = 0, []
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), one.counts, strict=True):
                served += count
                buckets.append((bound, served))
            family.add_metric(key, buckets, one.seconds)
        yield family


class _Platform:
    """The platform's figures as prometheus_client collects them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Any]:
        """One look at the database; while it is away, what is known without it."""
        try:
            with reading() as session:
                found, servers = figures(session, moment()), server_figures(session, moment())
                money, taken = billing_figures(session, moment()), takings(session, moment())
        except OperationError:
            yield from host_metrics.of_host(self._settings, database_is_up=False)
            return
        yield from host_metrics.of_host(self._settings, database_is_up=True)
        yield from host_metrics.of_servers(servers)
        yield from _of_billing(money)
        yield from _of_takings(taken)
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
        yield gauge(
            "backup_timestamp_seconds",
            "Of what moment the newest backup is, and the newest that was found good; 0: there is none.",
            ("of",),
            {(of,): moment for of, moment in found.backups.items()},
        )
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
