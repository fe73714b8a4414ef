"""A family chooses by SMS what its telephone is told and when, and reads how it stands, on both databases."""

import pytest
from sqlalchemy import select, update

from db.kinds import Channel, EventKind, Language, SubscriptionStatus
from db.models import Audit, Message, School, Subscriber, Subscription
from db.session import Database
from school.subscriptions import wish_wording, wishes
from school.subscriptions.wishes import Wishes
from school.wording.service import Numbers
from smpp.protocol.segmentation import split
from tests.school.people import known
from tests.smpp.texts.parent import Parent

EMAIL = "maika@example.org"
USUAL = "SMS: всичко, веднага. Обаждания: не."


@pytest.fixture
def mother(demonstration: Database) -> Parent:
    """Follows one child, and has an address too."""
    parent = Parent(demonstration, known(demonstration).phone)
    with demonstration.session() as session:
        session.execute(update(Subscriber).where(Subscriber.phone == parent.phone).values(email=EMAIL))
    return parent


def of(parent: Parent, channel: Channel) -> Wishes:
    with parent.database.reading() as session:
        who = session.scalars(select(Subscriber.id).where(Subscriber.phone == parent.phone)).one()
        return next(one for one in wishes.wishes(session, who) if one.channel is channel)


def letters(parent: Parent) -> list[str]:
    with parent.database.reading() as session:
        return list(session.scalars(select(Message.text).where(Message.address == EMAIL).order_by(Message.id)))


def audited(parent: Parent) -> list[list[str]]:
    with parent.database.reading() as session:
        who = session.scalars(select(Subscriber.id).where(Subscriber.phone == parent.phone)).one()
        rows = session.scalars(
            select(Audit).where(Audit.action == "wishes.changed", Audit.subscriber_id == who).order_by(Audit.id)
        )
        return [row.details["channels"] for row in rows]


def test_kinds_go_and_come_back_and_the_answer_says_how_it_stands(mother: Parent) -> None:
    assert mother.text("БЕЗ ОЦЕНКИ") == "SMS: без оценки, веднага. Обаждания: не."
    assert mother.text("bez sreshti") == "SMS: без оценки, срещи, веднага. Обаждания: не."
    assert of(mother, Channel.SMS).unwanted == of(mother, Channel.CALL).unwanted == {EventKind.GRADE, EventKind.MEETING}
    assert of(mother, Channel.EMAIL).unwanted == frozenset()
    assert mother.text("СЪС ОЦЕНКИ") == "SMS: без срещи, веднага. Обаждания: не."
    assert mother.text("със всичко") == USUAL
    assert (
        mother.text("без оценки, отсъствия, забележки и здраве") == "SMS: само срещи, събития, веднага. Обаждания: не."
    )
    assert mother.text("без срещи и събития") == "SMS: нищо, веднага. Обаждания: не."


def test_hours_of_sms_and_of_calls(mother: Parent) -> None:
    assert mother.text("ЧАС 18") == "SMS: всичко, веднъж на ден в 18:00. Обаждания: не."
    assert (of(mother, Channel.SMS).daily_hour, of(mother, Channel.EMAIL).timed) == (18, False)
    assert mother.text("ОБАЖДАНИЯ 19") == "SMS: всичко, веднъж на ден в 18:00. Обаждания: веднъж на ден в 19:00."
    assert of(mother, Channel.CALL) == Wishes(Channel.CALL, frozenset(), True, 19)
    assert mother.text("ВЕДНАГА") == "SMS: всичко, веднага. Обаждания: веднъж на ден в 19:00."
    assert mother.text("обаждания без оценки") == "SMS: всичко, веднага. Обаждания: без оценки, веднъж на ден в 19:00."
    assert mother.text("ОБАЖДАНИЯ НЕ") == USUAL
    assert not of(mother, Channel.CALL).timed


def test_an_hour_outside_the_schools_is_taken_and_it_is_said_that_it_waits(mother: Parent) -> None:
    with mother.database.session() as session:
        session.execute(update(School).values(from_hour=8, until_hour=20))
    stands = "SMS: всичко, веднъж на ден в {}:00. Обаждания: не."
    waits = " Училището търси само от 8 до 20 ч."
    assert mother.text("ЧАС 8") == stands.format(8)
    assert mother.text("ЧАС 20") == stands.format(20) + waits
    assert mother.text("ЧАС 3") == stands.format(3) + waits
    assert of(mother, Channel.SMS).daily_hour == 3


