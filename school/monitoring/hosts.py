"""What of the platform lives on which host, in words for `eschool status`."""

from collections.abc import Iterable
from datetime import UTC, datetime

from db.session import open_database
from errors import EschoolError
from runtime.host import host_of, this_host
from school.monitoring.health import Health, Process, found
from settings import Settings


def platform(settings: Settings) -> dict[str, str]:
    """A line for each other host that spoke lately; nothing where there is none, or the database is away."""
    try:
        database = open_database(settings)
        try:
            with database.reading() as session:
                told = found(session, datetime.now(UTC))
        finally:
            database.dispose()
    except EschoolError:
        return {}
    by_host: dict[str, list[Health]] = {}
    for one in told:
        by_host.setdefault(host_of(one.instance), []).append(one)
    others = sorted(by_host.keys() - {this_host()})
    if not others:
        return {}
    return {"platform": f"this host is {this_host()}"} | {f"  {host}": _told(by_host[host]) for host in others}


def _told(of_host: Iterable[Health]) -> str:
    """`dialer ready, smpp 2 of 2 links, mail silent`."""
    words = []
    for process in Process:
        of_kind = [one for one in of_host if one.process == process]
        speaking = [one for one in of_kind if not one.is_silent]
        if not of_kind:
            continue
        if not speaking:
            words.append(f"{process} SILENT")
        elif process is Process.GATEWAY:
            words.append(f"{process} {sum(one.is_up for one in speaking)} of {len(speaking)} links")
        else:
            words.append(f"{process} {', '.join(dict.fromkeys(one.state for one in speaking))}")
    return ", ".join(words)
