"""What a stranger gets from a real Asterisk, whose trunk is somewhere else, and where it listens at all."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from asterisk_conf.age import OLD_DAYS, built_on, described, warning
from asterisk_conf.layout import layout
from asterisk_conf.obtain import require
from devtools.pbx import free_addresses, running_asterisk
from settings import Settings

pytestmark = pytest.mark.calls
METHODS = ("OPTIONS", "INVITE", "REGISTER", "SUBSCRIBE", "MESSAGE", "BYE", "NONSENSE")
NUMBERS = ("0882818905", "100", "eschool", "trunk")
_numbers = count(1)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An Asterisk to which this machine is a stranger."""
    variables = {
        "ESCHOOL_HOME": str(tmp_path_factory.mktemp("pbx")),
        "ESCHOOL_SECRET_KEY": "a key for tests that is long enough to be one",
        "ESCHOOL_TRUNK": "ip",
        "ESCHOOL_TRUNK_HOST": "192.0.2.7",  # RFC 5737: nobody's
        **free_addresses(),
    }
    with running_asterisk(variables) as settings:
        yield settings


def answer_to(settings: Settings, method: str, number: str) -> tuple[bytes, bytes]:
    """A stranger's request by UDP, and what came back within a second."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.settimeout(1)
        port, branch = stranger.getsockname()[1], next(_numbers)
        request = "\r\n".join(
            (
                f"{method} sip:{number}@{settings.sip_address}:{settings.sip_port} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{branch};rport",
                "Max-Forwards: 70",
                "From: <sip:stranger@127.0.0.1>;tag=1",
                f"To: <sip:{number}@{settings.sip_address}>",
                f"Call-ID: {branch}@stranger",
                f"CSeq: 1 {method}",
                f"Contact: <sip:stranger@127.0.0.1:{port}>",
                "Content-Length: 0",
                "",
                "",
            )
        ).encode()
        stranger.sendto(request, (settings.sip_address, settings.sip_port))
        try:
            return request, stranger.recv(4000)
        except TimeoutError:
            return request, b""


def sockets(settings: Settings, protocol: str) -> list[tuple[str, int]]:
    """Addresses (hexadecimal, as the kernel writes them) and ports that the Asterisk of this home has bound."""
    control = str(layout(settings).control_socket)
    inode = next(line.split()[6] for line in Path("/proc/net/unix").read_text().splitlines() if line.endswith(control))
    (process,) = [folder for folder in Path("/proc").glob("[0-9]*") if f"socket:[{inode}]" in _descriptors(folder)]
    own = _descriptors(process)
    found = []
    for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
        fields = line.split()
        if f"socket:[{fields[9]}]" in own:
            address, _, port = fields[1].partition(":")
            found.append((address, int(port, 16)))
    return found


def _descriptors(process: Path) -> set[str]:
    try:
        return {str(one.readlink()) for one in (process / "fd").iterdir()}
    except OSError:
        return set()


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_is_refused_and_learns_neither_the_product_nor_a_number(guarded: Settings, method: str) -> None:
    answers = []
    for number in NUMBERS:
        request, answer = answer_to(guarded, method, number)
        assert answer.startswith(b"SIP/2.0 403 Forbidden\r\n")
        assert len(answer) <= len(request)  # nobody is flooded by way of us
        for line in (b"server:", b"user-agent:", b"allow:", b"supported:", b"asterisk", b"pjsip", b"www-authenticate"):
            assert line not in answer.lower()
        answers.append(re.sub(rb"(?m)^(Via|Call-ID|From|To): .*$", b"", answer))
    assert len(set(answers)) == 1


def test_what_needs_no_answer_gets_none(guarded: Settings) -> None:
    assert answer_to(guarded, "ACK", "0882818905")[1] == b""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.settimeout(0.5)
        stranger.sendto(b"\x00" * 200, (guarded.sip_address, guarded.sip_port))
        with pytest.raises(TimeoutError):
            stranger.recv(100)


def test_only_the_two_sockets_that_ask_the_dns_are_open_to_all_addresses_and_they_are_mute(guarded: Settings) -> None:
    at_home = ("0100007F", guarded.sip_port)
    udp, udp6 = sockets(guarded, "udp"), sockets(guarded, "udp6")
    assert at_home in udp
    others = [one for one in udp if one != at_home]
    assert {address for address, _ in others} <= {"00000000"}
    assert len(others) <= 1
    assert len(udp6) <= 1
    first, last = guarded.rtp_range
    for _, port in (*others, *udp6):
        assert not first <= port <= last
    for _, port in others:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.settimeout(0.5)
            stranger.sendto(b"OPTIONS sip:a@127.0.0.1 SIP/2.0\r\n\r\n", ("127.0.0.1", port))
            with pytest.raises(TimeoutError):
                stranger.recv(100)
    assert {address for address, _ in sockets(guarded, "tcp")} == {"0100007F"}
    assert sockets(guarded, "tcp6") == []


def test_its_age_is_told_and_an_old_one_is_warned_of(guarded: Settings) -> None:
    asterisk = require(guarded)
    built = built_on(asterisk)
    young, old = built + timedelta(days=10), built + timedelta(days=OLD_DAYS + 1)
    assert f"Asterisk {asterisk.version_text}, built on {built} (10 days ago)" in described(asterisk, young)
    assert "security fixes came since" in warning(asterisk, old)
    ended = replace(asterisk, version=(21, 12, 2))
    assert "no security fixes since 2025-10-18" in warning(ended, young)
    if asterisk.version[0] == 22:
        assert warning(asterisk, young) == ""
