"""`/metrics` for Prometheus: requests of the pages, and the state of the platform. Names no person and no address."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from time import perf_counter
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from admin_web import host_metrics, platform_metrics
from admin_web.audience import Audience, open_to
from admin_web.database import reading
from admin_web.people import moment
from admin_web.request_figures import BUCKETS, RequestFigures
from errors import OperationError
from school.billing.figures import figures as billing_figures
from school.billing.takings import takings
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
        now = moment()
        try:
            with reading() as session:
                found = figures(session, now)
                servers, money = server_figures(session, now, found.processes), billing_figures(session, now)
                taken = takings(session, now)
        except OperationError:
            yield from host_metrics.of_host(self._settings, database_is_up=False)
            return
        yield from host_metrics.of_host(self._settings, database_is_up=True)
        yield from host_metrics.of_servers(servers)
        yield from platform_metrics.of_billing(money)
        yield from platform_metrics.of_takings(taken)
        yield from platform_metrics.of_queues(found)
        yield from platform_metrics.of_lines(found)
        yield from platform_metrics.of_backups(found, self._settings, now)
        yield from platform_metrics.of_processes(found)
