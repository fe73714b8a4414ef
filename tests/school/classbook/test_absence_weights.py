"""How much absences count, added up by a database and by Python alike."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from db.kinds import AbsenceKind, AbsenceReason
from db.models import Absence
from school.classbook.absence_weights import in_hours, unexcused_half_hours, unexcused_hours
from tests.school.students.small_schools import SmallSchool

KINDS = (AbsenceKind.UNEXCUSED, AbsenceKind.EXCUSED, AbsenceKind.LATE)


@pytest.mark.parametrize(
    ("unexcused", "late", "hours"), [(0, 0, "0"), (1, 0, "1"), (0, 1, "0.5"), (0, 2, "1"), (3, 5, "5.5")]
)
def test_a_lesson_missed_is_an_hour_and_coming_late_half_of_one(unexcused: int, late: int, hours: str) -> None:
    assert unexcused_hours(unexcused, late) == Decimal(hours)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_hours_are_exact(unexcused: int, late: int) -> None:
    assert unexcused_hours(unexcused, late) == unexcused + Decimal(late) / 2


def test_half_hours_are_told_as_hours() -> None:
    assert [in_hours(number) for number in (0, 1, 2, 5)] == [0, Decimal("0.5"), 1, Decimal("2.5")]


@pytest.mark.parametrize("numbers", [(2, 1, 3), (0, 0, 1), (1, 0, 0), (0, 3, 0)])
def test_a_database_adds_up_the_same(here: SmallSchool, numbers: tuple[int, int, int]) -> None:
    lessons = iter(range(1, 16))
    for kind, number in zip(KINDS, numbers, strict=True):
        for _ in range(number):
            reason = AbsenceReason.FAMILY if kind is AbsenceKind.EXCUSED else None
            here.absence(kind, next(lessons), reason=reason)
    unexcused, _excused, late = numbers
    found = here.session.execute(
        select(unexcused_half_hours(Absence.kind), unexcused_half_hours(Absence.kind, with_lateness=False))
    ).one()
    assert in_hours(int(found[0])) == unexcused_hours(unexcused, late)
    assert in_hours(int(found[1])) == unexcused_hours(unexcused, 0)
