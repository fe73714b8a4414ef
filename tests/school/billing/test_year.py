"""A year of many payers with the clock moved: leap day, both changes of the clock, a price that rises, operators that
change, СТОП in whatever state, restarts, files. After every day the books balance; nobody pays twice or for nothing.
"""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from db.kinds import Channel, ChargeState, ConsentWay, MessagePurpose, PartState, PayerState
from db.models import Charge, Consent, Message, Payer, Subscriber
from db.session import Database
from school import outbox
from school.billing import consents, leaving, operators, planning, prices, reconciliation, run, settlement
from school.billing.ledger import balances
from school.billing.money import Money
from school.billing.months import last_day, moved
from school.billing.operators import OperatorBilling
from school.outbox import Ending, Result, TakenPart
from settings import Settings
from tests.school.billing.families import Families
from tests.school.joined import joined

PAYERS = 100
BEGIN, END = date(2027, 9, 20), date(2028, 9, 30)
HOW = {name: OperatorBilling(charges=True) for name in ("a1", "yettel")}
ANSWERS = ("charged",) * 6 + ("credit", "credit", "barred", "silent", "temporary", "unanswered")


class Year:
    """The platform, the operators and the parents of a year; everything by chance is the same in each run."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.chance = random.Random(20280229)
        self.taken: dict[str, list[tuple[str, str]]] = {}
        self.made = Counter[tuple[str, str]]()
        with database.session() as session:
            families = Families(session, joined(session))
            self.school = families.school
            self.payers = [families.payer(at(BEGIN, number % 3)) for number in range(PAYERS)]
            session.execute(update(Subscriber).values(operator="a1"))
        self.entered: set[tuple[int, date]] = set()
        self.stopped: set[int] = set()
        self.expected: set[tuple[int, date]] = set()
        self.expectations = 0

    def day(self, today: date) -> None:
        if today.day == 1:
            self.expect(moved(today, -1))
        self.school_enters(today)
        run.bill(self.database, at(today, 8))
        self.operators_send(at(today, 14))
        self.parents(today)
        run.bill(self.database, at(today, 15))
        if today.day == 12 and today > BEGIN + timedelta(days=60):
            self.files(moved(today.replace(day=1), -1), at(today, 16))
        self.check(today)
        if today.day == 8:
            self.check_charged(moved(today.replace(day=1), -1))

    def expect(self, month: date) -> None:
        """On the first of the next one: whose month is to be charged, as long as they do not stop."""
        with self.database.reading() as session:
            price = prices.price_on(session, month)
            states = (PayerState.ACTIVE, PayerState.PASSIVE)
            able = session.scalars(
                select(Payer.id)
                .join(Consent, (Consent.payer_id == Payer.id) & Consent.withdrawn_at.is_(None))
                .where(
                    Payer.state.in_(states),
                    Payer.retry_on.is_(None),
                    Payer.paid_until.is_(None) | (Payer.paid_until < month),
                    # In 2027 all is in euro already.
                    Consent.cents >= price.first.cents,
                )
            )
            self.expected = {(payer, month) for payer in able} & self.entered

    def check_charged(self, month: date) -> None:
        """Who agreed and was told is charged for each month in which something was entered: no month is lost."""
        with self.database.reading() as session:
            rows = session.execute(
                select(Charge.payer_id, Charge.month).where(Charge.month == month, Charge.attempt > 0)
            )
            tried = {(row.payer_id, row.month) for row in rows}
        self.expectations += len(self.expected)
        missed = {one for one in self.expected - tried if one[0] not in self.stopped}
        assert not missed, f"months that nobody was charged for: {sorted(missed)}"

    def school_enters(self, today: date) -> None:
        if today.day != 15 or today.month in (7, 8):
            return
        with self.database.session() as session:
            families = Families(session, self.school)
            for payer in self.payers:
                if self.chance.random() < 0.7:
                    families.grade(payer, at(today, 12))
                    self.entered.add((payer, today.replace(day=1)))

    def operators_send(self, now: datetime) -> None:
        owner = outbox.new_owner()
        while True:
            with self.database.session() as session:
                claimed = outbox.claim(session, Channel.SMS, owner=owner, limit=50, now=now)
            if not claimed:
                return
            results, reports = [], []
            for one in claimed:
                answer = self.chance.choice(ANSWERS) if one.charged else "charged"
                if one.charged:
                    self.made[one.address, f"{now:%Y-%m}"] += answer in ("charged", "silent", "unanswered")
                name, operator = f"m{one.message_id}", one.operator or "a1"
                in_file = answer == "charged" or (answer == "silent" and self.chance.random() < 0.5)
                if one.charged and in_file:
                    self.taken.setdefault(f"{now:%Y-%m}:{operator}", []).append((name, one.address))
                part = TakenPart(1, 1, operator, name)
                if answer in ("charged", "silent"):
                    results.append(Result(one.message_id, Ending.SENT, (part,)))
                elif answer == "unanswered":
                    results.append(Result(one.message_id, Ending.UNKNOWN))
                elif answer == "temporary":
                    results.append(Result(one.message_id, Ending.REFUSED, error="0x1", refusal="temporary"))
                else:
                    results.append(Result(one.message_id, Ending.REFUSED, error="0x2", refusal=answer))
                if answer == "charged":
                    reports.append(outbox.Report(operator, name, PartState.DELIVERED))
            with self.database.session() as session:
                outbox.record(session, owner, results, now)
                outbox.record_reports(session, reports, now)

    def parents(self, today: date) -> None:
        with self.database.session() as session:
            for payer in self.payers:
                luck = self.chance.random()
                if luck < 0.02 and payer not in self.stopped:
                    now = at(today, 14)
                    consents.agree(session, payer, shown="x", way=ConsentWay.TWO_STEPS, operator="a1", now=now)
                    if session.scalar(select(Payer.state).where(Payer.id == payer)) is PayerState.SUSPENDED:
                        planning.charge_now(session, payer, now)
                elif luck < 0.022:
                    leaving.end(session, [payer], at(today, 14))
                    self.stopped.add(payer)
                elif luck < 0.03:
                    subscriber = select(Payer.subscriber_id).where(Payer.id == payer).scalar_subquery()
                    operator = self.chance.choice(sorted(HOW))
                    session.execute(update(Subscriber).where(Subscriber.id == subscriber).values(operator=operator))

    def files(self, month: date, now: datetime) -> None:
        for operator in HOW:
            lines = self.taken.get(f"{month:%Y-%m}:{operator}", [])
            if not lines:
                continue
            path = self.folder / f"{operator}-{month}.csv"
            with self.database.reading() as session:
                cents = {
                    row[0]: row[1]
                    for row in session.execute(select(Charge.message_id, Charge.cents).where(Charge.made_in == month))
                }
            amounts = [Money(cents[int(name[1:])], "EUR").amount for name, _ in lines]
            rows = [f"{name};{amount}" for (name, _), amount in zip(lines, amounts, strict=True)]
            path.write_text("\n".join(["message_id;amount", *rows]), "utf-8")
            for _ in range(2):
                reconciliation.import_file(self.database, operator, path, month, now)
            with self.database.session() as session:
                while any(settlement.end_open(session, operator, month, now)):
                    pass
                whole = settlement.reported(session, operator, month)
                settlement.settle(
                    session, operator, month, paid_out=whole, share=Money(0, "EUR"), settled_on=now.date(), now=now
                )

    def check(self, today: date) -> None:
        with self.database.reading() as session:
            found = balances(session)
            assert sum(one.amount.cents for one in found) == 0, today
            live = session.execute(
                select(Charge.payer_id, Charge.made_in)
                .where(Charge.state.in_((ChargeState.CHARGED, ChargeState.UNKNOWN, ChargeState.SENT)))
                .group_by(Charge.payer_id, Charge.made_in)
                .having(func.count() > 1)
            ).all()
            assert live == [], today
            owed = session.execute(
                select(func.coalesce(func.sum(Charge.cents), 0)).where(
                    Charge.state.in_((ChargeState.PLANNED, ChargeState.SENT, ChargeState.UNKNOWN))
                )
            ).scalar_one()
            last = (
                select(func.max(Charge.id))
                .where(Charge.payer_id == Payer.id, Charge.attempt > 0)
                .correlate(Payer)
                .scalar_subquery()
            )
            tried_again = session.execute(
                select(func.coalesce(func.sum(Charge.cents), 0))
                .join(Payer, Charge.id == last)
                .where(Payer.retry_on.is_not(None), Charge.state == ChargeState.FAILED)
            ).scalar_one()
            payers = sum(one.amount.cents for one in found if one.code == "payer")
            assert payers == owed + tried_again, today


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_year(settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCHOOL_BILLING", "true")
    monkeypatch.setattr(operators, "of_platform", lambda: HOW)
    year = Year(database, tmp_path)
    today = BEGIN
    while today <= END:
        if today == date(2028, 1, 20):
            with year.database.session() as session:
                prices.add(
                    session,
                    valid_from=date(2028, 3, 1),
                    first=Money(75, "EUR"),
                    further=Money(0, "EUR"),
                    vat_percent=20,
                    now=at(today, 9),
                )
        if today.day == 20:  # a restart
            if year.database is not database:
                year.database.dispose()
            year.database = Database(settings.database, settings.key())
        year.day(today)
        today += timedelta(days=1)
    with year.database.reading() as session:
        charges = session.scalars(select(Charge).where(Charge.attempt > 0)).all()
        charged = [one for one in charges if one.state is ChargeState.CHARGED]
        assert len(charged) > PAYERS
        assert {one.state for one in charges} >= {ChargeState.CHARGED, ChargeState.FAILED}
        assert {one.cents for one in charged} == {61, 75}
        assert date(2028, 2, 1) in {one.month for one in charged}
        for one in charges:
            assert (one.payer_id, one.month) in year.entered, "charged for an empty month"
            agreed = session.scalars(
                select(Consent.cents).where(Consent.payer_id == one.payer_id, Consent.agreed_at <= one.planned_at)
            ).all()
            assert max(agreed) >= one.cents, "charged more than was agreed to"
        assert year.expectations > PAYERS, "the check of lost months checked nothing"
        paid = {(one.payer_id, one.month) for one in charged}
        assert len(paid) == len(charged), "a month was charged twice"
        receipts = session.scalars(
            select(func.count())
            .select_from(Message)
            .where(Message.purpose == MessagePurpose.SERVICE, Message.text.startswith("Платихте"))
        ).one()
        assert receipts == len(charged)
        for payer in session.scalars(select(Payer)):
            assert payer.paid_until is None or payer.paid_until == last_day(payer.paid_until)
    year.database.dispose()
    assert not [key for key, times in year.made.items() if times > 1], "an operator was asked twice in a month"
