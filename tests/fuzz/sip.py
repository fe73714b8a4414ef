"""The exchange with everything that a trunk should not send, and an ordinary call by SIPp after it."""

import itertools
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from asterisk_conf import obtain, run
from devtools.pbx import CHECKOUT, eschool_process, free_addresses, settings_of
from devtools.telephone.free_ports import free_block
from settings import Settings
from tests.fuzz import school, torture
from tests.fuzz.octets import mutated, odd, seldom
from tests.fuzz.target import Case, Fault, Target
from tests.fuzz.watch import Watch

CALL_EVERY = 50
"""Cases after which an ordinary call has to be taken."""
CALL_SECONDS = 30
CALLS_END_SECONDS = 60.0
LISTEN_SECONDS = 0.02
HEADERS = (
    b"Via",
    b"From",
    b"To",
    b"Call-ID",
    b"CSeq",
    b"Contact",
    b"Content-Length",
    b"P-Asserted-Identity",
    b"Privacy",
    b"Max-Forwards",
)


@st.composite
def _packet(draw: st.DrawFn) -> bytes:
    octets = torture.MESSAGES[draw(st.sampled_from(list(torture.MESSAGES)))]
    if draw(st.booleans()):
        octets = torture.MESSAGES["plain"]
    change = draw(st.sampled_from(("none", "octets", "value", "header", "repeat")))
    if change == "octets":
        return draw(mutated(octets))
    lines = octets.split(b"\r\n")
    at = draw(st.integers(0, len(lines) - 1))
    value = draw(odd()).encode("utf-8", "surrogatepass")[:40_000]
    if change == "value":
        lines[at] = lines[at].partition(b":")[0] + b": " + value
    elif change == "header":
        lines.insert(min(at, 1), draw(st.sampled_from(HEADERS)) + b": " + value)
    elif change == "repeat":
        lines[at:at] = [lines[at]] * draw(st.sampled_from((1, 5, 60)))
    return b"\r\n".join(lines)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """`packets`, and what is done about a call that is taken."""
    packets = draw(st.lists(_packet(), min_size=1, max_size=3))
    return {
        "packets": [one.hex() for one in packets],
        "manner": "nothing" if draw(seldom(60)) else draw(st.sampled_from(("bye", "cancel"))),
    }


