"""How the dialers are, in words for `eschool status`."""

from datetime import UTC, datetime

from db.session import open_database
from errors import OperationError
from school import dialers
from settings import Settings


def status(settings: Settings) -> str:
    """Raises OperationError when no dialer runs, or none could ring anybody."""
    database = open_database(settings)
    try:
        with database.reading() as session:
            found = dialers.running(session, datetime.now(UTC))
    finally:
        database.dispose()
    if not found:
        raise OperationError("no dialer has told how it is lately: start `eschool agi dial`")
    ready = [one for one in found if one.state in ("ready", "trunk failing")]
    if not ready:
        raise OperationError(f"the dialer runs, but rings nobody: {found[0].last_error or found[0].state}")
    one = ready[0]
    figures = ", ".join(f"{name} {value}" for name, value in one.figures.items())
    trouble = f", {one.last_error}" if one.last_error else ""
    several = f" of {len(found)}" if len(found) > 1 else ""
    return f"running{several}{trouble} ({figures})"