@pytest.mark.parametrize(
    ("written", "begins"),
    [
        ("ЧАС 18:30", "Може само цял час от 0 до 23: ЧАС 18."),
        ("ЧАС 24", "Може само цял час"),
        ("ЧАС", "Може само цял час"),
        ("ОБАЖДАНИЯ 18:30", "Може само цял час от 0 до 23: ОБАЖДАНИЯ 18."),
        ("без оценки днес не ми пишете", "Нищо не сменихме."),
        ("Детето е без оценки", "Нищо не сменихме."),
        ("без оценки?", "Нищо не сменихме."),
        ("без", "Нищо не сменихме."),
        ("НАСТРОЙ", f"{USUAL} Пратете БЕЗ ОЦЕНКИ, "),
        ("обаждания", f"{USUAL} Пратете БЕЗ ОЦЕНКИ, "),
        ("със всичко", USUAL),
        ("SMS веднага", "SMS: всичко, веднага."),
    ],
)
def test_what_changes_nothing_is_neither_audited_nor_written_of(mother: Parent, written: str, begins: str) -> None:
    before = [(one.unwanted, one.daily_hour) for one in (of(mother, channel) for channel in Channel)]
    assert (mother.text(written) or "").startswith(begins)
    assert [(one.unwanted, one.daily_hour) for one in (of(mother, channel) for channel in Channel)] == before
    if written != "SMS веднага":  # an explicit wish, which is remembered
        assert audited(mother) == []
        assert letters(mother) == []


def test_each_change_is_audited_and_told_to_the_subscribers_address(mother: Parent) -> None:
    mother.text("без оценки")
    mother.text("БЕЗ ОЦЕНКИ")  # as it is already
    mother.text("обаждания 18")
    assert audited(mother) == [["sms", "call"], ["call"]] or audited(mother) == [["call", "sms"], ["call"]]
    first, second = letters(mother)
    assert "Известията на телефона Ви са променени с SMS. Сега: SMS: без оценки, веднага. Обаждания: не." in first
    assert "Обаждания: веднъж на ден в 18:00." in second
    assert EMAIL not in {sms.address for sms in mother.received()}


def wants_text_only(parent: Parent) -> bool:
    with parent.database.reading() as session:
        return session.scalars(select(Subscriber.text_only).where(Subscriber.phone == parent.phone)).one()


def test_texts_and_no_calls_until_calls_are_wanted_again(mother: Parent) -> None:
    no_calls = "SMS: всичко, веднага. Само текст, без обаждания."
    assert mother.text("САМО ТЕКСТ") == no_calls
    assert wants_text_only(mother)
    assert mother.text("samo tekst") == no_calls  # as it is already
    assert mother.text("НАСТРОЙ") == f"{no_calls} Пратете БЕЗ ОЦЕНКИ, СЪС ОЦЕНКИ, ЧАС 18, ВЕДНАГА, С ОБАЖДАНИЯ, БАВНО."
    assert mother.text("S OBAZHDANIYA") == USUAL
    assert not wants_text_only(mother)
    assert audited(mother) == [["call"], ["call"]]
    first, second = letters(mother)
    assert "Само текст, без обаждания." in first
    assert "Обаждания: не." in second


def speaks_slowly(parent: Parent) -> bool:
    with parent.database.reading() as session:
        return session.scalars(select(Subscriber.slow_speech).where(Subscriber.phone == parent.phone)).one()


def test_slow_speech_until_the_usual_speed_is_wanted_again(mother: Parent) -> None:
    assert mother.text("Говорете по-бавно") == f"{USUAL} Бавна реч."
    assert speaks_slowly(mother)
    assert mother.text("bavno") == f"{USUAL} Бавна реч."  # as it is already
    told = mother.text("НАСТРОЙ") or ""
    assert told.startswith(f"{USUAL} Бавна реч. Пратете БЕЗ ОЦЕНКИ")
    assert told.endswith("САМО ТЕКСТ, НОРМАЛНО.")
    assert mother.text("НОРМАЛНО") == USUAL
    assert not speaks_slowly(mother)
    assert mother.text("normalno") == USUAL
    assert audited(mother) == [["call"], ["call"]]
    assert ["Бавна реч." in letter for letter in letters(mother)] == [True, False]


