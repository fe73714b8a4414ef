"""Meetings and events: listed to who may know of them, to be changed by who may, with how many were told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from db.events import EventRef
from db.kinds import SchoolEventKind
from db.models import SchoolEvent, TeachingAssignment
from errors import MissingError
from school.classbook import recording, school_events
from school.classbook.school_events import MOST, REMEMBERED, SchoolEventRow
from tests.school.students.small_schools import NOW, SmallSchool

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
EVERYBODY = ("leader", "class_teacher", "teacher", "idle")


def announce(here: SmallSchool, **values: Any) -> EventRef:
    """A meeting of 8а tomorrow, by a leader."""
    given: dict[str, Any] = {"by": here.leader, "kind": SchoolEventKind.MEETING, "class_id": here.own}
    given |= {"title": "Среща", "place": "Стая 12", "starts_at": NOW + DAY, "text": "", "now": NOW}
    return recording.record_school_event(here.session, **given | values)


def titles(here: SmallSchool, by: int, now: Any = NOW, *, past: bool = False) -> list[str]:
    return [one.title for one in school_events.listed(here.session, by, now, past=past)]


def who_knows(here: SmallSchool, ref: EventRef) -> set[str]:
    """Of everybody, by the list and by the event's own page alike."""
    knows = set()
    for who in EVERYBODY:
        by = getattr(here, who)
        if ref in [found.ref for found in school_events.listed(here.session, by, NOW)]:
            assert school_events.one(here.session, by, ref.id, NOW).ref == ref
            knows.add(who)
            continue
        with pytest.raises(MissingError, match="There is no such meeting or event in this school"):
            school_events.one(here.session, by, ref.id, NOW)
    return knows


def test_a_classs_meeting_is_known_to_who_has_to_do_with_the_class(here: SmallSchool) -> None:
    assert who_knows(here, announce(here)) == {"leader", "class_teacher", "teacher"}


def test_another_classs_meeting_only_to_leaders(here: SmallSchool) -> None:
    assert who_knows(here, announce(here, class_id=here.other)) == {"leader"}


@pytest.mark.parametrize("level", [None, 8])
def test_what_is_for_a_level_or_the_whole_school_everybody_knows(here: SmallSchool, level: int | None) -> None:
    ref = announce(here, class_id=None, level=level, kind=SchoolEventKind.EVENT)
    assert who_knows(here, ref) == set(EVERYBODY)
    found = school_events.one(here.session, here.idle, ref.id, NOW)
    assert (found.class_id, found.class_name, found.level) == (None, None, level)


def test_another_schools_event_is_not_there(here: SmallSchool, elsewhere: SmallSchool) -> None:
    ref = announce(elsewhere, class_id=None)
    assert who_knows(here, ref) == set()


def test_one_moves_from_what_is_ahead_to_what_is_past_at_the_moment_it_begins(here: SmallSchool) -> None:
    announce(here, title="Утре")
    announce(here, title="Вдругиден", starts_at=NOW + 2 * DAY)
    announce(here, title="Днес", starts_at=NOW + HOUR)
    assert titles(here, here.teacher) == ["Днес", "Утре", "Вдругиден"]
    assert titles(here, here.teacher, past=True) == []
    assert titles(here, here.teacher, NOW + DAY - TICK) == ["Утре", "Вдругиден"]
    assert titles(here, here.teacher, NOW + DAY) == ["Вдругиден"]
    assert titles(here, here.teacher, NOW + DAY, past=True) == ["Утре", "Днес"]  # the latest first


@pytest.mark.parametrize(("age", "listed"), [(REMEMBERED, ["Среща"]), (REMEMBERED + TICK, [])])
def test_what_is_long_past_is_not_listed_but_still_has_its_page(
    here: SmallSchool, age: timedelta, listed: list[str]
) -> None:
    ref = announce(here)
    now = NOW + DAY + age
    assert titles(here, here.teacher, now, past=True) == listed
    assert school_events.one(here.session, here.teacher, ref.id, now).title == "Среща"


def test_no_more_than_two_hundred_are_listed(here: SmallSchool) -> None:
    values = {"school_id": here.id, "staff_id": here.leader, "kind": SchoolEventKind.EVENT, "title": "Поход"}
    values |= {"place": "Парк", "starts_at": NOW + DAY, "text": "", "recorded_at": NOW}
    here.session.connection().execute(insert(SchoolEvent), [values] * (MOST + 1))
    assert len(titles(here, here.idle)) == MOST


class TestChanging:
    def by(self, here: SmallSchool, ref: EventRef, who: str, now: Any = NOW) -> SchoolEventRow:
        return school_events.one(here.session, getattr(here, who), ref.id, now)

    def test_may_who_announced_it_the_class_teacher_and_leaders(self, here: SmallSchool) -> None:
        ref = announce(here, by=here.teacher)
        row = {"school_id": here.id, "class_id": here.own, "subject_id": here.history, "staff_id": here.idle}
        here.session.execute(insert(TeachingAssignment).values(row))
        may = {who for who in EVERYBODY if self.by(here, ref, who).may_change}
        assert may == {"leader", "class_teacher", "teacher"}  # idle teaches the class and knows of it
        assert self.by(here, ref, "idle").announced_by == "Орлин Учителова"

    def test_nobody_may_once_it_has_begun(self, here: SmallSchool) -> None:
        ref = announce(here)
        assert self.by(here, ref, "leader", NOW + DAY - TICK).may_change
        assert not self.by(here, ref, "leader", NOW + DAY).may_change


def test_it_says_how_many_are_still_to_be_told_of_it(here: SmallSchool) -> None:
    here.follower()
    found = school_events.one(here.session, here.leader, announce(here).id, NOW)
    assert found.told.waiting == 1
    other = school_events.one(here.session, here.leader, announce(here, class_id=here.other).id, NOW)
    assert other.told.waiting == 0


@pytest.mark.parametrize(
    ("who", "names"),
    [("leader", ["7а", "8а", "8б", "11а"]), ("class_teacher", ["8а"]), ("teacher", ["8а"]), ("idle", [])],
)
def test_classes_to_invite_are_those_that_one_has_to_do_with(here: SmallSchool, who: str, names: list[str]) -> None:
    found = school_events.classes_to_invite(here.session, here.id, getattr(here, who), here.year)
    assert [name for _, name in found] == names


def test_another_schools_year_has_no_classes_to_invite(here: SmallSchool, elsewhere: SmallSchool) -> None:
    assert school_events.classes_to_invite(here.session, here.id, here.leader, elsewhere.year) == ()
