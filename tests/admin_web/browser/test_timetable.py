"""A leader fills a class's week by keyboard, copies a day, names a substitute; the substitute enters the lesson."""

from collections.abc import Callable

from sqlalchemy import select

from db.models import SchoolClass, Staff, Timetable, TimetableLesson
from devtools.browser import Window
from devtools.site import LEADER, TEACHER, Site
from tests.admin_web.browser.lesson import absences_of_lesson, type_a_grade_each, wait_until_saved

Windows = Callable[..., Window]
SUBSTITUTE = "v.kirilov"
MATHS = "Математика / Огнян Петков"


def test_a_week_by_keyboard_a_copied_day_a_substitution_and_the_substitutes_lesson(window: Windows, site: Site) -> None:
    leader = window()
    leader.enter_as(LEADER)
    leader.open("/timetable/")
    page = leader.page
    page.get_by_label("Заглавие").fill("Нова програма")
    page.get_by_label("В сила от").fill(site.now.date().isoformat())
    page.get_by_label("Започни с").select_option("")
    page.get_by_role("button", name="Създай чернова").click()
    page.get_by_role("link", name="8а", exact=True).click()

    # Monday by keyboard: typed, repeated with Ctrl+D, saved with Ctrl+Enter.
    page.get_by_label("Понеделник, 1", exact=True).focus()
    page.keyboard.type(MATHS)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+d")
    page.keyboard.press("Enter")
    page.keyboard.type("Биология и здравно образование")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.type("Готварство")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Училището няма предмет „Готварство“").wait_for()
    leader.shoot("timetable-refused")
    assert page.get_by_label("Понеделник, 2", exact=True).input_value() == MATHS
    page.get_by_label("Вторник, 3", exact=True).fill("")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Записани са 3 часа.").wait_for()

    page.get_by_label("От", exact=True).first.select_option("1")
    page.get_by_label("В", exact=True).select_option("2")
    page.get_by_role("button", name="Копирай деня").click()
    page.get_by_text("Денят е копиран.").wait_for()
    assert page.get_by_label("Вторник, 2", exact=True).input_value() == MATHS
    leader.shoot("timetable-grid")
    page.get_by_role("link", name="Нова програма").click()
    page.get_by_role("button", name="Въведи в сила").click()
    page.get_by_text("Разписанието е въведено в сила.").wait_for()

    with site.database() as database, database.reading() as session:
        version = session.scalars(select(Timetable.id).order_by(Timetable.id.desc())).first()
        slots = session.execute(
            select(TimetableLesson.weekday, TimetableLesson.lesson).where(TimetableLesson.timetable_id == version)
        ).all()
        class_id = session.scalars(select(SchoolClass.id).where(SchoolClass.level == 8)).one()
        absent = session.scalars(select(Staff.id).where(Staff.email.startswith(f"{TEACHER}@"))).one()
    assert sorted(map(tuple, slots)) == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]

    leader.open(f"/timetable/substitutions?on={site.now.date()}&teacher={absent}")
    page.locator(f'select[name="kind-{class_id}-2"]').select_option("specialist")
    page.locator(f'select[name="who-{class_id}-2"]').select_option(label="Веселин Кирилов")
    page.get_by_label("Причина").fill("отпуск")
    page.get_by_label("Заповед №").fill("РД-12")
    page.get_by_label("от дата").fill(site.now.date().isoformat())
    page.get_by_role("button", name="Запиши заместванията").click()
    page.get_by_text("Заместванията са записани.").wait_for()
    leader.shoot("timetable-substitutions")

    substitute = window(width=390, height=844)
    substitute.enter_as(SUBSTITUTE)
    substitute.open("/")
    substitute.shoot("timetable-today")
    substitute.page.get_by_role("link", name="замествате Огнян Петков").click()
    substitute.page.get_by_text("Замествате: записвате само този час.").wait_for()
    first = substitute.page.locator("tbody th[scope=row]").first.inner_text()
    substitute.page.locator(".absence").first.select_option("unexcused")
    substitute.page.locator("input.grade").nth(1).focus()
    assert type_a_grade_each(substitute, "6") > 0
    substitute.page.keyboard.press("Control+Enter")
    wait_until_saved(substitute)
    assert any(first.startswith(name) for name in absences_of_lesson(site, 2))
    refused = substitute.page.goto(substitute.page.url.rsplit("/", 1)[0] + "/3")
    assert refused is not None
    assert refused.status == 403


def test_without_scripts_the_week_is_entered_too(window: Windows, site: Site) -> None:
    leader = window()
    leader.enter_as(LEADER)
    state = leader.context.storage_state()
    browser = leader.context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False, storage_state=state, locale="bg-BG")
    page = plain.new_page()
    page.goto(f"{site.url}/timetable/")
    page.get_by_label("Заглавие").fill("Без скрипт")
    page.get_by_label("Започни с").select_option("")
    page.get_by_role("button", name="Създай чернова").click()
    page.get_by_role("link", name="8а", exact=True).click()
    page.get_by_label("Сряда, 4", exact=True).fill("А, не е предмет")
    page.get_by_role("button", name="Запиши").click()
    assert page.get_by_label("Сряда, 4", exact=True).get_attribute("aria-invalid") == "true"
    page.get_by_label("Сряда, 4", exact=True).fill("Математика")
    page.get_by_role("button", name="Запиши").click()
    page.get_by_text("Записан е 1 час.").wait_for()
    plain.close()