def test_what_only_calls_told_is_said_to_come_by_sms(mother: Parent) -> None:
    mother.text("ОБАЖДАНИЯ 19")
    mother.text("SMS БЕЗ ОЦЕНКИ")
    said = "SMS: без оценки, веднага. Само текст; вместо обаждане: оценки, веднъж на ден в 19:00."
    assert mother.text("само текст") == said


def test_who_asks_for_calls_at_an_hour_gets_calls(mother: Parent) -> None:
    mother.text("САМО ТЕКСТ")
    assert mother.text("ОБАЖДАНИЯ НЕ") == "SMS: всичко, веднага. Само текст, без обаждания."
    assert mother.text("ОБАЖДАНИЯ 19") == "SMS: всичко, веднага. Обаждания: веднъж на ден в 19:00."
    assert not wants_text_only(mother)


def test_who_wants_texts_gets_them_where_sms_were_off(mother: Parent) -> None:
    with mother.database.session() as session:
        session.execute(update(Subscription).values(sms_enabled=False))
    assert mother.text("САМО ТЕКСТ") == "SMS: всичко, веднага. Само текст, без обаждания."


def test_where_sms_are_off_the_answer_says_so(mother: Parent) -> None:
    with mother.database.session() as session:
        session.execute(update(Subscription).values(sms_enabled=False))
    assert mother.text("ЧАС 18") == "SMS са спрени: включват се на 0882818905, 7. Обаждания: не."


def test_who_follows_nobody_changes_nothing(demonstration: Database) -> None:
    stranger = Parent(demonstration, "+359877000001")
    for written in ("БЕЗ ОЦЕНКИ", "ЧАС 18", "ОБАЖДАНИЯ 18", "НАСТРОЙ"):
        assert (stranger.text(written) or "").startswith("От този номер не следите ученик.")
    student = known(demonstration)
    parent = Parent(demonstration, student.phone)
    parent.text("СТОП")
    assert (parent.text("ОБАЖДАНИЯ 18") or "").startswith("От този номер не следите ученик.")
    with demonstration.reading() as session:
        assert SubscriptionStatus.ACTIVE not in session.scalars(
            select(Subscription.status).join(Subscriber).where(Subscriber.phone == student.phone)
        )
    assert not of(parent, Channel.CALL).timed


def stands(
    language: Language,
    unwanted: frozenset[EventKind],
    sms: int | None,
    calls: int | None,
    *,
    text_only: bool = False,
    slow_speech: bool = False,
) -> str:
    found = [
        Wishes(Channel.SMS, unwanted, True, sms),
        Wishes(Channel.CALL, unwanted, calls is not None, calls),
        Wishes(Channel.EMAIL, frozenset(), False, None),
    ]
    return wish_wording.how_it_stands(
        language, found, (8, 20), gets_sms=True, numbers=Numbers(), text_only=text_only, slow_speech=slow_speech
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", EventKind)
def test_the_usual_answers_take_one_part(language: Language, kind: EventKind) -> None:
    for text in (
        stands(language, frozenset({kind}), None, None),
        stands(language, frozenset({kind}), 18, None),
        stands(language, frozenset(), None, 18),
        stands(language, frozenset({kind}), None, None, text_only=True),
        stands(language, frozenset({kind}), None, None, slow_speech=True),
        stands(language, frozenset(EventKind) - {kind}, 18, None),
        wish_wording.unclear(language),
        wish_wording.wrong_hour(language, Channel.SMS),
        wish_wording.wrong_hour(language, Channel.CALL),
    ):
        assert len(split(text, 1)) == 1, text


@pytest.mark.parametrize("language", Language)
def test_the_longest_take_two(language: Language) -> None:
    half = frozenset({EventKind.GRADE, EventKind.ABSENCE, EventKind.REMARK})
    how = f"{stands(language, frozenset(), None, None)} {wish_wording.what_can_be_changed(language)}"
    text_only = stands(language, frozenset(), None, None, text_only=True)
    how_text_only = f"{text_only} {wish_wording.what_can_be_changed(language, text_only=True)}"
    slow = stands(language, frozenset(), None, None, slow_speech=True)
    how_slow = f"{slow} {wish_wording.what_can_be_changed(language, slow_speech=True)}"
    both = stands(language, frozenset(), None, None, text_only=True, slow_speech=True)
    how_both = f"{both} {wish_wording.what_can_be_changed(language, text_only=True, slow_speech=True)}"
    for text in (stands(language, half, 18, 19), how, how_text_only, how_slow, how_both):
        assert len(split(text, 1)) <= 2, text
