"""The state of the dialers, in words for `eschool status`."""

from errors import OperationError
from school.monitoring.health import Process, speaking_here, together_in_words
from settings import Settings


def status(settings: Settings) -> str:
    """Raises OperationError when no dialer runs, or none could ring anybody."""
    found = speaking_here(settings, Process.DIALER)
    if not found:
        raise OperationError("no dialer of this host has told how it is lately: start `eschool agi dial`")
    ready = [one for one in found if one.is_up]
    if not ready:
        raise OperationError(f"the dialer runs, but rings nobody: {found[0].last_error or found[0].state}")
    several = f", {len(ready)} of {len(found)} dialers ready" if len(found) > 1 else ""
    trouble = "".join(f", {error}" for error in dict.fromkeys(one.last_error for one in found) if error)
    return f"running{several}{trouble} ({together_in_words(found)})"
