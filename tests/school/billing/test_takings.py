"""What a monitoring system reads of money: revenue by way, and the oldest charge that nobody reported."""

from datetime import timedelta

import pytest

from db.kinds import MessageState
from school.billing import collecting, payments
from school.billing.money import Money
from school.billing.takings import Takings, takings
from tests.school.billing.families import Families, day
from tests.school.billing.test_run import agreed, charged_in_february, end, plan

NOW = day(2026, 2, 7)


def test_revenue_is_what_was_charged_and_what_was_paid_ahead_this_month(families: Families) -> None:
    charged, paying = agreed(families), agreed(families)
    families.grade(charged, day(2026, 1, 15))
    plan(families, NOW)
    end(families, MessageState.DELIVERED, NOW)
    for number, at in enumerate((day(2026, 1, 30), NOW)):
        payments.receive(
            families.session, paying, months=1, paid=Money(61, "EUR"), method="epay", reference=str(number), now=at
        )  # fmt: skip
    found = takings(families.session, day(2026, 2, 8))
    assert found == Takings({("telephone", "EUR"): 61, ("epay", "EUR"): 61})
    assert takings(families.session, day(2026, 3, 1)).revenue == {("telephone", "EUR"): 0}


def test_the_oldest_charge_without_a_report_is_told_by_its_age(families: Families) -> None:
    payer = agreed(families)
    families.grade(payer, day(2026, 1, 15))
    plan(families, NOW)
    end(families, MessageState.UNKNOWN, NOW)
    later = NOW + timedelta(days=5)
    while collecting.collect(families.session, later):
        pass
    assert takings(families.session, later).oldest_unknown == timedelta(days=5).total_seconds()


def test_nothing_is_told_while_parents_do_not_pay(families: Families, monkeypatch: pytest.MonkeyPatch) -> None:
    charged = agreed(families)
    families.grade(charged, day(2026, 1, 15))
    charged_in_february(families, charged)
    monkeypatch.setenv("ESCHOOL_BILLING", "false")
    assert takings(families.session, NOW) == Takings({("telephone", "EUR"): 0})
