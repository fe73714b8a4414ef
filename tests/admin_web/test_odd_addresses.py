"""Addresses of reports that no page of ours links to: not found, whatever stands where a number should."""

import pytest

from tests.admin_web.conftest import PRINCIPAL
from tests.admin_web.test_own_class import SignedIn

YEARS = ("0", "-1", "1", "9999", "10000", "99999999999999999999", "٢٠٢٦", "1e3", "2026.0", "9" * 5000)


@pytest.mark.parametrize("year", YEARS)
def test_a_year_that_no_calendar_has(signed_in: SignedIn, year: str) -> None:
    principal = signed_in(PRINCIPAL)
    for page in ("grades_by_subject", "grades_by_subject/chart.svg", "grades_by_subject/report.csv"):
        principal.get(f"/reports/{page}?year={year}", status=404)
    principal.get(f"/reports/state-file?month={year}-10", status=404)


@pytest.mark.parametrize("name", ["subject_id", "level", "class_id", "staff_id", "student_id"])
@pytest.mark.parametrize("value", ["0", "-1", "2147483648", "9" * 5000, "٣", "1_0"])
def test_a_number_that_no_row_has(signed_in: SignedIn, name: str, value: str) -> None:
    signed_in(PRINCIPAL).get(f"/reports/grades_by_subject?{name}={value}", status=404)
