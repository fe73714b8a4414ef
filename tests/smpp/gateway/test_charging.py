"""What an SMSC answers to a charge, from the wire to the payer: each class of refusal, and receipts of failure."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from db.kinds import ChargeOutcome, ChargeState, ConsentWay
from db.models import Charge, Message, Subscriber
from db.session import Database
from devtools.smsc import running_smsc
from school.billing import collecting, consents, operators, planning, run
from school.billing.operators import OperatorBilling
from settings import Settings
from tests.school.billing.families import Families
from tests.school.joined import joined
from tests.smpp.gateway.running import operator, running
from tests.smpp.protocol.application import in_a_loop, until

HOW = OperatorBilling(
    charges=True,
    outcomes={
        "0x400": ChargeOutcome.CREDIT,
        "0x401": ChargeOutcome.BARRED,
        "0x402": ChargeOutcome.LIMIT,
        "0x403": ChargeOutcome.NO_REPORT,
        "ESME_RSUBMITFAIL": ChargeOutcome.UNKNOWN_NUMBER,
        "rejected 7": ChargeOutcome.CREDIT,
    },
)


@pytest.fixture(autouse=True)
def _a1_charges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCHOOL_BILLING", "true")
    monkeypatch.setenv("ESCHOOL_BILLING_HOURS", "0-24")
    monkeypatch.setattr(operators, "of_platform", lambda: {"a1": HOW})


def planned(database: Database) -> int:
    """A charge that is due now; gives its id."""
    now = datetime.now(UTC)
    with database.session() as session:
        families = Families(session, joined(session))
        payer = families.payer(now - timedelta(days=120))
        session.execute(update(Subscriber).values(operator="a1"))
        consents.agree(
            session, payer, shown="x", way=ConsentWay.TWO_STEPS, operator="a1", now=now - timedelta(days=120)
        )
        run.end_free_time(session, now)
        families.grade(payer, now.replace(day=1) - timedelta(days=3))
        first = now.replace(day=7)
        assert planning.plan(session, planning.Pace(first, 1), first) == 1
        session.execute(update(Message).values(due_at=now, expires_at=now + timedelta(hours=1)))
        return session.scalars(select(Charge.id)).one()


def collected(database: Database) -> Charge:
    with database.session() as session:
        collecting.collect(session, datetime.now(UTC))
        return session.scalars(select(Charge)).one()


@pytest.mark.parametrize(
    ("behaviour", "state", "outcome"),
    [
        ({"status": 0x400}, ChargeState.FAILED, ChargeOutcome.CREDIT),
        ({"status": 0x401}, ChargeState.FAILED, ChargeOutcome.BARRED),
        ({"status": 0x402}, ChargeState.FAILED, ChargeOutcome.LIMIT),
        ({"status": 0x403}, ChargeState.UNKNOWN, ChargeOutcome.NO_REPORT),
        ({"status": 0x45}, ChargeState.FAILED, ChargeOutcome.UNKNOWN_NUMBER),
        ({"status": 0x0B}, ChargeState.FAILED, ChargeOutcome.UNKNOWN_NUMBER),
        ({"receipts": "after"}, ChargeState.CHARGED, ChargeOutcome.CHARGED),
        ({"receipts": "after", "stat": "REJECTD", "state": 8, "err": "007"}, ChargeState.FAILED, None),
    ],
)
@in_a_loop
async def test_each_answer_of_an_smsc(
    settings: Settings,
    database: Database,
    behaviour: dict[str, object],
    state: ChargeState,
    outcome: ChargeOutcome | None,
) -> None:
    planned(database)
    async with running_smsc() as smsc:
        await smsc.behave(**behaviour)
        async with running(settings, database, operator(smsc, billing=HOW)):
            await until(lambda: collected(database).state is state)
            charge = collected(database)
            assert outcome is None or charge.outcome is outcome
            assert (await smsc.counts())["submits"] == 1
            if state is ChargeState.CHARGED:
                assert charge.smsc_id
