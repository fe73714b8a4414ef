"""The books balance whatever is entered, and an accountant's program finds the same sums."""

from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core import realization
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db.kinds import AccountKind, LedgerCause
from school.billing import beancount, ledger
from school.billing.ledger import Account, Entry, balances
from school.billing.money import Money, parse, taxed, total
from tests.school.billing.families import Families, day

PLAIN = [kind for kind in AccountKind if kind.value not in ("payer",) and not kind.value.startswith("operator")]
ACCOUNTS = [Account(kind) for kind in PLAIN] + [
    Account(kind, operator=name)
    for kind in (AccountKind.RECEIVABLE, AccountKind.SHARE, AccountKind.SETTLED)
    for name in ("a1", "2nd-operator")
]
ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(ACCOUNTS),
        st.sampled_from(ACCOUNTS),
        st.integers(0, 10**8),
        st.sampled_from(["EUR", "BGN"]),
        st.sampled_from(LedgerCause),
    ).filter(lambda one: one[0] != one[1]),
    max_size=30,
)


@given(entries=ENTRIES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_entered_each_currency_sums_to_nothing_and_beancount_agrees(
    families: Families, tmp_path: Path, entries: list[tuple[Account, Account, int, str, LedgerCause]]
) -> None:
    session = families.session
    point = session.begin_nested()
    ledger.book(
        session,
        [
            Entry(cause, f"test:{number}", 1, debit, credit, Money(cents, currency))
            for number, (debit, credit, cents, currency, cause) in enumerate(entries)
        ],
        day(2026, 2, 10),
    )
    found = balances(session)
    for currency in ("EUR", "BGN"):
        assert sum(one.amount.cents for one in found if one.amount.currency == currency) == 0
    assert counted(session, tmp_path) == {
        (beancount.name(one.kind, one.operator), one.amount.currency): one.amount.decimal
        for one in found
        if one.amount.cents
    }
    point.rollback()


def counted(session: object, folder: Path) -> dict[tuple[str, str], str]:
    """The balances that beancount finds in our export."""
    path = folder / "ledger.beancount"
    path.write_text("\n".join(beancount.export(session)) + "\n", "utf-8")  # type: ignore[arg-type]
    loaded, errors, _ = loader.load_file(str(path))
    assert errors == []
    sums: dict[tuple[str, str], Decimal] = {}
    for account in realization.iter_children(realization.realize(loaded)):  # type: ignore[no-untyped-call]
        for position in account.balance:
            sums[account.account, position.units.currency] = position.units.number
    return {key: str(amount) for key, amount in sums.items() if amount}


def test_payers_are_accounts_of_their_own_in_the_export(families: Families, tmp_path: Path) -> None:
    payer = families.payer()
    ledger.book(
        families.session, ledger.month_due(payer, f"{payer}:2026-01", taxed(Money(61, "EUR"), 20)), day(2026, 2, 1)
    )
    assert counted(families.session, tmp_path) == {
        (f"Assets:Payers:P{payer}", "EUR"): "0.61",
        ("Income:Messages", "EUR"): "-0.51",
        ("Liabilities:VAT", "EUR"): "-0.10",
    }


def test_the_same_cause_is_not_entered_twice(families: Families) -> None:
    import pytest
    from sqlalchemy.exc import IntegrityError

    payer = families.payer()
    for _ in range(2):
        entries = ledger.month_due(payer, f"{payer}:2026-01", taxed(Money(61, "EUR"), 20))
        if families.entries():
            with pytest.raises(IntegrityError), families.session.begin_nested():
                ledger.book(families.session, entries, day(2026, 2, 1))
        else:
            ledger.book(families.session, entries, day(2026, 2, 1))
    assert families.session.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one() == 2


def test_amounts_are_read_as_they_are_written() -> None:
    assert [parse(text, "EUR").cents for text in ("0.61", "0,61", "1", "1.5", "12,00")] == [61, 61, 100, 150, 1200]
    assert total([Money(1, "EUR"), Money(2, "EUR")], "EUR") == Money(3, "EUR")
    assert (str(Money(-5, "EUR")), Money(123456, "BGN").amount) == ("-0,05 €", "1234,56")
