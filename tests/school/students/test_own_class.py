"""A class as its class teacher sees it: each student with what counts this year, and who follows or asks to."""

from datetime import timedelta
from decimal import Decimal

import pytest

from db.kinds import AbsenceKind, AbsenceReason, SubscriptionStatus
from errors import ForbiddenError, MissingError
from school import setup
from school.students import student_code
from school.students.own_class import ClassMember, OwnClass, read_class
from school.years.plans import standard_plan
from tests.school.students.small_schools import FATHER, NOW, TODAY, SmallSchool

YEAR = timedelta(days=365)


def read(here: SmallSchool, by: int | None = None, class_id: int | None = None) -> OwnClass:
    return read_class(here.session, by or here.class_teacher, class_id or here.own, NOW)


def member(here: SmallSchool) -> ClassMember:
    return next(one for one in read(here).members if one.student_id == here.student)


def test_students_come_by_number_with_the_code_in_force(here: SmallSchool) -> None:
    code = student_code.issue(here.session, here.student, NOW)  # the one before is revoked
    here.add_student("Напуснал", None, left_on=TODAY)
    found = read(here)
    assert found.name == "8а"
    assert [(one.number, one.name) for one in found.members] == [(1, "Мария Колева"), (2, "Иван Петров")]
    assert found.members[0].code == code
    student_code.revoke(here.session, here.student, NOW)
    assert member(here).code is None


@pytest.mark.parametrize(
    ("kinds", "unexcused", "excused"),
    [
        ([], "0", 0),
        ([AbsenceKind.LATE], "0.5", 0),
        ([AbsenceKind.LATE] * 3 + [AbsenceKind.UNEXCUSED], "2.5", 0),
        ([AbsenceKind.EXCUSED] * 2, "0", 2),
        ([AbsenceKind.EXCUSED, AbsenceKind.UNEXCUSED, AbsenceKind.LATE], "1.5", 1),
    ],
)
def test_coming_late_counts_half_an_hour_and_excused_ones_count_apart(
    here: SmallSchool, kinds: list[AbsenceKind], unexcused: str, excused: int
) -> None:
    for lesson, kind in enumerate(kinds, 1):
        here.absence(kind, lesson, reason=AbsenceReason.HEALTH if kind is AbsenceKind.EXCUSED else None)
    found = member(here)
    assert (found.unexcused, found.excused) == (Decimal(unexcused), excused)
    others = [one for one in read(here).members if one.student_id != here.student]
    assert [(one.unexcused, one.excused) for one in others] == [(Decimal(0), 0)]


def test_absences_of_a_past_year_do_not_count(here: SmallSchool) -> None:
    here.absence()
    setup.add_year(here.session, here.id, standard_plan(2026), by=here.leader, now=NOW)
    later = read_class(here.session, here.class_teacher, here.own, NOW + YEAR)
    assert [one.unexcused for one in later.members] == [0, 0]


def test_who_follows_and_who_waits_are_counted_apart_and_who_stopped_not_at_all(here: SmallSchool) -> None:
    here.follower()
    here.follower(None, email="silvia@example.org")
    here.follower(FATHER, status=SubscriptionStatus.WAITING)
    here.follower("+359888999999", status=SubscriptionStatus.STOPPED)
    found = member(here)
    assert (found.followers, found.waiting) == (2, 1)


def test_an_empty_class_has_no_members(here: SmallSchool) -> None:
    assert read(here, here.leader, here.other) == OwnClass(here.other, "8б", ())


@pytest.mark.parametrize("who", ["teacher", "idle"])
def test_only_the_class_teacher_and_leaders_see_it(here: SmallSchool, who: str) -> None:
    assert read(here, here.leader) == read(here)
    with pytest.raises(ForbiddenError, match="Only the class teacher"):
        read(here, getattr(here, who))


def test_a_class_teacher_sees_no_other_class(here: SmallSchool, elsewhere: SmallSchool) -> None:
    with pytest.raises(ForbiddenError, match="Only the class teacher"):
        read(here, here.class_teacher, here.other)
    with pytest.raises(MissingError, match="no such class in this school"):
        read(here, here.leader, elsewhere.own)
