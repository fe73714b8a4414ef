"""Operators' files: imported once, everything unknown settled by them, and every difference in the books."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from db.kinds import ChargeOutcome, ChargeState, ConsentWay, LineVerdict, MessageState, PayerState
from db.models import Charge, Message, MessagePart, Subscriber
from db.session import Database
from errors import InputError, MissingError
from school.billing import collecting, consents, operators, overview, planning, reconciliation, run, settlement
from school.billing.ledger import balances
from school.billing.money import Money
from school.billing.operators import FileFormat, OperatorBilling
from tests.school.billing.families import Families, day
from tests.school.joined import joined

NOW = day(2026, 3, 10)
MADE_IN = date(2026, 2, 1)
HEADINGS = "date;msisdn;message_id;amount"


@pytest.fixture
def payers(database: Database) -> dict[str, int]:
    """Payers whose January was charged in February, by what became of it."""
    with database.session() as session:
        families = Families(session, joined(session))
        found: dict[str, int] = {}
        for name in ("charged", "unknown", "nameless"):
            payer = families.payer(day(2025, 11, 3))
            consents.agree(session, payer, shown="x", way=ConsentWay.TWO_STEPS, operator=None, now=day(2025, 11, 3))
            families.grade(payer, day(2026, 1, 15))
            found[name] = payer
        run.end_free_time(session, day(2026, 1, 1))
        planning.plan(session, planning.Pace(day(2026, 2, 7), 3), day(2026, 2, 7))
        for name, payer in found.items():
            message = session.scalars(select(Charge.message_id).where(Charge.payer_id == payer)).one()
            state = MessageState.DELIVERED if name == "charged" else MessageState.UNKNOWN
            values = {"state": state, "ended_at": day(2026, 2, 7), "sent_at": None if name == "nameless" else NOW}
            session.execute(update(Message).where(Message.id == message).values(values))
            if name != "nameless":
                part = {"message_id": message, "number": 1, "total": 1, "operator": "simulator", "smsc_id": name}
                session.execute(insert(MessagePart).values(part | {"state": "sent", "sent_at": day(2026, 2, 7)}))
        while collecting.collect(session, day(2026, 2, 8)):
            pass
    return found


def state(database: Database, payer: int) -> ChargeState:
    with database.reading() as session:
        return session.scalars(select(Charge.state).where(Charge.payer_id == payer)).one()


def phone(database: Database, payer: int) -> str:
    from db.models import Payer

    with database.reading() as session:
        found = session.scalars(
            select(Subscriber.phone).join(Payer, Payer.subscriber_id == Subscriber.id).where(Payer.id == payer)
        ).one()
    assert found is not None
    return found


def file(folder: Path, *lines: str, name: str = "february.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADINGS, *lines]) + "\n", "utf-8")
    return path


def read(database: Database, path: Path) -> reconciliation.Imported:
    return reconciliation.import_file(database, "simulator", path, MADE_IN, NOW)


def test_unknown_charges_are_settled_and_a_second_import_changes_nothing(
    database: Database, payers: dict[str, int], tmp_path: Path
) -> None:
    path = file(
        tmp_path,
        "07.02.2026;;charged;0,61",
        "07.02.2026;;unknown;0,61",
        f"07.02.2026;{phone(database, payers['nameless'])};their-own-name;0,61",
        "07.02.2026;0888999999;stranger;1,22",
    )
    found = read(database, path)
    assert found.counts == {LineVerdict.MATCHED: 3, LineVerdict.THEIRS_ONLY: 1}
    assert {state(database, payer) for payer in payers.values()} == {ChargeState.CHARGED}
    before = sums(database)
    assert before["operator:simulator:receivable"] == 3 * 61 + 122
    assert before["not_ours"] == -122
    again = read(database, path)
    assert (again.repeated, dict(again.counts)) == (4, {})
    longer = file(tmp_path, *path.read_text("utf-8").splitlines()[1:], name="again.csv")
    assert read(database, longer).repeated == 4
    assert sums(database) == before


@pytest.mark.parametrize("later", [ChargeState.CHARGED, ChargeState.UNKNOWN, ChargeState.FAILED])
def test_a_file_tells_of_a_double_charge(
    database: Database, payers: dict[str, int], tmp_path: Path, later: ChargeState
) -> None:
    """The first attempt was refused, the second one was made; the operator charged for both."""
    two_attempts(database, payers["unknown"], name="second", later=later)
    path = file(tmp_path, "07.02.2026;;charged;0,61", "14.02.2026;;second;0,61", "07.02.2026;;unknown;0,61")
    found = read(database, path)
    assert found.counts == {LineVerdict.MATCHED: 2, LineVerdict.THEIRS_ONLY: 1}
    with database.reading() as session:
        states = session.scalars(select(Charge.state).where(Charge.payer_id == payers["unknown"])).all()
    assert sorted(states) == [ChargeState.CHARGED, ChargeState.FAILED]
    assert sums(database)["not_ours"] == -61
    assert state(database, payers["charged"]) is ChargeState.CHARGED
    assert read(database, path).repeated == 3


def two_attempts(database: Database, payer: int, *, name: str | None, later: ChargeState) -> None:
    """The payer's first attempt was refused, and a second one was made, whose SMS the operator calls `name`."""
    with database.session() as session:
        first = session.scalars(select(Charge).where(Charge.payer_id == payer)).one()
        first.state, first.outcome = ChargeState.FAILED, ChargeOutcome.CREDIT
        session.flush()
        kept = ("payer_id", "month", "made_in", "operator", "price_id", "children", "cents", "currency", "planned_at")
        values = {one: getattr(first, one) for one in kept} | {"attempt": 2, "state": later, "smsc_id": name}
        session.execute(insert(Charge).values(values))


