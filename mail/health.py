"""How the sender and the simulator are, in words for `eschool status`."""

from datetime import UTC, datetime

from db.session import open_database
from errors import OperationError
from mail.sender.sender import READY
from mail.simulator import endpoint
from school import process_health
from settings import Settings


def sender(settings: Settings) -> dict[str, str]:
    """Raises OperationError when no letter can be sent."""
    database = open_database(settings)
    try:
        with database.reading() as session:
            found = [one for one in process_health.found(session, datetime.now(UTC), "mail") if not one.is_silent]
    finally:
        database.dispose()
    if not found:
        raise OperationError("no sender has told of itself lately: start `eschool mail serve`")
    ready = [one for one in found if one.state == READY]
    if not ready:
        raise OperationError(f"the sender runs, but reaches no mail server ({found[0].last_error})")
    figures = ", ".join(f"{name} {value}" for name, value in ready[0].figures.items())
    trouble = f"; last trouble: {ready[0].last_error}" if ready[0].last_error else ""
    several = f", {len(ready)} of {len(found)} senders ready" if len(found) > 1 else ""
    return {"mail": f"running{several} ({figures}){trouble}"}


def simulator(settings: Settings) -> str:
    """Raises OperationError when it does not run."""
    if not endpoint.is_running(settings):
        raise OperationError("start `eschool mail simulate`")
    return f"running, letters are in {endpoint.folder(settings)}"
