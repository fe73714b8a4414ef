"""The state of the gateway, its links and the simulator, in words for `eschool status`."""

from errors import OperationError
from school.monitoring.health import Health, Process, speaking_here
from settings import Settings
from smpp.simulator import endpoint


def gateway(settings: Settings) -> dict[str, str]:
    """What there is -> how it is: `smpp` first, then each link. Raises OperationError when nothing can be sent."""
    found = speaking_here(settings, Process.GATEWAY)
    if not found:
        raise OperationError("no gateway of this host has told of its links lately: start `eschool sms serve`")
    up = [one for one in found if one.is_up]
    if not up:
        causes = "; ".join(f"{one.part}: {one.last_error or one.state}" for one in found)
        raise OperationError(f"the gateway runs, but no operator is reached ({causes})")
    several = len({one.instance for one in found}) > 1
    return {"smpp": f"running, {len(up)} of {len(found)} links bound"} | {
        f"  {one.part}" + (f" of {one.instance}" if several else ""): _told(one) for one in found
    }


def simulator(settings: Settings) -> str:
    """Raises OperationError when it does not run."""
    if not endpoint.is_running(settings):
        raise OperationError("start `eschool sms simulate`")
    return f"running, on port {endpoint.port(settings)}"


def _told(one: Health) -> str:
    reason = f": {one.last_error}" if one.last_error and not one.works else ""
    return f"{one.state}{reason}" + (f" ({one.figures_in_words})" if one.figures else "")
