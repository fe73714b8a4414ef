"""A year of many payers with the clock moved, for both kinds of database; each day's books are proved.

Leap day, both changes of the clock, a price that rises, operators that change, СТОП in whatever state, payments ahead,
restarts and runs that break off in the middle. Everything by chance is the same in each run.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import Connection, Select, or_, select, update
from sqlalchemy.orm import Session

import logs
from bench.billing_proof import Proof
from bench.billing_school import School, open_school
from bench.school_data import KEY
from db import bulk, lists
from db.kinds import Channel, Language, PartState, PayerState, SubscriptionStatus
from db.migrate import upgrade
from db.models import Charge, Consent, Grade, Payer, Subscriber, Subscription
from db.session import Database
from devtools.postgres import running_server
from errors import OperationError
from runtime.localtime import SOFIA
from school import outbox
from school.billing import (
    answers,
    leaving,
    payers,
    payments,
    prices,
    reconciliation,
    run,
    settlement,
    standing,
)
from school.billing.money import Money
from school.billing.months import moved
from school.outbox import Ending, Result, TakenPart
from school.wording.service import Numbers
from settings import Settings

BEGIN, END = date(2027, 9, 20), date(2028, 9, 30)
"""With the leap day of 2028."""
NEW_PRICE, ADDED_ON = date(2028, 3, 1), date(2028, 1, 20)
HOW = ("a1", "yettel", "vivacom")
ANSWERS = ("charged",) * 6 + ("credit", "limit", "barred", "silent", "temporary", "unanswered")
RUNS = ((time(10), time(11)), (time(17), time(18, 59, 59)))
"""Sofia time: of a run, and when the gateway sends what is due by then; after the last nothing of the day waits."""
PARENTS_AT = time(17, 30)
"""In the hours of charging, so that what ДА charges leaves on the same day."""
AT_ONCE = 500
"""Messages that the gateway claims."""


class BrokenOffError(OperationError):
    """The host that did the run is gone."""


@dataclass
class Told:
    """What a year was."""

    payers: int
    seconds: float = 0.0
    longest_run: float = 0.0
    days: int = 0
    happened: Counter[str] = field(default_factory=Counter)


def at(day: date, hour: int) -> datetime:
    """A moment in UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


