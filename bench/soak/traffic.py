"""What people do meanwhile: teachers save, parents text and call, charges are made. Each is noted with its outcome."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bench.soak.accounts import Owed
from bench.soak.browser import TRY_AGAIN, Browser
from bench.soak.callers import call
from bench.soak.hosts import Host
from bench.soak.school import SoakSchool
from db.kinds import Channel, MessagePurpose
from db.models import Message
from db.session import Database
from devtools.smsc import Smsc
from errors import EschoolError
from runtime.localtime import SOFIA
from school import outbox

GRADE_SMS, GRADE_LETTER, ANSWER, CHARGED = "grades by SMS", "grades by e-mail", "answers to texts", "charged SMS"
LONGEST_TRYING = 240.0
"""Seconds for which a browser, an SMSC or a charge is tried again before nobody knows what became of it."""
GRADES_A_SAVE = 2
WORDS = ("ОЦЕНКИ", "ОТСЪСТВИЯ", "СРЕЩИ", "СТОП")


@dataclass(frozen=True)
class Rates:
    """Of each a second."""

    saves: float = 2.0
    texts: float = 1.0
    calls: float = 0.2
    charges: float = 0.2


@dataclass
class Traffic:
    """All that is going on; `owed` and `calls` are the accounts' one side."""

    school: SoakSchool
    hosts: list[Host]
    smsc: Smsc
    database: Database
    folder: Path
    random: Random
    owed: list[Owed] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    tries: int = 0
    calls: list[tuple[float, bool]] = field(default_factory=list)
    """When each call began, and whether it was answered and ended as it should."""
    under_way: set["asyncio.Task[None]"] = field(default_factory=set)
    _given: dict[int, int] = field(default_factory=dict)
    _texted: dict[int, int | None] = field(default_factory=dict)
    _read: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._browser = Browser(self.school.email, self.school.password)
        self._threads = ThreadPoolExecutor(40, "soak")

    async def go_on(self, rates: Rates, until: float) -> None:
        """Begin something again and again until that moment of the monotonic clock."""
        kinds = (
            (rates.saves, self.save),
            (rates.texts, self.text),
            (rates.calls, self.call),
            (rates.charges, self.charge),
        )
        whole = sum(rate for rate, _ in kinds)
        while time.monotonic() < until:
            await asyncio.sleep(self.random.expovariate(whole))
            (what,) = self.random.choices([what for _, what in kinds], [rate for rate, _ in kinds])
            task = asyncio.create_task(what())
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)

    async def settle(self) -> None:
        """Let what was begun come to its end."""
        if self.under_way:
            await asyncio.wait(set(self.under_way), timeout=LONGEST_TRYING + 60)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def save(self) -> None:
        """A teacher gives some students a grade each that nobody else has."""
        pupils = self.random.sample(self.school.pupils, GRADES_A_SAVE)
        fields = {
            "key": str(uuid4()),
            "class_id": str(self.school.class_id),
            "subject_id": str(self.school.subject_id),
            "on": datetime.now(UTC).astimezone(SOFIA).date().isoformat(),
            "lesson": "1",
            "kind": "current",
        }
        owed: list[tuple[str, str, str]] = []
        for pupil in pupils:
            value = self._next_grade(pupil.student_id)
            fields[f"g{pupil.student_id}"] = value
            words = f"({_as_told(value)})"
            owed += [(GRADE_SMS, phone, words) for phone in pupil.telephones]
            owed += [(GRADE_LETTER, pupil.address, words)] if pupil.address else []
        host = self.random.choice(self.hosts)
        began, loop = time.time(), asyncio.get_running_loop()
        status, told = 0, ""
        while time.time() - began < LONGEST_TRYING:
            self.tries += 1
            status, told = await loop.run_in_executor(self._threads, self._browser.save, host.web, fields)
            if status not in TRY_AGAIN and status < 500:
                break
            await asyncio.sleep(5)
            host = self.random.choice(self.hosts)  # a proxy in front would choose another one
        if 400 <= status < 500:
            self.refused.append(f"{status} {told[:200]}")
            return
        is_known = status == 200
        self.owed += [Owed(kind, address, words, began, is_known) for kind, address, words in owed]

    def _next_grade(self, student_id: int) -> str:
        """3.01 to 6.00 in turn: no student has the same twice."""
        number = self._given[student_id] = self._given.get(student_id, 0) + 1
        if number > 300:
            raise RuntimeError("the soak is too long for so few students")
        return f"{(300 + number) / 100:.2f}"

    def _next_number(self, prefix: str) -> str:
        number = self._numbers[prefix] = self._numbers.get(prefix, -1) + 1
        return f"{prefix}{number:07}"

    async def text(self) -> None:
        """A parent texts, each telephone once; the SMSC brings it again until it is taken."""
        place = self._numbers["texting"] = self._numbers.get("texting", -1) + 1
        if place % 2 and place // 2 < len(self.school.texting):
            phone, words = self.school.texting[place // 2], self.random.choice(WORDS)
        else:
            phone, words = self._next_number("+35988" if place % 4 else "+35987"), "ПОМОЩ"
            code = self._numbers["code"] = self._numbers.get("code", -1) + 1
            if code < len(self.school.codes):  # each once: the first who follows is told of a second
                words = self.school.codes[code]
        fields = {
            "source_addr": phone.removeprefix("+"),
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "destination_addr": "1987",
            "data_coding": 8,
        }
        began = time.time()
        octets = words.encode("utf-16-be").hex()
        taken = False
        while not taken and time.time() - began < LONGEST_TRYING:
            reference = self._numbers["reference"] = self._numbers.get("reference", 0) + 1
            await self.smsc.do("text", reference=reference, fields=fields, octets=octets)
            taken = await self._status_of(reference) == 0
            if not taken:
                await asyncio.sleep(5)
        self.owed.append(Owed(ANSWER, phone, "", began, taken))

    async def _status_of(self, reference: int) -> int | None:
        while reference not in self._texted:
            events, self._read = self.smsc.events[self._read :], len(self.smsc.events)
            self._texted |= {one["reference"]: one["status"] for one in events if one["event"] == "texted"}
            await asyncio.sleep(0.1)
        return self._texted.pop(reference)

    async def call(self) -> None:
        """A parent calls, presses 1 and listens for a while."""
        host = self.random.choice(self.hosts)
        caller = self.random.choice(self.school.pupils).telephones[0]
        began = time.time()
        ended_well = await call(host.place.address, host.place.gateway, f"0{caller.removeprefix('+359')}", self.folder)
        self.calls.append((began, ended_well))

    async def charge(self) -> None:
        """Something that the subscriber pays for is put into the outbox, once."""
        phone = self._next_number("+35989")
        words = f"Такса {uuid4().hex[:12]}"
        began, known = time.time(), False
        while not known and time.time() - began < LONGEST_TRYING:
            try:
                await asyncio.to_thread(self._enqueue, phone, words)
                known = True
            except (SQLAlchemyError, EschoolError, OSError):
                await asyncio.sleep(3)
        self.owed.append(Owed(CHARGED, phone, words, began, known))

    def _enqueue(self, phone: str, words: str) -> None:
        with self.database.session() as session:
            if session.scalar(select(Message.id).where(Message.address == phone)) is None:
                outbox.enqueue(
                    session,
                    channel=Channel.SMS,
                    address=phone,
                    text=words,
                    purpose=MessagePurpose.ANSWER,
                    now=datetime.now(UTC),
                    charged=True,
                )


def _as_told(grade: str) -> str:
    """As a message writes it: „5,5“."""
    return grade.rstrip("0").rstrip(".").replace(".", ",")
