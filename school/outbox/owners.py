"""Who holds a lease: which process on which host.

What a process held that is gone from this host is taken back at once, instead of when the lease runs out.
"""

import hashlib
import os
import secrets
from pathlib import Path

from runtime.host import this_host


def new_owner() -> str:
    """A name for one sender, at most 80 characters: host, its boot and process space, process, and what makes it fresh.

    A process id says something only within one process space between two boots: hosts and containers may share a name.
    """
    return f"{this_host()}:{_space()}:{os.getpid()}:{secrets.token_hex(3)}"


def is_gone(owner: str) -> bool:
    """Whether the process of this name certainly does not run any more: it was on this host, and is not there now."""
    host, space, process, _ = (*owner.split(":"), "", "", "", "")[:4]
    if (host, space) != (this_host(), _space()) or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _space() -> str:
    """What tells this host's process ids since its boot, in this container, from all others; random where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
        told = f"{boot}{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return secrets.token_hex(4)
    return hashlib.sha256(told.encode()).hexdigest()[:8]
