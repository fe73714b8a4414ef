"""The voice server with a peer that is no Asterisk: half lines, huge lines, NULs, bad UTF-8, slow, ending anywhere."""

import itertools
import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sqlalchemy import func, select, text

from db.models import Call
from devtools.pbx import eschool_process
from devtools.telephone.free_ports import free_port
from tests.fuzz import school
from tests.fuzz.octets import mutated, seldom, texts
from tests.fuzz.school import Home
from tests.fuzz.target import Case, Fault, Target
from tests.fuzz.watch import Watch

ANSWER_SECONDS = 5.0
"""What a query may take on a busy machine; the server itself answers at once."""
STALL_SECONDS = 0.5
"""After a case is over, the server has no call any more and says so within this time."""
MOST_COMMANDS = 120
SCRIPTS = ("inbound", "outbound", "recording", "status", "", "nobody", "../inbound", "inbound\0")
KEYS = ("1", "2", "3", "4", "5", "8", "9", "0", "*", "#", "12345674", "1234#", "0" * 8, "")
GOOD = b"200 result=1"
ANSWERS = (
    b"200 result=0", b"200 result=1 (1)", b"200 result=-1", b"200 result=-1 (hangup)",
    b"200 result=1 (hangup)", b"HANGUP",
    b"511 Command Not Permitted on a dead channel or intercept routine", b"510 Invalid or unknown command",
    b"520-Invalid",
    b"200 result=", b"200 result=1 (" + b"9" * 500 + b")", b"200 result=1 (", b"200 result=1 )(", b"200", b"",
    b"\0", b"\xff" * 9,
    b"A" * 5000, b"200 result=1 (\xff\xfe)", "200 result=1 (٣)".encode(), b"200 result=1 (abc)", b"200 result=1 (1\n2)",
)  # fmt: skip


@st.composite
def _environment(draw: st.DrawFn, callers: tuple[str, ...]) -> bytes:
    told = {
        "agi_network": "yes",
        "agi_network_script": draw(st.sampled_from(("inbound",) * 8 + SCRIPTS)),
        "agi_channel": "PJSIP/trunk-00000001",
        "agi_uniqueid": draw(st.sampled_from(("1700000000.1", "eschool-1", "")) | texts(60)),
        "agi_callerid": draw(st.sampled_from((*callers, *callers, "unknown", "anonymous", "+", "0" * 60)) | texts(60)),
        "agi_arg_1": draw(st.sampled_from(("", "...", "PHRlbDowODg4MTIzNDU2Pg==..aWQ=.")) | texts(3000)),
    }
    lines = "".join(f"{key}: {value}\n" for key, value in told.items()) + "\n"
    octets = lines.encode("utf-8", "surrogatepass")
    return octets if draw(st.integers(0, 3)) else draw(mutated(octets))


@st.composite
def cases(draw: st.DrawFn, callers: tuple[str, ...]) -> Case:
    """`keys`: what each asking for keys finds more; `odd`: answers in place of right ones, by the command's number."""
    answer = st.sampled_from(ANSWERS) | st.binary(max_size=50) | mutated(b"200 result=1 (123)\n")
    odd = st.dictionaries(st.integers(0, 30).map(str), answer.map(bytes.hex), max_size=2)
    return {
        "environment": draw(_environment(callers)).hex(),
        "cuts": draw(st.lists(st.integers(0, 300), max_size=3)),
        "keys": draw(st.lists(st.sampled_from(KEYS), max_size=12)),
        "odd": draw(odd),
        "commands": draw(st.integers(0, MOST_COMMANDS)),
        "end": draw(st.sampled_from(("close", "reset", "half"))),
        "slow": draw(seldom(40)),
    }


