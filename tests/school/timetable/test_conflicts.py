"""Lessons that cannot take place at once, against a plain reckoning minute by minute and student by student."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from school.timetable.conflicts import Clash, Parts, Placed, conflicts

CLASS_OF = {1: range(100, 104), 2: range(200, 204)}
"""Class -> its students."""
GROUPS = {11: 1, 12: 1, 13: 1, 21: 2}
"""Group -> its class; 13 is one student's own schedule."""
OWN = 13


@st.composite
def parts(draw: st.DrawFn) -> Parts:
    members = {
        group: frozenset(draw(st.sets(st.sampled_from(list(CLASS_OF[of])), max_size=3))) for group, of in GROUPS.items()
    }
    return Parts(members, frozenset({OWN}))


@st.composite
def lessons(draw: st.DrawFn) -> list[Placed]:
    bells = {
        1: draw(st.sampled_from([None, 480])),
        2: draw(st.sampled_from([None, 480, 500, 780])),
    }
    found = []
    for id_ in range(draw(st.integers(0, 9))):
        class_id = draw(st.sampled_from([1, 2]))
        number = draw(st.integers(1, 3))
        begins = bells[class_id]
        found.append(
            Placed(
                id_,
                class_id,
                draw(st.integers(1, 2)),
                draw(st.integers(1, 3)),
                draw(st.integers(1, 2)),
                number,
                draw(st.integers(0, 2)),
                draw(st.sampled_from([None, *(group for group, of in GROUPS.items() if of == class_id)])),
                draw(st.booleans()),
                None if begins is None else begins + 50 * (number - 1),
                None if begins is None else begins + 50 * (number - 1) + 40,
            )
        )
    return found


def together(one: Placed, other: Placed) -> bool:
    """There is a week and a minute in which both take place."""
    weeks = {0: {1, 2}, 1: {1}, 2: {2}}
    if one.weekday != other.weekday or not weeks[one.week] & weeks[other.week]:
        return False
    if one.begins is None or other.begins is None:
        return one.lesson == other.lesson
    assert one.ends is not None
    assert other.ends is not None
    return bool(set(range(one.begins, one.ends)) & set(range(other.begins, other.ends)))


def crowded(one: Placed, other: Placed, of: Parts) -> bool:
    """A student would be in both; who has a schedule of their own is not with the class."""
    if one.class_id != other.class_id:
        return False
    if one.group_id is not None and one.group_id == other.group_id:
        return True
    groups = [one.group_id, other.group_id]
    if None in groups:
        return OWN not in groups
    return bool(of.members[groups[0] or 0] & of.members[groups[1] or 0])


@given(lessons(), parts())
def test_every_pair_that_cannot_be_is_told_once_and_no_other(week: list[Placed], of: Parts) -> None:
    expected = {
        frozenset((one.id, other.id)): Clash.TEACHER if one.staff_id == other.staff_id else Clash.CLASS
        for at, one in enumerate(week)
        for other in week[at + 1 :]
        if together(one, other) and (one.staff_id == other.staff_id or crowded(one, other, of))
    }
    found = conflicts(week, of)
    assert {frozenset((one.one.id, one.other.id)): one.clash for one in found} == expected
    assert len(found) == len(expected)


@given(lessons(), parts(), st.randoms())
def test_the_order_of_lessons_tells_nothing(week: list[Placed], of: Parts, random: object) -> None:
    shuffled = list(week)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    pairs = [{frozenset((one.one.id, one.other.id)) for one in conflicts(given, of)} for given in (week, shuffled)]
    assert pairs[0] == pairs[1]


@given(lessons(), parts())
def test_what_the_school_knows_of_is_still_told_and_is_known(week: list[Placed], of: Parts) -> None:
    known = [replace(one, may_overlap=True) for one in week]
    assert len(conflicts(known, of)) == len(conflicts(week, of))
    assert all(one.is_known for one in conflicts(known, of))
    assert not any(one.is_known for one in conflicts([replace(one, may_overlap=False) for one in week], of))


def test_two_groups_in_one_hour_do_not_clash_unless_somebody_is_in_both() -> None:
    first, second = Placed(1, 1, 1, 1, 1, 3, group_id=11), Placed(2, 1, 2, 2, 1, 3, group_id=12)
    apart = Parts({11: frozenset({100, 101}), 12: frozenset({102})})
    shared = Parts({11: frozenset({100, 101}), 12: frozenset({101})})
    assert conflicts([first, second], apart) == ()
    assert [one.clash for one in conflicts([first, second], shared)] == [Clash.CLASS]


def test_the_same_number_in_two_shifts_is_not_the_same_hour() -> None:
    morning = Placed(1, 1, 1, 1, 1, 1, begins=480, ends=520)
    afternoon = Placed(2, 2, 1, 1, 1, 1, begins=800, ends=840)
    assert conflicts([morning, afternoon], Parts()) == ()
    seventh = replace(morning, lesson=7, begins=790, ends=830)
    assert [one.clash for one in conflicts([seventh, afternoon], Parts())] == [Clash.TEACHER]
