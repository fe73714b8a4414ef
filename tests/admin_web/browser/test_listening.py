"""A class teacher hears a meeting's text before announcing it, with JavaScript and without."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page

from devtools.browser import Window
from devtools.site import TEACHER, Site, sheet_address
from tests.admin_web.conftest import CLASS_TEACHER_OF_8A

Windows = Callable[..., Window]


def fill_in(page: Page) -> None:
    page.get_by_label("Заглавие").fill("Родителска среща за II срок")
    page.get_by_label("Място").fill("каб. 205")
    page.get_by_label("Какво да знаят родителите").fill("Носете 12,50 лв. до 18.30 ч.")


def hear(page: Page) -> Page:
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Чуйте как ще прозвучи").click()
    return opened.value


def test_the_button_gives_the_sound_its_length_and_its_words_and_the_form_stays(window: Windows) -> None:
    teacher = window()
    teacher.enter_as(CLASS_TEACHER_OF_8A)
    teacher.open("/events/new")
    fill_in(teacher.page)
    heard = hear(teacher.page)
    audio = heard.locator("audio")
    audio.evaluate(
        "one => new Promise((done, fail) => { one.onloadedmetadata = done; one.onerror = fail; one.load(); })"
    )
    seconds = audio.evaluate("one => one.duration")
    told = int(heard.get_by_text("Трае").inner_text().split()[1])
    assert abs(seconds - told) < 1
    assert heard.get_by_text("Носете дванадесет лева и петдесет стотинки до осемнадесет часа").is_visible()
    assert teacher.page.get_by_label("Място").input_value() == "каб. 205"


def test_a_lessons_remarks_are_heard_and_stay_unsaved(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 3))
    teacher.page.locator("details.note summary").first.click()
    teacher.page.locator("input[name^=r]").first.fill("Закъсня с 10 мин.")
    heard = hear(teacher.page)
    assert heard.get_by_text("Закъсня с десет минути").is_visible()
    assert teacher.page.locator("input[name^=r]").first.input_value() == "Закъсня с 10 мин."


def test_it_works_without_javascript(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="bg-BG")
    try:
        teacher = Window(context.new_page(), site, "no-script")
        teacher.enter_as(CLASS_TEACHER_OF_8A)
        teacher.open("/events/new")
        fill_in(teacher.page)
        heard = hear(teacher.page)
        assert heard.locator("audio[src^='data:audio/mpeg;base64,']").is_visible()
        assert heard.get_by_text("кабинет двеста и пет").is_visible()
    finally:
        context.close()
