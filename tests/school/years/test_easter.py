"""The date of Easter."""

from datetime import date

import pytest

from school.years.easter import orthodox_easter


@pytest.mark.parametrize(
    ("year", "easter"),
    [
        (1983, (5, 8)),  # the latest of its century
        (2010, (4, 4)),  # the earliest of ours
        (2024, (5, 5)),
        (2025, (4, 20)),
        (2026, (4, 12)),
        (2027, (5, 2)),
        (2030, (4, 28)),
    ],
)
def test_easter_is_the_orthodox_one(year: int, easter: tuple[int, int]) -> None:
    assert orthodox_easter(year) == date(year, *easter)


def test_it_is_always_a_sunday_from_4_april_to_8_may() -> None:
    for year in range(1900, 2100):
        day = orthodox_easter(year)
        assert day.isoweekday() == 7
        assert date(year, 4, 4) <= day <= date(year, 5, 10)