class VoiceServer(Target):
    """A voice server over a school."""

    def __init__(self, home: Home, port: int, watch: Watch) -> None:
        self._home, self._port, self._watch = home, port, watch
        self._callers = tuple("0" + phone[4:] for phone, _, _ in home.parents[:6])
        self._calls_before = self._recorded()

    def strategy(self) -> SearchStrategy[Case]:
        return cases(self._callers)

    def attempt(self, case: Case) -> list[Fault]:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS) as peer:
                found = self._call(peer, case)
                if case["end"] == "reset":
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError as error:
            found = [Fault("refused", f"{type(error).__name__} on connecting")]
        return found + self._quiet() + self._watch.faults()

    def _call(self, peer: socket.socket, case: Case) -> list[Fault]:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        octets = bytes.fromhex(case["environment"])
        ends = [0, *sorted(min(one, len(octets)) for one in case["cuts"]), len(octets)]
        with suppress(ConnectionError):
            for begin, end in itertools.pairwise(ends):
                peer.sendall(octets[begin:end])
                if case["slow"]:
                    time.sleep(0.02)
            return self._answer_commands(peer, case, is_whole=b"\n\n" in octets)
        return []

    def _answer_commands(self, peer: socket.socket, case: Case, *, is_whole: bool) -> list[Fault]:
        commands, pressed, keys = peer.makefile("rb"), "", list(case["keys"])
        if not is_whole:
            return []  # it waits for the rest of the first lines
        for number in range(case["commands"]):
            try:
                command = commands.readline()
            except TimeoutError:
                return [Fault("silence", f"nothing came after command {number}")]
            if not command.endswith(b"\n"):
                return []
            if not command.isascii() or b"\0" in command or len(command) > 2048:
                return [Fault("odd command", f"a command of {len(command)} octets that Asterisk would not take")]
            if command.startswith(b"GET VARIABLE") and keys:
                pressed += keys.pop(0)
            answer = _right_answer(command, pressed)
            if str(number) in case["odd"]:
                answer = bytes.fromhex(case["odd"][str(number)])
            peer.sendall(
                answer[: len(answer) // 2]
                if number + 1 == case["commands"] and case["end"] == "half"
                else answer + b"\n"
            )
        return []

    def _quiet(self) -> list[Fault]:
        """The call is over: the server counts none soon, and answers at once."""
        deadline = time.monotonic() + ANSWER_SECONDS
        slow: list[float] = []
        active = 0
        while time.monotonic() < deadline:
            began = time.monotonic()
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS) as peer:
                    peer.sendall(b"agi_network: yes\nagi_network_script: status\n\n")
                    status = json.loads(peer.makefile().readline())
            except (OSError, ValueError) as error:
                return [Fault("no status", type(error).__name__)]
            slow.append(time.monotonic() - began)
            active = status["active"]
            if not active:
                is_stalled = min(slow) > STALL_SECONDS
                return [Fault("stall", f"the status took {1000 * min(slow):.0f} ms")] if is_stalled else []
            time.sleep(0.01)
        return [Fault("a call that never ends", f"{active} calls, and nobody is there")]

    def _recorded(self) -> int:
        with self._home.database() as database, database.reading() as session:
            return session.scalar(select(func.count()).select_from(Call)) or 0

    def final(self) -> list[Fault]:
        found = self._watch.faults()
        ended, deadline = self._watch.events["call.ended"], time.monotonic() + 30
        while (recorded := self._recorded() - self._calls_before) < ended and time.monotonic() < deadline:
            time.sleep(0.2)
        found += [] if recorded == ended else [Fault("records", f"{ended} calls, {recorded} records")]
        with self._home.database() as database:
            with database.reading() as session:
                odd = session.execute(text("SELECT count(*) FROM call WHERE ended_at < started_at")).scalar_one()
            found += [Fault("times", f"{odd} calls ended before they began")] if odd else []
            return found + school.row_faults(database)


def _right_answer(command: bytes, pressed: str) -> bytes:
    if command.startswith(b"GET VARIABLE"):
        return b"200 result=1 (" + pressed.encode() + b")" if pressed else b"200 result=0"
    if command.startswith((b"EXEC", b"WAIT")):
        return b"200 result=0"
    return GOOD


@contextmanager
def opened(folder: Path) -> Iterator[Target]:
    """A voice server over a school of its own."""
    home = school.make(folder / "agi")
    port = free_port()
    log = home.path / "agi.log"
    with eschool_process(home.variables | {"ESCHOOL_AGI_PORT": str(port)}, "agi", "serve", log=log) as process:
        deadline = time.monotonic() + 60
        while b"voice.listening" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The voice server did not start: {log.read_text('utf-8')[-2000:]}")
            time.sleep(0.05)
        watch = Watch(process, log)
        watch.settled()
        yield VoiceServer(home, port, watch)
