"""The audit trail as people read it: whose it is, in which order, and which names it shows."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from db.kinds import EventKind
from school import audit
from school.audit import history
from tests.school.joined import NOW, Joined, person, student


def write(
    session: Session,
    school: Joined,
    action: str,
    entity_id: int = 1,
    *,
    entity: str = "grade",
    at: datetime = NOW,
    by: int | None = None,
    **details: Any,
) -> None:
    audit.write(session, action, entity, entity_id, at, school_id=school.school, by=by, **details)


def entity_ids(rows: tuple[history.HistoryRow, ...]) -> list[int]:
    return [row.entity_id for row in rows]


def test_of_an_event_the_whole_story_is_told_from_the_beginning(session: Session, school: Joined) -> None:
    by, about = school.administrator, student(session, school)
    write(session, school, "grade.recorded", 7, by=by, student_id=about)
    write(session, school, "grade.changed", 7, by=by, student_id=about, before="5", after="6", reason="грешка")
    write(session, school, "grade.deleted", 7, student_id=about)
    recorded, changed, deleted = history.of_event(session, school.school, EventKind.GRADE, 7)
    assert [one.action for one in (recorded, changed, deleted)] == ["grade.recorded", "grade.changed", "grade.deleted"]
    assert (recorded.by, recorded.at, recorded.student) == ("Радка Иванова", NOW, "Иван Колев")
    assert (changed.reason, changed.change) == ("грешка", ("5", "6"))
    assert (recorded.reason, recorded.change) == ("", (None, None))
    assert deleted.by is None


def test_an_event_is_one_of_this_kind_and_school(session: Session, school: Joined, stranger: Joined) -> None:
    write(session, school, "remark.recorded", 7, entity="remark")
    write(session, school, "grade.recorded", 8)
    write(session, stranger, "grade.recorded", 7)
    assert history.of_event(session, school.school, EventKind.GRADE, 7) == ()


def test_only_changes_of_two_texts_are_shown_as_one(session: Session, school: Joined) -> None:
    write(session, school, "class.teacher_changed", 7, entity="grade", before=[1, 2], after={"a": 1})
    (row,) = history.of_event(session, school.school, EventKind.GRADE, 7)
    assert row.change == (None, None)


def test_of_a_student_the_wanted_changes_are_told_without_the_name(
    session: Session, school: Joined, stranger: Joined
) -> None:
    about, other = student(session, school), student(session, school)
    write(session, school, "grade.deleted", 1, student_id=about)
    write(session, school, "grade.deleted", 2, student_id=other)
    write(session, school, "grade.recorded", 3, student_id=about)
    write(session, school, "absence.deleted", 4, student_id=about)
    write(session, stranger, "grade.deleted", 5, student_id=about)
    rows = history.of_student(session, school.school, about, ["grade.deleted", "absence.deleted"])
    assert entity_ids(rows) == [4, 1]
    assert {row.student for row in rows} == {None}


def test_of_a_student_no_more_than_a_page_of_the_last_is_told(session: Session, school: Joined) -> None:
    rows = [
        audit.row("grade.deleted", "grade", number, NOW, school_id=school.school, student_id=7)
        for number in range(1, history.PAGE + 2)
    ]
    audit.write_many(session, rows)
    told = entity_ids(history.of_student(session, school.school, 7, ["grade.deleted"]))
    assert told == list(range(history.PAGE + 1, 1, -1))


def test_a_schools_pages_follow_each_other_without_a_gap(session: Session, school: Joined) -> None:
    total = 2 * history.PAGE + 1
    rows = [audit.row("grade.recorded", "grade", number, NOW, school_id=school.school) for number in range(total)]
    audit.write_many(session, rows)
    pages, before = [], None
    while page := history.of_school(session, school.school, area="grade", before_id=before):
        pages.append(page)
        before = page[-1].id
    assert [len(page) for page in pages] == [history.PAGE, history.PAGE, 1]
    assert [id_ for page in pages for id_ in entity_ids(page)] == list(range(total))[::-1]


def test_a_school_sees_its_own_trail_only(session: Session, school: Joined, stranger: Joined) -> None:
    write(session, stranger, "grade.recorded")
    audit.write(session, "grade.recorded", "grade", 1, NOW, school_id=None)
    assert history.of_school(session, school.school, area="grade") == ()


def test_an_area_is_a_whole_word(session: Session, school: Joined) -> None:
    write(session, school, "grade.recorded", 1)
    write(session, school, "grades.sheet", 2)
    write(session, school, "upgrade.done", 3)
    assert entity_ids(history.of_school(session, school.school, area="grade")) == [1]


def test_one_persons_changes_can_be_picked_out(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    write(session, school, "grade.recorded", 1, by=teacher)
    write(session, school, "grade.recorded", 2, by=school.administrator)
    write(session, school, "grade.recorded", 3)
    (row,) = history.of_school(session, school.school, area="grade", staff_id=teacher)
    assert (row.entity_id, row.by) == (1, "Мария Стоянова")


@pytest.mark.parametrize(
    ("at", "is_shown"),
    [
        (datetime(2025, 11, 3, 21, 59, 59, tzinfo=UTC), False),  # the last second of the day before, in Sofia
        (datetime(2025, 11, 3, 22, 0, tzinfo=UTC), True),
        (datetime(2025, 11, 4, 21, 59, 59, tzinfo=UTC), True),
        (datetime(2025, 11, 4, 22, 0, tzinfo=UTC), False),
    ],
)
def test_days_are_sofias_and_both_are_included(session: Session, school: Joined, at: datetime, is_shown: bool) -> None:
    write(session, school, "grade.recorded", at=at)
    day = date(2025, 11, 4)
    assert bool(history.of_school(session, school.school, area="grade", since=day, until=day)) == is_shown


def test_a_change_of_a_student_names_them_and_never_one_of_another_school(
    session: Session, school: Joined, stranger: Joined
) -> None:
    own, foreign = student(session, school), student(session, stranger)
    write(session, school, "student.changed", own, entity="student")
    write(session, school, "student.changed", foreign, entity="student")
    rows = history.of_school(session, school.school, area="student")
    assert [(row.entity_id, row.student) for row in rows] == [(foreign, None), (own, "Иван Колев")]