@pytest.mark.parametrize("name", ["second", None])
@pytest.mark.parametrize("at_once", [1, 2000])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("later", [ChargeState.UNKNOWN, ChargeState.SENT])
def test_who_was_charged_by_the_first_attempt_and_not_by_the_second_has_paid(
    database: Database,
    payers: dict[str, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    later: ChargeState,
    turned: bool,
    at_once: int,
    name: str | None,
) -> None:
    from db.models import Payer

    how = FileFormat(number="msisdn", status="status", charged_status=("OK",))
    monkeypatch.setattr(operators, "of_platform", lambda: {"simulator": OperatorBilling(charges=True, file=how)})
    monkeypatch.setattr(reconciliation, "AT_ONCE", at_once)
    payer = payers["unknown"]
    two_attempts(database, payer, name=name, later=later)
    number = phone(database, payer)
    lines = [f"unknown;{number};0,61;OK", "charged;;0,61;OK", f"second;{number};0,61;FAILED"]
    path = tmp_path / "f.csv"
    path.write_text("\n".join(["message_id;msisdn;amount;status", *(reversed(lines) if turned else lines)]), "utf-8")
    february = day(2026, 2, 20)
    found = reconciliation.import_file(database, "simulator", path, MADE_IN, february)
    assert found.counts == {LineVerdict.MATCHED: 2, LineVerdict.NOT_CHARGED: 1}
    with database.session() as session:
        states = session.scalars(select(Charge.state).where(Charge.payer_id == payer).order_by(Charge.attempt)).all()
        assert states == [ChargeState.CHARGED, ChargeState.FAILED]
        one = session.scalars(select(Payer).where(Payer.id == payer)).one()
        assert (one.state, one.retry_on, one.paid_until) == (PayerState.ACTIVE, None, date(2026, 1, 31))
        texts = session.scalars(
            select(Message.text).where(Message.subscriber_id == one.subscriber_id).order_by(Message.id)
        ).all()
        assert "Платихте 0,61 € за януари" in texts[-1]
        assert not [text for text in texts if "не успя" in text]
        assert planning.plan_retries(session, planning.Pace(day(2026, 2, 27), 1), day(2026, 2, 27)) == 0
    assert sums(database)["operator:simulator:receivable"] == 2 * 61
    assert reconciliation.import_file(database, "simulator", path, MADE_IN, february).repeated == 3


def test_another_amount_and_what_the_operator_did_not_charge(
    database: Database, payers: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = FileFormat(status="status", charged_status=("OK",))
    monkeypatch.setattr(operators, "of_platform", lambda: {"simulator": OperatorBilling(charges=True, file=how)})
    path = tmp_path / "f.csv"
    path.write_text("message_id;amount;status\ncharged;0,50;OK\nunknown;0;FAILED\ncharged;0,61;OK\n", "utf-8")
    found = read(database, path)
    assert found.counts == {LineVerdict.DIFFERS: 1, LineVerdict.NOT_CHARGED: 1, LineVerdict.THEIRS_ONLY: 1}
    assert state(database, payers["unknown"]) is ChargeState.FAILED
    held = sums(database)
    assert held["operator:simulator:receivable"] == 50 + 61
    assert held["write_offs"] == 11 + 61
    with database.reading() as session:
        assert overview.alarms(session, NOW) == ["differs:simulator:2026-02"]
        from db.models import Payer

        assert session.scalars(select(Payer.state).where(Payer.id == payers["unknown"])).one() is PayerState.ACTIVE


def test_a_closed_month_leaves_nothing_open(database: Database, payers: dict[str, int], tmp_path: Path) -> None:
    with database.session() as session, pytest.raises(MissingError):
        settlement.reported(session, "simulator", MADE_IN)
    read(database, file(tmp_path, "07.02.2026;;unknown;0,61"))
    with database.session() as session:
        while any(settlement.end_open(session, "simulator", MADE_IN, NOW)):
            pass
        with pytest.raises(InputError, match="0,61"):
            settle(session, paid_out=60)
        assert settle(session, paid_out=40) == Money(0, "EUR")
        with pytest.raises(InputError, match="settled already"):
            settle(session, paid_out=40)
    assert state(database, payers["nameless"]) is ChargeState.FAILED
    held = sums(database)
    assert held["operator:simulator:receivable"] == 0
    assert (held["operator:simulator:settled"], held["operator:simulator:share"]) == (40, 21)
    with database.reading() as session:
        (month,) = overview.months(session, MADE_IN)
    assert (month.charged, month.unknown, month.open_, dict(month.failed)) == (2, 0, 0, {"temporary": 1})
    assert month.settled_on == date(2026, 5, 20)


def settle(session: object, paid_out: int) -> Money:
    return settlement.settle(
        session,  # type: ignore[arg-type]
        "simulator",
        MADE_IN,
        paid_out=Money(paid_out, "EUR"),
        share=Money(21, "EUR"),
        settled_on=date(2026, 5, 20),
        now=NOW,
    )


def sums(database: Database) -> dict[str, int]:
    with database.reading() as session:
        found = {one.code: one.amount.cents for one in balances(session)}
    assert sum(found.values()) == 0
    return found


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("date;amount\n01.02.2026;1\n", "no column message_id"),
        (f"{HEADINGS}\n01.02.2026;;a;x\n", "Line 2 .* no amount"),
        (f"{HEADINGS}\n01.02.2026;;a;0,615\n", "Line 2 .* no amount"),
        (f"{HEADINGS}\n01.02.2026;;a;-1\n", "Line 2 .* no amount"),
        (f"{HEADINGS}\n2026-02-01;;a;1\n", "Line 2 .* no day"),
        (f"{HEADINGS}\n01.02.2026;;;1\n", "Line 2 .* which charge"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(database: Database, tmp_path: Path, text: str, error: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=error):
        read(database, path)


def test_a_file_without_headings_in_another_encoding_by_number(
    database: Database, payers: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = FileFormat(
        encoding="cp1251", separator="|", headings=False, decimal=".", identified=operators.Identified.NUMBER,
        reference="1", number="2", day="1", day_format="%Y%m%d", amount="3", skip_lines=1, net=True,
    )  # fmt: skip
    monkeypatch.setattr(operators, "of_platform", lambda: {"simulator": OperatorBilling(charges=True, file=how)})
    path = tmp_path / "f.txt"
    number = phone(database, payers["unknown"]).removeprefix("+")
    path.write_bytes(f"Отчет\n20260207|{number}|0.51\n20260207|{number}|0.51\n".encode("cp1251"))
    assert read(database, path).counts == {LineVerdict.MATCHED: 1, LineVerdict.THEIRS_ONLY: 1}
    assert state(database, payers["unknown"]) is ChargeState.CHARGED
    assert read(database, path).repeated == 2
