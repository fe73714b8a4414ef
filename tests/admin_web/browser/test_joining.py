"""A school goes from its request to the first grade in the browser, with a list whose errors are all found at once."""

import re
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from db.models import Grade, School, SchoolClass, Student, Subject
from devtools.browser import Window
from devtools.site import Site
from tests.admin_web.browser.lesson import wait_until_saved
from tests.admin_web.conftest import OPERATOR
from tests.admin_web.test_setting_up import NEW_PASSWORD, link_to, students
from tests.school.roster.files import STAFF_HEAD, STUDENT_HEAD, as_xlsx

Windows = Callable[..., Window]
CODE = "1690180"
LEADER, TEACHER = "radka@levski.example", "ognyan@levski.example"


def choose_password(window: Window, page_text: str) -> None:
    """Follow the one-time link that a page shows."""
    link = re.search(r"http://\S+?(/password/[\w-]+)", page_text)
    assert link, page_text
    window.open(link[1])
    for label in ("Нова парола", "Още веднъж"):
        window.page.get_by_label(label).fill(NEW_PASSWORD)
    window.page.keyboard.press("Enter")
    window.page.get_by_text("Паролата е записана").wait_for()


def count(site: Site) -> int:
    with site.database() as database, database.reading() as session:
        return session.scalars(select(func.count(Student.id)).join(School).where(School.institution_code == CODE)).one()


def test_from_the_request_to_the_first_grade(window: Windows, site: Site, tmp_path: Path) -> None:
    visitor = window()
    visitor.open("/join")
    for label, value in (
        ("Код по НЕИСПУО", CODE),
        ("Име на училището", "Основно училище „Васил Левски“"),
        ("Населено място", "Видин"),
        ("Вашето име", "Радка"),
        ("Вашата фамилия", "Иванова"),
        ("Имейл", LEADER),
    ):
        visitor.page.get_by_label(label).fill(value)
    visitor.page.locator("main form button").click()
    visitor.page.get_by_text("Получихме заявката").wait_for()

    operator = window()
    operator.enter_as(OPERATOR)
    operator.open("/platform/")
    operator.page.locator('form[action*="/platform/requests/"] button').first.click()
    operator.page.get_by_text("/password/").first.wait_for()
    operator.shoot("joining-approved")

    leader = window()
    choose_password(leader, operator.page.locator("main").inner_text())
    leader.sign_in(LEADER, NEW_PASSWORD)
    leader.open("/school/")
    leader.shoot("joining-steps")
    leader.open(f"/school/years/new?start={site.now.year}")
    leader.page.locator('main form button:not([class*="plain"])').last.click()
    leader.page.wait_for_url(re.compile(r"/school/(?!years/new)"))
    leader.open("/school/classes")
    leader.page.locator('[name="names"]').fill("7а, 7б")
    leader.page.locator('form[action$="/add"] button').click()
    leader.page.get_by_text("Добавени са 2 паралелки.").wait_for()
    leader.open("/school/subjects")
    leader.page.locator('[name="names"]').fill("Математика")
    leader.page.locator('form[action$="/add"] button').click()
    leader.page.get_by_text("Добавен").first.wait_for()

    wrong, right = tmp_path / "с грешки.xlsx", tmp_path / "поправен.xlsx"
    staff = [["Огнян", "Петков", TEACHER, "учител", "7а", "Математика", "7а, 7б", ""]]
    wrong.write_bytes(as_xlsx({"Ученици": [STUDENT_HEAD, *students(300, wrong=True)]}))
    right.write_bytes(
        as_xlsx({"Ученици": [STUDENT_HEAD, *students(300, wrong=False)], "Персонал": [STAFF_HEAD, *staff]})
    )
    leader.open("/school/import")
    leader.page.locator('input[type="file"]').set_input_files(wrong)
    leader.page.locator('form[enctype="multipart/form-data"] button').click()
    leader.page.get_by_text("5 грешки във файла").wait_for()
    assert re.findall(r"1 път, ред: (\d+)", leader.page.locator("main").inner_text()) == [
        "11",
        "101",
        "151",
        "201",
        "251",
    ]
    leader.shoot("import-errors")
    assert count(site) == 0

    leader.open("/school/import")
    leader.page.locator('input[type="file"]').set_input_files(right)
    leader.page.locator('form[enctype="multipart/form-data"] button').click()
    invite = leader.page.locator('[name="invite"]')
    invite.wait_for()
    leader.shoot("import-preview")
    if not invite.is_checked():
        invite.check()
    leader.page.locator('form[action$="/carry-out"] button').first.click()
    leader.page.get_by_text("300 нови ученици").wait_for()
    assert count(site) == 300

    teacher = window()
    assert "/password/" not in leader.page.content()  # a link is its owner's alone
    with site.database() as database:
        choose_password(teacher, "http://" + site.url.partition("://")[2] + link_to(database, TEACHER))
    teacher.sign_in(TEACHER, NEW_PASSWORD)
    with site.database() as database, database.reading() as session:
        class_id, subject_id = session.execute(
            select(SchoolClass.id, Subject.id)
            .join(School, School.id == SchoolClass.school_id)
            .join(Subject, Subject.school_id == School.id)
            .where(School.institution_code == CODE, SchoolClass.letter == "а", Subject.name == "Математика")
        ).one()
    teacher.open(f"/lessons/{class_id}/{subject_id}/{site.now.date()}/1")
    teacher.page.keyboard.type("6")
    teacher.page.keyboard.press("Control+Enter")
    wait_until_saved(teacher)
    with site.database() as database, database.reading() as session:
        grade = session.scalars(select(Grade.value).join(School).where(School.institution_code == CODE)).one()
    assert grade == 6
    teacher.shoot("first-grade")
