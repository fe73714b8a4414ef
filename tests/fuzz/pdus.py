"""The gateway against an SMSC that says anything: PDUs of every kind, right, wrong, cut and run together."""

import itertools
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from devtools.pbx import eschool_process
from smpp.protocol.framing import Frame
from smpp.protocol.pdus import RESPONSE, Address, Command, bare, deliver_request
from tests.fuzz import school
from tests.fuzz.octets import WORDS, mutated, seldom, texts
from tests.fuzz.school import Home
from tests.fuzz.smsc import Smsc, accepted, headers
from tests.fuzz.target import Case, Fault, Target
from tests.fuzz.watch import Watch

STALL_SECONDS = 0.05
"""How long one PDU, however long, may keep the gateway from answering others."""
ANSWER_SECONDS = 5.0
BIND_SECONDS = 15.0
CHECK_EVERY = 200
NO_ANSWER = (Command.ALERT_NOTIFICATION, Command.OUTBIND)
FIRST_SEQUENCE = 0x100000
"""Above those of the gateway's own requests, so that no answer is taken for another's."""
TAGS = (0x0424, 0x001E, 0x0427, 0x020C, 0x020E, 0x020F, 0x0204, 0x0423, 0x1400, 0x0005, 0xFFFF)
SOURCES = (
    "359888123456", "+359878123456", "0888123456", "888123456", "1987", "A1", "", "0" * 20, "359" * 6, "4915112345678",
)  # fmt: skip


@st.composite
def _tlv(draw: st.DrawFn) -> bytes:
    tag = draw(st.sampled_from(TAGS) | st.integers(0, 0xFFFF))
    sized = st.integers(1, 4).flatmap(lambda size: st.binary(min_size=size, max_size=size))
    value = draw(sized | st.binary(max_size=40) | texts().map(_ucs2))
    length = draw(st.just(len(value)) | st.integers(0, 0xFFFF) if draw(st.booleans()) else st.just(len(value)))
    return struct.pack(">HH", tag, length) + value


def _ucs2(words: str) -> bytes:
    return words.encode("utf-16-be", "surrogatepass")[:60_000]


@st.composite
def _user_data(draw: st.DrawFn) -> bytes:
    """A text's octets, perhaps behind a header for long messages."""
    words = draw(texts(120) | st.sampled_from(WORDS))
    codec = draw(st.sampled_from(("utf-16-be", "utf-16-le", "utf-8", "cp1251", "latin-1")))
    octets = words.encode(codec, "replace") if codec != "utf-16-be" else _ucs2(words)
    if draw(st.integers(0, 3)):
        return octets[:254]
    total, number = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    if draw(st.booleans()):
        total, number = draw(st.sampled_from(((2, 1), (2, 2), (3, 1), (255, 255))))
    header = draw(
        st.sampled_from(
            (bytes((5, 0, 3, 7, total, number)), bytes((6, 8, 4, 0, 7, total, number)), b"\xff", b"\x03\0\x7f")
        )
        | st.binary(max_size=12)
    )
    return (header + octets)[:254]


@st.composite
def _delivery(draw: st.DrawFn) -> bytes:
    """The body of a deliver_sm or, nearly, of a data_sm."""
    octets = draw(_user_data() | st.binary(max_size=254))
    length = draw(st.integers(0, 255)) if draw(st.integers(0, 9)) == 0 else len(octets)
    source = draw(st.sampled_from(SOURCES) | st.text(max_size=22)).encode("utf-8", "replace").replace(b"\0", b"")
    classes = st.sampled_from((0, 0, 0x40, 0x04, 0x44, 0x08, 0x20, 0x3C)) | st.integers(0, 255)
    codings = st.sampled_from((0, 1, 3, 4, 6, 8, 8, 8)) | st.integers(0, 255)
    body = (
        b"\0" + bytes((draw(st.integers(0, 7)), draw(st.integers(0, 20)))) + source + b"\0\x03\0" + b"1987\0"
        + bytes((draw(classes), 0, 0)) + b"\0\0" + bytes((0, 0, draw(codings), 0, length)) + octets
    )  # fmt: skip
    body += b"".join(draw(st.lists(_tlv(), max_size=3)))
    return draw(mutated(body, 3)) if draw(st.integers(0, 2)) == 0 else body


