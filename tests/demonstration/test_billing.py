"""What an operator tries with `make run`: a parent agrees to the price, months pass, and the telephone is charged."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from db.kinds import PayerState, SubscriptionStatus
from db.models import Charge, Cover, Message, Payer, School, StudentCode, Subscriber, Subscription
from db.session import Database
from demonstration import load
from demonstration.billing import FREE_UNTIL, free_all, is_billed, pass_month
from devtools.site import SECRET_KEY
from devtools.telephone.free_ports import free_port
from errors import InputError
from school.billing import run
from school.billing.ledger import balances
from school.billing.months import month_at, moved
from school.billing.overview import overview
from settings import Settings, Trunk
from smpp.gateway import configured
from smpp.gateway.process import Gateway
from smpp.simulator.client import Received, Telephone
from tests.smpp.protocol.application import in_a_loop
from tests.smpp.simulator.test_simulator import simulator

PARENT = "+359899123457"


@pytest.fixture
def demonstrated(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The demonstration as `make run` leaves it."""
    monkeypatch.setenv("ESCHOOL_BILLING", "true")
    now = datetime.now(UTC)
    with database.session() as session:
        load(session, now)
        free_all(session, now)
        session.execute(update(School).values(from_hour=0, until_hour=24))
    return database


def code_of_nobody(database: Database) -> str:
    with database.reading() as session:
        followed = select(Subscription.id).where(Subscription.student_id == StudentCode.student_id).exists()
        return session.scalars(select(StudentCode.code).where(~followed).order_by(StudentCode.code).limit(1)).one()


def charged(database: Database) -> list[date]:
    with database.reading() as session:
        return list(session.scalars(select(Charge.month).where(Charge.attempt > 0).order_by(Charge.id)))


def text(telephone: Telephone, words: str) -> str:
    telephone.send(words)
    answer = telephone.received(20)
    assert answer is not None, words
    return answer.text


def arrived(telephone: Telephone, count: int) -> list[Received]:
    found = [telephone.received(20) for _ in range(count)]
    assert telephone.received(1) is None, "something that nobody waits for"
    return [one for one in found if one is not None]


def _walk(database: Database, settings: Settings, code: str, first: date, now: datetime) -> None:
    with Telephone(settings, PARENT) as telephone:
        assert "ДА" in text(telephone, code) + "".join(one.text for one in _rest(telephone))
        assert "0,61" in text(telephone, "ДА")
        said = pass_month(database, first, (code,), now)
        assert said[-1] == f"Months dealt with in {first:%Y-%m}: 1 charged."
        charge, receipt = arrived(telephone, 2)
        assert charge.parameters == ("0x1401=4D4F4E5448",), "what marks it as one that charges"
        assert receipt.parameters == ()
        assert receipt.text.startswith("Платихте 0,61")
        said = pass_month(database, moved(first, 1), (), now)
        assert said[-1] == f"Months dealt with in {moved(first, 1):%Y-%m}: 1 passive."
        assert arrived(telephone, 0) == []
        said = pass_month(database, moved(first, 2), (code,), now)
        assert said[-1] == f"Months dealt with in {moved(first, 2):%Y-%m}: 1 charged."
        assert len(arrived(telephone, 2)) == 2


@pytest.mark.timeout(180)
@in_a_loop
async def test_a_month_is_charged_an_empty_one_is_not_and_the_next_one_is(
    demonstrated: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, secret_key=SECRET_KEY, sms_simulator_port=free_port(), operators_file=None)
    code, now = code_of_nobody(demonstrated), datetime.now(UTC)
    first = moved(month_at(now), 3)  # a month is free, and the rest of that calendar month
    stop = asyncio.Event()
    async with simulator(settings):
        serving = asyncio.create_task(Gateway(settings, configured.operators(settings), demonstrated).run(stop))
        await asyncio.to_thread(_walk, demonstrated, settings, code, first, now)
        stop.set()
        await serving
    assert charged(demonstrated) == [moved(first, -1), moved(first, 1)]
    with demonstrated.reading() as session:
        books = {one.code: one.amount.cents for one in balances(session)}
        assert books == {"payer": 0, "operator:simulator:receivable": 122, "income": -102, "vat": -20}
        assert overview(session, now).payers[PayerState.ACTIVE] == 1


def _rest(telephone: Telephone) -> Iterator[Received]:
    while (more := telephone.received(1)) is not None:
        yield more


def test_who_was_there_is_told_for_good_and_asked_for_nothing(demonstrated: Database) -> None:
    now = datetime.now(UTC)
    with demonstrated.reading() as session:
        before = session.scalar(select(func.count()).select_from(Message))
    for ahead in (0, 3, 9):
        run.bill(demonstrated, datetime.combine(moved(month_at(now), ahead).replace(day=7), now.time(), UTC))
    with demonstrated.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == before
        followed = select(func.count(Subscription.student_id.distinct())).where(
            Subscription.status == SubscriptionStatus.ACTIVE
        )
        told = select(func.count()).select_from(Cover).join(Payer).where(Payer.paid_until == FREE_UNTIL)
        assert session.scalars(told).one() == session.scalars(followed).one() > 0


def test_a_real_installation_is_not_billed_on_demand(demonstrated: Database, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with pytest.raises(InputError, match="not ahead"):
        pass_month(demonstrated, month_at(now), (), now)
    with pytest.raises(InputError, match="no child"):
        pass_month(demonstrated, moved(month_at(now), 2), ("00000000",), now)
    with demonstrated.session() as session:
        session.execute(update(School).values(institution_code="1"))
    with pytest.raises(InputError, match="demonstration's own"):
        pass_month(demonstrated, moved(month_at(now), 2), (), now)
    assert not is_billed(Settings(home=tmp_path, secret_key=SECRET_KEY, trunk=Trunk.IP, trunk_host="sip.example"))
    with demonstrated.reading() as session:
        assert session.scalars(select(func.count()).select_from(Subscriber)).one() > 0
