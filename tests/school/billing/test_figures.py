"""What a monitoring system reads of charging."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from db.kinds import JobOutcome, MessageState
from db.models import JobRun
from school.billing import holds
from school.billing.figures import BillingFigures, figures
from tests.school.billing.families import Families, day
from tests.school.billing.test_run import agreed, end, plan

NOW = day(2026, 2, 7)


def test_what_is_due_and_what_became_of_it(families: Families) -> None:
    session = families.session
    for number in range(3):
        payer = agreed(families)
        if number:
            families.grade(payer, day(2026, 1, 15))
    assert figures(session, NOW).due == 3
    plan(families, NOW)
    found = figures(session, NOW)
    assert (found.due, found.charges["planned", ""], found.charges["failed", "credit"]) == (0, 2, 0)
    end(families, MessageState.DELIVERED, NOW)
    assert figures(session, NOW).charges["charged", ""] == 1
    holds.hold(session, holds.ALL, "try", NOW)
    session.execute(
        insert(JobRun).values(
            job="billing", started_at=NOW, ended_at=NOW + timedelta(minutes=1), outcome=JobOutcome.DONE, result=""
        )
    )
    found = figures(session, NOW)
    assert (found.holds, found.last_run) == (1, NOW.timestamp() + 60)
    assert found.differences == {}


def test_nothing_is_asked_while_parents_do_not_pay(families: Families, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed(families)
    monkeypatch.setenv("ESCHOOL_BILLING", "false")
    found = figures(families.session, NOW)
    assert BillingFigures(charges=found.charges) == found
    assert not any(found.charges.values())
