"""The state of the sender and the simulator, in words for `eschool status`."""

from errors import OperationError
from mail.simulator import endpoint
from school.monitoring.health import Process, speaking_here, together_in_words
from settings import Settings


def sender(settings: Settings) -> dict[str, str]:
    """Raises OperationError when no letter can be sent."""
    found = speaking_here(settings, Process.SENDER)
    if not found:
        raise OperationError("no sender of this host has told of itself lately: start `eschool mail serve`")
    ready = [one for one in found if one.is_up]
    if not ready:
        raise OperationError(f"the sender runs, but reaches no mail server ({found[0].last_error})")
    errors = [error for error in dict.fromkeys(one.last_error for one in found) if error]
    trouble = f"; last trouble: {', '.join(errors)}" if errors else ""
    several = f", {len(ready)} of {len(found)} senders ready" if len(found) > 1 else ""
    return {"mail": f"running{several} ({together_in_words(found)}){trouble}"}


def simulator(settings: Settings) -> str:
    """Raises OperationError when it does not run."""
    if not endpoint.is_running(settings):
        raise OperationError("start `eschool mail simulate`")
    return f"running, letters are in {endpoint.folder(settings)}"
