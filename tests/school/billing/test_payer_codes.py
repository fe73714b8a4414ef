"""Codes by SMS for the payment pages: nobody learns from them who is known, and nobody guesses one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db.models import Message, PayerCode, Subscriber
from db.session import Database
from school.billing import payer_codes, payers
from school.billing.payer_codes import Outcome
from school.outbox.enqueue import PIN_PURPOSE
from school.security.crypto import vault

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
KNOWN, STRANGE = "+359888123456", "+359888654321"
HERE = "192.0.2.7"


@pytest.fixture
def with_payer(database: Database) -> Database:
    """A database in which one number is a payer's."""
    with database.session() as session:
        subscriber = Subscriber(phone=KNOWN, created_at=NOW)
        session.add(subscriber)
        session.flush()
        payers.payer_of(session, subscriber.id, NOW)
    return database


def ask(database: Database, phone: str = KNOWN, *, at: datetime = NOW, network: str = HERE) -> Outcome:
    with database.session() as session:
        return payer_codes.ask(session, phone=phone, network=network, now=at)


def confirm(database: Database, code: str, phone: str = KNOWN, *, at: datetime = NOW) -> bool:
    with database.session() as session:
        return payer_codes.confirm(session, phone=phone, code=code, network=HERE, now=at) is not None


def sent(database: Database) -> list[str]:
    """The codes that went out."""
    with database.reading() as session:
        rows = session.scalars(select(Message).order_by(Message.id)).all()
        return [vault(session).decrypt(PIN_PURPOSE, row.pin_encrypted) for row in rows if row.pin_encrypted]


def test_the_code_of_the_sms_opens_once(with_payer: Database) -> None:
    assert ask(with_payer) is Outcome.ASKED
    (code,) = sent(with_payer)
    assert len(code) == 6
    assert code.isdecimal()
    assert confirm(with_payer, code)
    assert not confirm(with_payer, code)


def test_the_code_is_kept_nowhere_but_in_its_message(with_payer: Database) -> None:
    ask(with_payer)
    (code,) = sent(with_payer)
    with with_payer.reading() as session:
        assert code not in session.scalars(select(Message.text)).one()
        row = session.scalars(select(PayerCode)).one()
        assert code.encode() not in (row.code_hash or b"")
        assert KNOWN.encode() not in row.number_hash


def test_an_unknown_number_is_answered_the_same_and_gets_nothing(with_payer: Database) -> None:
    answers = [[ask(with_payer, phone) for _ in range(5)] for phone in (KNOWN, STRANGE)]
    assert answers[0] == answers[1]
    assert len(sent(with_payer)) == 3
    assert not confirm(with_payer, "000000", STRANGE)


def test_a_number_gets_three_in_ten_minutes_and_five_an_hour(with_payer: Database) -> None:
    minutes = [0, 1, 2, 3, 9, 11, 12, 13, 20, 30, 59]
    outcomes = [ask(with_payer, at=NOW + timedelta(minutes=one), network=f"192.0.2.{one}") for one in minutes]
    assert [minute for minute, outcome in zip(minutes, outcomes, strict=True) if outcome is Outcome.ASKED] == [
        0,
        1,
        2,
        11,
        12,
    ]
    assert ask(with_payer, at=NOW + timedelta(minutes=61), network="192.0.2.99") is Outcome.ASKED


def test_those_who_ask_at_once_slip_past_no_count(with_payer: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda number: ask(with_payer, network=f"192.0.{number}.7"), range(12)))
    assert outcomes.count(Outcome.ASKED) == 3
    assert len(sent(with_payer)) == 3


def test_five_wrong_tries_use_a_code_up(with_payer: Database) -> None:
    ask(with_payer)
    (code,) = sent(with_payer)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert not any(confirm(with_payer, wrong) for _ in range(5))
    assert not confirm(with_payer, code)


def test_four_wrong_tries_do_not(with_payer: Database) -> None:
    ask(with_payer)
    (code,) = sent(with_payer)
    for _ in range(4):
        confirm(with_payer, "no")
    assert confirm(with_payer, code)


def test_a_code_lasts_ten_minutes(with_payer: Database) -> None:
    ask(with_payer)
    (code,) = sent(with_payer)
    assert not confirm(with_payer, code, at=NOW + timedelta(minutes=10))
    assert confirm(with_payer, code, at=NOW + timedelta(minutes=9, seconds=59))


def test_a_new_code_takes_the_place_of_the_one_before(with_payer: Database) -> None:
    ask(with_payer)
    ask(with_payer, at=NOW + timedelta(minutes=1))
    first, second = sent(with_payer)
    assert first == second or not confirm(with_payer, first, at=NOW + timedelta(minutes=2))
    assert confirm(with_payer, second, at=NOW + timedelta(minutes=2))


@pytest.mark.parametrize(
    "network", [lambda _: "192.0.2.7", lambda number: f"2001:db8:1:2:{number:x}::1"], ids=["IPv4", "a /64 of IPv6"]
)
def test_one_address_asks_for_few_numbers(with_payer: Database, network: Callable[[int], str]) -> None:
    outcomes = [ask(with_payer, f"+35988865{number:04}", network=network(number)) for number in range(40)]
    assert 15 <= outcomes.count(Outcome.ASKED) <= 25
    assert outcomes[-1] is Outcome.TOO_MANY
    assert ask(with_payer, network="198.51.100.1") is Outcome.ASKED  # somebody elsewhere is not held up


def test_the_platform_sends_so_many_an_hour(with_payer: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCHOOL_PAYER_CODES_AN_HOUR", "2")
    assert [ask(with_payer, network=f"192.0.{number}.7") for number in range(3)] == [
        Outcome.ASKED, Outcome.ASKED, Outcome.TOO_MANY,
    ]  # fmt: skip
    assert ask(with_payer, STRANGE) is Outcome.TOO_MANY  # it tells nothing of a number either
    assert ask(with_payer, at=NOW + timedelta(minutes=61)) is Outcome.ASKED


def test_what_was_asked_for_is_forgotten_after_a_day(with_payer: Database) -> None:
    ask(with_payer)
    with with_payer.session() as session:
        assert payer_codes.forget_old(session, NOW + timedelta(hours=23)) == 0
        assert payer_codes.forget_old(session, NOW + timedelta(hours=25)) == 1
        assert not session.scalars(select(PayerCode)).all()
