"""Classes of a school year, and their class teachers."""

from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.kinds import CampaignKind, CampaignState
from db.models import Campaign, Timetable, TimetableLesson
from errors import InputError, MissingError
from school import setup
from tests.school.joined import NOW, Joined, audited, person, student, switch_off

NO_CLASS = r"^There is no such class in this school\.$"


def add(session: Session, school: Joined, *names: str) -> tuple[int, ...]:
    return setup.add_classes(session, school.school, school.year, names, by=school.administrator, now=NOW)


def test_classes_of_a_level_are_named_by_the_letters_in_order() -> None:
    assert setup.names_for({8: 2, 1: 1, 9: 0}) == ("1а", "8а", "8б")


def test_classes_are_listed_in_their_order_with_their_students(session: Session, school: Joined) -> None:
    add(session, school, "12а", "1б")
    for _ in range(2):
        student(session, school, "8а")
    student(session, school, None)
    listed = setup.classes(session, school.school, school.year)
    assert [(one.name, one.students) for one in listed] == [
        ("1б", 0), ("7а", 0), ("8а", 2), ("8б", 0), ("11а", 0), ("12а", 0)
    ]  # fmt: skip


def test_new_classes_are_written_down_and_those_that_are_there_are_not(session: Session, school: Joined) -> None:
    before = audited(session, "class.created")
    (made,) = add(session, school, "8 А", "9в", "IX в")
    assert audited(session, "class.created")[len(before) :] == [
        (school.school, school.administrator, made, {"name": "9в"})
    ]
    assert add(session, school, "9в") == ()


def test_one_name_that_is_none_makes_no_class(session: Session, school: Joined) -> None:
    before = setup.classes(session, school.school, school.year)
    for bad in ("13а", "тринайсети", "8абв"):
        with pytest.raises(InputError, match=rf"^“{bad}” is not a class: write it in Cyrillic, like 8а\.$"):
            add(session, school, "9а", bad)
    assert setup.classes(session, school.school, school.year) == before


def test_an_empty_class_is_taken_back(session: Session, school: Joined) -> None:
    class_id = school.classes["8б"]
    setup.remove_class(session, school.school, class_id, by=school.administrator, now=NOW)
    assert audited(session, "class.removed") == [(school.school, school.administrator, class_id, {"name": "8б"})]
    with pytest.raises(MissingError, match=NO_CLASS):
        setup.remove_class(session, school.school, class_id, by=school.administrator, now=NOW)


@pytest.mark.parametrize("what", ["a student", "a teacher", "a lesson", "a campaign"])
def test_a_class_that_is_in_use_stays(session: Session, school: Joined, what: str) -> None:
    class_id, maths = school.classes["8б"], school.subjects["Математика"]
    teacher, by = person(session, school), school.administrator
    taught: dict[str, Any] = {"subject_id": maths, "staff_id": teacher}
    if what == "a student":
        student(session, school, "8б")
    elif what == "a campaign":
        draft = {"kind": CampaignKind.ANNOUNCEMENT, "state": CampaignState.DRAFT, "title": "Екскурзия", "text": ""}
        hours = {"from_hour": 9, "until_hour": 18, "weekdays": "12345", "attempts": 2}
        session.execute(
            insert(Campaign).values(
                **draft, **hours, school_id=school.school, class_id=class_id, staff_id=by, ends_at=NOW, created_at=NOW
            )
        )
    elif what == "a teacher":
        setup.assign(session, school.school, school.year, **taught, classes=[class_id], by=by, now=NOW)
    else:
        version = {"school_id": school.school, "school_year_id": school.year, "title": "Есен", "created_at": NOW}
        timetable = insert(Timetable).values(version | {"starts_on": NOW.date()}).returning(Timetable.id)
        place = {"timetable_id": session.scalars(timetable).one(), "weekday": 1, "lesson": 1}
        lesson = {"school_id": school.school, "class_id": class_id} | place | taught
        session.execute(insert(TimetableLesson).values(lesson))
    with pytest.raises(InputError, match=r"^8б has students, teachers or events: it cannot be removed\.$"):
        setup.remove_class(session, school.school, class_id, by=by, now=NOW)


def test_a_class_that_is_taught_no_more_is_taken_back(session: Session, school: Joined) -> None:
    by, class_id = school.administrator, school.classes["8б"]
    (taught,) = setup.assign(
        session, school.school, school.year, staff_id=person(session, school),
        subject_id=school.subjects["Математика"], classes=[class_id], by=by, now=NOW,
    )  # fmt: skip
    setup.end_assignment(session, school.school, taught, by=by, now=NOW)
    setup.remove_class(session, school.school, class_id, by=by, now=NOW)
    assert "8б" not in {one.name for one in setup.classes(session, school.school, school.year)}


def test_a_class_teacher_is_named_changed_and_taken_away(session: Session, school: Joined) -> None:
    class_id, by = school.classes["8а"], school.administrator
    first, second = person(session, school, "first"), person(session, school, "second")
    for wanted in (first, first, second, None):
        setup.set_class_teacher(session, school.school, class_id, wanted, by=by, now=NOW)
        teachers = {one.name: one.class_teacher_id for one in setup.classes(session, school.school, school.year)}
        assert teachers == dict.fromkeys(school.classes) | {"8а": wanted}
    assert [details for *_, details in audited(session, "class.teacher_changed")] == [
        {"staff": [None, first]}, {"staff": [first, second]}, {"staff": [second, None]}
    ]  # fmt: skip


def test_only_an_active_person_of_the_school_leads_a_class(session: Session, school: Joined, stranger: Joined) -> None:
    gone, class_id = person(session, school), school.classes["8а"]
    switch_off(session, school, gone)
    for who in (gone, stranger.administrator, 10**6):
        with pytest.raises(MissingError, match=r"^There is no such teacher in this school\.$"):
            setup.set_class_teacher(session, school.school, class_id, who, by=school.administrator, now=NOW)
    assert audited(session, "class.teacher_changed") == []
