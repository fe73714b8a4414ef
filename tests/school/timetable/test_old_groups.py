"""Groups of a class whose students have gone on: whoever was in them is in the sheets of those days."""

from datetime import timedelta

from db.kinds import GroupKind
from db.models import SchoolYear
from school import enrolments
from school.classbook.sheet import read_sheet
from school.timetable import groups
from tests.school.enrolling import enrol
from tests.school.students.small_schools import NOW, TODAY, SmallSchool
from tests.school.timetable.in_use import lesson, timetable

DAY = timedelta(days=1)


def on_sheet(here: SmallSchool, on_day: int) -> set[int]:
    """Who is on the sheet of a group's teacher, so many days before today."""
    on = TODAY - on_day * DAY
    return {row.student_id for row in read_sheet(here.session, here.teacher, here.own, here.maths, on, 3, NOW).rows}


def grouped(here: SmallSchool) -> int:
    """Мария and Иван are a group, whose teacher has the third lesson on Tuesdays."""
    new = [here.student, here.classmate]
    group = groups.save(here.session, here.id, here.own, None, "1 гр.", new, by=here.leader, now=NOW)
    timetable(here)
    lesson(here, 3, group_id=group)
    return group


def test_who_moved_is_of_the_group_until_then(here: SmallSchool) -> None:
    group = grouped(here)
    enrol(here.session, here.classmate, here.other, TODAY)
    assert on_sheet(here, 7) == {here.student, here.classmate}
    assert on_sheet(here, 0) == {here.student}
    divided = groups.divided(here.session, here.id, here.own)
    assert set(divided.students) == set(divided.groups[0].students) == {here.student}
    groups.save(here.session, here.id, here.own, group, "1 гр.", [here.student], by=here.leader, now=NOW)
    assert on_sheet(here, 7) == {here.student, here.classmate}


def test_a_class_of_an_ended_year_is_shown_as_it_ended(here: SmallSchool) -> None:
    group = grouped(here)
    year_ends = here.session.get_one(SchoolYear, here.year).ends_on
    enrolments.end(here.session, here.id, [here.student, here.classmate], year_ends)
    divided = groups.divided(here.session, here.id, here.own)
    assert set(divided.students) == {here.student, here.classmate}
    (of,) = [one for one in divided.groups if one.id == group]
    assert (of.students, of.kind) == (frozenset({here.student, here.classmate}), GroupKind.GROUP)
