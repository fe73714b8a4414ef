"""The whole product as an operator runs it, in a home of its own, with the demonstration school."""

import json
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import ScalarSelect, and_, delete, select
from sqlalchemy.orm import Session

from asterisk_conf import run
from db.kinds import EventKind
from db.models import Call, CallStep, Grade, HeardEvent, Subject, Subscriber
from db.session import open_database
from devtools.pbx import (
    CHECKOUT,
    CLIPS,
    ESCHOOL,
    environment,
    eschool_process,
    exchange_of,
    free_addresses,
    settings_of,
)
from devtools.telephone.heard import ClipBook
from devtools.telephone.telephone import Telephone
from errors import EschoolError
from logs import masked_phone
from settings import Settings

START_SECONDS = 60.0
RECORD_SECONDS = 30.0


@dataclass(frozen=True)
class Follower:
    """A subscription of the demonstration school."""

    phone: str
    pin: str
    student: dict[str, Any]


@dataclass
class Product:
    """A running copy of the product."""

    variables: dict[str, str]
    demo: dict[str, Any]

    @cached_property
    def settings(self) -> Settings:
        """The settings its processes have."""
        return settings_of(self.variables)

    @cached_property
    def clip_book(self) -> ClipBook:
        """What its telephone can say."""
        return ClipBook(self.settings.sounds_path)

    @cached_property
    def parents_of_one(self) -> tuple[Follower, ...]:
        """Those who follow exactly one student, whom nobody else follows, with a PIN."""
        followed = Counter(one["phone"] for student in self.demo["students"] for one in student["subscriptions"])
        return tuple(
            Follower(one["phone"], one["pin"], student)
            for student in self.demo["students"]
            for one in student["subscriptions"]
            if one["status"] == "active" and one["pin"] and followed[one["phone"]] == 1
            if len(student["subscriptions"]) == 1
        )

    @cached_property
    def parent_of_two(self) -> tuple[str, tuple[dict[str, Any], ...]]:
        """A phone that follows two students, and they."""
        followed: dict[str, list[dict[str, Any]]] = {}
        for student in self.demo["students"]:
            for one in student["subscriptions"]:
                followed.setdefault(one["phone"], []).append(student)
        return next((phone, tuple(students)) for phone, students in followed.items() if len(students) == 2)

    def telephone(self, number: str | None, says: bytes = b"") -> Telephone:
        """A telephone with this number; None: hidden. says: as Telephone has it."""
        return Telephone(number, exchange_of(self.settings), self.clip_book, says=says)

    @contextmanager
    def voice_server(self) -> Iterator[subprocess.Popen[bytes]]:
        """The voice server, for as long as it is wanted."""
        log = self.settings.home_path / "agi.log"
        with eschool_process(self.variables, "agi", "serve", log=log) as process:
            _wait_until(lambda: _listens(self.settings.agi_port))
            yield process

    @contextmanager
    def database_session(self) -> Iterator[Session]:
        """A session of the product's database, committed at its end."""
        database = open_database(self.settings)
        try:
            with database.session() as session:
                yield session
        finally:
            database.dispose()

    def call_outcomes(self) -> list[str]:
        """The outcomes of all calls recorded so far, in the order they began."""
        with self.database_session() as session:
            return [str(call.outcome) for call in session.query(Call).order_by(Call.started_at)]

    def steps_of_call_by(self, caller: str) -> list[tuple[str, str]]:
        """(state, kind of input) of the only call by this number (E.164), once it is recorded."""
        self.wait_for_call_by(caller)
        with self.database_session() as session:
            steps = select(CallStep.state, CallStep.input_kind).join(Call, Call.id == CallStep.call_id)
            found = session.execute(steps.where(Call.caller == masked_phone(caller)).order_by(CallStep.position))
            return [(state, str(kind)) for state, kind in found]

    def steps_by_caller(self, since: datetime) -> list[tuple[str | None, list[str]]]:
        """(caller as it is recorded, states) of each call that began since then."""
        with self.database_session() as session:
            calls = session.execute(select(Call.id, Call.caller).where(Call.started_at >= since)).all()
            return [
                (
                    caller,
                    list(
                        session.scalars(
                            select(CallStep.state).where(CallStep.call_id == call_id).order_by(CallStep.position)
                        )
                    ),
                )
                for call_id, caller in calls
            ]

    def forget_what_was_heard(self, follower: Follower) -> None:
        """As if this parent had never called."""
        with self.database_session() as session:
            session.execute(delete(HeardEvent).where(HeardEvent.subscriber_id == _subscriber(follower)))

    def grades_heard_by(self, follower: Follower) -> list[dict[str, Any]]:
        """The grades that a parent has heard to their end, as the demonstration school shows grades."""
        with self.database_session() as session:
            grades = (
                select(Grade, Subject.name)
                .join(Subject, Subject.id == Grade.subject_id)
                .join(HeardEvent, and_(HeardEvent.kind == EventKind.GRADE, HeardEvent.event_id == Grade.id))
                .where(HeardEvent.subscriber_id == _subscriber(follower))
            )
            return [
                {"subject": name, "kind": grade.kind, "value": grade.value, "mark": grade.mark}
                | {"date": grade.on_date.isoformat()}
                for grade, name in session.execute(grades)
            ]

    def wait_for_call_by(self, caller: str) -> None:
        """A call is recorded some moments after its end."""
        recorded = select(Call.id).where(Call.caller == masked_phone(caller))
        deadline = time.monotonic() + RECORD_SECONDS
        while time.monotonic() < deadline:
            with self.database_session() as session:
                if session.scalars(recorded).first():
                    return
            time.sleep(0.1)
        raise AssertionError("the call was not recorded")

    def wait_for_outcomes(self, count: int) -> list[str]:
        """The outcomes of all calls once `count` are recorded; fewer if that takes too long."""
        deadline = time.monotonic() + RECORD_SECONDS
        while len(outcomes := self.call_outcomes()) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        return outcomes


def _subscriber(follower: Follower) -> ScalarSelect[int]:
    return select(Subscriber.id).where(Subscriber.phone == follower.phone).scalar_subquery()


@contextmanager
def running_asterisk_with_school(home: Path, **more: str) -> Iterator[Product]:
    """Set everything up and start Asterisk; the voice server is started apart."""
    CLIPS.mkdir(parents=True, exist_ok=True)
    home.mkdir(parents=True, exist_ok=True)
    (home / "sounds").symlink_to(CLIPS)
    variables = {
        "ESCHOOL_HOME": str(home),
        "ESCHOOL_SECRET_KEY": "a key for tests that is long enough to be one",
        **free_addresses(),
        **more,
    }
    _eschool(variables, "setup")
    product = Product(variables, json.loads(_eschool(variables, "demo", "--json")))
    with eschool_process(variables, "asterisk", "run", log=home / "asterisk.log"):
        _wait_until(lambda: _runs(product.settings))
        yield product


def _eschool(variables: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [ESCHOOL, *command],
        capture_output=True,
        text=True,
        env=environment(variables),
        check=False,
        cwd=CHECKOUT,
    )
    if done.returncode:
        raise RuntimeError(f"eschool {' '.join(command)} failed: {done.stderr[-2000:]}")
    return done.stdout


def _runs(settings: Settings) -> bool:
    try:
        return run.status(settings).startswith("running")
    except EschoolError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError(f"it did not start within {START_SECONDS:.0f} seconds")
        time.sleep(0.05)
