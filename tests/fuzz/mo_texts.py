"""Parents' texts: octets in any coding through the gateway's own receiving and handling, on both databases."""

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sqlalchemy import select, text

import logs
from db.migrate import upgrade
from db.models import Message
from db.session import Database, open_database
from demonstration import load
from devtools.pbx import CHECKOUT, settings_of
from devtools.postgres import running_server
from devtools.site import SECRET_KEY
from school.lines import parts_of
from school.subscriptions import inbox
from smpp.gateway import receiver
from smpp.gateway.receiver import Piece
from smpp.protocol.decoding import decode
from smpp.protocol.reassembly import PartPayload
from smpp.protocol.segmentation import DefaultAlphabet
from smpp.protocol.user_data_header import Concatenation
from smpp.texts.handling import handle
from smpp.texts.parsing import parse
from tests.fuzz import school
from tests.fuzz.octets import seldom, texts
from tests.fuzz.target import Case, Fault, Target

PARSE_SECONDS = 0.05
"""Of the processor, to decode and read the longest text there is: so long no other turn of the interpreter is had."""
HANDLE_SECONDS = 0.5
MOST_PARTS = 10
STRANGER = "+359899123456"
CODECS = ("utf-16-be", "utf-16-be", "utf-16-be", "utf-8", "cp1251", "utf-16-le", "latin-1")
_CORPUS = CHECKOUT / "tests" / "smpp" / "texts" / "texts.tsv"


def _corpus() -> list[str]:
    lines = _CORPUS.read_text("utf-8").splitlines()
    return [words.replace("\\n", "\n") for line in lines if (words := line.partition("\t")[2])]


@st.composite
def _words(draw: st.DrawFn, near: list[str]) -> str:
    """Texts of people, cut up, run together and with odd things between."""
    piece = st.sampled_from(near) | texts(80)
    found = draw(st.lists(piece, min_size=1, max_size=4))
    said = draw(st.sampled_from((" ", "", "\n", ", "))).join(found)
    if draw(st.integers(0, 3)) == 2:
        at, until = draw(st.integers(0, len(said))), draw(st.integers(0, len(said)))
        said = said[:at] + said[until:]
    return said * 1000 if draw(seldom(30)) else said


@st.composite
def cases(draw: st.DrawFn, phones: int, near: list[str]) -> Case:
    """`from`: which of the parents, or a stranger beyond them; `parts`: the order in which parts come, if any."""
    words = draw(_words(near))[:32_000]
    octets = words.encode("utf-16-be", "surrogatepass")
    if (codec := draw(st.sampled_from(CODECS))) != "utf-16-be":
        octets = words.encode(codec, "replace")
    octets = draw(st.just(octets) | st.binary(max_size=140)) if draw(seldom(10)) else octets
    return {
        "from": draw(st.integers(0, phones)),
        "octets": octets[:64_000].hex(),
        "coding": draw(st.sampled_from((8,) * 6 + (0, 1, 3, 4, 6, 245)) | st.integers(0, 255)),
        "parts": draw(st.lists(st.integers(1, 4), max_size=5)),
    }


@dataclass
class Handling:
    """One database with the demonstration school."""

    kind: str
    database: Database
    numbers: Iterator[int]

    def take(self, phone: str, case: Case, now: datetime) -> tuple[list[int], float]:
        """Store the text as the recorder does: the ids in the inbox, and seconds of the processor."""
        began = time.process_time()
        octets, stored = bytes.fromhex(case["octets"]), []
        with self.database.session() as session:
            for piece in _pieces(phone, octets, case, next(self.numbers)):
                stored += receiver.keep(session, piece, (), now)
        return stored, time.process_time() - began

    def act(self, text_id: int, now: datetime) -> tuple[str, bool] | None:
        """Act on a text as the gateway's handler does: what it was understood as, and whether it is answered."""
        with self.database.session() as session:
            received = inbox.take(session, text_id, now)
            if received is None:
                return None
            done = handle(session, phone=received.phone, operator=received.operator, text=received.text, now=now)
            inbox.understood_as(session, text_id, done.command, answered=done.answered)
            return done.command, done.answered

    def messages(self, after: int) -> list[Any]:
        """(id, address, text) of what was put into the outbox since."""
        with self.database.reading() as session:
            return list(session.execute(select(Message.id, Message.address, Message.text).where(Message.id > after)))

    def others(self, phone: str) -> list[Any]:
        """The subscriptions of everybody else."""
        with self.database.reading() as session:
            query = text(
                "SELECT s.id, s.status, s.student_id, s.sms_enabled FROM subscription s JOIN subscriber p "
                "ON p.id = s.subscriber_id WHERE p.phone <> :phone OR p.phone IS NULL ORDER BY s.id"
            )
            return [tuple(row) for row in session.execute(query, {"phone": phone})]