class Exchange(Target):
    """Asterisk with the voice server behind it."""

    def __init__(self, settings: Settings, asterisk: Watch, voice: Watch, folder: Path, caller: str) -> None:
        self._settings, self._asterisk, self._voice, self._folder = settings, asterisk, voice, folder
        self._caller = caller
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self._local = f"127.0.0.1:{self._line.getsockname()[1]}".encode()
        self._exchange = (settings.sip_address, settings.sip_port)
        self._number = itertools.count(1)

    def strategy(self) -> SearchStrategy[Case]:
        return cases()

    def attempt(self, case: Case) -> list[Fault]:
        number = next(self._number)
        for at, packet in enumerate(case["packets"]):
            octets = bytes.fromhex(packet)
            for token, value in self._values(number * 10 + at).items():
                octets = octets.replace(token, value)
            try:
                self._line.sendto(octets[:65_000], self._exchange)
            except OSError:
                return [Fault("no exchange", "its port is closed"), *self._faults()]
        self._answer(case["manner"])
        found = self._faults()
        return found or (self.ordinary_call() if number % CALL_EVERY == 0 else [])

    def _values(self, number: int) -> dict[bytes, bytes]:
        return {
            b"{exchange}": f"{self._exchange[0]}:{self._exchange[1]}".encode(),
            b"{local}": self._local,
            b"{branch}": b"%d" % number,
            b"{number}": self._settings.inbound_number.encode(),
        }

    def _answer(self, manner: str) -> None:
        """End the calls that were taken."""
        deadline = time.monotonic() + LISTEN_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            self._line.settimeout(left)
            try:
                answer = self._line.recv(65_535)
            except OSError:
                return
            if manner == "nothing" or b"INVITE" not in answer:
                continue
            if answer.startswith(b"SIP/2.0 1") and manner == "cancel":
                self._say("CANCEL", answer)
            elif answer.startswith(b"SIP/2.0 2"):
                self._say("ACK", answer)
                self._say("BYE", answer)
            elif not answer.startswith(b"SIP/2.0 1"):
                self._say("ACK", answer)

    def _say(self, method: str, answer: bytes) -> None:
        """A request within the call that an answer is of."""
        lines = {name: value for name in (b"Via", b"From", b"To", b"Call-ID") if (value := _line(answer, name))}
        sequence = (re.search(rb"(?im)^CSeq\s*:\s*([0-9]+)", answer) or [b"", b"1"])[1]
        sequence = b"%d" % (int(sequence) + 1) if method == "BYE" else sequence
        via = lines.pop(b"Via", b"")
        if method == "BYE" or (method == "ACK" and answer.startswith(b"SIP/2.0 2")):
            via = (
                b"Via: SIP/2.0/UDP "
                + self._local
                + b";rport;branch=z9hG4bK"
                + method.encode()
                + b"%d" % next(self._number)
            )
        request = b"%s sip:%s@%s SIP/2.0\r\n" % (
            method.encode(),
            self._settings.inbound_number.encode(),
            self._values(0)[b"{exchange}"],
        )
        rest = (
            via,
            b"Max-Forwards: 70",
            *lines.values(),
            b"CSeq: %s %s" % (sequence, method.encode()),
            b"Content-Length: 0",
        )
        self._line.sendto(request + b"\r\n".join(rest) + b"\r\n\r\n", self._exchange)

    def ordinary_call(self) -> list[Fault]:
        """A parent calls, presses a key and hangs up."""
        scenario = self._folder / "parent.xml"
        text = (CHECKOUT / "bench" / "parent.xml").read_text("utf-8")
        scenario.write_text(text.replace("{hold}", "300").replace("{caller}", self._caller), "utf-8")
        ports = free_block(8)
        command = [
            "sipp", f"127.0.0.1:{self._settings.sip_port}", "-sf", str(scenario),
            "-s", self._settings.inbound_number, "-m", "1",
            "-i", "127.0.0.1", "-p", str(ports), "-mp", str(ports + 2), "-nostdin", "-timeout", str(CALL_SECONDS),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, check=False, cwd=self._folder, stdin=subprocess.DEVNULL)
        return [Fault("no call", f"SIPp ended with {done.returncode}")] if done.returncode else []

    def _faults(self) -> list[Fault]:
        return [*self._asterisk.faults(), *self._voice.faults()]

    def final(self) -> list[Fault]:
        found = self._faults() or self.ordinary_call()
        deadline = time.monotonic() + CALLS_END_SECONDS
        while "running, 0 calls now" not in (status := run.status(self._settings)) and not found:
            if time.monotonic() > deadline:
                found.append(Fault("calls that never end", status))
            time.sleep(0.5)
        return found + self._faults()


def _line(answer: bytes, name: bytes) -> bytes:
    found = re.search(rb"(?im)^(" + name + rb"\s*:[^\r\n]*)", answer)
    return found[1] if found else b""


@contextmanager
def opened(folder: Path) -> Iterator[Target]:
    """Asterisk and the voice server over a school of their own."""
    home = school.make(folder / "sip")
    variables = {**home.variables, **free_addresses()}
    settings = settings_of(variables)
    obtain.install(settings, print)
    log, voice_log = home.path / "asterisk.log", home.path / "agi.log"
    with (
        eschool_process(variables, "agi", "serve", log=voice_log) as voice,
        eschool_process(variables, "asterisk", "run", log=log) as asterisk,
    ):
        deadline = time.monotonic() + 90
        while b"Asterisk Ready" not in log.read_bytes() or b"voice.listening" not in voice_log.read_bytes():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Asterisk did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.1)
        watches = Watch(asterisk, log, is_json=False, public=settings.inbound_number), Watch(voice, voice_log)
        caller = "0" + home.parents[0][0].removeprefix("+359")
        exchange = Exchange(settings, *watches, folder, caller)
        if found := exchange.ordinary_call():
            raise RuntimeError(f"An ordinary call is not taken: {found[0].told}")
        for watch in watches:
            watch.settled()
        yield exchange