@st.composite
def _pdu(draw: st.DrawFn, sequence: int) -> bytes:
    deliver = st.sampled_from((Command.DELIVER_SM,) * 8)
    known = [one | response for one in Command for response in (0, RESPONSE) if one is not Command.UNBIND]
    commands = deliver | st.sampled_from(known) | st.integers(0, 0xFFFFFFFF)
    command = int(draw(commands)) if not draw(seldom()) else int(Command.UNBIND)
    is_text = command in (Command.DELIVER_SM, Command.DATA_SM)
    body = draw(_delivery()) if is_text else draw(st.binary(max_size=60) | _delivery())
    status = draw(st.sampled_from((0, 0, 0, 8, 0x58, 0xFFFFFFFF)))
    octets = bare(command, draw(st.sampled_from((sequence, sequence, sequence, 0, 1, 2))), status, body)
    if draw(seldom()):
        wrong = draw(
            st.sampled_from((0, 1, 15, 16, 17, len(octets) - 1, len(octets) + 1, 65536, 65537, 2**31, 2**32 - 1))
        )
        octets = struct.pack(">L", wrong) + octets[4:]
    return octets


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """`pieces`: what the SMSC sends, packet by packet; `answers`: what the next submit_sm get instead of their own."""
    count = draw(st.integers(1, 6))
    stream = b"".join(draw(_pdu(FIRST_SEQUENCE + number)) for number in range(count))
    if draw(seldom()):
        stream = draw(mutated(stream, 3))
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=3)))
    pieces = [stream[a:b].hex() for a, b in itertools.pairwise((0, *cuts, len(stream)))]
    answer = st.fixed_dictionaries(
        {
            "command": st.sampled_from((Command.SUBMIT_SM | RESPONSE, RESPONSE, Command.DELIVER_SM | RESPONSE)).map(
                int
            ),
            "status": st.sampled_from((0, 0, 8, 0x0B, 0x14, 0x45, 0x58, 0xFFFFFFFF)),
            "off": st.sampled_from((0, 0, 0, 1, 1000)),
            "body": (st.binary(max_size=80) | st.sampled_from((b"", b"7\0", b"\xff" * 70 + b"\0"))).map(bytes.hex),
        }
    )
    return {"pieces": pieces, "answers": draw(st.lists(answer, max_size=2))}