def _pieces(phone: str, octets: bytes, case: Case, number: int) -> Iterator[Piece]:
    def piece(part: bytes, told: Concatenation | None) -> Piece:
        return Piece("a1", DefaultAlphabet.GSM, "fuzzing", phone, "1987", PartPayload(part, case["coding"]), told)

    if not case["parts"]:
        yield piece(octets, None)
        return
    total, size = max(case["parts"]), len(octets) // max(case["parts"]) + 1
    for part in case["parts"]:
        told = Concatenation("udh8", number % 256, total, part) if total > 1 else None
        yield piece(octets[(part - 1) * size : part * size], told)


class Texts(Target):
    """Both databases, and the parents of the school."""

    def __init__(self, handlings: list[Handling], phones: list[str], codes: list[str]) -> None:
        self._handlings, self._phones, self._codes = handlings, phones, codes

    def strategy(self) -> SearchStrategy[Case]:
        return cases(len(self._phones), [*_corpus(), *self._codes])

    def attempt(self, case: Case) -> list[Fault]:
        phone = self._phones[case["from"]] if case["from"] < len(self._phones) else STRANGER
        found = []
        for handling in self._handlings:
            try:
                found += self._on(handling, phone, case)
            except Exception as error:  # whatever it is, the gateway would call it its own mistake
                found.append(
                    Fault(f"{logs.where(error)}", f"{handling.kind}: {type(error).__name__}: {str(error)[:300]}")
                )
        return found

    def _on(self, handling: Handling, phone: str, case: Case) -> list[Fault]:
        now = datetime.now(UTC)
        others = handling.others(phone)
        last = max((one.id for one in handling.messages(0)), default=0)
        stored, seconds = handling.take(phone, case, now)
        found = [Fault("slow to store", f"{seconds:.2f} s")] if seconds > HANDLE_SECONDS else []
        for text_id in stored:
            began = time.process_time()
            done = handling.act(text_id, now)
            if (took := time.process_time() - began) > HANDLE_SECONDS:
                found.append(Fault("slow to handle", f"{took:.2f} s of the processor"))
            if done and len(done[0]) > 20:
                found.append(Fault("command too long", done[0]))
        sent = handling.messages(last)
        if handling.others(phone) != others:
            found.append(Fault("others' subscriptions", f"{handling.kind}: a text of one changed another's"))
        for message in sent:
            found += self._judge(message, phone)
        if len(sent) > 2 * len(stored):
            found.append(Fault("answers", f"{len(sent)} messages to {len(stored)} texts"))
        return found + self._reading(case)

    def _judge(self, message: Any, phone: str) -> list[Fault]:
        found = []
        if "@" not in message.address and message.address != phone:
            found.append(Fault("somebody else is written to", "an answer went to another number"))
        if parts_of(message.text, latin=False) > MOST_PARTS:
            found.append(Fault("a long answer", f"{len(message.text)} characters"))
        if "\0" in message.text or "\ufffd" in message.text:
            found.append(Fault("an odd answer", repr(message.text[:200])))
        return found

    def _reading(self, case: Case) -> list[Fault]:
        """What a text costs the gateway beside its database."""
        octets = bytes.fromhex(case["octets"])

        def seconds() -> float:
            began = time.process_time()
            parse(decode(octets, case["coding"]).text)
            return time.process_time() - began

        took = min(seconds() for _ in range(3))
        return [Fault("slow to read", f"{1000 * took:.0f} ms for {len(octets)} octets")] if took > PARSE_SECONDS else []

    def final(self) -> list[Fault]:
        return [fault for one in self._handlings for fault in school.row_faults(one.database)]


def _filled(kind: str, home: Path, url: str) -> Database:
    settings = settings_of({"ESCHOOL_HOME": str(home), "ESCHOOL_SECRET_KEY": SECRET_KEY, "ESCHOOL_DATABASE_URL": url})
    upgrade(settings)
    database = open_database(settings)
    with database.session() as session:
        load(session, datetime.now(UTC))
    return database


@contextmanager
def opened(folder: Path) -> Iterator[Target]:
    """Texts to schools on both kinds of database."""
    home = school.make(folder / "texts")
    codes = [code for _, _, code in home.parents[:5]]
    phones = [phone for phone, _, _ in home.parents[:5]]
    with ExitStack() as stack:
        server = stack.enter_context(running_server())
        server.create("texts")
        handlings = [Handling("sqlite", stack.enter_context(home.database()), itertools.count(1))]
        postgresql = _filled("postgresql", home.path, server.url("texts"))
        stack.callback(postgresql.dispose)
        handlings.append(Handling("postgresql", postgresql, itertools.count(1)))
        yield Texts(handlings, phones, codes)
