"""Of a parent's several children only the one that is named is excused; words of the reason name nobody."""

import pytest
from sqlalchemy import select, update

from db.models import AbsenceNotice, Student, Subscriber, Subscription
from db.session import Database
from smpp.texts.names import likeness
from tests.smpp.texts.parent import Parent
from tests.smpp.texts.test_handling import family

ASKED_BACK = "Кое дете?"


@pytest.fixture
def children(demonstration: Database) -> tuple[Parent, dict[str, int]]:
    """A parent of Елена and Денис: the telephone, and the students by name."""
    phone, _ = family(demonstration)
    with demonstration.session() as session:
        ids = session.scalars(
            select(Subscription.student_id).join(Subscriber).where(Subscriber.phone == phone).order_by(Subscription.id)
        ).all()
        named = dict(zip(("Елена", "Денис"), ids, strict=True))
        for name, student_id in named.items():
            session.execute(update(Student).where(Student.id == student_id).values(first_name=name))
    return Parent(demonstration, phone), named


def excused(parent: Parent) -> list[int]:
    with parent.database.reading() as session:
        return list(session.scalars(select(AbsenceNotice.student_id)))


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("ИЗВ 30.11 Денис болен е", "Денис"),
        ("ИЗВ 30.11 болен е Денис", "Денис"),
        ("izv 30.11 bolen e denis", "Денис"),
        ("ИЗВ 30.11 един ден Елена, грип", "Елена"),
        ("ИЗВ 30.11 Елен грип", "Елена"),
    ],
)
def test_the_child_that_is_named_is_excused(children: tuple[Parent, dict[str, int]], text: str, whom: str) -> None:
    parent, ids = children
    assert whom in (parent.text(text) or "")
    assert excused(parent) == [ids[whom]]


@pytest.mark.parametrize(
    "text",
    [
        "ИЗВ 30.11 болна е",
        "izv 30.11 bolna e",
        "ИЗВ 30.11 е болно, д-р",
        "ИЗВ 30.11 един ден грип",
        "ИЗВ 30.11 Денис, Елена грип",
        "ИЗВ 30.11 Мария болна е",
    ],
)
def test_where_nobody_or_both_are_named_it_is_asked_back(children: tuple[Parent, dict[str, int]], text: str) -> None:
    parent, _ = children
    assert ASKED_BACK in (parent.text(text) or "")
    assert excused(parent) == []


@pytest.mark.parametrize(
    ("word", "name"), [("е", "Елена"), ("е", "Емил Емилов"), ("и", "Иван"), ("в", "Виктория"), ("с", "София")]
)
def test_a_letter_of_a_sentence_is_nobodys_initials(word: str, name: str) -> None:
    assert likeness(word, name) == 0.0