class Gateway(Target):
    """A gateway bound to our SMSC."""

    def __init__(self, home: Home, smsc: Smsc, watch: Watch) -> None:
        self._home, self._smsc, self._watch = home, smsc, watch
        self._phones = itertools.count(880_000_000)
        self._attempts = itertools.count(1)

    def strategy(self) -> SearchStrategy[Case]:
        return cases()

    def attempt(self, case: Case) -> list[Fault]:
        pieces = [bytes.fromhex(one) for one in case["pieces"]]
        stays, requests = _expected(b"".join(pieces))
        if not self._smsc.wait_until_bound(BIND_SECONDS):
            return [*self._watch.faults(), Fault("not bound", "the gateway does not come back")]
        found = self._exchange(case, pieces, stays, requests)
        for _ in range(2):
            if not any(fault.sign == "stall" for fault in found):
                break
            again = self._exchange(case, pieces, stays, requests)
            found = [one for one in found if one.sign != "stall" or any(other.sign == "stall" for other in again)]
        if next(self._attempts) % CHECK_EVERY == 0:
            found += self._rows()
        return found + self._watch.faults()

    def _exchange(self, case: Case, pieces: list[bytes], stays: bool, requests: set[int]) -> list[Fault]:
        self._smsc.answers = [_answer(one) for one in case["answers"]]
        heard, began = self._smsc.heard, time.monotonic()
        self._smsc.say(*pieces)
        if not stays:
            time.sleep(0.02)
            self._smsc.drop()
            return self._canary()
        asked = FIRST_SEQUENCE + 0x10000
        self._smsc.say(bare(Command.ENQUIRE_LINK, asked))
        wanted = requests | {asked}
        found = []
        self._smsc.wait_for(lambda: wanted <= {one.sequence for _, one in heard.answers()}, ANSWER_SECONDS)
        at = {frame.sequence: moment for moment, frame in heard.answers()}
        if missing := wanted - at.keys():
            kind = "the link ended" if not self._smsc.is_bound else "an answer is missing"
            found.append(
                Fault(kind, f"{kind}: of {len(wanted)} requests {len(missing)} have none; {self._watch.last_line()}")
            )
            self._smsc.drop()
        elif at[asked] - began > STALL_SECONDS:
            found.append(Fault("stall", f"an enquire_link waited for {1000 * (at[asked] - began):.0f} ms"))
        return found + self._canary()

    def _canary(self) -> list[Fault]:
        """An ordinary parent's text after all that: it is taken, and answered."""
        if not self._smsc.wait_until_bound(BIND_SECONDS):
            return [Fault("not bound", "the gateway does not come back")]
        heard, sequence = self._smsc.heard, FIRST_SEQUENCE + 0x20000
        source = Address(f"359{next(self._phones)}", 1, 1)
        text = deliver_request(
            sequence, source=source, destination=Address("1987", 3), payload=_ucs2("ПОМОЩ"), data_coding=8
        )
        self._smsc.say(text)

        def is_answered() -> bool:
            return any(frame.sequence == sequence for _, frame in heard.answers())

        if not self._smsc.wait_for(is_answered, ANSWER_SECONDS):
            self._smsc.drop()
            return [Fault("a text is not taken", "an ordinary text after the case is not answered")]
        status = next(frame.status for _, frame in heard.answers() if frame.sequence == sequence)
        return [Fault("a text is refused", f"an ordinary text after the case got 0x{status:x}")] if status else []

    def _rows(self) -> list[Fault]:
        with self._home.database() as database:
            return school.row_faults(database)

    def final(self) -> list[Fault]:
        time.sleep(2)
        return self._rows() + self._watch.faults()


def _expected(stream: bytes) -> tuple[bool, set[int]]:
    """Whether the connection has to live on, and the sequence numbers that then get an answer."""
    found, is_whole = headers(stream)
    ends = {Command.UNBIND, Command.UNBIND | RESPONSE}
    requests = {
        sequence for command, sequence in found if not command & RESPONSE and command not in (*NO_ANSWER, *ends)
    }
    return is_whole and not any(command in ends for command, _ in found), requests


def _answer(told: Case) -> "_Told":
    return _Told(told)


class _Told:
    """An answer to a submit_sm as a case tells it; behind one to another submit_sm follows its own."""

    def __init__(self, told: Case) -> None:
        self._told = told

    def __call__(self, submit: Frame) -> bytes:
        told = self._told
        octets = bare(told["command"], submit.sequence + told["off"], told["status"], bytes.fromhex(told["body"]))
        is_own = told["off"] == 0 and told["command"] in (Command.SUBMIT_SM | RESPONSE, RESPONSE)
        return octets if is_own else octets + accepted(submit)


@contextmanager
def opened(folder: Path) -> Iterator[Target]:
    """A gateway over a school of its own."""
    home = school.make(folder / "pdus")
    smsc = Smsc()
    operators = home.path / "operators.toml"
    operators.write_text(
        f'default = "a1"\n[operators.a1]\nhost = "127.0.0.1"\nport = {smsc.port}\nsystem_id = "eschool"\n'
        'password = "secret"\nlongest_retry_seconds = 1\n',
        "utf-8",
    )
    operators.chmod(0o600)
    variables = home.variables | {"ESCHOOL_OPERATORS_FILE": str(operators)}
    log = home.path / "smpp.log"
    try:
        with eschool_process(variables, "sms", "serve", log=log) as process:
            if not smsc.wait_until_bound(30):
                raise RuntimeError(f"The gateway did not start: {log.read_text('utf-8')[-2000:]}")
            watch = Watch(process, log)
            time.sleep(1)
            watch.settled()
            yield Gateway(home, smsc, watch)
    finally:
        smsc.stop()
