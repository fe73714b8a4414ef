"""Two hosts on one machine: a network namespace each, joined to a bridge, with a small disk of its own."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

WITHOUT_ROOT = "Without root, or without leave to make network namespaces and mounts, there are no hosts to soak."


@dataclass(frozen=True)
class Place:
    """A host's network and disk. `address` is its own, `gateway` this machine's on the bridge."""

    name: str
    namespace: str
    link: str
    address: str
    gateway: str
    disk: Path

    def command(self, *command: str) -> list[str]:
        """A command line that runs there under the host's own name, and ends when we do."""
        script = 'hostname "$0"; mount --bind "$1" /etc/hosts; shift; exec "$@"'
        there = ["ip", "netns", "exec", self.namespace, "unshare", "--uts", "setpriv", "--pdeathsig", "TERM"]
        return [*there, "sh", "-c", script, self.name, str(self.names), *command]

    @property
    def names(self) -> Path:
        """The host's own /etc/hosts."""
        return self.disk.with_name(f"{self.name}.hosts")

    def pids(self) -> list[int]:
        """Every process on it."""
        told = subprocess.run(["ip", "netns", "pids", self.namespace], capture_output=True, text=True).stdout
        return [int(one) for one in told.split()]

    def cut(self) -> None:
        """Pull the cable."""
        _ip("link", "set", self.link, "down")

    def mend(self) -> None:
        """Put it back."""
        _ip("link", "set", self.link, "up")

    def fill(self) -> None:
        """Leave no octet free on the disk."""
        with (self.disk / "filler").open("ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                with suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def empty(self) -> None:
        """Make room again."""
        (self.disk / "filler").unlink(missing_ok=True)


def may_make_hosts() -> bool:
    """Whether this machine lets us have networks of our own."""
    if os.geteuid() or not shutil.which("ip"):
        return False
    name = f"esoak-try{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode == 0
    if made:
        _ip("netns", "del", name)
    return made


@contextmanager
def places(names: list[str], folder: Path, megabytes: int) -> Iterator[list[Place]]:
    """Hosts of these names; all their processes, mounts, links and namespaces are gone at the end."""
    number = os.getpid()
    network = f"10.{number % 200 + 20}.{number // 200 % 250}"
    bridge, gateway = f"esb{number}", f"{network}.1"
    with ExitStack() as stack:
        stack.callback(_try_ip, "link", "del", bridge)
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{gateway}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        found = []
        for at, name in enumerate(names):
            place = Place(
                name, f"esoak-{number}-{at}", f"es{number}h{at}", f"{network}.{at + 2}", gateway, folder / name
            )
            stack.enter_context(_joined(place, bridge, f"es{number}i{at}"))
            stack.enter_context(_mounted(place.disk, megabytes))
            place.names.write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n", "utf-8")
            stack.callback(_end_all, place)
            found.append(place)
        yield found


@contextmanager
def _joined(place: Place, bridge: str, inner: str) -> Iterator[None]:
    try:
        _ip("netns", "add", place.namespace)
        _ip("link", "add", place.link, "type", "veth", "peer", "name", inner, "netns", place.namespace)
        _ip("link", "set", place.link, "master", bridge)
        _ip("link", "set", place.link, "up")
        _ip("-n", place.namespace, "addr", "add", f"{place.address}/24", "dev", inner)
        _ip("-n", place.namespace, "link", "set", inner, "up")
        _ip("-n", place.namespace, "link", "set", "lo", "up")
        yield
    finally:
        _try_ip("link", "del", place.link)
        _try_ip("netns", "del", place.namespace)


@contextmanager
def _mounted(disk: Path, megabytes: int) -> Iterator[None]:
    disk.mkdir(parents=True)
    options = f"size={megabytes}m,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "eschool-soak", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=False)


def _end_all(place: Place) -> None:
    """End what still runs there: first asked, then killed, each by its id."""
    for sign, seconds in ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0)):
        for pid in place.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        deadline = time.monotonic() + seconds
        while place.pids() and time.monotonic() < deadline:
            time.sleep(0.2)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _try_ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=False, capture_output=True)
