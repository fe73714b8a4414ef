"""How the gateway, its links and the simulator are, in words for `eschool status`."""

from datetime import UTC, datetime

from db.session import open_database
from errors import OperationError
from school.link_health import LinkHealth, links
from settings import Settings
from smpp.session import LinkState
from smpp.simulator import endpoint


def gateway(settings: Settings) -> dict[str, str]:
    """What there is -> how it is: `smpp` first, then each link. Raises OperationError when nothing can be sent."""
    database = open_database(settings)
    try:
        with database.reading() as session:
            found = links(session, datetime.now(UTC))
    finally:
        database.dispose()
    if not found:
        raise OperationError("no gateway has told of its links lately: start `eschool sms serve`")
    up = [one for one in found if one.state == LinkState.BOUND]
    if not up:
        causes = "; ".join(f"{one.link}: {one.last_error or one.state}" for one in found)
        raise OperationError(f"the gateway runs, but no operator is reached ({causes})")
    several = len({one.gateway for one in found}) > 1
    return {"smpp": f"running, {len(up)} of {len(found)} links bound"} | {
        f"  {one.link}" + (f" of {one.gateway}" if several else ""): _told(one) for one in found
    }


def simulator(settings: Settings) -> str:
    """Raises OperationError when it does not run."""
    if not endpoint.is_running(settings):
        raise OperationError("start `eschool sms simulate`")
    return f"running, on port {endpoint.port(settings)}"


def _told(one: LinkHealth) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in one.figures.items())
    reason = f": {one.last_error}" if one.last_error and one.state != LinkState.BOUND else ""
    return f"{one.state}{reason}" + (f" ({figures})" if figures else "")
