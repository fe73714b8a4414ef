"""The name of this host, as it stands in what processes say of themselves: `host:...`."""

import socket

LONGEST = 40


def this_host() -> str:
    """At most 40 characters."""
    return socket.gethostname()[:LONGEST]


def host_of(instance: str) -> str:
    """The host of a process by the name that it gave itself."""
    return instance.partition(":")[0]