class Year:
    """The platform, the operators and the parents of a year."""

    def __init__(self, settings: Settings, number: int, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.chance = random.Random(20280229)
        self.told = Told(number)
        self.taken: dict[tuple[date, str], list[tuple[str, int]]] = {}
        self.database = self._opened()
        with self.database.session() as session:
            self.school: School = open_school(session, number, at(BEGIN, 6), self.chance)
        self.payers = self.school.payers
        self.proof = Proof(self.school)

    def live(self) -> Told:
        """The whole year. Raises AssertionError, with the day, for books that do not hold."""
        began = perf_counter()
        today = BEGIN
        while today <= END:
            self._day(today)
            self.told.days += 1
            if today.day == 1:
                print(f"{today:%Y-%m} after {perf_counter() - began:.0f} s", file=sys.stderr)
            today += timedelta(days=1)
        self.told.happened |= Counter({f"stopped while {state}": n for state, n in self.stopped_in.items()})
        with self.database.reading() as session:
            self.proof.of_the_year(session)
            self.told.happened |= self.proof.counted(session)
        self.told.seconds = perf_counter() - began
        self.database.dispose()
        return self.told

    def _opened(self) -> Database:
        return Database(self.settings.database, self.settings.key())

    def _day(self, today: date) -> None:
        if today == ADDED_ON:
            self._add_price(today)
        if today.day in (3, 20):
            self.database.dispose()
            self.database = self._opened()
            self.told.happened["restarts"] += 1
        self._school_enters(today)
        for run_at, send_at in RUNS:
            now = datetime.combine(today, run_at, SOFIA).astimezone(UTC)
            if today.day <= 8 and self.chance.random() < 0.3:
                self._break_off(now)
            self._run(now)
            if run_at == RUNS[-1][0]:
                self._parents(today)
            self._send(datetime.combine(today, send_at, SOFIA).astimezone(UTC))
        self._run(at(today, 17))
        if today.day == 12 and today > BEGIN + timedelta(days=60):
            self._files(moved(today.replace(day=1), -1), at(today, 18))
        with self.database.reading() as session:
            self.proof.of_day(session, today)

    def _add_price(self, today: date) -> None:
        with self.database.session() as session:
            prices.add(
                session,
                valid_from=NEW_PRICE,
                first=Money(75, "EUR"),
                further=Money(20, "EUR"),
                vat_percent=20,
                now=at(today, 7),
            )

    def _run(self, now: datetime) -> None:
        began = perf_counter()
        run.bill(self.database, now)
        self.told.longest_run = max(self.told.longest_run, perf_counter() - began)

    def _break_off(self, now: datetime) -> None:
        """The host dies at some moment of the run: in the middle of a transaction, or between two."""
        left = self.chance.randrange(1, 14)

        def check(_: Connection) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                raise BrokenOffError("The host is gone.")

        with suppress(BrokenOffError):
            run.bill(self.database.guarded(check), now)
        self.told.happened["runs that broke off"] += left <= 0

    def _school_enters(self, today: date) -> None:
        if today.day != 15 or today.month in (7, 8):
            return
        month = today.replace(day=1)
        some = [one for one in self.school.children if self.chance.random() < 0.7]
        with self.database.session() as session:
            bulk.insert_rows(
                session,
                Grade.metadata.tables["grade"],
                [self.school.grade(student_id, at(today, 7)) for student_id in some],
            )
        self.proof.entered |= {(student_id, month) for student_id in some}

    def _send(self, now: datetime) -> None:
        owner = outbox.new_owner()
        while True:
            with self.database.session() as session:
                claimed = outbox.claim(session, Channel.SMS, owner=owner, limit=AT_ONCE, now=now)
            if not claimed:
                return
            results: list[Result] = []
            reports: list[outbox.Report] = []
            for one in claimed:
                answer = self.chance.choice(ANSWERS) if one.charged else "charged"
                operator, name = one.operator or "a1", f"m{one.message_id}"
                if one.charged:
                    self._note(one.address, answer, operator, one.message_id, now)
                results.append(_result(one.message_id, answer, operator, name))
                if answer == "charged":
                    reports.append(outbox.Report(operator, name, PartState.DELIVERED))
            with self.database.session() as session:
                outbox.record(session, owner, results, now)
                outbox.record_reports(session, reports, now)

    def _note(self, address: str, answer: str, operator: str, message_id: int, now: datetime) -> None:
        self.told.happened[f"operator: {answer}"] += 1
        self.proof.reported += answer == "charged"
        self.proof.made[address, f"{now:%Y-%m}"] += answer in ("charged", "silent", "unanswered")
        if answer == "charged" or (answer == "silent" and self.chance.random() < 0.5):
            month = now.date().replace(day=1)
            self.taken.setdefault((month, operator), []).append((f"m{message_id}", message_id))

    def _parents(self, today: date) -> None:
        now, chance = datetime.combine(today, PARENTS_AT, SOFIA).astimezone(UTC), self.chance
        with self.database.session() as session:
            waiting = session.scalars(self._who_has_not_agreed()).all()
            for payer in (*self._some(0.03, waiting), *self._some(0.002)):
                if payer not in self.proof.left:
                    self._agree(session, payer, now)
            for payer in self._some(0.001):
                self._stop(session, payer, now)
            if today.day == 9:
                self._stop_one_in_each_state(session, now)
            for payer in self._some(0.006):
                mine = select(Payer.subscriber_id).where(Payer.id == payer).scalar_subquery()
                operator = chance.choice((*HOW, "foreign"))
                session.execute(update(Subscriber).where(Subscriber.id == mine).values(operator=operator))
                self.told.happened["other operators"] += 1
            for payer in self._some(0.001):
                self._pay_ahead(session, payer, now)
            for payer in self._some(0.003):
                found = payers.shown(session, payer)
                assert found is not None
                standing.standing(session, found, now)

    def _agree(self, session: Session, payer: int, now: datetime) -> None:
        """ДА, as a text does it."""
        person = session.execute(
            select(Subscriber.id, Subscriber.phone, Subscriber.operator)
            .join(Payer, Payer.subscriber_id == Subscriber.id)
            .where(Payer.id == payer)
        ).one()
        asking = answers.Asking(
            person.id, person.phone, person.operator or "", Language.BULGARIAN, Numbers.of(self.settings), now
        )  # fmt: skip
        self.told.happened["ДА"] += answers.agree(session, asking) is not None

    def _pay_ahead(self, session: Session, payer: int, now: datetime) -> None:
        months = self.chance.choice((1, 3, 10))
        paid = prices.quote(session, payer, months, now)
        name = f"{payer}-{now:%Y%m%d}"
        assert payments.receive(session, payer, months=months, paid=paid, method="epay", reference=name, now=now)
        assert not payments.receive(session, payer, months=months, paid=paid, method="epay", reference=name, now=now)
        self.proof.left.discard(payer)
        self.told.happened["payments ahead"] += 1

    @property
    def stopped_in(self) -> Counter[str]:
        """How often СТОП came in which state."""
        return self.proof.stopped_in

    def _stop_one_in_each_state(self, session: Session, now: datetime) -> None:
        for state in PayerState:
            if state is not PayerState.CANCELLED:
                found = session.scalars(
                    select(Payer.id).where(Payer.state == state).order_by(Payer.id).limit(1)
                ).first()
                if found is not None:
                    self._stop(session, found, now)

    def _stop(self, session: Session, payer: int, now: datetime) -> None:
        """СТОП; some come back later with the ID-code."""
        found = payers.by_id(session, payer)
        if found.id in self.proof.left:
            self._come_back(session, found.subscriber_id, now)
            self.proof.left.discard(payer)
            return
        assert found.subscriber_id is not None
        self.stopped_in[str(found.state)] += 1
        mine = update(Subscription).where(Subscription.subscriber_id == found.subscriber_id)
        session.execute(mine.values(status=SubscriptionStatus.STOPPED, stopped_at=now))
        leaving.stop(session, found.subscriber_id, now)
        self.proof.left.add(payer)

    def _come_back(self, session: Session, subscriber_id: int | None, now: datetime) -> None:
        assert subscriber_id is not None
        session.execute(
            update(Subscription)
            .where(Subscription.subscriber_id == subscriber_id)
            .values(status=SubscriptionStatus.ACTIVE, following_since=now, stopped_at=None)
        )
        for student_id in self.school.followed_by[subscriber_id]:
            payers.follows(session, subscriber_id, self.school.id, student_id, now)
        self.told.happened["came back"] += 1

    def _who_has_not_agreed(self) -> Select[int]:
        holds = select(Consent.id).where(Consent.payer_id == Payer.id, Consent.withdrawn_at.is_(None)).exists()
        silent = Payer.state.in_((PayerState.AWAITING_CONSENT, PayerState.SUSPENDED))
        return select(Payer.id).where(or_(~holds, silent)).order_by(Payer.id)

    def _some(self, share: float, among: Sequence[int] | None = None) -> list[int]:
        all_of_them = self.payers if among is None else among
        return self.chance.sample(all_of_them, sum(self.chance.random() < share for _ in all_of_them))

    def _files(self, month: date, now: datetime) -> None:
        """Each operator's file, twice; then the month is settled."""
        for operator in HOW:
            lines = self.taken.pop((month, operator), [])
            if not lines:
                continue
            path = self.folder / f"{operator}-{month}.csv"
            with self.database.reading() as session:
                sent = lists.among_these(Charge.message_id, [number for _, number in lines])
                rows = session.execute(select(Charge.message_id, Charge.cents).where(sent))
                cents = {row.message_id: row.cents for row in rows}
            written = [f"{name};{Money(cents[number], 'EUR').amount}" for name, number in lines]
            path.write_text("\n".join(["message_id;amount", *written]), "utf-8")
            for _ in range(2):
                reconciliation.import_file(self.database, operator, path, month, now)
            with self.database.session() as session:
                while any(settlement.end_open(session, operator, month, now)):
                    pass
                whole, nothing = settlement.reported(session, operator, month), Money(0, "EUR")
                settlement.settle(
                    session, operator, month, paid_out=whole, share=nothing, settled_on=now.date(), now=now
                )  # fmt: skip
            self.told.happened["files"] += 1


def _result(message_id: int, answer: str, operator: str, name: str) -> Result:
    if answer in ("charged", "silent"):
        return Result(message_id, Ending.SENT, (TakenPart(1, 1, operator, name),))
    if answer == "unanswered":
        return Result(message_id, Ending.UNKNOWN)
    return Result(message_id, Ending.REFUSED, error="0x1", refusal=answer)


def live_a_year(database_url: str, number: int, folder: Path) -> Told:
    """A year on this PostgreSQL, or (empty) on SQLite in the folder; the database is new."""
    file = folder / "operators.toml"
    file.write_text("".join(f"[operators.{name}.billing]\ncharges = true\n" for name in HOW), "utf-8")
    os.environ |= {"ESCHOOL_BILLING": "true", "ESCHOOL_OPERATORS_FILE": str(file)}
    settings = Settings(home=folder / "home", secret_key=KEY, database_url=database_url)
    upgrade(settings)
    return Year(settings, number, folder).live()


def run_on(kinds: Collection[str], number: int) -> None:
    """A year on each of these kinds of database (`sqlite`, `postgresql`), told."""
    logs.configure("bench", "WARNING")
    for kind in kinds:
        with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
            url = ""
            if kind == "postgresql":
                server = opened.enter_context(running_server())
                server.create("year")
                url = server.url("year")
            told = live_a_year(url, number, Path(name))
        print(
            f"{kind}: {told.payers:,} payers, {told.days} days in {told.seconds / 60:.1f} min; "
            f"the longest run {told.longest_run:.2f} s; every day's books were right"
        )
        for what, times in sorted(told.happened.items()):
            print(f"  {what:32}{times:10,}")
