"""The state of the stand-in, in words for `eschool status`."""

from epay.simulator import endpoint
from errors import OperationError
from settings import Settings


def simulator(settings: Settings) -> str:
    """Raises OperationError when it does not run."""
    if not endpoint.is_running(settings):
        raise OperationError("start `eschool epay simulate`")
    return f"running, a cash desk is at {endpoint.root(settings)}/desk"
