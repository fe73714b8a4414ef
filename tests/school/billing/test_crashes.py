"""Billing is killed with signal 9 before any statement, again and again: nobody is charged twice, the books balance."""

import multiprocessing
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from db.kinds import ChargeState, ConsentWay
from db.models import Charge, Payer
from db.session import Database
from school.billing import consents, run
from school.billing.ledger import balances
from settings import Settings
from tests.conftest import settings_for
from tests.school.billing import crashing
from tests.school.billing.families import Families, day
from tests.school.joined import joined

PAYERS = 5
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.school.billing.crashing"])


def prepare(database: Database) -> None:
    """Payers whose January is due; for the last of them it was empty."""
    with database.session() as session:
        families = Families(session, joined(session))
        for number in range(PAYERS):
            payer = families.payer(day(2025, 11, 3))
            consents.agree(session, payer, shown="x", way=ConsentWay.TWO_STEPS, operator=None, now=day(2025, 11, 3))
            if number < PAYERS - 1:
                families.grade(payer, day(2026, 1, 15))
        run.end_free_time(session, day(2026, 1, 1))


def a_day(settings: Settings, kill_at: int, sent: Path) -> None:
    process = FORKS.Process(target=crashing.a_day, args=(settings, kill_at, sent))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -9), process.exitcode


def check(database: Database, sent: Path) -> None:
    charged = Counter(line.split()[0] for line in sent.read_text().splitlines() if line.endswith("1"))
    assert not {phone for phone, times in charged.items() if times > 1}, "charged twice"
    with database.reading() as session:
        rows = session.execute(select(Charge.payer_id, Charge.state)).all()
        found = balances(session)
        assert session.scalars(select(Payer.id).where(Payer.billed_month < day(2026, 1, 1).date())).all() == []
    assert len({row.payer_id for row in rows}) == len(rows) == PAYERS
    states = Counter(row.state for row in rows)
    assert states[ChargeState.PASSIVE] == 1
    assert states[ChargeState.CHARGED] + states[ChargeState.UNKNOWN] == PAYERS - 1
    assert len(charged) >= states[ChargeState.CHARGED]
    sums = {one.code: one.amount.cents for one in found}
    assert sum(sums.values()) == 0
    assert sums.get("operator:simulator:receivable", 0) == 61 * states[ChargeState.CHARGED]
    assert sums["payer"] == 61 * states[ChargeState.UNKNOWN]


@pytest.mark.slow
def test_killed_before_each_statement_of_a_day(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite each time from the same state: every place where it can be killed is tried."""
    monkeypatch.setenv("ESCHOOL_BILLING", "true")
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(sqlite_template, first / "eschool.db")
    database = of(first)
    prepare(database)
    database.dispose()
    whole = copied(first, tmp_path / "whole")
    a_day(settings_of(whole), 0, whole / "sent")
    statements = int((whole / "sent.counted").read_text())
    assert statements > 60
    for kill_at in range(1, statements + 1, 3):
        home = copied(first, tmp_path / f"killed-{kill_at}")
        a_day(settings_of(home), kill_at, home / "sent")
        a_day(settings_of(home), 0, home / "sent")
        database = of(home)
        check(database, home / "sent")
        database.dispose()
        shutil.rmtree(home)


@pytest.mark.slow
def test_killed_again_and_again(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCHOOL_BILLING", "true")
    prepare(database)
    chance, sent = random.Random(7), tmp_path / "sent"
    for _ in range(12):
        a_day(settings, chance.randrange(1, 70), sent)
    a_day(settings, 0, sent)
    check(database, sent)


def settings_of(home: Path) -> Settings:
    return settings_for(home, f"sqlite:///{home / 'eschool.db'}")


def of(home: Path) -> Database:
    settings = settings_of(home)
    return Database(settings.database, settings.key())


def copied(source: Path, to: Path) -> Path:
    shutil.copytree(source, to)
    return to
