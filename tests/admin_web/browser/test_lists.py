"""A leader brings a list of another system into the school in the browser, by its columns and its questions."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import Guardian
from devtools.browser import Window
from devtools.site import Site
from tests.admin_web.browser import axe, html
from tests.admin_web.conftest import ADMINISTRATOR
from tests.school.roster.files import as_xlsx, egn
from tests.school.roster.lists import e164, mobile, whole

Windows = Callable[..., Window]
HEAD = ["№ по ред", "Паралелка", "Ученик", "ЕГН", "Родител", "Мобилен", "Пол"]
PEOPLE = range(800, 860)


def listed() -> bytes:
    """Sixty students of two classes, one of them in Latin letters, three telephones that are none."""
    rows: list[list[object]] = [
        [n - 799, "8а" if n < 830 else "11B", whole(n), egn(n), "Силвия Иванова", mobile(n), "Ж"] for n in PEOPLE
    ]
    for row in rows[3:6]:
        row[5] = "по-късно"
    return as_xlsx({"Справка": [["Списък на учениците"], [], HEAD, *rows, [], ["", "Всичко: 60"]]})


@pytest.mark.parametrize("width", [1280, 390])
def test_a_list_of_another_system_arrives_whole(window: Windows, site: Site, tmp_path: Path, width: int) -> None:
    file = tmp_path / "справка.xlsx"
    file.write_bytes(listed())
    leader = window(width=width)
    leader.enter_as(ADMINISTRATOR)
    leader.open("/school/import")
    leader.page.locator('input[type="file"]').set_input_files(file)
    leader.page.locator('form[enctype="multipart/form-data"] button').click()
    leader.page.wait_for_url("**/school/import/**")
    if width == 1280:  # the second time the columns are remembered
        leader.page.get_by_text("Стъпка 1 от 2").wait_for()
        wrong = [*axe.faults(leader.page)]
        (tmp_path / "columns.html").write_text(leader.page.content(), "utf-8")
        leader.shoot("import-columns")
        unread = leader.page.get_by_label("Какво е колона G")
        assert unread.input_value() == "?"
        unread.select_option("")
        assert leader.page.get_by_label("На кого е колона F").input_value() == "guardian1"
        leader.page.get_by_role("button", name="Продължи").click()
        assert not wrong
    leader.page.get_by_text("Стъпка 2 от 2").wait_for()
    assert not axe.faults(leader.page)
    (tmp_path / "problems.html").write_text(leader.page.content(), "utf-8")
    leader.shoot("import-problems")
    assert "30 пъти" in leader.page.locator("main").inner_text()
    answer = leader.page.get_by_label("Навсякъде вместо „11B“ да се чете")
    assert answer.input_value() == "11б"
    leader.page.get_by_label("Или за всички такива редове").first.select_option("without")
    leader.page.get_by_role("button", name="Поправи и провери отново").click()
    leader.page.get_by_text("Още нищо не е записано").wait_for()
    assert not axe.faults(leader.page)
    leader.shoot("import-whole")
    leader.page.get_by_role("button", name="Запиши всичко").click()
    leader.page.get_by_text("Списъкът е записан").first.wait_for()
    with site.database() as database, database.reading() as session:
        phones = set(session.scalars(select(Guardian.phone)))
    assert {e164(n) for n in PEOPLE if n not in (803, 804, 805)} <= phones
    assert not html.faults(tmp_path)
