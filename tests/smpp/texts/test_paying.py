"""What a parent texts and reads where parents pay: the price, ДА, СМЕТКА, СТОП."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.kinds import ConsentWay, PayerState
from db.models import Consent, Payer
from db.session import Database
from school.billing import operators
from school.billing.operators import OperatorBilling
from smpp.texts.commands import Agree, Bill, Coming
from smpp.texts.parsing import parse
from tests.school.people import known
from tests.smpp.texts.parent import Parent as Telephone

NEW = "+359877000001"


@pytest.fixture(autouse=True)
def _billing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCHOOL_BILLING", "true")


class Parent(Telephone):
    """A telephone whose every text is answered."""

    def text(self, written: str, *, after: timedelta = timedelta(seconds=10)) -> str:
        answer = super().text(written, after=after)
        assert answer is not None
        return answer


def payer(database: Database, phone: str = NEW) -> Payer | None:
    with database.reading() as session:
        from db.models import Subscriber

        return session.scalars(
            select(Payer).join(Subscriber, Subscriber.id == Payer.subscriber_id).where(Subscriber.phone == phone)
        ).one_or_none()


def state(database: Database) -> PayerState:
    found = payer(database)
    assert found is not None
    return found.state


@pytest.mark.parametrize("text", ["СМЕТКА", "smetka", "моята сметка", "bill"])
def test_the_bill_is_asked_for(text: str) -> None:
    assert isinstance(parse(text), Bill)


def test_consent_in_words_of_its_own_and_yes_as_before() -> None:
    assert isinstance(parse("Съгласна съм"), Agree)
    assert parse("да") == Coming(True)
    assert not isinstance(parse("не съм съгласен с оценката"), Agree)


def test_the_code_tells_the_price_and_yes_agrees_to_it(demonstration: Database) -> None:
    parent = Parent(demonstration, NEW, operator="simulator")
    answer = parent.text(known(demonstration).code)
    assert "Безплатно до" in answer
    assert "0,61 € (1,20 лв.) на месец" in answer or "1,20 лв. на месец" in answer
    assert "Отговорете ДА" in answer
    with demonstration.reading() as session:
        assert session.scalars(select(Consent.id)).all() == []
    assert parent.text("Да").startswith("Съгласихте се:")
    with demonstration.reading() as session:
        consent = session.scalars(select(Consent)).one()
    assert consent.way is ConsentWay.TWO_STEPS
    assert "на месец" in consent.shown
    assert state(demonstration) is PayerState.TRIAL
    assert parent.text("ДА").startswith("Вече сте съгласни")
    assert "безплатен период" in parent.text("СМЕТКА")
    assert "не следите" in parent.text("СТОП")
    assert state(demonstration) is PayerState.CANCELLED


def test_one_step_is_enough_where_the_contract_says_so(
    demonstration: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operators, "of_platform", lambda: {"simulator": OperatorBilling(charges=True, two_steps=False)})
    answer = Parent(demonstration, NEW, operator="simulator").text(known(demonstration).code)
    assert "Съгласихте се" in answer
    with demonstration.reading() as session:
        assert session.scalars(select(Consent.way)).all() == [ConsentWay.ONE_STEP]


def test_an_operator_that_does_not_charge_takes_no_consent(demonstration: Database) -> None:
    parent = Parent(demonstration, NEW, operator="vivacom")
    parent.text(known(demonstration).code)
    assert "не може да се плаща" in parent.text("ДА")


def test_who_follows_a_child_for_whom_another_pays_is_told_no_price(demonstration: Database) -> None:
    code = known(demonstration).code
    assert "0,61 €" in Parent(demonstration, NEW).text(code)
    other = Parent(demonstration, "+359877000002")
    answer = other.text(code)
    assert answer.endswith("За Вас е безплатно: за детето плаща друг. Край: СТОП на 1987.")
    assert "€" not in answer
    assert "за детето плаща друг" in other.text("СМЕТКА")


def test_yes_of_who_was_asked_nothing_is_answered_as_before(demonstration: Database) -> None:
    parent = Parent(demonstration, NEW, operator="simulator")
    assert "Съгласихте се" not in parent.text("ДА")


@pytest.mark.parametrize(
    "written", ["ще дойда", "да, ще дойда", "Да, благодаря", "да моля", "ДА ИДВАМЕ", "shte doida", "да?", "ще"]
)
def test_only_the_bare_word_agrees_to_the_price(demonstration: Database, written: str) -> None:
    """A parent who was asked about the price just now says yes to something else."""
    parent = Parent(demonstration, NEW, operator="simulator")
    assert "Отговорете ДА" in parent.text(known(demonstration).code)
    assert "Съгласихте се" not in parent.text(written)
    parent.now += timedelta(days=3)
    assert "Съгласихте се" not in parent.text(written)
    assert consents_of(demonstration) == []
    assert state(demonstration) is PayerState.TRIAL


@pytest.mark.parametrize("written", ["да", "ДА!", "Да.", "da", "yes", "YES"])
def test_the_bare_word_agrees_however_it_is_typed(demonstration: Database, written: str) -> None:
    parent = Parent(demonstration, NEW, operator="simulator")
    parent.text(known(demonstration).code)
    parent.text(written)
    assert len(consents_of(demonstration)) == 1


def consents_of(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(Consent.id)))


def test_who_stops_and_comes_back_is_asked_again_and_has_no_second_free_time(demonstration: Database) -> None:
    parent = Parent(demonstration, NEW, operator="simulator")
    code = known(demonstration).code
    parent.text(code)
    parent.text("СТОП")
    parent.now += timedelta(days=60)
    assert "Безплатно" not in parent.text(code)
    assert state(demonstration) is PayerState.AWAITING_CONSENT
    assert parent.text("Съгласен").startswith("Съгласихте се:")
    assert state(demonstration) is PayerState.ACTIVE
