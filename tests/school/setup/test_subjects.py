"""Subjects: the list to choose from, and the school's own."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.models import Grade
from errors import InputError, MissingError
from school import setup
from tests.school.joined import NOW, SUBJECTS, Joined, audited, person, student

USED = r"^“Математика” is taught or has entries: the subject cannot be removed\.$"


def is_used(session: Session, school: Joined, name: str) -> bool:
    return next(one.is_used for one in setup.subjects(session, school.school) if one.name == name)


def remove(session: Session, school: Joined, subject_id: int) -> None:
    setup.remove_subject(session, school.school, subject_id, by=school.administrator, now=NOW)


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("Роден край", {1}),
        ("Компютърно моделиране", {3, 4}),
        ("Химия и опазване на околната среда", set(range(7, 13))),
        ("Математика", set(range(1, 13))),
    ],
)
def test_a_standard_subject_is_offered_at_its_levels(name: str, levels: set[int]) -> None:
    offered = {level for level in range(1, 13) if name in {one.name for one in setup.standard_subjects([level])}}
    assert offered == levels


def test_standard_subjects_are_those_of_any_of_the_levels_once() -> None:
    names = [one.name for one in setup.standard_subjects([1, 2, 12])]
    assert {"Роден край", "Околен свят", "Химия и опазване на околната среда"} <= set(names)
    assert "Компютърно моделиране" not in names
    assert len(names) == len(set(names))
    assert setup.standard_subjects([]) == ()


def test_new_subjects_are_written_down_by_their_tidied_names(session: Session, school: Joined) -> None:
    before = audited(session, "subject.created")
    names = ["  Музика ", "МУЗИКА", "математика", "Изобразително   изкуство"]
    made = setup.add_subjects(session, school.school, names, by=school.administrator, now=NOW)
    of = (school.school, school.administrator)
    assert audited(session, "subject.created")[len(before) :] == [
        (*of, made[0], {"name": "Музика"}), (*of, made[1], {"name": "Изобразително изкуство"})
    ]  # fmt: skip
    listed = {one.name: one.id for one in setup.subjects(session, school.school)}
    assert listed.keys() == {*SUBJECTS, "Музика", "Изобразително изкуство"}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", r"^A subject without a name: write it\.$"),
        ("х" * 81, r"^The subject is longer than 80 characters: shorten it\.$"),
    ],
)
def test_one_bad_name_adds_no_subject(session: Session, school: Joined, name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        setup.add_subjects(session, school.school, ["Музика", name], by=school.administrator, now=NOW)
    assert len(setup.subjects(session, school.school)) == len(SUBJECTS)


def test_the_longest_name_is_taken_as_it_is(session: Session, school: Joined) -> None:
    setup.add_subjects(session, school.school, ["х" * 80], by=school.administrator, now=NOW)
    assert not is_used(session, school, "х" * 80)


def test_an_unused_subject_is_taken_back_once(session: Session, school: Joined) -> None:
    maths = school.subjects["Математика"]
    assert not is_used(session, school, "Математика")
    remove(session, school, maths)
    assert audited(session, "subject.removed") == [(school.school, school.administrator, maths, {"name": "Математика"})]
    with pytest.raises(MissingError, match=r"^There is no such subject in this school\.$"):
        remove(session, school, maths)


def test_a_subject_that_is_taught_stays(session: Session, school: Joined) -> None:
    maths, by = school.subjects["Математика"], school.administrator
    setup.assign(
        session, school.school, school.year, staff_id=person(session, school), subject_id=maths,
        classes=[school.classes["8а"]], by=by, now=NOW,
    )  # fmt: skip
    assert is_used(session, school, "Математика")
    assert not is_used(session, school, "Английски език")
    with pytest.raises(InputError, match=USED):
        remove(session, school, maths)


def test_a_subject_with_grades_stays_and_is_not_offered_for_removal_when_nobody_teaches_it_any_more(
    session: Session, school: Joined
) -> None:
    maths = school.subjects["Математика"]
    session.execute(
        insert(Grade).values(
            school_id=school.school, student_id=student(session, school), subject_id=maths,
            staff_id=school.administrator, school_year_id=school.year, on_date=date(2025, 10, 1), recorded_at=NOW,
            term=1, kind="oral", scale="numeric", value=Decimal(5),
        )
    )  # fmt: skip
    assert is_used(session, school, "Математика")
    with pytest.raises(InputError, match=USED):
        remove(session, school, maths)
