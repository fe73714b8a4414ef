"""A report of a large school comes in a page that an old computer can show, and whole when it is asked for."""

import pytest

from admin_web.reports import views
from tests.admin_web.conftest import PRINCIPAL
from tests.admin_web.test_own_class import SignedIn


def test_the_rest_of_a_long_report_is_one_click_away(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ROWS_ON_A_PAGE", 10)
    principal = signed_in(PRINCIPAL)
    page = principal.get("/reports/grades_by_student?span=1")
    assert "Показани са първите 10 от 48 реда." in page
    assert page.count("/reports/grades_of_student?") == 10
    whole = principal.get("/reports/grades_by_student?all=1&span=1")
    assert whole.count("/reports/grades_of_student?") == 48
    assert "Показани са първите" not in whole
    assert "/reports/grades_by_student?all=1&amp;span=1" in page or "span=1&amp;all=1" in page
