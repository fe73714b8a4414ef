"""`/metrics` for Prometheus: requests of the pages, and the state of the platform. Names no person and no address.

The processes of the web add up what they served in files of `<home>/metrics`, as prometheus_client does it.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from time import perf_counter
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from admin_web.audience import Audience, open_to
from admin_web.database import reading
from admin_web.people import moment
from school.monitoring.figures import figures
from settings import Settings

KEY = "eschool.metrics"
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

metrics_pages = Blueprint("metrics", __name__)


def share_between_processes(settings: Settings) -> None:
    """Have the processes that are about to be forked count together. To be called before `measure`."""
    folder = settings.home_path / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[FOLDER_VARIABLE] = str(folder)


def measure(app: Flask) -> None:
    """Count an application's requests and the time that they take."""
    from prometheus_client import CollectorRegistry, Histogram  # chooses at its import whether processes share

    registry = CollectorRegistry()
    requests = Histogram(
        "eschool_web_request_seconds",
        "Seconds that requests took.",
        ("endpoint", "method", "status"),
        buckets=BUCKETS,
        registry=registry,
    )
    app.extensions[KEY] = registry

    def begin() -> None:
        g.began = perf_counter()

    def note(response: Response) -> Response:
        if "began" in g:
            seconds = perf_counter() - g.began
            known = request.method if request.method in ("GET", "HEAD", "POST") else "other"
            requests.labels(request.endpoint or "none", known, str(response.status_code)).observe(seconds)
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
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = current_app.extensions[KEY]
    if FOLDER_VARIABLE in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    platform = CollectorRegistry()
    platform.register(_Platform())
    return Response(generate_latest(registry) + generate_latest(platform), content_type=CONTENT_TYPE_LATEST)


def _may_read(config: Settings) -> bool:
    if not config.web_proxies and "X-Forwarded-For" in request.headers:
        return False  # through a proxy that the settings do not know: the address is the proxy's
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104  # nobody's address
    return any(address in ip_network(one) for one in config.metrics_networks.split(",") if one)


class _Platform:
    """The platform's figures as prometheus_client collects them."""

    def collect(self) -> Iterator[Any]:
        """One look at the database."""
        from prometheus_client.core import GaugeMetricFamily

        with reading() as session:
            found = figures(session, moment())

        def gauge(name: str, meaning: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Any:
            family = GaugeMetricFamily(f"eschool_{name}", meaning, labels=labels)
            for key, value in values.items():
                family.add_metric(key, value)
            return family

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
