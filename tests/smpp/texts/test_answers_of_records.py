"""ОЦЕНКИ of a subject, СРЕЩИ in few parts, and English in Latin letters."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from db.events import EventRef
from db.kinds import EventKind, Language, SchoolEventKind
from db.models import Message, School, Subject, Subscriber
from db.session import Database
from school.hearing.rows import MeetingRow
from school.lines import parts_of
from school.subscriptions import wording
from school.wording.service import Numbers
from smpp.protocol.segmentation import split
from smpp.texts.names import named
from tests.smpp.texts.parent import Parent
from tests.smpp.texts.test_handling import family

SUBJECTS = (
    "Английски език", "Български език и литература", "География и икономика", "Изобразително изкуство",
    "Информационни технологии", "История и цивилизации", "Математика", "Музика", "Немски език",
    "Физика и астрономия", "Физическо възпитание и спорт", "Химия и опазване на околната среда",
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "subject"),
    [
        ("математика", "Математика"), ("matematika", "Математика"), ("мат", "Математика"),
        ("математиката", "Математика"),
                ("бел", "Български език и литература"), ("bel", "Български език и литература"),
        ("български", "Български език и литература"), ("bulgarski", "Български език и литература"),
        ("английски", "Английски език"), ("angliiski", "Английски език"), ("english", "Английски език"),
        ("английски език", "Английски език"), ("немски език", "Немски език"), ("история", "История и цивилизации"),
        ("istoriq", "История и цивилизации"), ("география", "География и икономика"),
        ("geografiq", "География и икономика"), ("фвс", "Физическо възпитание и спорт"),
        ("физическо", "Физическо възпитание и спорт"), ("физика", "Физика и астрономия"),
        ("fizika", "Физика и астрономия"),
        ("ит", "Информационни технологии"), ("himiya", "Химия и опазване на околната среда"),
        ("химия", "Химия и опазване на околната среда"), ("музика", "Музика"), ("muzika", "Музика"),
        ("рисуване", "Изобразително изкуство"),
    ],
)  # fmt: skip
def test_a_subject_is_known_however_it_is_typed(typed: str, subject: str) -> None:
    assert named(typed.split(), SUBJECTS) == [subject]


@pytest.mark.parametrize("typed", ["", "иван", "моля ви", "а", "x", "здравейте", "12"])
def test_other_words_name_no_subject(typed: str) -> None:
    assert named(typed.split(), SUBJECTS) == []


def test_a_subject_without_grades_is_said_to_have_none(demonstration: Database) -> None:
    phone, children = family(demonstration)
    with demonstration.session() as session:
        session.add_all(Subject(school_id=one, name="Шахмат") for one in session.scalars(select(School.id)))
    parent = Parent(demonstration, phone)
    answers = [line.partition(": ")[2] for line in str(parent.text("ОЦЕНКИ ШАХМАТ")).splitlines()]
    assert answers == ["Шахмат – още няма оценки"] * 2
    assert f"{children[0][0]}: Математика" in str(parent.text(f"оценки {children[0][0]} математика"))
    assert children[1][0] not in str(parent.text(f"оценки {children[0][0]} математика"))
    totals = str(parent.text("отсъствия математика")).splitlines()
    assert [line for line in totals if "Математика" not in line] == []


def meeting(title: str, place: str, day: int, hour: int = 18) -> MeetingRow:
    return MeetingRow(
        EventRef(EventKind.MEETING, day),
        SchoolEventKind.MEETING,
        title,
        place,
        datetime(2026, 11, day, hour, 30, tzinfo=UTC),
        "",
        True,
    )


def test_meetings_take_as_few_parts_as_they_need_and_a_list_that_is_cut_says_where_the_rest_is() -> None:
    bg, numbers = Language.BULGARIAN, Numbers()
    one = wording.meetings(bg, "Борис", [meeting("Родителска среща", "Кабинет 12", 30)], numbers)
    assert one == "Борис: Родителска среща, понеделник 30.11, 20:30 ч., Кабинет 12"
    two = wording.meetings(
        bg, "Борис", [meeting("Родителска среща", f"Кабинет {day}", day) for day in (26, 30)], numbers
    )
    assert parts_of(two, latin=False) == 2
    many = [meeting("Родителска среща за втория срок", "Актовата зала на първия етаж", day) for day in range(20, 26)]
    told = wording.meetings(bg, "Борис", many, numbers)
    assert parts_of(told, latin=False) <= wording.MOST_PARTS
    assert told.endswith("тел. 0882818905.")
    left = len(many) - told.count("Родителска")
    assert f"Още {left}: " in told


def test_english_is_told_in_latin_letters_in_one_or_two_parts(demonstration: Database) -> None:
    phone, _ = family(demonstration)
    with demonstration.session() as session:
        session.execute(update(Subscriber).where(Subscriber.phone == phone).values(language=Language.ENGLISH))
    parent = Parent(demonstration, phone)
    for written in (
        "ОЦЕНКИ",
        "meetings",
        "pin",
        "how much is it",
        "help",
        "I do not want messages",
        "absences",
        "стоп",
    ):
        assert parent.text(written, after=timedelta(hours=2))
    with demonstration.reading() as session:
        sent = session.scalars(select(Message).where(Message.address == phone, Message.urgent)).all()
    for message in sent:
        parts = split(message.text.replace("{pin}", "1234"), 0, latin=message.latin)
        assert {part.data_coding for part in parts} == {0}, message.text
        assert len(parts) <= (3 if "\n" in message.text else 2), message.text


def test_an_english_question_is_answered_in_english(demonstration: Database) -> None:
    phone, _ = family(demonstration)
    parent = Parent(demonstration, phone)
    assert str(parent.text("How much does it cost?")).startswith("It costs ")
    assert str(parent.text("please do not send me any more messages")).startswith("To end: STOP to 1987.")
    assert str(parent.text("pin")).startswith("Нов ПИН")
