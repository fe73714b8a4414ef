"""Figures for Prometheus of this host, the database and the clock; those of the host need no database."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from runtime import disk
from school.monitoring.servers import ServerFigures
from settings import Settings


def gauge(name: str, meaning: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Any:
    """A family of prometheus_client; its name begins with eschool_. `values`: by the values of the labels."""
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"eschool_{name}", meaning, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def of_host(settings: Settings, *, database_is_up: bool) -> Iterator[Any]:
    """What is known without the database."""
    yield gauge("database_up", "Whether the database answered this question.", (), {(): float(database_is_up)})
    meaning = "Whether the home folder takes what is to be saved: 0 also when the disk is full."
    yield gauge("disk_writable", meaning, (), {(): float(disk.trouble(settings.home_path) is None)})
    with suppress(OSError):
        free, size = disk.free_bytes(settings.home_path), disk.size_bytes(settings.home_path)
        sizes = {("free",): float(free), ("size",): float(size)}
        yield gauge("disk_bytes", "The disk of the home folder on the host that answers.", ("what",), sizes)


def of_servers(found: ServerFigures) -> Iterator[Any]:
    """What the database says of itself, of the clock and of leases."""
    yield gauge("clock_keepers", "Schedulers that keep the clock: one, or something is wrong.", (), {(): found.keepers})
    if found.clock_seconds is not None:
        meaning = "For how long the lease of the clock is good; below zero: nobody has renewed it."
        yield gauge("clock_lease_seconds", meaning, (), {(): found.clock_seconds})
    yield gauge(
        "oldest_lease_seconds",
        "For how long the oldest lease of a message has run out and nobody ended it.",
        ("channel",),
        {(channel,): seconds for channel, seconds in found.oldest_lease.items()},
    )
    if found.most_connections is not None:
        yield gauge(
            "database_connections",
            "Connections to the database server by process and host.",
            ("process", "host"),
            found.connections,
        )
        meaning = "Connections that the database server admits, for all its databases."
        yield gauge("database_connections_limit", meaning, (), {(): found.most_connections})
