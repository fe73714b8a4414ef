"""Whatever happens to messages, they only go where the table of transitions leads; the database itself watches."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.kinds import MessageState, PartState
from db.session import Database
from school import outbox
from school.outbox import Ending, Report, Result, TakenPart
from school.outbox.states import NEXT
from tests.school.outbox.post_office import PostOffice

_WATCH = {
    "sqlite": [
        "CREATE TABLE gone (before TEXT, after TEXT, charged BOOLEAN)",
        "CREATE TRIGGER watch AFTER UPDATE OF state ON message WHEN old.state <> new.state "
        "BEGIN INSERT INTO gone VALUES (old.state, new.state, new.charged); END",
    ],
    "postgresql": [
        "CREATE TABLE gone (before TEXT, after TEXT, charged BOOLEAN)",
        "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO gone VALUES (old.state, new.state, new.charged); RETURN NULL; END $$",
        "CREATE TRIGGER watch AFTER UPDATE ON message FOR EACH ROW WHEN (old.state <> new.state) "
        "EXECUTE FUNCTION watch()",
    ],
}


class Life:
    """Random things that happen to messages, by several gateways of which some die."""

    def __init__(self, database: Database, seed: int) -> None:
        self.random = Random(seed)
        self.offices = [PostOffice(database, f"gateway {number}") for number in range(3)]
        self.held: dict[str, list[int]] = {office.owner: [] for office in self.offices}
        self.known: list[int] = []

    def live(self, events: int) -> None:
        for _ in range(events):
            office = self.random.choice(self.offices)
            self.random.choice(self._possible())(office)

    def _possible(self) -> list[Callable[[PostOffice], Any]]:
        return [
            self._put,
            self._put,
            self._claim,
            self._claim,
            self._record,
            self._record,
            self._report,
            self._late,
            self._time_passes,
            self._give_back,
            self._by_hand,
            self._die,
        ]

    def _put(self, office: PostOffice) -> None:
        charged = self.random.random() < 0.3
        hours = self.random.choice([(0, 24), (8, 20)])
        self.known.append(office.put("{pin}", pin="1234", charged=charged, hours=hours, keep_for=timedelta(hours=2)))

    def _claim(self, office: PostOffice) -> None:
        self.held[office.owner] += [one.message_id for one in office.claim(self.random.randint(1, 5))]

    def _record(self, office: PostOffice) -> None:
        ids, self.held[office.owner] = self.held[office.owner], []
        results = []
        for message_id in ids:
            ending = self.random.choice(list(Ending))
            total = self.random.randint(1, 3)
            taken = range(1, total + 1) if ending is Ending.SENT else range(1, self.random.randint(1, total + 1))
            parts = tuple(TakenPart(number, total, "a1", f"{message_id}/{number}") for number in taken)
            results.append(Result(message_id, ending, parts, "why"))
        office.record(*results, reports=self._reports(ids[::2]))

    def _reports(self, ids: list[int]) -> tuple[Report, ...]:
        return tuple(
            Report("a1", f"{message_id}/{self.random.randint(1, 3)}", self.random.choice(list(PartState)))
            for message_id in ids
        )

    def _report(self, office: PostOffice) -> None:
        office.report(*self._reports(self._some()))

    def _late(self, office: PostOffice) -> None:
        with office.database.session() as session:
            for message_id in self._some():
                part = TakenPart(1, self.random.randint(1, 2), "a1", f"{message_id}/1")
                outbox.settle_late(session, message_id, part, office.now)

    def _give_back(self, office: PostOffice) -> None:
        ids, self.held[office.owner] = self.held[office.owner], []
        with office.database.session() as session:
            outbox.release(session, office.owner, ids, office.now)

    def _by_hand(self, office: PostOffice) -> None:
        with office.database.session() as session:
            self.random.choice([outbox.retry, outbox.cancel, _settle])(session, self._some(), office.now)

    def _time_passes(self, _office: PostOffice) -> None:
        by = timedelta(seconds=self.random.choice([1, 30, 100, 3600]))
        for office in self.offices:
            office.later(by)

    def _die(self, office: PostOffice) -> None:
        self.held[office.owner] = []

    def _some(self) -> list[int]:
        return self.random.sample(self.known, min(3, len(self.known)))


def _settle(session: Session, message_ids: list[int], now: datetime) -> None:
    outbox.settle_unknown(session, message_ids[:1], now, sent=True)
    outbox.settle_unknown(session, message_ids[1:], now, sent=False)


@pytest.mark.parametrize("seed", range(3))
def test_no_statement_leaves_the_table_of_transitions(database: Database, seed: int) -> None:
    with database.session() as session:
        for statement in _WATCH[session.get_bind().dialect.name]:
            session.execute(text(statement))
    Life(database, seed).live(250)
    with database.reading() as session:
        gone = session.execute(text("SELECT DISTINCT before, after, charged FROM gone")).all()
    for before, after, _ in gone:
        assert MessageState(after) in NEXT[MessageState(before)], f"{before} -> {after}"
    assert len({(before, after) for before, after, _ in gone}) >= 8
    assert ("unknown", "ready", True) not in {(before, after, bool(charged)) for before, after, charged in gone}


def test_every_state_is_in_the_table() -> None:
    assert set(NEXT) == set(MessageState)
    assert NEXT[MessageState.DELIVERED] == NEXT[MessageState.CANCELLED] == frozenset()
